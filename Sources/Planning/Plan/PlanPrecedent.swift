package import Model

/// What an earlier plan did with the tasks of a graph, for a new one to go on from.
package struct PlanPrecedent: Sendable, Equatable {
  /// In sequence; one that was made again may stand there again.
  package var tasks: [TaskID]
  /// By task: which ready one went first, the smallest number; empty if nobody knows.
  package var rank: [Int32]

  package init(tasks: [TaskID], rank: [Int32] = []) {
    self.tasks = tasks
    self.rank = rank
  }
}

extension PlanPrecedent {
  /// What a plan would do from its beginning.
  ///
  /// - Complexity: O(tasks + steps).
  init(_ plan: Plan) {
    self.init(
      tasks: plan.reference.compactMap { plan.task(Int($0)) }, rank: Self.rank(of: plan))
  }

  /// What is left of a plan that is followed.
  init(_ progress: PlanProgress) {
    self.init(tasks: progress.tasks, rank: Self.rank(of: progress.plan))
  }

  /// With tasks that have come to the graph since: they stand behind what has begun, in an order in which
  /// they may run.
  ///
  /// - Complexity: O(1), or O(tasks + edges) if there are any.
  func joined(by graph: TaskGraph, _ links: TaskGraph.Links) -> PlanPrecedent {
    let known = rank.count
    guard !rank.isEmpty, known < graph.tasks.count else { return self }
    var joined = self
    joined.tasks += graph.topologicalOrder(links).filter { $0.index >= known }
    let last = (rank.max() ?? 0) + 1
    joined.rank += Array(repeating: last, count: graph.tasks.count - known)
    return joined
  }

  /// By task, of its first run; what the plan does not have goes first.
  private static func rank(of plan: Plan) -> [Int32] {
    var rank = Array(repeating: Int32(-1), count: plan.graph.steps.count)
    for step in plan.rank.indices.reversed() {
      if let task = plan.task(step) { rank[task.index] = plan.rank[step] }
    }
    return rank
  }

  /// By step of the moves of a graph's plan; nil if nobody knows.
  func rank(_ graph: PlanGraph, _ moves: MovePlan) -> [Int32]? {
    guard !rank.isEmpty else { return nil }
    return moves.moves.map { move in
      guard case .run(let base) = move, let task = graph.roles[Int(base)].task else { return -1 }
      return rank[task.index]
    }
  }
}
