package import Model
import Planning

extension Engine {
  /// Gives a fact the next number and folds it; nobody sees it before `commit`.
  func record(_ kind: Fact.Kind) {
    let fact = Fact(
      sequence: history.state.sequence + 1, session: session, elapsedSeconds: now,
      wallTime: clock.wallTime, kind: kind)
    history.apply(fact)
    pending.append(fact)
  }

  /// Records what the schedule has changed since the last time.
  func announce() {
    for change in schedule.takeChanges() {
      record(.taskState(Fact.TaskStateChanged(change)))
      for key in retention.note(change.task, isDone: change.state == .done) { drop(key) }
    }
    for notice in schedule.takeNotices() { record(.notice(notice)) }
  }
}

extension Engine: RunSource {
  package func facts(after sequence: Int) async -> [Fact] {
    let limit = context.limits.factsInBatch
    while true {
      guard let facts = log.facts(after: sequence, limit: limit) else {
        return await readAside(after: sequence)
      }
      if !facts.isEmpty || ending != nil || Task.isCancelled { return Array(facts) }
      await waitForBell(behind: sequence)
    }
  }

  /// Facts that memory has forgotten are read from the store; one that cannot be read ends the log.
  private nonisolated func read(after sequence: Int) -> [Fact] {
    (try? store.facts(run: context.run, after: sequence, limit: context.limits.factsInBatch)) ?? []
  }

  /// The same off the engine's thread: who reads a long run from its beginning holds nothing up.
  @concurrent
  private nonisolated func readAside(after sequence: Int) async -> [Fact] { read(after: sequence) }

  /// What is durable, folded anew from where the session began.
  var durableState: RunState {
    var durable = opening.history
    while durable.state.sequence < log.last {
      let sequence = durable.state.sequence
      let batch =
        log.facts(after: sequence, limit: context.limits.factsInBatch).map(Array.init)
        ?? read(after: sequence)
      guard !batch.isEmpty else { break }
      for fact in batch { durable.apply(fact) }
    }
    return durable.state
  }

  /// Returns when there is a fact behind this one, the run has ended, or the caller was cancelled.
  private func waitForBell(behind sequence: Int) async {
    let bell = nextBell
    nextBell += 1
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if log.last > sequence || ending != nil || Task.isCancelled {
          continuation.resume()
        } else {
          bells[bell] = continuation
        }
      }
    } onCancel: {
      Task { await self.silence(bell) }
    }
  }

  private func silence(_ bell: Int) { bells.removeValue(forKey: bell)?.resume() }

  func ring() {
    let waiting = bells.values
    bells = [:]
    for continuation in waiting { continuation.resume() }
  }

  package func signals() async -> Signals {
    guard isLive else { return Signals() }
    readClock()
    return Signals(
      tasks: samples, elapsedSeconds: now,
      problem: stall.map { "\($0.problem.description): paused, goes on when there is room" })
  }

  @concurrent
  package nonisolated func window(_ log: LogReference, at position: LogPosition) async -> LogWindow
  {
    guard let path = await path(of: log) else {
      return LogWindow(offset: 0, bytes: [], totalBytes: 0, problem: "there is no such task")
    }
    return logs.window(path, at: position)
  }

  @concurrent
  package nonisolated func find(
    _ text: String, in log: LogReference, from offset: Int64, backwards: Bool
  ) async -> Int64? {
    guard let path = await path(of: log) else { return nil }
    return logs.find(text, in: path, from: offset, backwards: backwards)
  }

  @concurrent
  package nonisolated func place(of log: LogReference) async -> LogPlace {
    guard let path = await path(of: log) else { return .nowhere(reason: "there is no such task") }
    return LogFile.place(path: path)
  }

  private func path(of log: LogReference) -> String? {
    guard graph.tasks.indices.contains(log.task.index) else { return nil }
    if let attempt = attempts[log.task], attempt.number == log.attempt,
      attempt.writes(log.stream), let spool = artifacts.spool(attempt.place.slot)
    {
      return spool
    }
    return artifacts.log(graph[log.task], attempt: log.attempt, stream: log.stream).path
  }
}
