/// Plans below the best order's peak: what does not fit is spilled or made again.
///
/// Spills come first, for a spill never costs more than its bytes twice and helps down to the floor;
/// recomputes are bounded by a work cap. Both are chosen at the position with the highest footprint,
/// by seconds for each byte and overloaded position relieved, and what proves needless afterwards is
/// taken back. Several preferences are tried and the cheapest plan is kept. The decision version is
/// NP-hard even with one artifact size and free recomputes forbidden (generalised caching), so the
/// cost is not optimal; feasibility is, if everything may be spilled (see `plan`).
///
/// Jain et al., "Checkmate", MLSys 2020, and Kirisame et al., "Dynamic Tensor Rematerialization",
/// ICLR 2021, for the score; Albers et al., "Minimizing stall time", 1999, for spills.
package struct EvictionPlanner {
  package struct Options: Sendable {
    package var budgetBytes: Int64
    /// What the spill file system takes; 0 without one.
    package var spillLimitBytes: Int64
    /// By step: whether it may run again, which no source or sink may.
    package var isPure: [Bool]
    /// By artifact: whether it may be spilled; all of them if nil.
    package var isSpillable: [Bool]?
    /// Of writing to and of reading from the spill file system.
    package var bytesPerSecond: Double
    /// The most executed seconds of steps over those of one run each.
    package var workCap: Double

    package init(
      budgetBytes: Int64, spillLimitBytes: Int64 = 0, isPure: [Bool], isSpillable: [Bool]? = nil,
      bytesPerSecond: Double = 200_000_000, workCap: Double = 3
    ) {
      self.budgetBytes = budgetBytes
      self.spillLimitBytes = spillLimitBytes
      self.isPure = isPure
      self.isSpillable = isSpillable
      self.bytesPerSecond = bytesPerSecond
      self.workCap = workCap
    }

    func transferSeconds(_ bytes: Int64) -> Double { Double(bytes) / bytesPerSecond }

    func maySpill(_ artifact: Int) -> Bool { isSpillable.map { $0[artifact] } ?? true }
  }

  package struct Outcome: Sendable, Equatable {
    package let moves: [PlanMove]
    package let peakBytes: Int64
    package let cost: MovePlan.Cost
  }

  package struct Infeasible: Error, Sendable, Equatable {
    /// The step at which the budget does not do.
    package let step: Int
    /// The smallest budget that is known to do.
    package let neededBytes: Int64

    package init(step: Int, neededBytes: Int64) {
      self.step = step
      self.neededBytes = neededBytes
    }
  }

  let flow: Dataflow
  let order: [Int32]
  let options: Options
}

extension EvictionPlanner {
  /// Returns moves whose footprint stays within the budget.
  ///
  /// With enough room to spill and every artifact spillable, any budget from the floor on does.
  /// Proof: at the worst position j all artifacts that j neither takes nor makes are candidates, so j
  /// comes down to in(j) + out(j) + scratch(j) ≤ floor ≤ budget, and spills raise no other position.
  /// A spill behind step i holds no more than i did. The restores in front of step k hold what lies
  /// there across k and part of what k takes, so no more than k does. Since each round over the plain
  /// order goes on until no position is above the budget, the first one already ends within it.
  ///
  /// - Parameters:
  ///   - flow: The steps and artifacts.
  ///   - order: An admissible order, the best one known.
  ///   - options: The budget and what may be done to keep it.
  /// - Returns: The cheapest plan found in seconds, or what it would take.
  /// - Complexity: O(rounds · (uses · log uses + Σ live artifacts at positions above the budget)).
  package static func plan(_ flow: Dataflow, order: [Int32], options: Options)
    -> Result<Outcome, Infeasible>
  {
    precondition(flow.admits(order), "the order leaves the graph")
    let planner = EvictionPlanner(flow: flow, order: order, options: options)
    if let floor = flow.floor, floor.bytes > options.budgetBytes {
      let needed = planner.smallest(above: floor.bytes - 1).peakBytes
      return .failure(Infeasible(step: floor.step, neededBytes: needed))
    }
    return planner.best().flatMapError { blocked in
      let smallest = planner.smallest(above: options.budgetBytes)
      if smallest.peakBytes <= options.budgetBytes { return .success(smallest) }
      return .failure(Infeasible(step: blocked.step, neededBytes: smallest.peakBytes))
    }
  }

  struct Blocked: Error { let step: Int }

  /// The cheapest plan of all preferences, or where the first of them got stuck.
  private func best() -> Result<Outcome, Blocked> {
    var best = ReverseSweep(flow, order: order, options: options)?.plan().map { outcome($0) }
    var blocked: Blocked?
    for preference in EvictionRound.Preference.allCases where isWorthTrying(preference) {
      switch attempt(preference) {
      case .success(let outcome):
        if outcome.extraSeconds < best?.extraSeconds ?? .infinity { best = outcome }
      case .failure(let found): blocked = blocked ?? found
      }
    }
    return best.map { .success($0) } ?? .failure(blocked ?? Blocked(step: 0))
  }

  /// Preferences differ only where there is a choice.
  private func isWorthTrying(_ preference: EvictionRound.Preference) -> Bool {
    preference == .spill || (options.spillLimitBytes > 0 && options.isPure.contains(true))
  }

  /// Evicts in rounds, each on the moves of the one before, and then takes back what is needless.
  private func attempt(_ preference: EvictionRound.Preference) -> Result<Outcome, Blocked> {
    var plan = expand(PlanMove.runs(order))
    for _ in 0..<Self.roundLimit {
      var round = EvictionRound(plan, of: flow, options: options, preference: preference)
      if round.fits { return .success(outcome(trimmed(plan))) }
      round.relieve()
      guard !round.edits.isEmpty else { return .failure(Blocked(step: round.worstStep)) }
      plan = expand(round.editedMoves())
    }
    return .failure(Blocked(step: EvictionRound.step(of: plan, flow: flow)))
  }

  private static var roundLimit: Int { 64 }

  func expand(_ moves: [PlanMove]) -> MovePlan {
    do {
      return try MovePlan(flow, moves: moves, bytesPerSecond: options.bytesPerSecond)
    } catch { preconditionFailure("an eviction broke the plan: \(error)") }
  }

  private func outcome(_ plan: MovePlan) -> Outcome {
    Outcome(moves: plan.moves, peakBytes: plan.peakBytes, cost: plan.cost)
  }

  /// The plan with the smallest peak found by halving the budgets up to the order's own peak.
  ///
  /// Plans for more bytes may come out below a budget that none was found for directly.
  ///
  /// - Complexity: At most 13 plans.
  private func smallest(above bytes: Int64) -> Outcome {
    var best = outcome(expand(PlanMove.runs(order)))
    var low = bytes
    for _ in 0..<12 where best.peakBytes - low > 1 {
      let middle = low + (best.peakBytes - low) / 2
      if let found = within(middle) { best = found } else { low = middle }
    }
    return best
  }

  private func within(_ budget: Int64) -> Outcome? {
    var options = options
    options.budgetBytes = budget
    return try? EvictionPlanner(flow: flow, order: order, options: options).best().get()
  }
}

extension EvictionPlanner.Outcome {
  /// What the plan costs beyond one run of each step.
  package var extraSeconds: Double { cost.recomputedSeconds + cost.transferSeconds }
}
