import Glibc
import Planning
import Testing

/// Random graphs, budgets and spill limits: whatever is evicted, the plan keeps its limits.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Eviction properties")
struct EvictionPropertyTests {
  static let seeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 600 : 60))

  @Test(arguments: seeds)
  func anyPlanKeepsItsLimits(seed: UInt64) throws {
    for limit in [Int64.max, 60, 0] {
      let scene = Scene(seed: seed, spillLimitBytes: limit)
      let result = scene.plan()
      switch result {
      case .success(let outcome): try scene.check(outcome)
      case .failure(let infeasible): try scene.check(infeasible)
      }
      #expect(scene.plan() == result)
    }
  }

  @Test(arguments: seeds)
  func belowTheFloorNothingDoes(seed: UInt64) throws {
    var scene = Scene(seed: seed, spillLimitBytes: .max)
    let floor = try #require(scene.flow.floor)
    scene.options.budgetBytes = floor.bytes - 1
    let infeasible = EvictionPlanner.Infeasible(step: floor.step, neededBytes: floor.bytes)
    #expect(scene.plan() == .failure(infeasible))
    scene.options.budgetBytes = floor.bytes
    try scene.check(try scene.plan().get())
  }

  @Test(arguments: seeds)
  func withTheOrdersOwnPeakNothingIsEvicted(seed: UInt64) throws {
    var scene = Scene(seed: seed, spillLimitBytes: .max)
    scene.options.budgetBytes = scene.flow.peakBytes(scene.order)
    #expect(try scene.plan().get().moves == PlanMove.runs(scene.order))
  }
}

private struct Scene {
  let flow: Dataflow
  let order: [Int32]
  var options: EvictionPlanner.Options

  init(seed: UInt64, spillLimitBytes: Int64) {
    var random = SplitMix64(seed: seed)
    flow = Dataflow.random(steps: Int.random(in: 3...30, using: &random), using: &random)
    order = flow.topologicalOrder()
    let floor = flow.floor?.bytes ?? 0
    let room = max(0, flow.peakBytes(order) - floor)
    options = EvictionPlanner.Options(
      budgetBytes: floor + Int64.random(in: 0...room, using: &random),
      spillLimitBytes: spillLimitBytes,
      isPure: (0..<flow.count).map { _ in Int.random(in: 0..<5, using: &random) > 0 },
      bytesPerSecond: 10, workCap: Double.random(in: 1...3, using: &random))
  }

  func plan() -> Result<EvictionPlanner.Outcome, EvictionPlanner.Infeasible> {
    EvictionPlanner.plan(flow, order: order, options: options)
  }

  func check(_ outcome: EvictionPlanner.Outcome) throws {
    let plan = try MovePlan(flow, moves: outcome.moves, bytesPerSecond: options.bytesPerSecond)
    #expect(plan.cost == outcome.cost)
    #expect(plan.peakBytes == outcome.peakBytes)
    #expect(plan.flow.admits(plan.order))
    #expect(plan.peakBytes <= options.budgetBytes)
    #expect(plan.cost.spilledBytes <= options.spillLimitBytes)
    #expect(plan.cost.workFactor <= options.workCap + 1e-9)
    var runs = Array(repeating: 0, count: flow.count)
    for move in outcome.moves {
      if case .run(let step) = move { runs[Int(step)] += 1 }
    }
    for step in 0..<flow.count where !options.isPure[step] { #expect(runs[step] == 1) }
  }

  /// Only a limit on spills leaves a budget above the floor without a plan, and the way out works.
  func check(_ infeasible: EvictionPlanner.Infeasible) throws {
    #expect(options.spillLimitBytes < .max)
    #expect(infeasible.neededBytes > options.budgetBytes)
    var enough = self
    enough.options.budgetBytes = infeasible.neededBytes
    try enough.check(try enough.plan().get())
  }
}
