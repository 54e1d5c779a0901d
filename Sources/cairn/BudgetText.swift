import Dashboard
import Formats
import Model
import Planning
import Project

/// Why a budget cannot be met, and the smallest that can.
enum BudgetText {
  /// Carries out what may find that no plan meets the budget, and says so for people.
  static func explained<Value>(
    _ graph: TaskGraph, _ body: () throws -> Value
  ) throws -> Value {
    do { return try body() } catch let problem as Planner.Infeasible {
      throw ProjectProblem(.budget, words(problem, graph))
    }
  }

  static func words(_ problem: Planner.Infeasible, _ graph: TaskGraph) -> String {
    "budget cannot be met: \(reason(problem, graph)), of \(PlanFigures.bytes(problem.budgetBytes)); "
      + "the smallest that works: budget: { workspace: \(problem.neededBytes)B }"
  }

  private static func reason(_ problem: Planner.Infeasible, _ graph: TaskGraph) -> String {
    let alone = problem.floor.map {
      "\(words($0.role, graph)) takes \(PlanFigures.bytes($0.bytes))"
    }
    if let alone, let floor = problem.floor, floor.bytes > problem.budgetBytes { return alone }
    let task = problem.task.map { " at task \(graph[$0].name.quoted)" } ?? ""
    return "the best plan found holds \(PlanFigures.bytes(problem.neededBytes))\(task)"
      + (alone.map { " (\($0))" } ?? "")
  }

  private static func words(_ role: PlanGraph.Role, _ graph: TaskGraph) -> String {
    switch role {
    case .task(let task): "task \(graph[task].name.quoted) alone"
    case .restore(let key), .expand(let key): "artifact \(graph.name(of: key).quoted) alone"
    case .source: "what lies in the workspace already"
    case .sink: "what stays in the workspace at the end"
    }
  }

  /// Refuses a graph with a task that the limits never admit, before anything runs.
  static func requireFit(
    of graph: TaskGraph, _ selection: Set<TaskID>?, within limits: BudgetLimits
  ) throws(ProjectProblem) {
    guard let misfit = limits.misfit(in: graph, selection) else { return }
    throw ProjectProblem(.budget, words(misfit, limits, graph))
  }

  private static func words(
    _ misfit: BudgetLimits.Misfit, _ limits: BudgetLimits, _ graph: TaskGraph
  ) -> String {
    let task = graph[misfit.task]
    var reasons: [String] = []
    var budget: [String] = []
    if let jobs = limits.jobs, let least = misfit.smallest.jobs {
      if task.cpus > jobs { reasons.append("takes \(task.cpus) cpus, of \(jobs)") }
      if least > jobs { budget.append("jobs: \(least)") }
    }
    if let memory = limits.memoryBytes, let least = misfit.smallest.memoryBytes {
      if let bytes = task.memoryBytes, bytes > memory {
        reasons.append("declares \(Figures.bytes(bytes)) of memory, of \(Figures.bytes(memory))")
      }
      if least > memory { budget.append("memory: \(least)B") }
    }
    for item in task.resources.items where item.count > limits.resources[item.name] {
      let there = limits.resources[item.name]
      reasons.append("takes \(item.count) \(item.name), of \(there == 0 ? "none" : "\(there)")")
    }
    let counts = misfit.smallest.resources.items.filter { $0.count > limits.resources[$0.name] }
    if !counts.isEmpty {
      let words = counts.map { "\($0.name): \($0.count)" }.joined(separator: ", ")
      budget.append("resources: { \(words) }")
    }
    return "budget cannot be met: task \(task.name.quoted) "
      + "\(reasons.joined(separator: " and ")); the smallest that works: "
      + "budget: { \(budget.joined(separator: ", ")) }"
  }
}

extension TaskGraph {
  /// An artifact as a `needs` would name it: a plain task's by the task alone.
  func name(of key: RunState.ArtifactKey) -> String {
    let task = self[key.task]
    return task.outputs.map(\.name) == ["out"] ? task.name : "\(task.name).\(key.name)"
  }
}
