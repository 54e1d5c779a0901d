import HeapModule
package import Model

/// Plays a whole run without an engine, a process or a disk.
///
/// What decides and what is recorded are the real ones: the plan, the schedule, the numbered facts in
/// the order in which the engine records them, and their fold. Only time, work and sizes are made up.
/// The same graph, configuration, plan and load give the same facts.
package struct Simulation: Sendable {
  /// What the tasks do when they run.
  package struct Load: Sendable, Equatable {
    /// How long an attempt of each task takes, one row a task.
    package var seconds: [Double]
    /// Share of the attempts that fail, 0 to 1.
    package var failingShare: Double
    package var seed: UInt64
    /// What artifacts come to, where that is not what is expected of them.
    ///
    /// They grow evenly while their attempt runs, and a quota keeps each to what it was given: an
    /// attempt that needs more and does not get it stands still.
    package var sizes = ArtifactTable<Int64>()

    package init(seconds: [Double], failingShare: Double = 0, seed: UInt64 = 1) {
      self.seconds = seconds
      self.failingShare = failingShare
      self.seed = seed
    }
  }

  /// The fold of all facts so far.
  package private(set) var history = RunHistory()
  /// Most bytes that ever lay in the workspace at once, those of growing artifacts included.
  package private(set) var peakHeldBytes: Int64 = 0
  let graph: TaskGraph
  package let config: RunConfig
  let load: Load
  var schedule: Schedule
  var events = Heap<Event>()
  /// Attempts that have begun, and those of them that stand still for want of room, the oldest first.
  var attempts: [TaskID: Attempt] = [:]
  var standing: [TaskID] = []
  var eventCount = 0
  package private(set) var seconds = 0.0
  private let plan: Plan?
  /// Facts of this turn.
  private var turn: [Fact] = []
  /// Tasks whose first state has been told.
  private var opened = 0

  struct Attempt: Sendable {
    var task: TaskID
    var number: Int
    var slot: Int
    var startSeconds: Double
    var queueSeconds: Double
    /// How long it runs, and how long it has run up to `sinceSeconds`; pauses do not count.
    var durationSeconds: Double
    var ranSeconds = 0.0
    var sinceSeconds: Double
    /// Which of its events counts.
    var stamp = 0
    var makes: [Growth]
  }

  /// An artifact that an attempt makes.
  struct Growth: Sendable {
    var key: RunState.ArtifactKey
    /// What it will come to.
    var bytes: Int64
  }

  enum Occasion: Sendable {
    /// An attempt ends, or has made as much as it was given.
    case attempt(TaskID, stamp: Int)
    case moved(StoreMove)
  }

  struct Event: Sendable, Comparable {
    var seconds: Double
    var number: Int
    var occasion: Occasion

    static func < (a: Event, b: Event) -> Bool {
      a.seconds != b.seconds ? a.seconds < b.seconds : a.number < b.number
    }

    static func == (a: Event, b: Event) -> Bool { a.number == b.number }
  }

  /// Makes a run that has not begun; `subject` is what `plan` was made of.
  ///
  /// - Complexity: O(tasks · log tasks + edges).
  package init(
    _ graph: TaskGraph, config: RunConfig, load: Load, plan: Plan? = nil,
    of subject: PlanGraph.Subject? = nil, trustsReview: Bool = false
  ) {
    precondition(load.seconds.count == graph.tasks.count, "one duration a task")
    self.graph = graph
    self.config = config
    self.load = load
    self.plan = plan
    schedule = Schedule(
      graph,
      options: Schedule.Options(config, trustsReview: trustsReview, weights: load.seconds))
    guard let plan, let subject, let budget = config.workspace else { return }
    schedule.follow(
      plan, of: subject, budgetBytes: budget.bytes, dropsEagerly: !budget.isDefault)
  }
}

extension Simulation {
  /// Plays the run to its end, or until it waits for a person.
  ///
  /// `sink` gets the facts of each turn, in order, as a journal would. Returns how the run ended.
  ///
  /// - Complexity: O(events · log tasks).
  package mutating func run(_ sink: ([Fact]) -> Void = { _ in }) -> Fact.RunClosed? {
    while play(sink) {}
    return history.state.closed
  }

  /// Plays a part of the opening, or what happens at the next moment; false once nothing more will.
  package mutating func play(_ sink: ([Fact]) -> Void) -> Bool {
    guard history.state.sequence > 0, opened == graph.tasks.count else {
      open()
      hand(to: sink)
      return true
    }
    proceed()
    let closing = attempts.isEmpty ? schedule.closing() : nil
    if let closing { record(.runClosed(closing)) }
    hand(to: sink)
    return closing == nil && goOn()
  }

  private mutating func hand(to sink: ([Fact]) -> Void) {
    sink(turn)
    turn.removeAll(keepingCapacity: true)
  }

  /// Facts of the opening that the sink gets at a time; there is one for every task.
  private static let openingBatch = 8_192

  private mutating func open() {
    if history.state.sequence == 0 { begin() }
    while opened < graph.tasks.count, turn.count < Self.openingBatch {
      let change = schedule[TaskID(opened)]
      if change.state != .blocked { announce(change) }
      opened += 1
    }
    if opened == graph.tasks.count, let plan { record(.planAdopted(Fact.PlanAdopted(plan))) }
  }

  private mutating func begin() {
    let host = Fact.Host(name: "simulation", cores: config.jobs, memoryBytes: 0, diskFreeBytes: 0)
    record(
      .runOpened(
        Fact.RunOpened(
          run: 1, cairn: "simulation", host: host, config: config, isResumed: false, token: "")))
    let fingerprints = Array(repeating: "", count: graph.tasks.count)
    record(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: fingerprints)))
  }

  /// What follows from the newest events, as in a turn of the engine.
  private mutating func proceed() {
    var victim: TaskID?
    repeat {
      keepToPlan()
      admit()
      thaw()
      victim = schedule.victim(standing: standing)
      if let victim { giveUp(victim) }
      notePeak()
    } while keepToPlan() || victim != nil || schedule.isPlanDue
  }

  /// Goes to the next moment at which something happens; false if there is none.
  private mutating func goOn() -> Bool {
    let moments = [events.min?.seconds, schedule.nextWakeSeconds].compactMap { $0 }
    guard let next = moments.min() else { return false }
    seconds = max(seconds, next)
    schedule.advance(to: seconds)
    while let event = events.min, event.seconds <= seconds {
      events.removeMin()
      switch event.occasion {
      case .attempt(let task, let stamp): happen(task, stamp)
      case .moved(let move): moved(move)
      }
    }
    announceChanges()
    return true
  }

  private mutating func notePeak() {
    guard schedule.plan != nil else { return }
    var bytes = history.state.footprintBytes
    for attempt in attempts.values { bytes += heldBytes(attempt) }
    peakHeldBytes = max(peakHeldBytes, bytes)
  }

  mutating func announceChanges() {
    for change in schedule.takeChanges() { announce(change) }
  }

  private mutating func announce(_ change: Schedule.Change) {
    record(
      .taskState(
        Fact.TaskStateChanged(
          task: change.task, state: change.state, reason: change.reason,
          untilSeconds: change.untilSeconds)))
  }

  mutating func record(_ kind: Fact.Kind) {
    let fact = Fact(
      sequence: history.state.sequence + 1, session: 1, elapsedSeconds: seconds,
      wallTime: Int64(seconds * 1e9), kind: kind)
    history.apply(fact)
    turn.append(fact)
  }
}
