import Planning
import Testing

/// A chain 0 → 1 → 2 → 3 whose last step reads the first one's artifact again.
private func skipChain() -> Dataflow {
  Dataflow(
    steps: (0..<4).map { _ in Dataflow.Step(seconds: 1) },
    artifacts: [
      Dataflow.Artifact(bytes: 10, producer: 0, consumers: [1, 3]),
      Dataflow.Artifact(bytes: 4, producer: 1, consumers: [2]),
      Dataflow.Artifact(bytes: 6, producer: 2, consumers: [3]),
    ])
}

@Suite("Moves of a plan")
struct EvictionMovePlanTests {
  @Test func onePlainRunAStepIsTheFlowItself() throws {
    let flow = skipChain()
    let plan = try MovePlan(flow, moves: PlanMove.runs([0, 1, 2, 3]))
    #expect(plan.flow.profile(plan.order) == flow.profile([0, 1, 2, 3]))
    #expect(plan.flow == flow)
    #expect(plan.cost == MovePlan.Cost())
  }

  @Test func aSpillTakesAndARestoreMakes() throws {
    let moves: [PlanMove] = [.run(0), .run(1), .spill(0), .run(2), .restore(0), .run(3)]
    let plan = try MovePlan(skipChain(), moves: moves, bytesPerSecond: 5)
    #expect(plan.flow.profile(plan.order) == [10, 14, 14, 10, 16, 16])
    #expect(plan.flow.predecessors[4].map { Int($0) } == [2])
    #expect(plan.flow.seconds == [1, 1, 2, 1, 2, 1])
    #expect(plan.cost.spilledBytes == 10)
    #expect(plan.cost.transferSeconds == 4)
  }

  @Test func aRecomputeBeginsANewStay() throws {
    let plan = try MovePlan(skipChain(), moves: PlanMove.runs([0, 1, 2, 0, 3]))
    #expect(plan.flow.profile(plan.order) == [10, 14, 10, 16, 16])
    #expect(plan.stays == [0, 1, 2, 0])
    #expect(plan.flow.predecessors[3].map { Int($0) } == [0, 1])
    #expect(plan.cost.recomputedSeconds == 1)
    #expect(plan.cost.workFactor == 1.25)
  }

  @Test func whatNobodyTakesBeforeTheNextInstanceIsScratch() throws {
    let plan = try MovePlan(skipChain(), moves: PlanMove.runs([0, 1, 2, 0, 1, 3]))
    #expect(plan.flow.profile(plan.order) == [10, 14, 10, 16, 20, 16])
    #expect(plan.flow.scratchBytes == [0, 0, 0, 0, 4, 0])
  }

  @Test(arguments: [
    ([PlanMove.run(1)], MovePlan.Problem.early(move: 0, predecessor: 0)),
    ([.run(0)], .neverRun(step: 1)),
    ([.run(0), .restore(0)], .notSpilled(move: 1, artifact: 0)),
    ([.run(0), .spill(0), .run(1)], .artifactAway(move: 2, artifact: 0)),
    ([.run(0), .spill(0), .restore(0), .spill(0)], .spilledTwice(move: 3, artifact: 0)),
  ])
  func movesThatAreNoPlanAreRefused(moves: [PlanMove], problem: MovePlan.Problem) {
    #expect(throws: problem) { try MovePlan(skipChain(), moves: moves) }
  }
}
