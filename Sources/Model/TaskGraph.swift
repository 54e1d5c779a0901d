/// Tasks and the dependencies between them; acyclic once loaded.
///
/// A graph is data: it can be written into the journal and read back without the file it came from.
package struct TaskGraph: Sendable, Equatable, Codable {
  package var name: String
  /// One row a task: the row of `id` is `id.index`.
  ///
  /// A removed task leaves a tombstone (`isRemoved`).
  package var tasks: [Task]
  package var groups: [Group]
  /// The command line that carries out prompts; nil when no task has one.
  package var agent: Agent?

  package init(name: String, tasks: [Task] = [], groups: [Group] = [], agent: Agent? = nil) {
    self.name = name
    self.tasks = tasks
    self.groups = groups
    self.agent = agent
  }

  /// Inlined elsewhere too, so that reading one field does not copy the whole task.
  @inlinable package subscript(id: TaskID) -> Task { tasks[id.index] }

  /// Tasks that are shown and folded together; means nothing to the scheduler.
  package struct Group: Sendable, Equatable, Codable {
    package var name: String
    package var title: String?
    /// Index into `groups` of the group that this one lies in.
    package var parent: Int?

    package init(name: String, title: String? = nil, parent: Int? = nil) {
      self.name = name
      self.title = title
      self.parent = parent
    }
  }
}

extension TaskGraph {
  /// Returns the task with this name; tombstones are not found.
  ///
  /// - Complexity: O(tasks).
  package func task(named name: String) -> Task? {
    tasks.first { $0.name == name && !$0.isRemoved }
  }

  /// Both directions of the dependencies, one row a task, each row sorted and without repeats.
  ///
  /// - Complexity: O(tasks + edges).
  package func links() -> Links { Links(self) }

  /// Who waits for whom: `needs` and `after` together.
  package struct Links: Sendable, Equatable {
    package let predecessors: TaskRows
    package let dependents: TaskRows

    init(_ graph: TaskGraph) {
      predecessors = TaskRows(graph.tasks)
      dependents = predecessors.inverted
    }

    /// Returns the given tasks and everything that they need, directly or not.
    package func ancestors(of tasks: [TaskID]) -> Set<TaskID> { reach(tasks, predecessors) }

    /// Returns the given tasks and everything that needs them, directly or not.
    package func descendants(of tasks: [TaskID]) -> Set<TaskID> { reach(tasks, dependents) }

    private func reach(_ start: [TaskID], _ rows: TaskRows) -> Set<TaskID> {
      var seen = Set(start)
      var stack = start
      while let next = stack.popLast() {
        for task in rows[next.index] where seen.insert(task).inserted { stack.append(task) }
      }
      return seen
    }
  }

  /// Returns the tasks so that each stands behind all that it needs; ties in file order.
  ///
  /// Kahn, "Topological sorting of large networks", 1962. Tasks on a cycle are missing from the
  /// result, so its length tells whether there is one.
  ///
  /// - Complexity: O(tasks + edges).
  package func topologicalOrder() -> [TaskID] { topologicalOrder(links()) }

  /// The same for whoever has the graph's links already.
  package func topologicalOrder(_ links: Links) -> [TaskID] {
    var open = links.predecessors.map(\.count)
    var order: [TaskID] = []
    order.reserveCapacity(tasks.count)
    for index in open.indices where open[index] == 0 { order.append(TaskID(index)) }
    var next = 0
    while next < order.count {
      for dependent in links.dependents[order[next].index] {
        open[dependent.index] -= 1
        if open[dependent.index] == 0 { order.append(dependent) }
      }
      next += 1
    }
    return order
  }

  /// Returns one cycle as the tasks along it, or nil if the graph is acyclic.
  ///
  /// - Complexity: O(tasks + edges).
  package func cycle() -> [TaskID]? {
    let sorted = Set(topologicalOrder())
    guard let start = tasks.map(\.id).first(where: { !sorted.contains($0) }) else { return nil }
    // Every task outside the order has a need outside the order: walking back must repeat.
    var path: [TaskID] = []
    var position: [TaskID: Int] = [:]
    var task = start
    while position[task] == nil {
      position[task] = path.count
      path.append(task)
      guard let need = self[task].predecessors.first(where: { !sorted.contains($0) }) else {
        return nil
      }
      task = need
    }
    return Array(path[(position[task] ?? 0)...].reversed())
  }
}
