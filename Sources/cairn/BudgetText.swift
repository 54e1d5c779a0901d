import Dashboard
import Formats
import Model
import Planning

/// Why a budget cannot be met, and the smallest that can.
enum BudgetText {
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
