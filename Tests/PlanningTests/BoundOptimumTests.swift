import Glibc
import Planning
import Testing

/// Random graphs of which the best order is known: no bound is above it, and small proofs end.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Bounds and the optimum")
struct BoundOptimumTests {
  static let seeds: [UInt64] = {
    let isSoak = getenv("CAIRN_SOAK") != nil
    return Array(1...(isSoak ? 3_000 : 300))
  }()

  @Test(arguments: seeds)
  func noBoundIsAboveTheOptimum(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let flow = Self.flow(&random)
    let optimum = Self.optimum(flow)
    var search = BoundSearch(flow)
    #expect(search.best.bytes <= optimum)
    #expect(search.quick().bytes <= optimum)
    for effort in [100, 5_000, 1_000_000] {
      var once = search
      #expect(once.prove(upTo: optimum, peakStep: nil, effort: effort).bytes <= optimum)
    }
    let proof = search.prove(upTo: optimum, peakStep: 0, effort: 20_000_000)
    #expect(proof.bytes == optimum)
    #expect(proof == search.best)
    #expect(search.foundOrder == nil)
  }

  @Test(arguments: seeds)
  func aPeakThatIsNotTheBestIsNeverProved(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let flow = Self.flow(&random)
    let optimum = Self.optimum(flow)
    for above in [1, optimum / 50 + 1, optimum + 10] as [Int64] {
      var search = BoundSearch(flow)
      _ = search.quick()
      let proof = search.prove(upTo: optimum + above, peakStep: nil, effort: 3_000_000)
      #expect(proof.bytes <= optimum)
      guard let order = search.foundOrder else { continue }
      #expect(flow.admits(order))
      #expect(flow.peakBytes(order) < optimum + above)
    }
  }

  @Test(arguments: seeds.prefix(40))
  func theSameGraphHasTheSameProof(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let flow = Self.flow(&random)
    func search(_ effort: Int) -> BoundSearch {
      var search = BoundSearch(flow)
      _ = search.prove(upTo: .max / 8, peakStep: nil, effort: effort)
      return search
    }
    for effort in [1_000, 30_000] {
      #expect(search(effort).best == search(effort).best)
      #expect(search(effort).foundOrder == search(effort).foundOrder)
    }
  }
}

extension BoundOptimumTests {
  /// Up to 14 steps: several consumers, scratch, sizes of 0, and needs that hand nothing over.
  static func flow(_ random: inout SplitMix64) -> Dataflow {
    let count = Int.random(in: 1...14, using: &random)
    let largest = Int64([3, 20, 1_000].randomElement(using: &random) ?? 3)
    let steps = (0..<count).map { step in
      let after = (0..<step).filter { _ in Int.random(in: 0..<12, using: &random) == 0 }
      let hasScratch = Int.random(in: 0..<4, using: &random) == 0
      return Dataflow.Step(
        scratchBytes: hasScratch ? Int64.random(in: 0...largest, using: &random) : 0, after: after)
    }
    let reach = Int.random(in: 2...14, using: &random)
    let artifacts = (0..<Int.random(in: 0...2 * count, using: &random)).map { _ in
      let producer = Int.random(in: 0..<count, using: &random)
      let consumers = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
        (producer + 1..<min(count, producer + reach + 1)).randomElement(using: &random)
      }
      return Dataflow.Artifact(
        bytes: Int64.random(in: 0...largest, using: &random), producer: producer,
        consumers: consumers)
    }
    return Dataflow(steps: steps, artifacts: artifacts)
  }

  /// The least peak of any order, by what each set of finished steps can be reached with.
  static func optimum(_ flow: Dataflow) -> Int64 {
    let needed = (0..<flow.count).map { flow.predecessors[$0].reduce(0) { $0 | 1 << Int($1) } }
    let takers = (0..<flow.artifactCount).map { flow.consumers[$0].reduce(0) { $0 | 1 << Int($1) } }
    var least = Array(repeating: Int64.max, count: 1 << flow.count)
    least[0] = 0
    for done in least.indices where least[done] < .max {
      var live: Int64 = 0
      for artifact in 0..<flow.artifactCount
      where done >> Int(flow.producer[artifact]) & 1 == 1 && takers[artifact] & ~done != 0 {
        live += flow.bytes[artifact]
      }
      for step in 0..<flow.count where done >> step & 1 == 0 && needed[step] & ~done == 0 {
        let peak = max(least[done], live + flow.outBytes[step] + flow.scratchBytes[step])
        least[done | 1 << step] = min(least[done | 1 << step], peak)
      }
    }
    return least[least.count - 1]
  }
}
