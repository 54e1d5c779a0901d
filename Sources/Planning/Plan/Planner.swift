package import Model

/// Finds the plan of a graph: an order of the least peak, a proof of how little less there could be,
/// what to spill and to make again where the budget is smaller, and what starts first on several
/// workers.
///
/// Everything is counted in moves, never in time: the same graph, sizes and seed give the same plan.
package struct Planner: Sendable {
  package var budget: Budget
  package var effort: Effort

  package init(_ budget: Budget, effort: Effort = .thorough) {
    self.budget = budget
    self.effort = effort
  }

  package struct Budget: Sendable, Equatable {
    /// Of the workspace; nil is no limit.
    package var bytes: Int64?
    /// Of the spill file system; 0: there is none.
    package var spillBytes: Int64 = 0
    /// Most executed seconds over those of one run of each task.
    package var workCap = 3.0
    package var workers: Int
    package var seed: UInt64

    package init(bytes: Int64? = nil, spillBytes: Int64 = 0, workers: Int = 1, seed: UInt64 = 1) {
      self.bytes = bytes
      self.spillBytes = spillBytes
      self.workers = max(1, workers)
      self.seed = seed
    }
  }

  /// How much is tried.
  package struct Effort: Sendable, Equatable {
    /// Effort of the constructive methods, as in `OrderSearch.construct`.
    package var methods: Int?
    /// Moves of the local search in a graph of a few hundred steps.
    package var moves: Int
    /// Visits of arcs for the bounds there.
    package var arcs: Int
    /// Schedules that are played against one another in a graph of a few hundred steps.
    package var plays: Int

    /// A first plan, to begin with.
    package static let first = Effort(moves: 0, arcs: 0, plays: 4)
    /// In the middle of a run: the order that was followed is there to go on from.
    package static let again = Effort(methods: 40_000, moves: 0, arcs: 0, plays: 3)
    /// No order but one that is known.
    static let known = Effort(methods: 0, moves: 0, arcs: 0, plays: 3)
    package static let thorough = Effort(
      moves: 500_000, arcs: 70_000_000, plays: 64)

    /// Search and proof take turns: a better order leaves less to prove, and a proof ends the search.
    fileprivate var shares: [Double] { moves > 0 ? [0.2, 0.8] : [] }

    /// Each costs the square of what the graph has, nearly.
    fileprivate func plays(of flow: Dataflow) -> Int {
      flow.totalSeconds > 0 ? min(plays, plays * 500 / max(1, flow.count)) : 0
    }

    /// A move costs more in a larger graph.
    fileprivate func moves(for flow: Dataflow) -> Int {
      flow.count <= 500 ? moves : max(moves / 10, moves * 500 / flow.count)
    }

    /// Cuts of very large graphs wait for memory at each arc.
    fileprivate func arcs(for flow: Dataflow) -> Int { flow.count > 20_000 ? arcs / 3 : arcs }
  }

  /// Why no plan meets the budget.
  package struct Infeasible: Error, Equatable {
    /// The task that stands in the way; nil if it is none alone.
    package var task: TaskID?
    /// The smallest budget that is known to work.
    package var neededBytes: Int64
    package var budgetBytes: Int64
    /// The largest single step, which no order, recompute or spill gets below.
    package var floor: Floor?

    package struct Floor: Sendable, Equatable {
      package var role: PlanGraph.Role
      package var bytes: Int64
    }
  }
}

extension Planner {
  /// Plans what is open of a graph; what stays only for a retry goes if nothing is found with it.
  ///
  /// `graph` is the subject's, where it is at hand.
  ///
  /// - Throws: `Infeasible` if nothing was found within the budget.
  package func plan(
    _ subject: PlanGraph.Subject, as graph: PlanGraph? = nil,
    following precedent: PlanPrecedent? = nil
  ) throws(Infeasible) -> Plan {
    let graph = graph ?? PlanGraph(subject)
    do throws(Infeasible) {
      return try plan(graph, following: precedent)
    } catch {
      guard graph.keepsForRetry else { throw error }
      return try plan(PlanGraph(subject, keepsForRetry: false), following: precedent)
    }
  }

  /// `precedent` is what to go on from, as what was followed so far.
  ///
  /// - Throws: `Infeasible` if nothing was found within the budget.
  package func plan(
    _ graph: PlanGraph, following precedent: PlanPrecedent? = nil
  ) throws(Infeasible) -> Plan {
    let flow = graph.flow
    var bounds = BoundSearch(flow)
    var bound = bounds.quick()
    var search = OrderSearch(flow, target: bound.bytes, seed: budget.seed)
    if let precedent {
      let order = graph.order(following: precedent.tasks)
      search.consider(Order(order, of: flow, method: "as before"))
    }
    search.construct(effort: effort.methods)
    for share in effort.shares where search.best.peakBytes > bound.bytes {
      search.improve(moves: Int(Double(effort.moves(for: flow)) * share))
      guard search.best.peakBytes > bound.bytes else { break }
      bound = prove(&bounds, &search, flow, effort: Int(Double(effort.arcs(for: flow)) * share))
      search.aim(for: bound.bytes)
    }
    let order = search.best
    let moves = try self.moves(graph, order)
    var plan = Plan(
      graph: graph, moves: moves, peakBytes: moves.peakBytes, bound: bound,
      budgetBytes: budget.bytes, method: order.method, seed: budget.seed,
      movesTried: search.movesTried, rank: [], reference: [], makespanSeconds: nil,
      workers: budget.workers)
    let race = ScheduleRace(
      moves.flow, order: moves.order, alternatives: alternatives(search, moves),
      precedent: precedent?.rank(graph, moves), budget: budget,
      claims: graph.claims?.moves(moves.moves))
    plan.take(race.winner(plays: effort.plays(of: moves.flow)))
    return plan
  }

  /// Raises the bound towards the order's peak; what turns up below it on the way is a better order.
  private func prove(
    _ bounds: inout BoundSearch, _ search: inout OrderSearch, _ flow: Dataflow, effort: Int
  ) -> LowerBound {
    let order = search.best
    let profile = flow.profile(order.steps)
    let top = profile.indices.max { (profile[$0], $1) < (profile[$1], $0) }
    let bound = bounds.prove(
      upTo: order.peakBytes, peakStep: top.map { Int(order.steps[$0]) }, effort: effort)
    if let found = bounds.foundOrder {
      search.consider(Order(found, of: flow, method: "refutation"))
    }
    return bound
  }

  /// Other good orders within the budget, as orders of the moves' steps; none where something is
  /// evicted.
  private func alternatives(_ search: OrderSearch, _ moves: MovePlan) -> [[Int32]] {
    guard moves.moves.count == search.best.steps.count else { return [] }
    let place = ListSchedule.rank(of: search.best.steps)
    return search.starts.filter { $0.peakBytes <= budget.bytes ?? .max }.map { other in
      other.steps.map { place[Int($0)] }
    }
  }

  private func moves(_ graph: PlanGraph, _ order: Order) throws(Infeasible) -> MovePlan {
    let flow = graph.flow
    if order.peakBytes <= budget.bytes ?? .max, let plan = runs(flow, order.steps) { return plan }
    var options = EvictionPlanner.Options(
      budgetBytes: budget.bytes ?? .max, spillLimitBytes: budget.spillBytes,
      isPure: graph.isPure, workCap: budget.workCap)
    options.isPinned = graph.isForm
    options.compressedBytes = graph.compressedBytes
    switch CompressionPlanner.plan(flow, order: order.steps, options: options) {
    case .success(let outcome):
      guard
        let plan = try? MovePlan(
          flow, moves: outcome.moves, compressedBytes: graph.compressedBytes)
      else {
        preconditionFailure("the evictions are no plan")
      }
      return plan
    case .failure(let problem):
      throw Infeasible(
        task: graph.roles[problem.step].task, neededBytes: problem.neededBytes,
        budgetBytes: budget.bytes ?? .max,
        floor: flow.floor.map { Infeasible.Floor(role: graph.roles[$0.step], bytes: $0.bytes) })
    }
  }

  private func runs(_ flow: Dataflow, _ order: [Int32]) -> MovePlan? {
    try? MovePlan(flow, moves: PlanMove.runs(order))
  }
}
