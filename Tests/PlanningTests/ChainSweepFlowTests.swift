import Planning
import Testing

@Suite("Sweeps in a graph")
struct ChainSweepFlowTests {
  struct Shape: Sendable {
    var states = 300
    /// Whether a backward step takes the state in front of its own too.
    var isWide = false
    var isUniform = true
  }

  /// Steps in front, the chain, the steps back over it, and two behind.
  private func flow(_ shape: Shape) -> Dataflow {
    var random = SplitMix64(seed: 3)
    let count = shape.states
    let last = 2 * count + 1
    var artifacts = [Dataflow.Artifact(bytes: 1, producer: 0, consumers: [1, last + 1])]
    for state in 0..<count {
      let bytes = shape.isUniform ? 100 : Int64.random(in: 20...200, using: &random)
      var consumers = [last - 1 - state, state + 2]
      if shape.isWide && state < count - 1 { consumers.append(last - 2 - state) }
      artifacts.append(
        Dataflow.Artifact(bytes: bytes, producer: 1 + state, consumers: consumers))
      artifacts.append(
        Dataflow.Artifact(bytes: 10, producer: last - 1 - state, consumers: [last - state]))
    }
    let steps = (0...(last + 1)).map { step in
      Dataflow.Step(
        seconds: shape.isUniform ? 1 : Double(Int.random(in: 1...8, using: &random)),
        after: step > last ? [last] : [])
    }
    return Dataflow(steps: steps, artifacts: artifacts)
  }

  private func plan(
    _ flow: Dataflow, budget: Int64, isPure: [Bool]? = nil
  ) throws -> EvictionPlanner.Outcome {
    let options = EvictionPlanner.Options(
      budgetBytes: budget, isPure: isPure ?? Array(repeating: true, count: flow.count))
    let order = (0..<Int32(flow.count)).map { $0 }
    return try EvictionPlanner.plan(flow, order: order, options: options).get()
  }

  @Test(arguments: [Shape(), Shape(isWide: true)])
  func threeHundredStepsInTwiceTheRootTakeLessThanTwiceTheWork(shape: Shape) throws {
    let flow = flow(shape)
    let outcome = try plan(flow, budget: 35 * 100)
    #expect(outcome.peakBytes <= 3_500)
    #expect(outcome.cost.workFactor <= 1.5)
    let expanded = try MovePlan(flow, moves: outcome.moves)
    #expect(expanded.peakBytes == outcome.peakBytes)
    #expect(expanded.flow.admits(expanded.order))
  }

  @Test(arguments: [
    Shape(states: 40, isUniform: false), Shape(states: 40, isWide: true, isUniform: false),
  ])
  func unevenChainsAreWeighed(shape: Shape) throws {
    let outcome = try plan(flow(shape), budget: 1_500)
    #expect(outcome.peakBytes <= 1_500)
    #expect(outcome.cost.workFactor <= 1.5)
  }

  @Test func impureStepsRunOnce() throws {
    let flow = flow(Shape(states: 60))
    var isPure = Array(repeating: true, count: flow.count)
    isPure[30] = false
    let outcome = try plan(flow, budget: 4_000, isPure: isPure)
    #expect(outcome.moves.filter { $0 == .run(30) }.count == 1)
  }
}
