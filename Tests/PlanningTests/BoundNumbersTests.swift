import Model
import Planning
import Testing

/// What the numbers of a plan must not depend on, from graphs and not from bytes.
@Suite("Bounds and the numbers of a plan")
struct BoundNumbersTests {
  private static func numbers(_ flow: Dataflow) -> PlanNumbers {
    let peak = flow.peakBytes(flow.topologicalOrder())
    var search = BoundSearch(flow)
    _ = search.quick()
    let bound = search.prove(upTo: peak, peakStep: nil, effort: 2_000_000)
    return PlanNumbers(
      peakBytes: peak, keepAllBytes: flow.keepAllBytes, artifactCount: flow.artifactCount,
      boundBytes: bound.bytes, floorBytes: flow.floor?.bytes ?? 0)
  }

  private static func parts(_ flow: Dataflow) -> ([Dataflow.Step], [Dataflow.Artifact]) {
    let steps = (0..<flow.count).map { step in
      Dataflow.Step(
        scratchBytes: flow.scratchBytes[step], after: flow.predecessors[step].map { Int($0) })
    }
    let artifacts = (0..<flow.artifactCount).map { artifact in
      Dataflow.Artifact(
        bytes: flow.bytes[artifact], producer: Int(flow.producer[artifact]),
        consumers: flow.consumers[artifact].map { Int($0) })
    }
    return (steps, artifacts)
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func aTaskWithoutOutputChangesNothing(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let flow = BoundOptimumTests.flow(&random)
    let (steps, artifacts) = Self.parts(flow)
    let more = Dataflow(steps: steps + [Dataflow.Step(seconds: 9)], artifacts: artifacts)
    #expect(Self.numbers(more) == Self.numbers(flow))
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func otherNumbersForTheStepsChangeNoBound(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let flow = BoundOptimumTests.flow(&random)
    let (steps, artifacts) = Self.parts(flow)
    let place = (0..<flow.count).shuffled(using: &random)
    var renamed = steps
    for (step, item) in steps.enumerated() {
      renamed[place[step]] = item
      renamed[place[step]].after = item.after.map { place[$0] }
    }
    let moved = artifacts.map { artifact in
      Dataflow.Artifact(
        bytes: artifact.bytes, producer: place[artifact.producer],
        consumers: artifact.consumers.map { place[$0] })
    }
    let optimum = BoundOptimumTests.optimum(flow)
    for flow in [flow, Dataflow(steps: renamed, artifacts: moved)] {
      var search = BoundSearch(flow)
      let proof = search.prove(upTo: optimum, peakStep: nil, effort: 20_000_000)
      #expect(proof.bytes == optimum)
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func backwardsTheBoundIsTheSame(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (steps, artifacts) = Self.parts(BoundOptimumTests.flow(&random))
    // One taker each, so that an artifact backwards is an artifact again.
    let single = artifacts.map {
      Dataflow.Artifact(
        bytes: $0.bytes, producer: $0.producer, consumers: Array($0.consumers.prefix(1)))
    }
    let turned = single.flatMap { artifact in
      artifact.consumers.map {
        Dataflow.Artifact(bytes: artifact.bytes, producer: $0, consumers: [artifact.producer])
      }
    }
    let bare = steps.map { Dataflow.Step(scratchBytes: $0.scratchBytes) }
    let optimum = BoundOptimumTests.optimum(Dataflow(steps: bare, artifacts: single))
    for artifacts in [single, turned] {
      var search = BoundSearch(Dataflow(steps: bare, artifacts: artifacts))
      let proof = search.prove(upTo: optimum, peakStep: nil, effort: 20_000_000)
      #expect(proof.bytes == optimum)
    }
  }
}
