import Glibc
import Testing

@testable import Planning

/// Random dataflows: what the search finds is as good as what trying everything finds.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Order search")
struct OrderSearchTests {
  static let seeds: [UInt64] = {
    let isSoak = getenv("CAIRN_SOAK") != nil
    return Array(1...(isSoak ? 1_000 : 100))
  }()

  @Test("exact search finds what trying all orders finds", arguments: seeds)
  func exactIsBruteForce(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let flow = RandomFlow.general(steps: 1...7, &random)
    let steps = try #require(ExactOrder.search(flow).steps)
    #expect(flow.admits(steps))
    #expect(flow.peakBytes(steps) == leastPeak(flow))
  }

  @Test("the search finds what exact search finds", arguments: seeds)
  func searchIsExact(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let flow = RandomFlow.general(steps: 1...14, &random)
    let exact = flow.peakBytes(try #require(ExactOrder.search(flow).steps))
    var search = OrderSearch(flow, target: 0, seed: seed)
    search.construct()
    search.improve(moves: 1_000)
    expectHonest(search.best, flow)
    #expect(search.best.peakBytes == exact)
    #expect(search.isDone)
  }

  @Test("without exact search the portfolio and the moves find it too", arguments: seeds)
  func movesAreExact(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let flow = RandomFlow.general(steps: 1...14, &random)
    let exact = flow.peakBytes(try #require(ExactOrder.search(flow).steps))
    var search = OrderSearch(flow, target: exact, seed: seed)
    search.construct()
    search.improve(moves: 20_000, exactStates: 0)
    expectHonest(search.best, flow)
    #expect(search.best.peakBytes == exact)
  }

  @Test("every order of the portfolio is one, and has the peak it says", arguments: seeds)
  func ordersAreHonest(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let flow = RandomFlow.general(steps: 1...40, &random)
    let simple: [SimpleOrder] = [
      .breadthFirst, .fifo, .random(seed: seed), .depthFirst, .smallest, .greedyNet,
    ]
    for order in simple { #expect(flow.admits(order.order(flow))) }
    for order in OrderPortfolio.orders(flow, seed: seed) { expectHonest(order, flow) }
  }

  @Test("the optimum is the same from the end", arguments: seeds)
  func reversal(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let flow = RandomFlow.general(steps: 1...12, &random)
    let forwards = try #require(ExactOrder.search(flow).steps)
    let backwards = try #require(ExactOrder.search(flow, fromTheEnd: true).steps)
    #expect(flow.admits(backwards))
    #expect(flow.peakBytes(forwards) == flow.peakBytes(backwards))
  }

  @Test("Liu's order of an in-tree is best", arguments: seeds)
  func trees(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let flow = RandomFlow.tree(steps: 1...14, &random)
    let exact = flow.peakBytes(try #require(ExactOrder.search(flow).steps))
    let orders = OrderPortfolio.orders(flow, seed: seed).filter { $0.method == "tree late" }
    #expect(!orders.isEmpty)
    for order in orders { #expect(order.peakBytes == exact) }
  }

  @Test("the same seed gives the same order")
  func sameSeed() {
    var random = SplitMix64(seed: 3)
    let flow = RandomFlow.general(steps: 60...60, &random)
    var whole = OrderSearch(flow, target: 0, seed: 9)
    var again = whole
    whole.construct()
    again.construct()
    whole.improve(moves: 5_000, exactStates: 0)
    again.improve(moves: 5_000, exactStates: 0)
    #expect(whole.best == again.best)
    #expect(whole.movesTried >= 5_000)
  }

  @Test("exact search proves that nothing is better, and gives up at its cap")
  func exactOutcomes() throws {
    var random = SplitMix64(seed: 5)
    let flow = RandomFlow.general(steps: 14...14, &random)
    let best = flow.peakBytes(try #require(ExactOrder.search(flow).steps))
    #expect(ExactOrder.search(flow, under: best) == .nothingBetter)
    #expect(ExactOrder.search(flow, under: best + 1).steps != nil)
    let wide = RandomFlow.general(steps: 100...100, &random)
    #expect(ExactOrder.search(wide, cap: 50) == .gaveUp)
  }

  @Test("graphs of no step and of one")
  func smallest() {
    for count in 0...1 {
      let steps = (0..<count).map { _ in Dataflow.Step(scratchBytes: 5) }
      let flow = Dataflow(steps: steps, artifacts: [])
      var search = OrderSearch(flow, target: 0, seed: 1)
      search.construct()
      search.improve(moves: 10)
      expectHonest(search.best, flow)
      #expect(search.best.peakBytes == Int64(5 * count))
    }
  }

  private func expectHonest(_ order: Order, _ flow: Dataflow) {
    #expect(flow.admits(order.steps), "\(order.method)")
    #expect(flow.peakBytes(order.steps) == order.peakBytes, "\(order.method)")
  }
}

extension ExactOrder.Outcome {
  fileprivate var steps: [Int32]? {
    guard case .optimal(let steps) = self else { return nil }
    return steps
  }
}

/// The least peak of all orders, each tried.
private func leastPeak(_ flow: Dataflow) -> Int64 {
  var least = Int64.max
  var order: [Int32] = []
  func extend() {
    if order.count == flow.count { least = min(least, flow.peakBytes(order)) }
    for step in 0..<Int32(flow.count) where !order.contains(step) {
      guard flow.predecessors[Int(step)].allSatisfy({ order.contains($0) }) else { continue }
      order.append(step)
      extend()
      order.removeLast()
    }
  }
  extend()
  return least
}

enum RandomFlow {
  /// Artifacts of several takers, scratch, sizes of zero, several artifacts a step, bare edges.
  static func general(steps range: ClosedRange<Int>, _ random: inout SplitMix64) -> Dataflow {
    let count = Int.random(in: range, using: &random)
    let density = Int.random(in: 2...6, using: &random)
    var steps: [Dataflow.Step] = []
    var artifacts: [Dataflow.Artifact] = []
    for step in 0..<count {
      let after = (0..<step).filter { _ in Int.random(in: 0..<4 * density, using: &random) == 0 }
      let scratch = Bool.random(using: &random) ? Int64.random(in: 0...30, using: &random) : 0
      steps.append(Dataflow.Step(scratchBytes: scratch, after: after))
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let takers = (step..<count).dropFirst().filter { _ in
          Int.random(in: 0..<density, using: &random) == 0
        }
        let bytes = max(0, Int64.random(in: -10...100, using: &random))
        artifacts.append(Dataflow.Artifact(bytes: bytes, producer: step, consumers: takers))
      }
    }
    return Dataflow(steps: steps, artifacts: artifacts)
  }

  /// Every step but the last hands over to one behind it.
  static func tree(steps range: ClosedRange<Int>, _ random: inout SplitMix64) -> Dataflow {
    let count = Int.random(in: range, using: &random)
    let steps = (0..<count).map { _ in
      Dataflow.Step(scratchBytes: max(0, Int64.random(in: -20...60, using: &random)))
    }
    let artifacts = (0..<count - 1).map { step in
      Dataflow.Artifact(
        bytes: Int64.random(in: 1...100, using: &random), producer: step,
        consumers: [Int.random(in: step + 1..<count, using: &random)])
    }
    return Dataflow(steps: steps, artifacts: artifacts)
  }
}

extension OrderPortfolio {
  /// What each constructive method finds.
  fileprivate static func orders(_ flow: Dataflow, seed: UInt64) -> [Order] {
    var portfolio = OrderPortfolio(flow, seed: seed)
    var orders: [Order] = []
    while !portfolio.isEmpty {
      if let order = portfolio.next(under: .max, free: 0) { orders.append(order) }
    }
    return orders
  }
}
