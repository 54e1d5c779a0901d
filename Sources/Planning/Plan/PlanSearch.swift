import Model

/// A search for a new plan, to be carried out beside the run: it has all that it needs, and touches
/// nothing.
///
/// The run goes on meanwhile, so that what was found is a proposal: `Schedule.adopt` looks whether it
/// still holds.
package struct PlanSearch: Sendable {
  /// Why a search is made.
  package enum Purpose: Sendable, Equatable {
    /// What is followed leads no further, or not safely.
    case need
    /// What is followed was found in haste; there may be something better.
    case improvement
  }

  package let purpose: Purpose
  let subject: PlanGraph.Subject
  let precedent: PlanPrecedent
  let limits: Planner.Budget

  /// Carries the search out; the same search has the same result.
  ///
  /// - Complexity: bounded by moves, as `Planner.Effort` has them: a need in a graph of 100,000 tasks
  ///   takes about as long as its first plan.
  package func proposal() -> PlanProposal {
    let effort: Planner.Effort = purpose == .need ? .again : .thorough
    return PlanProposal(search: self, result: plan(subject, effort))
  }

  /// The quickest of plans: no order is tried but one that is known.
  static func quick(
    _ subject: PlanGraph.Subject, following precedent: PlanPrecedent, _ limits: Planner.Budget
  ) -> Plan? {
    try? Planner(limits, effort: .known).plan(subject, following: precedent)
  }

  private func plan(
    _ subject: PlanGraph.Subject, _ effort: Planner.Effort
  ) -> Result<Plan, Planner.Infeasible> {
    Result { () throws(Planner.Infeasible) in
      try Planner(limits, effort: effort).plan(subject, following: precedent)
    }
  }
}

/// What a search found.
package struct PlanProposal: Sendable {
  let search: PlanSearch
  let result: Result<Plan, Planner.Infeasible>
}

extension PlanGraph.Subject {
  /// Whether a plan of one of the two is a plan of the other.
  ///
  /// - Complexity: O(tasks + artifacts).
  func plansLike(_ other: Self) -> Bool {
    graph == other.graph && standings == other.standings && lying == other.lying
      && spilled == other.spilled
      && compressed == other.compressed && compressedShares == other.compressedShares
      && learned == other.learned && guessBytes == other.guessBytes
      && scratchBytes == other.scratchBytes
  }
}

extension Plan {
  /// Whether it makes and moves less again than another plan of the same graph, or ends sooner with no
  /// more of that, or needs less room.
  func isBetter(than other: Plan) -> Bool {
    if repeatedSeconds != other.repeatedSeconds { return repeatedSeconds < other.repeatedSeconds }
    if let seconds = makespanSeconds, let others = other.makespanSeconds, seconds != others {
      return seconds < others
    }
    return peakBytes < other.peakBytes
  }

  private var repeatedSeconds: Double { moves.cost.recomputedSeconds + moves.cost.transferSeconds }
}
