@testable import Planning
import Testing

@Suite("Safe state")
struct SafeStateTests {
  @Test(
    "sizes that become known before anything is made count as if they had been known at first",
    arguments: UInt64(1)...100)
  func resizes(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let known = Dataflow.random(steps: Int.random(in: 2...30, using: &random), using: &random)
    let sizes = known.bytes.map { _ in Int64.random(in: 1...20, using: &random) }
    let order = known.topologicalOrder()
    let budget = Int64.max / 4
    var told = SafeState(known, order: order, budgetBytes: budget)
    var fresh = SafeState(known.resized(to: sizes), order: order, budgetBytes: budget)
    // What is resized while nothing runs, while its producer runs, and when it has run.
    let moments = sizes.map { _ in Int.random(in: 0...order.count, using: &random) }
    for (place, element) in order.enumerated() {
      let step = Int(element)
      for artifact in sizes.indices where moments[artifact] == place {
        told.resize(artifact, to: sizes[artifact])
      }
      let (isTold, isFresh) = (told.start(step), fresh.start(step))
      #expect(isTold && isFresh)
      if Bool.random(using: &random) {
        for artifact in known.outputs[step] { told.resize(Int(artifact), to: sizes[Int(artifact)]) }
      }
      _ = told.finish(step)
      _ = fresh.finish(step)
      guard place == moments.max() else { continue }
      #expect(told.restPeakBytes == fresh.restPeakBytes)
    }
    #expect(told.usedBytes == fresh.usedBytes)
    var before = SafeState(known, order: order, budgetBytes: budget)
    for artifact in sizes.indices { before.resize(artifact, to: sizes[artifact]) }
    let at = SafeState(known.resized(to: sizes), order: order, budgetBytes: budget)
    #expect(before.restPeakBytes == at.restPeakBytes)
  }
}

extension Dataflow {
  fileprivate func resized(to sizes: [Int64]) -> Dataflow {
    Dataflow(
      steps: (0..<count).map { step in
        Step(
          seconds: seconds[step], scratchBytes: scratchBytes[step],
          after: predecessors[step].map { Int($0) })
      },
      artifacts: (0..<artifactCount).map { artifact in
        Artifact(
          bytes: sizes[artifact], producer: Int(producer[artifact]),
          consumers: consumers[artifact].map { Int($0) })
      })
  }
}
