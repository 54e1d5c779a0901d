package import Model

/// What a run may take at once, as somebody asked for it; nil is no limit.
package struct BudgetLimits: Sendable, Equatable {
  package var jobs: Int?
  package var memoryBytes: Int64?
  /// What is not named is not there.
  package var resources: Resources

  package init(jobs: Int? = nil, memoryBytes: Int64? = nil, resources: Resources = [:]) {
    self.jobs = jobs
    self.memoryBytes = memoryBytes
    self.resources = resources
  }

  /// A task that alone takes more than there is.
  package struct Misfit: Sendable, Equatable {
    package var task: TaskID
    /// The smallest limits under which every task can run.
    package var smallest: BudgetLimits
  }

  /// Returns the first task in file order that can never be admitted; nil if all can.
  ///
  /// What the file calls done, or sets aside, takes nothing. A reserve that grows begins with what is
  /// declared and stops at the limit, so that only its first size counts.
  ///
  /// - Complexity: O(tasks).
  package func misfit(in graph: TaskGraph, _ selection: Set<TaskID>?) -> Misfit? {
    let tasks = graph.tasks.filter { task in
      let takesPart = task.standing == .pending || task.standing == .blocked
      return takesPart && !task.isRemoved && (selection?.contains(task.id) ?? true)
    }
    guard let first = tasks.first(where: { !fits($0) }) else { return nil }
    let cpus = tasks.map(\.cpus).max() ?? 1
    let memory = tasks.compactMap(\.memoryBytes).max() ?? 0
    return Misfit(
      task: first.id,
      smallest: BudgetLimits(
        jobs: jobs.map { max($0, cpus) }, memoryBytes: memoryBytes.map { max($0, memory) },
        resources: resources(for: tasks)))
  }

  private func resources(for tasks: [TaskGraph.Task]) -> Resources {
    var least = resources
    for item in tasks.flatMap(\.resources.items) {
      least[item.name] = max(least[item.name], item.count)
    }
    return least
  }

  private func fits(_ task: TaskGraph.Task) -> Bool {
    task.cpus <= jobs ?? .max && task.memoryBytes ?? 0 <= memoryBytes ?? .max
      && task.resources.first(beyond: resources) == nil
  }
}
