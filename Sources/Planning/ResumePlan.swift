package import Model

/// What a resumed session keeps of a run, and what it runs again and why.
///
/// A task that the log calls done stays done while its definition and the digests of its inputs are
/// what its attempt saw. Dependents of a task that changed run again; dependents of one that only
/// brings back a lost artifact do not.
package struct ResumePlan: Sendable {
  package typealias Key = RunState.ArtifactKey

  package enum Reason: Sendable, Equatable {
    /// Never started, as far as the log knows.
    case neverRan
    case definitionChanged
    /// An input is not what the attempt saw.
    case inputChanged
    /// A need runs again because it changed.
    case dependsOn(TaskID)
    case failed
    case interrupted
    case stopped
    /// A person asked for it before the session ended.
    case retried
    case artifactLost(String)
    /// Its artifact is gone and this task needs it.
    case neededBy(TaskID)
  }

  package struct Row: Sendable, Equatable {
    package var task: TaskID
    package var reason: Reason
  }

  /// Tasks that run in this session and why, in an order in which they may run.
  package var again: [Row] {
    order.compactMap { task in reasons[task.index].map { Row(task: task, reason: $0) } }
  }
  /// Why each task runs again, one row a task; nil where it stays as it is.
  package private(set) var reasons: [Reason?]
  /// Artifacts that the log has and the workspace has not.
  package private(set) var lost: [Key] = []
  /// Artifacts that are gone, needed, and made by tasks outside the selection.
  package private(set) var unavailable: [Key] = []
  private let history: RunHistory
  private let graph: TaskGraph
  private let links: TaskGraph.Links
  private let selection: Set<TaskID>?
  private let order: [TaskID]

  /// Compares what the log says with the graph and the workspace as they are now.
  ///
  /// - Parameters:
  ///   - history: The earlier sessions.
  ///   - graph: The graph as it is now, in the numbering of the run.
  ///   - fingerprints: Definitions as they are now, one a task of `graph`.
  ///   - selection: Tasks that this session is about; nil is all.
  ///   - combine: The digest that attempts were recorded with.
  ///   - holds: Whether an artifact lies where it should; asked only where it matters.
  /// - Complexity: O(tasks + edges), and one call of `holds` for each artifact in question.
  package init(
    _ history: RunHistory, graph: TaskGraph, fingerprints: [String],
    selection: Set<TaskID>? = nil,
    combine: ([String]) -> String, holds: (Key) -> Bool
  ) {
    precondition(fingerprints.count == graph.tasks.count, "one fingerprint a task")
    self.history = history
    self.graph = graph
    self.selection = selection
    links = graph.links()
    order = graph.topologicalOrder(links).filter { !graph[$0].isRemoved }
    reasons = Array(repeating: nil, count: graph.tasks.count)
    for task in order where selection?.contains(task) ?? true {
      reasons[task.index] = reason(
        task, fingerprint: fingerprints[task.index], combine)
    }
    restore(holds)
  }

  private func status(_ task: TaskID) -> TaskStatus {
    let tasks = history.state.tasks
    return tasks.indices.contains(task.index) ? tasks[task.index] : TaskStatus()
  }

  private func reason(
    _ task: TaskID, fingerprint: String, _ combine: ([String]) -> String
  ) -> Reason? {
    let status = status(task)
    guard status.state == .done else { return takesPart(task) ? Self.reason(status) : nil }
    guard let seen = status.standingAttempt?.fingerprint else {
      return status.interventions.isEmpty && takesPart(task) ? .definitionChanged : nil
    }
    let known = history.state.fingerprints
    if known.indices.contains(task.index), known[task.index] != fingerprint {
      return .definitionChanged
    }
    let changed = graph[task].needs.first { reasons[$0.task.index]?.changesResult ?? false }
    if let changed { return .dependsOn(changed.task) }
    let now = graph.fingerprint(
      of: task, definition: fingerprint, digests: history.digests, combine: combine)
    return now == seen ? nil : .inputChanged
  }

  /// The file neither calls it done nor sets it aside.
  private func takesPart(_ task: TaskID) -> Bool {
    graph[task].standing == .pending || graph[task].standing == .blocked
  }

  private static func reason(_ status: TaskStatus) -> Reason? {
    switch status.state {
    case .failed: return .failed
    case .cancelled: return .stopped
    case .skipped: return status.isSkippedByPerson ? nil : .neverRan
    default: break
    }
    guard let last = status.lastAttempt else { return .neverRan }
    guard let outcome = last.outcome else { return .interrupted }
    switch outcome.class {
    case .success: return .retried
    case .interrupted, .exhausted: return .interrupted
    case .stopped: return .stopped
    default: return .failed
    }
  }
}

extension ResumePlan {
  /// Finds artifacts that are gone though somebody needs them, and lets their producers run.
  private mutating func restore(_ holds: (Key) -> Bool) {
    var known = ArtifactTable<Bool>()
    var gone: [Key] = []
    func isThere(_ key: Key) -> Bool {
      if let answer = known[key] { return answer }
      let answer = isLogged(key) && holds(key)
      if isLogged(key), !answer { gone.append(key) }
      known[key] = answer
      return answer
    }
    var stack = order.filter { pulls($0) }
    for task in order where reasons[task.index] == nil && isProduct(task) {
      let keys = graph[task].outputs.map { Key(task: task, name: $0.name) }
      for key in keys where !isExported(key) && (isLost(key) || isLogged(key) && !isThere(key)) {
        stack += runAgain(task, .artifactLost(key.name))
      }
    }
    while let task = stack.popLast() {
      for need in graph[task].needs {
        for key in graph.artifacts(of: need) where !isThere(key) {
          if stands(key.task), !(selection?.contains(key.task) ?? true) {
            unavailable.append(key)
          } else {
            stack += runAgain(key.task, .neededBy(task))
          }
        }
      }
    }
    // A person may yet ask for what was skipped: no input of it is taken for there that is not.
    for task in order where reasons[task.index] == nil && status(task).state != .done {
      guard selection?.contains(task) ?? true else { continue }
      for key in graph[task].needs.flatMap(graph.artifacts) { _ = isThere(key) }
    }
    lost = gone.sorted { ($0.task, $0.name) < ($1.task, $1.name) }
  }

  /// Lies in the workspace, as a whole or compressed, or on the spill file system, as the log has it.
  private func isLogged(_ key: Key) -> Bool {
    history.state.known(key) != nil
  }

  /// The log says that it came to harm, and nothing of it that is there.
  private func isLost(_ key: Key) -> Bool { history.state.lost[key] != nil && !isLogged(key) }

  private mutating func runAgain(_ task: TaskID, _ reason: Reason) -> [TaskID] {
    guard reasons[task.index] == nil, stands(task) else { return [] }
    reasons[task.index] = reason
    return [task]
  }

  /// Its artifacts are what the log says; one that was done by the file or a person has none.
  private func stands(_ task: TaskID) -> Bool {
    let status = status(task)
    return status.state == .done && status.standingAttempt != nil
  }

  /// Whether a task that runs takes its inputs; one that waits for a failure mostly never runs.
  private func pulls(_ task: TaskID) -> Bool {
    guard let reason = reasons[task.index] else { return false }
    return graph[task].when != .failure || reason != .neverRan
  }

  /// Its workspace copy was on its way out: a death may come between the deletion and its fact.
  private func isExported(_ key: Key) -> Bool {
    graph[key.task].keep != true && graph[key.task].exports.contains { $0.artifact == key.name }
  }

  private func isProduct(_ task: TaskID) -> Bool {
    guard selection?.contains(task) ?? true, stands(task) else { return false }
    return links.dependents[task.index].isEmpty || graph[task].keep == true
  }
}

extension ResumePlan {
  /// Returns one row a task for the schedule of the session.
  package func priors() -> [Schedule.Prior] {
    graph.tasks.map { task in
      let status = status(task.id)
      let reason = reasons[task.id.index]
      var prior = Schedule.Prior()
      prior.attempts = status.attempts.last?.number ?? 0
      prior.isDone = status.state == .done && reason == nil
      prior.isSkipped = status.isSkippedByPerson && reason == nil
      prior.reason = status.reason
      prior.interruptions = reason == .interrupted ? status.trailingInterruptions : 0
      prior.misses = status.attempts.count { $0.outcome?.class.isRetryable ?? false }
      prior.isRecompute = reason?.isRecompute ?? false
      prior.note = reason.flatMap { $0 == .neverRan ? nil : text($0) }
      return prior
    }
  }

  /// The reason in words, for the log and `--explain`.
  package func text(_ reason: Reason) -> String {
    switch reason {
    case .neverRan: "has not run yet"
    case .definitionChanged: "its definition changed"
    case .inputChanged: "an input changed"
    case .dependsOn(let need): "needs \(graph[need].name), which runs again"
    case .failed: "failed before"
    case .interrupted: "was interrupted"
    case .stopped: "was stopped"
    case .retried: "a retry was asked for"
    case .artifactLost(let name): "its artifact \(name) is gone"
    case .neededBy(let user): "its artifact is gone and \(graph[user].name) needs it"
    }
  }
}

extension ResumePlan.Reason {
  /// Dependents that are done may not stay so.
  fileprivate var changesResult: Bool {
    switch self {
    case .definitionChanged, .inputChanged, .dependsOn: true
    default: false
    }
  }

  fileprivate var isRecompute: Bool {
    switch self {
    case .artifactLost, .neededBy: true
    default: false
    }
  }
}

extension TaskStatus {
  fileprivate var isSkippedByPerson: Bool { state == .skipped && interventions.last == "skip" }

  /// Attempts whose end nobody saw, in a row and up to now.
  fileprivate var trailingInterruptions: Int {
    attempts.reversed().prefix { attempt in
      guard attempt.pid != nil else { return false }
      guard let outcome = attempt.outcome else { return true }
      return outcome.class == .interrupted && outcome.status == nil
    }.count
  }
}
