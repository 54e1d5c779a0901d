import HeapModule
package import Model

/// The state machine of a run: what may start, what follows from an end, when it is over.
///
/// A value without clock, disk or task: it is told what happened and when, changes its rows, and
/// keeps a list of the changes (`takeChanges`) and of what may start now (`admit`). Copy it to ask
/// "what if?". All answers are a function of the graph, the options and the events alone.
///
/// ```
///            evaluate              admit, began            ended(success)
///  blocked ───────────▶ ready ───────────────────▶ running ──────────────▶ done
///     ▲ │                 ▲ │                        │ ▲ ▲ │
///     │ └─▶ skipped       │ └─▶ held (hold/release)  │ │ │ └─▶ failed, cancelled
///     │   (cannot run)    │                          ▼ │ └──▶ verifying
///     └── reset ◀─ any    └── backoff ◀──────────────┘ └────▶ paused
/// ```
package struct Schedule: Sendable {
  package let options: Options
  var graph: TaskGraph
  var links: TaskGraph.Links
  /// Longest remaining path of each task, itself included.
  var ahead: [Double]
  /// Elapsed seconds of the newest event.
  var now = 0.0
  var rows: [Row]
  /// Selected tasks in each state.
  var tally = TaskCounts()
  var changes: [Change] = []
  var notices: [Fact.Notice] = []
  /// Only of tasks that had any.
  var setbacks: [TaskID: Setbacks] = [:]
  /// Tasks whose needs changed and that are not evaluated yet, oldest first.
  var dirty: [TaskID] = []
  var ready = Heap<Entry>()
  /// Ready tasks that wait for a named resource.
  var waiting = ResourceQueues<Entry>()
  /// Ready tasks that a step lets through while the run is held.
  var granted = Heap<Entry>()
  var backoffs = Heap<Wake>()
  var activeCount = 0
  var room: MachineRoom
  var slots: ChainSlots
  /// What decides about the workspace; nil without a budget, or where no task makes anything.
  var progress: PlanProgress?
  /// What the plan was made of, with what has become known since.
  var subject: PlanGraph.Subject?
  /// Tasks that will not run any more, of which the plan does not know yet.
  var leaving: [TaskID] = []
  /// Spills and restores that are under way.
  var storeMoves = 0
  /// What is lent, and what is proved in it: neither is moved meanwhile.
  var lent: Set<RunState.ArtifactKey> = []
  /// Tasks that do not start before the loan is over.
  var barred: Set<TaskID> = []
  /// The last look for something to start found only what there is no room for.
  var foundNoRoom = false
  /// Something came back that the plan does not have: a new one has to be made.
  var needsPlan = false
  /// Searches for a plan that are under way, one of a purpose at most.
  var searches: [PlanSearch.Purpose] = []
  /// What a needed plan was last searched for.
  var searched: PlanGraph.Subject?
  /// The plan was found in haste, and nobody has looked for a better one since.
  var canImprove = false
  /// Attempts whose work waits for leave; they take nothing of the machine.
  var parked: Set<TaskID> = []
  /// Tasks that somebody let begin.
  var approved: Set<TaskID> = []
  var stopCounts = StopCounts()
  /// Running tasks that their file has set aside or lost, and how it is put; they are not tried again.
  var overruled: [TaskID: String] = [:]
  /// Of `Options.retryBudget`; those that were denied count too.
  var usedRetries = 0
  package internal(set) var isHeld: Bool
  /// Why nothing is admitted any more; set once, by `drain`.
  package internal(set) var drainReason: String?

  /// Makes the schedule of a session.
  ///
  /// - Parameters:
  ///   - graph: Acyclic.
  ///   - options: Limits and seed.
  ///   - selection: Tasks that this run is about; nil is all.
  ///   - satisfied: Tasks outside the selection whose artifacts exist.
  ///   - prior: What earlier sessions left, one row a task; empty for a new run.
  /// - Complexity: O(tasks · log tasks + edges).
  package init(
    _ graph: TaskGraph, options: Options, selection: Set<TaskID>? = nil,
    satisfied: Set<TaskID> = [], prior: [Prior] = []
  ) {
    precondition(prior.isEmpty || prior.count == graph.tasks.count, "one row a task")
    self.graph = graph
    self.options = options
    room = options.room
    links = graph.links()
    slots = ChainSlots(graph)
    ahead = Self.pathsAhead(graph, links, weights: options.weights)
    isHeld = options.startsHeld
    rows = Array(repeating: Row(), count: graph.tasks.count)
    for task in graph.tasks {
      let isSelected = selection?.contains(task.id) ?? true
      rows[task.id.index] = row(
        task, isSelected: isSelected, isSatisfied: satisfied.contains(task.id),
        prior: prior.isEmpty ? Prior() : prior[task.id.index])
    }
    countNeeds()
    for index in rows.indices {
      evaluate(TaskID(index))
      // What a task begins with is no change; a list of all would be as large as the rows.
      changes.removeAll(keepingCapacity: true)
    }
    propagate()
    changes = []
    leaving = []
  }
}

extension Schedule {
  /// A task came into a state.
  package struct Change: Sendable, Equatable {
    package var task: TaskID
    package var state: TaskState
    package var reason: String?
    /// End of a back-off, in elapsed seconds.
    package var untilSeconds: Double?
  }

  /// Leave for one attempt to start now.
  package struct Admission: Sendable, Equatable {
    package var task: TaskID
    package var attempt: Int
    package var kind: Fact.TaskAdmitted.Admission
    package var cpus: Int
    package var memoryBytes: Int64
    package var resources: Resources
    package var slot: Int
    /// Of the worktree that it finds there.
    package var keptBytes: Int64
    /// When the task became ready, in elapsed seconds.
    package var readySeconds: Double
  }

  /// A request that cannot be followed, in words for who asked.
  package struct Refusal: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
  }
}

extension Schedule {
  /// Interruptions in a row after which a task counts as failed: it may be what ends Cairn.
  package static let maximumInterruptions = 3
  /// Starts in a row that the system had no room for, after which a task counts as failed.
  package static let maximumExhaustions = 10
  static let exhaustionBackoff = Backoff(firstSeconds: 0.5, capSeconds: 30)

  package subscript(task: TaskID) -> Change {
    let state = rows[task.index].state
    let until = state == .backoff ? rows[task.index].backoff?.untilSeconds : nil
    return Change(
      task: task, state: state, reason: rows[task.index].reason, untilSeconds: until)
  }

  package func isSelected(_ task: TaskID) -> Bool { rows[task.index].isSelected }

  /// Whether an attempt of the task was admitted and has not ended.
  package func isActive(_ task: TaskID) -> Bool { rows[task.index].isAdmitted }

  /// Returns what changed since the last call, in order.
  package mutating func takeChanges() -> [Change] {
    defer { changes.removeAll(keepingCapacity: true) }
    return changes
  }

  /// Returns what people should know since the last call, in order.
  package mutating func takeNotices() -> [Fact.Notice] {
    defer { notices = [] }
    return notices
  }

  /// Kelley and Walker, "Critical-Path Planning and Scheduling", 1959, without the slack.
  static func pathsAhead(
    _ graph: TaskGraph, _ links: TaskGraph.Links, weights: [Double]?
  ) -> [Double] {
    let weights = weights ?? graph.relativeWeights
    var ahead = Array(repeating: 0.0, count: graph.tasks.count)
    for task in graph.topologicalOrder(links).reversed() {
      let longest = links.dependents[task.index].reduce(0) { max($0, ahead[$1.index]) }
      // A task that has come since has no weight.
      let weight = weights.flatMap { task.index < $0.count ? $0[task.index] : nil }
      ahead[task.index] = longest + (weight ?? 1)
    }
    return ahead
  }

  mutating func row(
    _ task: TaskGraph.Task, isSelected: Bool, isSatisfied: Bool, prior: Prior
  ) -> Row {
    var row = Row()
    row.attempts = Int32(clamping: prior.attempts)
    row.interruptions = Int32(clamping: prior.interruptions)
    if prior.misses > 0 { setbacks[task.id] = Setbacks(misses: prior.misses) }
    row.isRecompute = prior.isRecompute
    row.note = prior.note
    row.isSelected = isSelected && !task.isRemoved
    if prior.isDone {
      row.end(.done, .success, prior.reason)
    } else if !row.isSelected {
      row.end(.skipped, isSatisfied || task.isRemoved ? .success : .open, "not selected")
    } else if prior.isSkipped {
      row.end(.skipped, .failure, prior.reason)
    } else if prior.interruptions >= Self.maximumInterruptions {
      row.end(.failed, .failure, "interrupted \(prior.interruptions) times in a row")
    } else {
      stand(&row, task)
    }
    row.hold = limitHold(task) ?? row.hold ?? gate(of: task.id).map { .gate($0) }
    return row
  }

  private func stand(_ row: inout Row, _ task: TaskGraph.Task) {
    switch task.standing {
    case .pending, .blocked: break
    case .done: row.end(.done, .success, Self.words(of: task.standing))
    case .review where options.trustsReview: row.end(.done, .success, "in review, trusted")
    case .review, .external:
      row.hold = .aside(Self.words(of: task.standing), canRelease: true)
    case .deferred, .cancelled: row.end(.skipped, .open, Self.words(of: task.standing))
    }
  }

  /// Why a task is where the file has put it.
  static func words(of standing: TaskGraph.Standing) -> String {
    switch standing {
    case .review: "in review in the file"
    case .external: "external: somebody works on it"
    default: "\(standing.rawValue) in the file"
    }
  }

  /// Stands for tasks that have ended too, which somebody may want to run again.
  func limitHold(_ task: TaskGraph.Task) -> Hold? {
    room.objection(to: task).map { .aside($0, canRelease: false) }
  }
}
