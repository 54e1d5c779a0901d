extension TaskGraph {
  /// Brings a newer graph into this one's numbering: tasks are the same when their names are.
  ///
  /// Kept tasks keep their ids, new ones get the next, gone ones become tombstones.
  ///
  /// - Parameter newer: A graph with ids of its own, dense from 0.
  /// - Returns: What differs, or nil if nothing does. `fingerprints` and `source` are left empty.
  /// - Complexity: O(tasks + edges).
  package func change(to newer: TaskGraph) -> Fact.GraphChanged? {
    let known = Dictionary(
      tasks.filter { !$0.isRemoved }.map { ($0.name, $0.id) }, uniquingKeysWith: { a, _ in a })
    var next = tasks.count
    let ids = newer.tasks.map { task -> TaskID in
      if let id = known[task.name] { return id }
      defer { next += 1 }
      return TaskID(next)
    }
    let renumbered = newer.tasks.map { $0.renumbered { ids[$0.index] } }
    let added = renumbered.filter { $0.id.index >= tasks.count }
    let changed = renumbered.filter {
      $0.id.index < tasks.count && !$0.isSame(as: tasks[$0.id.index])
    }
    let kept = Set(ids)
    let removed = tasks.filter { !$0.isRemoved && !kept.contains($0.id) }.map(\.id)
    if added.isEmpty, changed.isEmpty, removed.isEmpty, groups == newer.groups,
      agent == newer.agent
    {
      return nil
    }
    return Fact.GraphChanged(
      added: added, changed: changed, removed: removed, groups: newer.groups, agent: newer.agent,
      fingerprints: [], source: "")
  }

  /// Applies what `change(to:)` found.
  package mutating func apply(_ change: Fact.GraphChanged) {
    for task in change.changed { tasks[task.id.index] = task }
    tasks += change.added
    for task in change.removed {
      tasks[task.index].isRemoved = true
      tasks[task.index].group = nil
    }
    groups = change.groups
    agent = change.agent
  }
}

extension TaskGraph.Task {
  fileprivate func renumbered(_ map: (TaskID) -> TaskID) -> TaskGraph.Task {
    var task = self
    task.id = map(id)
    task.after = after.map(map)
    task.needs = needs.map {
      TaskGraph.Need(
        task: map($0.task), artifact: $0.artifact, variable: $0.variable, folder: $0.folder)
    }
    return task
  }

  /// Equal but for the line, which moves with every edit above it.
  fileprivate func isSame(as other: TaskGraph.Task) -> Bool {
    var task = self
    task.line = other.line
    return task == other
  }
}
