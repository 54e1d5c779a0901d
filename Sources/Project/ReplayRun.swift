package import Model
package import Planning

/// A run of the journal as it went: its facts come at their recorded times, divided by the speed.
///
/// Whoever reads it reads it as a live run. What is not recorded, samples of what ran, it does not have.
/// A reader that was shown more than a command leaves (a step back) starts anew from an earlier fact.
package actor ReplayRun: RunSource {
  private let record: any RunSource
  /// Why nothing can be asked of it.
  private let refusal: String
  private var pace: ReplayPace
  private var lastTime = ContinuousClock.now
  private var naps: [Int: Task<Void, Never>] = [:]
  private var nextNap = 0

  /// Nothing is due for so long; a paused replay does not wake more often.
  private static let longestNap = 86_400.0

  private init(_ record: any RunSource, _ pace: ReplayPace, refusal: String) {
    self.record = record
    self.pace = pace
    self.refusal = refusal
  }

  /// Reads when each fact of the run was recorded.
  ///
  /// - Complexity: O(facts), of which a number each stays in memory.
  package static func open(
    _ run: Int, _ record: any RunSource, speed: ReplaySpeed, at start: ReplayPoint = .seconds(0)
  ) async -> ReplayRun {
    let index = await index(of: record)
    let pace = ReplayPace(index, speed: speed, at: start.seconds(of: index.totalSeconds))
    return ReplayRun(
      record, pace, refusal: "run \(run) is replayed from the journal; nothing runs here")
  }

  /// Shows a run that is made up; nil is a speed at which it takes about a minute.
  ///
  /// - Complexity: O(facts), of which a number each stays in memory.
  package static func simulation(
    _ record: SimulatedRun, speed: ReplaySpeed?
  ) async -> ReplayRun {
    let index = await index(of: record)
    let speed = speed ?? .showing(index.totalSeconds)
    return ReplayRun(
      record, ReplayPace(index, speed: speed, isSimulated: true),
      refusal: SimulatedRun.refusal)
  }

  private static func index(of record: any RunSource) async -> ReplayIndex {
    var index = ReplayIndex()
    while true {
      let batch = await record.facts(after: index.count)
      guard !batch.isEmpty else { break }
      for fact in batch where fact.sequence == index.count + 1 { index.append(fact) }
      guard batch.last?.sequence == index.count else { break }
    }
    return index
  }
}

extension ReplaySpeed {
  private static let showSeconds = 60.0

  /// Shows so many seconds in about a minute, and never slower than they would be.
  fileprivate static func showing(_ seconds: Double) -> ReplaySpeed {
    var factor = max(1, seconds / showSeconds)
    var unit = 1.0
    while factor >= 100 { (factor, unit) = (factor / 10, unit * 10) }
    return .times(factor.rounded() * unit)
  }
}

extension ReplayRun {
  package func facts(after sequence: Int) async -> [Fact] {
    while !Task.isCancelled {
      advance()
      if pace.due(after: sequence) != nil {
        let batch = await record.facts(after: sequence)
        // A command may have come in between.
        let facts = batch.prefix { $0.sequence <= pace.shown }
        if !facts.isEmpty || batch.isEmpty { return Array(facts) }
        continue
      }
      if pace.isAtEnd { return [] }
      await nap(pace.secondsToNext)
    }
    return []
  }

  package func signals() async -> Signals { Signals(elapsedSeconds: position.seconds) }

  package func window(_ log: LogReference, at position: LogPosition) async -> LogWindow {
    await record.window(log, at: position)
  }

  package func find(_ text: String, in log: LogReference, from offset: Int64, backwards: Bool) async
    -> Int64?
  {
    await record.find(text, in: log, from: offset, backwards: backwards)
  }

  package func send(_ request: Request, by actor: Actor) async -> Answer {
    .refused(reason: refusal)
  }
}

extension ReplayRun {
  /// Where the replay stands now.
  package var position: ReplayPace {
    advance()
    return pace
  }

  package func perform(_ command: ReplayMove) -> ReplayPace {
    advance()
    pace.perform(command)
    for nap in naps.values { nap.cancel() }
    return pace
  }

  private func advance() {
    let now = ContinuousClock.now
    let passed = now - lastTime
    lastTime = now
    pace.advance(by: passed / .seconds(1))
  }

  /// Sleeps until a fact is due, a command comes, or the reader is cancelled.
  private func nap(_ seconds: Double?) async {
    let length = min(Self.longestNap, seconds ?? Self.longestNap)
    let sleep = Task { _ = try? await Task.sleep(for: .seconds(length)) }
    let number = nextNap
    nextNap += 1
    naps[number] = sleep
    await withTaskCancellationHandler {
      await sleep.value
    } onCancel: {
      sleep.cancel()
    }
    naps[number] = nil
  }
}
