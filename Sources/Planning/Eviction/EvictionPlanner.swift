/// Plans below the best order's peak: what does not fit is spilled or made again.
///
/// Spills come first, for a spill never costs more than its bytes twice and helps down to the floor;
/// recomputes are bounded by a work cap. Both are chosen at the position with the highest footprint,
/// by seconds for each byte and overloaded position relieved, and what proves needless afterwards is
/// taken back. Sweeps back over a chain have schedules of their own, and where evictions block each
/// other the order is carried out step by step; the cheapest plan of all ways is kept. Its cost is
/// not the least, for spills alone are already caching with unequal sizes, which is NP-hard (Chrobak
/// et al., 2012); its budget is always met if there is room to spill it all (see `plan`).
package struct EvictionPlanner {
  package struct Options: Sendable {
    package var budgetBytes: Int64
    /// What the spill file system takes; 0 without one.
    package var spillLimitBytes: Int64
    /// By step: whether it may run again, which no source or sink may.
    package var isPure: [Bool]
    /// By artifact: whether it has to stay where it is; empty is none.
    package var isPinned: [Bool] = []
    /// By artifact: bytes of its compressed form, 0 where nobody knows; empty is none.
    package var compressedBytes: [Int64] = []
    /// Of writing to and of reading from the spill file system.
    package var bytesPerSecond: Double
    /// The most executed seconds of steps over those of one run each.
    package var workCap: Double

    package init(
      budgetBytes: Int64, spillLimitBytes: Int64 = 0, isPure: [Bool],
      bytesPerSecond: Double = 200_000_000, workCap: Double = 3
    ) {
      self.budgetBytes = budgetBytes
      self.spillLimitBytes = spillLimitBytes
      self.isPure = isPure
      self.bytesPerSecond = bytesPerSecond
      self.workCap = workCap
    }

    func maySpill(_ artifact: Int) -> Bool { isPinned.isEmpty || !isPinned[artifact] }

    func transferSeconds(_ bytes: Int64) -> Double { Double(bytes) / bytesPerSecond }
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
  /// With enough room to spill, any budget from the floor on does.
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
      let needed = planner.smallestBudget(from: floor.bytes).bytes
      return .failure(Infeasible(step: floor.step, neededBytes: needed))
    }
    return planner.cheapest().flatMapError { blocked in
      let (needed, leanest) = planner.smallestBudget(from: options.budgetBytes + 1)
      if leanest.peakBytes <= options.budgetBytes { return .success(leanest) }
      return .failure(Infeasible(step: blocked.step, neededBytes: needed))
    }
  }
}

extension EvictionPlanner {
  /// One of the ways to a plan.
  private enum Way {
    case sweep
    case rounds(EvictionRound.Preference)
    case forward(ForwardEviction.Rule)
  }

  struct Blocked: Error { let step: Int }

  /// Those that make a difference: without a choice, preferences do not.
  private var ways: [Way] {
    guard options.isPure.contains(true) else { return [.rounds(.spill)] }
    let preferences =
      options.spillLimitBytes > 0 ? EvictionRound.Preference.allCases : [.spill]
    return [.sweep] + preferences.map { .rounds($0) }
      + ForwardEviction.Rule.allCases.map { .forward($0) }
  }

  /// The cheapest plan of all ways, or where the first of them got stuck.
  func cheapest() -> Result<Outcome, Blocked> {
    var best: Outcome?
    var blocked: Blocked?
    for way in ways where best == nil || isQuick(way) {
      switch plan(way) {
      case .success(let outcome):
        if outcome.extraSeconds < best?.extraSeconds ?? .infinity { best = outcome }
        if outcome.extraSeconds == 0 { return .success(outcome) }
      case .failure(let found): blocked = blocked ?? found
      }
    }
    return best.map { .success($0) } ?? .failure(blocked ?? Blocked(step: 0))
  }

  /// In large graphs the forward way is only for what the others cannot do.
  private func isQuick(_ way: Way) -> Bool {
    if case .forward = way { flow.count <= 2_000 } else { true }
  }

  private func plan(_ way: Way) -> Result<Outcome, Blocked> {
    switch way {
    case .sweep: finish(ReverseSweep(flow, order: order, options: options)?.plan())
    case .rounds(let preference): evict(preference)
    case .forward(let rule):
      finish(
        ForwardEviction.moves(flow, order: order, options: options, rule: rule)
          .map { trimmed(expand($0)) })
    }
  }

  private func finish(_ plan: MovePlan?) -> Result<Outcome, Blocked> {
    guard let plan, plan.peakBytes <= options.budgetBytes else {
      let step = EvictionRound.step(of: expand(PlanMove.runs(order)), flow: flow)
      return .failure(Blocked(step: step))
    }
    return .success(outcome(plan))
  }

  /// Evicts in rounds, each on the moves of the one before, and then takes back what is needless.
  private func evict(_ preference: EvictionRound.Preference) -> Result<Outcome, Blocked> {
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
      return try MovePlan(
        flow, moves: moves, bytesPerSecond: options.bytesPerSecond,
        compressedBytes: options.compressedBytes)
    } catch { preconditionFailure("an eviction broke the plan: \(error)") }
  }

  func outcome(_ plan: MovePlan) -> Outcome {
    Outcome(moves: plan.moves, peakBytes: plan.peakBytes, cost: plan.cost)
  }
}

extension EvictionPlanner {
  /// The smallest budget found to do, and the plan with the smallest peak found on the way.
  ///
  /// Tries the given one, then halves up to the order's own peak, which does. A plan for more bytes
  /// may come out with a peak for which none was found directly.
  ///
  /// - Complexity: At most 13 budgets; about 8 in large graphs, where it stops within 1 %.
  private func smallestBudget(from bytes: Int64) -> (bytes: Int64, leanest: Outcome) {
    var leanest = outcome(expand(PlanMove.runs(order)))
    var high = leanest.peakBytes
    var low = bytes - 1
    let slack = flow.count > 500 ? high / 100 : 1
    var middle = bytes
    for _ in 0...12 where high - low > slack {
      if let found = any(within: middle) {
        high = middle
        if found.peakBytes < leanest.peakBytes { leanest = found }
      } else {
        low = middle
      }
      middle = low + (high - low) / 2
    }
    return (high, leanest)
  }

  /// The first plan that some way comes to.
  private func any(within budget: Int64) -> Outcome? {
    var options = options
    options.budgetBytes = budget
    let planner = EvictionPlanner(flow: flow, order: order, options: options)
    for way in planner.ways {
      if let outcome = try? planner.plan(way).get() { return outcome }
    }
    return nil
  }
}

extension EvictionPlanner.Outcome {
  /// What the plan costs beyond one run of each step.
  package var extraSeconds: Double { cost.recomputedSeconds + cost.transferSeconds }
}
