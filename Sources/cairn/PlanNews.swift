import Dashboard
import Model
import Planning

/// What a run is about to do with the workspace, for people who watch lines.
enum PlanNews {
  static func lines(_ plan: Plan) -> [String] {
    var room = "plan: peak \(Figures.bytes(plan.peakBytes))"
    if let budget = plan.budgetBytes { room += " of \(Figures.bytes(budget))" }
    if plan.hasEvictions {
      room += "; the best order alone needs \(Figures.bytes(plan.bound.bytes)) or more"
    } else if let gap = plan.gap {
      room += gap > 0 ? "; at most \(Figures.percent(gap)) above the least" : "; proved least"
    }
    if let seconds = plan.makespanSeconds {
      room += "; \(Figures.duration(seconds)) expected on \(plan.workers) jobs"
    }
    return [room] + evictions(plan) + guesses(plan)
  }

  private static func evictions(_ plan: Plan) -> [String] {
    guard plan.hasEvictions else { return [] }
    var spills = 0
    var compressions = 0
    var runs = 0
    for step in plan.moves.moves.indices {
      if case .spill = plan.storeMove(step) { spills += 1 }
      if case .compress = plan.storeMove(step) { compressions += 1 }
      if plan.task(step) != nil { runs += 1 }
    }
    let tasks = plan.graph.roles.count { $0.task != nil }
    let work = Figures.hundredths(plan.moves.cost.workFactor)
    let compressed = compressions > 0 ? "\(compressions) compressed, " : ""
    return [
      "plan: \(spills) artifacts spilled, \(compressed)\(runs - tasks) runs to make some again (work ×\(work))"
    ]
  }

  private static func guesses(_ plan: Plan) -> [String] {
    let count = plan.graph.guesses
    guard count > 0 else { return [] }
    return ["plan: \(count) sizes are guessed; `output:` or an earlier run tells them"]
  }
}
