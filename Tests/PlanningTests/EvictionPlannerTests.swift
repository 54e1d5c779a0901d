import Glibc
import Planning
import Testing

@Suite("Evictions")
struct EvictionPlannerTests {
  /// A big artifact of the first step that the last one reads again, over a small chain.
  private func longSkip(firstSeconds: Double) -> Dataflow {
    Dataflow(
      steps: (0..<6).map { Dataflow.Step(seconds: $0 == 0 ? firstSeconds : 1) },
      artifacts: [Dataflow.Artifact(bytes: 100, producer: 0, consumers: [1, 5])]
        + (1..<5).map { Dataflow.Artifact(bytes: 60, producer: $0, consumers: [$0 + 1]) })
  }

  private func plan(_ flow: Dataflow, spill: Int64, isPure: Bool = true)
    -> Result<EvictionPlanner.Outcome, EvictionPlanner.Infeasible>
  {
    let options = EvictionPlanner.Options(
      budgetBytes: 170, spillLimitBytes: spill,
      isPure: Array(repeating: isPure, count: flow.count), bytesPerSecond: 100)
    return EvictionPlanner.plan(flow, order: flow.topologicalOrder(), options: options)
  }

  @Test func aDearStepIsSpilledAndACheapOneMadeAgain() throws {
    let spilled = try plan(longSkip(firstSeconds: 5), spill: 100).get()
    #expect(
      spilled.moves == [
        .run(0), .run(1), .spill(0), .run(2), .run(3), .run(4), .restore(0), .run(5),
      ])
    let again = try plan(longSkip(firstSeconds: 1), spill: 100).get()
    #expect(again.moves == PlanMove.runs([0, 1, 2, 3, 4, 0, 5]))
  }

  @Test func withoutRoomToSpillOnlyPureStepsHelp() throws {
    let flow = longSkip(firstSeconds: 5)
    #expect(try plan(flow, spill: 99).get().cost.recomputedSeconds == 5)
    let infeasible = EvictionPlanner.Infeasible(step: 2, neededBytes: 220)
    #expect(plan(flow, spill: 99, isPure: false) == .failure(infeasible))
  }

  @Test func theWorkCapHolds() {
    let flow = longSkip(firstSeconds: 100)
    var options = EvictionPlanner.Options(
      budgetBytes: 170, isPure: Array(repeating: true, count: flow.count), workCap: 1.5)
    #expect(throws: EvictionPlanner.Infeasible.self) {
      try EvictionPlanner.plan(flow, order: flow.topologicalOrder(), options: options).get()
    }
    options.workCap = 2
    #expect(throws: Never.self) {
      try EvictionPlanner.plan(flow, order: flow.topologicalOrder(), options: options).get()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func thousandsOfStepsArePlannedAtTheFloor() throws {
    var random = SplitMix64(seed: 7)
    let count = getenv("CAIRN_SOAK") != nil ? 10_000 : 1_000
    let flow = Dataflow.random(steps: count, using: &random)
    let floor = try #require(flow.floor)
    let options = EvictionPlanner.Options(
      budgetBytes: floor.bytes, spillLimitBytes: .max,
      isPure: Array(repeating: false, count: flow.count))
    let order = flow.topologicalOrder()
    let outcome = try EvictionPlanner.plan(flow, order: order, options: options).get()
    #expect(outcome.peakBytes == floor.bytes)
  }
}
