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
    let limit = Figures.bytes(problem.budgetBytes)
    let subject = problem.task.map { "task \(graph[$0].name.quoted)" } ?? "what lies there"
    let reason =
      problem.isFloor
      ? "\(subject) alone needs more than \(limit) of the workspace"
      : "no order, spill or recompute of what is pure gets past \(subject) within \(limit)"
    return "budget cannot be met: \(reason); the smallest that works: "
      + "budget: { workspace: \(problem.neededBytes)B }"
  }

  static func words(
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
    return "budget cannot be met: task \(task.name.quoted) "
      + "\(reasons.joined(separator: " and ")); the smallest that works: "
      + "budget: { \(budget.joined(separator: ", ")) }"
  }
}
