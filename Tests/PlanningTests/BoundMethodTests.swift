import Testing

@testable import Planning

/// Each bound on a graph that is small enough to count by hand.
@Suite("Bounds by hand")
struct BoundMethodTests {
  private typealias Artifact = Dataflow.Artifact

  private static func flow(
    _ count: Int, scratch: [Int: Int64] = [:], _ artifacts: [Artifact]
  ) -> Dataflow {
    Dataflow(
      steps: (0..<count).map { Dataflow.Step(scratchBytes: scratch[$0] ?? 0) },
      artifacts: artifacts)
  }

  /// a hands 10 to b over, b 20 to c; b has 5 of its own.
  private static let chain = flow(
    3, scratch: [1: 5],
    [
      Artifact(bytes: 10, producer: 0, consumers: [1]),
      Artifact(bytes: 20, producer: 1, consumers: [2]),
    ])

  /// a hands 10 to d over, past b and c, between which 3 lie.
  private static let bypass = flow(
    4,
    [
      Artifact(bytes: 10, producer: 0, consumers: [3]),
      Artifact(bytes: 1, producer: 0, consumers: [1]),
      Artifact(bytes: 3, producer: 1, consumers: [2]),
      Artifact(bytes: 2, producer: 2, consumers: [3]),
    ])

  /// Two branches that each climb to 10 and leave 4 for the step that joins them.
  private static let join = flow(
    5,
    [
      Artifact(bytes: 6, producer: 0, consumers: [1]),
      Artifact(bytes: 4, producer: 1, consumers: [4]),
      Artifact(bytes: 6, producer: 2, consumers: [3]),
      Artifact(bytes: 4, producer: 3, consumers: [4]),
    ])

  @Test func theFloorIsTheLargestStep() {
    #expect(BoundSearch(Self.chain).best == LowerBound(bytes: 35, method: .floor))
    #expect(BoundSearch(Dataflow(steps: [], artifacts: [])).best.bytes == 0)
  }

  @Test func whatPassesByIsForced() {
    var search = BoundSearch(Self.bypass)
    #expect(search.best == LowerBound(bytes: 12, method: .floor))
    // 10 pass by while c takes 3 and makes 2.
    #expect(search.quick() == LowerBound(bytes: 15, method: .forced))
  }

  @Test func theSecondBranchClimbsAboveWhatTheFirstLeft() {
    var search = BoundSearch(Self.join)
    #expect(search.best == LowerBound(bytes: 10, method: .floor))
    #expect(search.quick() == LowerBound(bytes: 14, method: .tree))
  }

  @Test func oneOfTwoTakersOfALargeArtifactIsLast() {
    // Each taker of the 100 leaves 7 behind for the end: 7 lie there while the other one leaves its 7.
    let flow = Self.flow(
      4,
      [
        Artifact(bytes: 100, producer: 0, consumers: [1, 2]),
        Artifact(bytes: 7, producer: 1, consumers: [3]),
        Artifact(bytes: 7, producer: 2, consumers: [3]),
      ])
    var search = BoundSearch(flow)
    #expect(search.best == LowerBound(bytes: 107, method: .floor))
    #expect(search.quick().bytes == 107)
    let proof = search.prove(upTo: 114, peakStep: nil, effort: 100_000)
    #expect(proof == LowerBound(bytes: 114, method: .set))
  }

  @Test func aCutChoosesWhereBranchesStop() {
    // Before the last step each of two branches must lie somewhere: at 5 or at 3, and at 4 or at 6,
    // whereas neither the forced bytes nor one tree see both.
    let flow = Self.flow(
      6,
      [
        Artifact(bytes: 5, producer: 0, consumers: [2, 3]),
        Artifact(bytes: 3, producer: 2, consumers: [5]),
        Artifact(bytes: 3, producer: 3, consumers: [5]),
        Artifact(bytes: 4, producer: 1, consumers: [4, 5]),
        Artifact(bytes: 9, producer: 4, consumers: [5]),
      ])
    let probeFlow = flow
    var probe = Probe(
      probeFlow, Precedence(probeFlow, order: probeFlow.topologicalOrder()), below: 1)
    // While step 4 runs: its 9, the 4 it takes, and nothing of the other branch.
    #expect(probe.leastBytes(4, enough: .max) == 13)
    // With step 0 done it is 5, for 3 + 3 are more.
    #expect(probe.leastBytes(4, done: [0], enough: .max) == 18)
    // With step 2 done, too, 5 + 3 or 3 + 3.
    #expect(probe.leastBytes(4, done: [2], enough: .max) == 19)
    #expect(probe.leastBytes(4, done: [2], open: [3], enough: .max) == 21)
    #expect(probe.leastBytes(5, enough: .max) == 19)
  }

  @Test func refutationNeedsBothWaysRound() {
    #expect(Self.refutes(Self.join, below: 14))
    #expect(!Self.refutes(Self.join, below: 15))
    #expect(Self.refutes(Self.bypass, below: 15))
    #expect(!Self.refutes(Self.bypass, below: 16))
  }

  private static func refutes(_ flow: Dataflow, below threshold: Int64) -> Bool {
    let probe = Probe(flow, Precedence(flow, order: flow.topologicalOrder()), below: threshold)
    var refutation = Refutation(
      probe, families: [], steps: Array(0..<flow.count), below: threshold, effort: 1_000_000)
    let isRefuted = refutation.run()
    #expect(isRefuted || (refutation.order.map { flow.peakBytes($0) < threshold } ?? false))
    return isRefuted
  }

  @Test func whatIsPutIsTransitive() {
    var precedence = Precedence(Self.join, order: Self.join.topologicalOrder())
    #expect(precedence.precedes(0, 4))
    #expect(!precedence.precedes(0, 3))
    precedence.put(1, before: 2)
    #expect(precedence.precedes(0, 3))
    #expect(precedence.precedes(1, 3))
    #expect(!precedence.precedes(3, 1))
  }

  @Test func largeGraphsAreBoundWithoutTheTable() {
    // A fan of more steps than the table takes: all that is made lies there when it is taken.
    let count = ForcedBound.stepLimit + 2
    let flow = Self.flow(
      count, (0..<count - 1).map { Artifact(bytes: 1, producer: $0, consumers: [count - 1]) })
    var search = BoundSearch(flow)
    #expect(search.quick() == LowerBound(bytes: Int64(count - 1), method: .floor))
    let chain = Self.flow(
      count,
      (0..<count - 1).map { Artifact(bytes: 2, producer: $0, consumers: [$0 + 1]) } + [
        Artifact(bytes: 50, producer: 0, consumers: [count - 1])
      ])
    var other = BoundSearch(chain)
    #expect(other.prove(upTo: 54, peakStep: 5, effort: 1_000).bytes == 52)
    let proof = other.prove(upTo: 54, peakStep: 5, effort: 10_000_000)
    #expect(proof == LowerBound(bytes: 54, method: .cut))
  }
}
