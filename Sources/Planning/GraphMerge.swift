import Model

/// What a running graph becomes when its file has changed.
///
/// Tasks are the same when their names are. One that runs or has done its work keeps the definition that
/// it did it with; all others take the new one. What runs stays though the file has it no longer.
struct GraphMerge {
  /// Nil if nothing changes for the run.
  private(set) var change: Fact.GraphChanged?
  private(set) var graph: TaskGraph
  /// Tasks that keep their definition, and those of them that the file has no longer.
  private(set) var kept: Set<TaskID> = []
  private(set) var orphans: Set<TaskID> = []

  /// Brings a newer file together with the graph of a run.
  ///
  /// - Parameters:
  ///   - graph: As the run has it.
  ///   - newer: As the file has it, in its own numbering.
  ///   - edited: Tasks whose standing somebody has set; all others keep the one that they have.
  ///   - isActive: Whether an attempt of a task is under way.
  ///   - isDone: Whether a task has done its work in this run.
  /// - Throws: `Refusal` where tasks would wait for each other.
  /// - Complexity: O(tasks + edges).
  init(
    _ graph: TaskGraph, _ newer: TaskGraph, edited: (String) -> Bool,
    isActive: (TaskID) -> Bool, isDone: (TaskID) -> Bool
  ) throws(Schedule.Refusal) {
    self.graph = graph
    let standings = Dictionary(
      graph.tasks.lazy.filter { !$0.isRemoved }.map { ($0.name, $0.standing) },
      uniquingKeysWith: { first, _ in first })
    var newer = newer
    for index in newer.tasks.indices where !edited(newer.tasks[index].name) {
      guard let standing = standings[newer.tasks[index].name] else { continue }
      newer.tasks[index].standing = standing
    }
    guard var change = graph.change(to: newer) else { return }
    keepDefinitions(&change) { isActive($0) || isDone($0) }
    keepOrphans(&change, isActive)
    guard !change.isEmpty(beside: graph) else { return }
    self.graph.apply(change)
    if let cycle = self.graph.cycle() {
      let names = cycle.map { self.graph[$0].name }
      throw Schedule.Refusal(
        "tasks would wait for each other: \((names + names.prefix(1)).joined(separator: " → "))")
    }
    self.change = change
  }

  /// What is only shown, and what the file says of the task, is taken over all the same.
  private mutating func keepDefinitions(
    _ change: inout Fact.GraphChanged, _ keeps: (TaskID) -> Bool
  ) {
    change.changed = change.changed.compactMap { task in
      guard keeps(task.id) else { return task }
      let old = graph[task.id]
      var own = old
      own.title = task.title
      own.group = task.group
      own.standing = task.standing
      own.weight = task.weight
      own.line = task.line
      if own != task { kept.insert(task.id) }
      return own.isSame(as: old) ? nil : own
    }
  }

  private mutating func keepOrphans(
    _ change: inout Fact.GraphChanged, _ isActive: (TaskID) -> Bool
  ) {
    for task in change.removed where isActive(task) {
      orphans.insert(task)
      kept.insert(task)
      var own = graph[task]
      // The group may have another number now, or be gone.
      own.group = own.group.flatMap { group in
        change.groups.firstIndex { $0.name == graph.groups[group].name }
      }
      if own != graph[task] { change.changed.append(own) }
    }
    change.removed.removeAll(where: isActive)
  }
}

extension TaskGraph.Task {
  /// Equal but for the line, which moves with every edit above it.
  fileprivate func isSame(as other: Self) -> Bool {
    var task = self
    task.line = other.line
    return task == other
  }
}

extension Fact.GraphChanged {
  fileprivate func isEmpty(beside graph: TaskGraph) -> Bool {
    added.isEmpty && changed.isEmpty && removed.isEmpty && groups == graph.groups
      && agent == graph.agent
  }
}
