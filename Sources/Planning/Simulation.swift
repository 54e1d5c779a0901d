import HeapModule
package import Model

/// Plays a whole run without an engine, a process or a disk.
///
/// What decides and what is recorded are the real ones: the schedule, the numbered facts in the order
/// in which the engine records them, and their fold. Only time and work are made up. The same graph,
/// configuration and load give the same facts.
package struct Simulation: Sendable {
  /// What the tasks do when they run.
  package struct Load: Sendable, Equatable {
    /// How long an attempt of each task takes, one row a task.
    package var seconds: [Double]
    /// Share of the attempts that fail, 0 to 1.
    package var failingShare: Double
    package var seed: UInt64

    package init(seconds: [Double], failingShare: Double = 0, seed: UInt64 = 1) {
      self.seconds = seconds
      self.failingShare = failingShare
      self.seed = seed
    }
  }

  /// The fold of all facts so far.
  package private(set) var history = RunHistory()
  private let graph: TaskGraph
  private let config: RunConfig
  private let load: Load
  private var schedule: Schedule
  private var ends = Heap<End>()
  private var freeSlots = Heap<Int>()
  private var usedSlots = 0
  private var seconds = 0.0
  /// Facts of this turn.
  private var turn: [Fact] = []

  private struct End: Sendable, Comparable {
    var seconds: Double
    var task: TaskID
    var attempt: Int
    var slot: Int
    var startSeconds: Double
    var queueSeconds: Double

    static func < (a: End, b: End) -> Bool {
      a.seconds != b.seconds ? a.seconds < b.seconds : a.task < b.task
    }
  }

  /// Makes a run that has not begun.
  ///
  /// - Complexity: O(tasks · log tasks + edges).
  package init(_ graph: TaskGraph, config: RunConfig, load: Load) {
    precondition(load.seconds.count == graph.tasks.count, "one duration a task")
    self.graph = graph
    self.config = config
    self.load = load
    schedule = Schedule(graph, options: Schedule.Options(config))
  }
}

extension Simulation {
  /// Plays the run to its end, or until it waits for a person.
  ///
  /// `sink` gets the facts of each turn, in order, as a journal would. Returns how the run ended.
  ///
  /// - Complexity: O(events · log tasks).
  package mutating func run(_ sink: ([Fact]) -> Void = { _ in }) -> Fact.RunClosed? {
    begin(sink)
    while true {
      admit()
      let closing = ends.isEmpty ? schedule.closing() : nil
      if let closing { record(.runClosed(closing)) }
      sink(turn)
      turn.removeAll(keepingCapacity: true)
      if closing != nil || !goOn() { return closing }
    }
  }

  /// Facts of the opening that the sink gets at a time; there is one for every task.
  private static let openingBatch = 8_192

  private mutating func begin(_ sink: ([Fact]) -> Void) {
    let host = Fact.Host(name: "simulation", cores: config.jobs, memoryBytes: 0, diskFreeBytes: 0)
    record(
      .runOpened(
        Fact.RunOpened(
          run: 1, cairn: "simulation", host: host, config: config, isResumed: false, token: "")))
    let fingerprints = Array(repeating: "", count: graph.tasks.count)
    record(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: fingerprints)))
    for index in graph.tasks.indices where schedule[TaskID(index)].state != .blocked {
      announce(schedule[TaskID(index)])
      guard turn.count >= Self.openingBatch else { continue }
      sink(turn)
      turn.removeAll(keepingCapacity: true)
    }
  }

  /// Goes to the next moment at which something ends; false if there is none.
  private mutating func goOn() -> Bool {
    let moments = [ends.min?.seconds, schedule.nextWakeSeconds].compactMap { $0 }
    guard let next = moments.min() else { return false }
    seconds = max(seconds, next)
    schedule.advance(to: seconds)
    while let end = ends.min, end.seconds <= seconds {
      ends.removeMin()
      finish(end)
    }
    announceChanges()
    return true
  }

  private mutating func admit() {
    for admission in schedule.admit() {
      let end = End(
        seconds: seconds + max(0, load.seconds[admission.task.index]), task: admission.task,
        attempt: admission.attempt, slot: freeSlots.popMin() ?? newSlot(), startSeconds: seconds,
        queueSeconds: seconds - admission.readySeconds)
      ends.insert(end)
      start(end, admission)
    }
  }

  private mutating func newSlot() -> Int {
    defer { usedSlots += 1 }
    return usedSlots
  }

  private mutating func start(_ end: End, _ admission: Schedule.Admission) {
    record(
      .taskAdmitted(
        Fact.TaskAdmitted(
          task: end.task, attempt: end.attempt, admission: admission.kind, cpus: admission.cpus,
          memoryBytes: admission.memoryBytes)))
    record(.slotLeased(Fact.SlotLeased(slot: end.slot, task: end.task, attempt: end.attempt)))
    record(
      .attemptStarted(
        Fact.AttemptStarted(
          task: end.task, attempt: end.attempt, pid: 0, startTime: 0, log: "", slot: end.slot,
          fingerprint: "")))
    schedule.began(end.task, at: seconds)
    announceChanges()
  }

  private mutating func finish(_ end: End) {
    let outcome = fails(end) ? Outcome(.exit, status: .code(1)) : Outcome(.success)
    if outcome.isSuccess { seal(end) }
    record(
      .slotReleased(
        Fact.SlotReleased(
          slot: end.slot, task: end.task, attempt: end.attempt, askedBytes: 0, freshBytes: 0,
          recycledBytes: 0)))
    record(
      .attemptEnded(
        Fact.AttemptEnded(
          task: end.task, attempt: end.attempt, outcome: outcome, usage: Usage(),
          phases: Phases(queue: end.queueSeconds, run: seconds - end.startSeconds))))
    freeSlots.insert(end.slot)
    schedule.ended(end.task, outcome, at: seconds)
    announceChanges()
  }

  private mutating func seal(_ end: End) {
    for output in graph[end.task].outputs {
      record(
        .artifactSealed(
          Fact.ArtifactSealed(
            task: end.task, attempt: end.attempt, artifact: output.name,
            bytes: output.expectedBytes ?? 0, files: 1, digest: "")))
    }
  }

  /// Depends on seed, task and attempt alone, never on the order of events.
  private func fails(_ end: End) -> Bool {
    guard load.failingShare > 0 else { return false }
    var random = SplitMix64(
      seed: load.seed ^ UInt64(end.task.rawValue) << 32 ^ UInt64(end.attempt))
    return Double(random.next() >> 11) / Double(1 << 53) < load.failingShare
  }
}

extension Simulation {
  private mutating func announceChanges() {
    for change in schedule.takeChanges() { announce(change) }
  }

  private mutating func announce(_ change: Schedule.Change) {
    record(
      .taskState(
        Fact.TaskStateChanged(
          task: change.task, state: change.state, reason: change.reason,
          untilSeconds: change.untilSeconds)))
  }

  private mutating func record(_ kind: Fact.Kind) {
    let fact = Fact(
      sequence: history.state.sequence + 1, session: 1, elapsedSeconds: seconds,
      wallTime: Int64(seconds * 1e9), kind: kind)
    history.apply(fact)
    turn.append(fact)
  }
}
