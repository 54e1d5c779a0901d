import HeapModule

/// Orders that need no planning, to compare a plan with: what a runner does that knows no sizes.
package enum SimpleOrder: Sendable, Equatable {
  /// By level, then by number.
  case breadthFirst
  /// A queue of ready steps, as `make` and most runners have.
  case fifo
  /// A ready step at random.
  case random(seed: UInt64)
  /// A stack of ready steps.
  case depthFirst
  /// The ready step that makes least.
  case smallest
  /// The ready step that adds least.
  case greedyNet

  /// - Complexity: O((steps + uses) · log steps).
  package func order(_ flow: Dataflow) -> [Int32] {
    switch self {
    case .breadthFirst: Self.breadthFirst(flow)
    case .fifo: flow.topologicalOrder()
    case .random(let seed): Self.random(flow, seed: seed)
    case .depthFirst: Self.depthFirst(flow)
    case .smallest: Self.byRank(DirectedFlow(flow)) { flow.startBytes($0) }
    case .greedyNet: GreedyNet.order(DirectedFlow(flow), .newest)
    }
  }

  private static func breadthFirst(_ flow: Dataflow) -> [Int32] {
    let level = DirectedFlow(flow).levels(flow.topologicalOrder())
    return (0..<Int32(flow.count)).sorted { (level[Int($0)], $0) < (level[Int($1)], $1) }
  }

  private static func random(_ flow: Dataflow, seed: UInt64) -> [Int32] {
    var random = SplitMix64(seed: seed)
    let rank = (0..<flow.count).map { _ in Int64(bitPattern: random.next()) }
    return byRank(DirectedFlow(flow)) { rank[$0] }
  }

  private static func depthFirst(_ flow: Dataflow) -> [Int32] {
    var open = openCounts(flow.predecessors)
    var stack = (0..<Int32(flow.count)).filter { open[Int($0)] == 0 }
    stack.reverse()
    var order: [Int32] = []
    while let step = stack.popLast() {
      order.append(step)
      for successor in flow.successors[Int(step)].reversed() {
        open[Int(successor)] -= 1
        if open[Int(successor)] == 0 { stack.append(successor) }
      }
    }
    return order
  }

  /// Runs the ready step of the least rank; ties by number.
  static func byRank(_ flow: DirectedFlow, _ rank: (Int) -> Int64) -> [Int32] {
    var open = openCounts(flow.before)
    var ready = Heap(
      (0..<flow.count).filter { open[$0] == 0 }.map { Ranked(rank: rank($0), step: Int32($0)) })
    var order: [Int32] = []
    order.reserveCapacity(flow.count)
    while let next = ready.popMin() {
      order.append(next.step)
      for index in flow.after.range(Int(next.step)) {
        let follower = Int(flow.after.items[index])
        open[follower] -= 1
        if open[follower] == 0 {
          ready.insert(Ranked(rank: rank(follower), step: Int32(follower)))
        }
      }
    }
    return order
  }

  private struct Ranked: Comparable {
    var rank: Int64
    var step: Int32

    static func < (a: Ranked, b: Ranked) -> Bool {
      a.rank != b.rank ? a.rank < b.rank : a.step < b.step
    }
  }
}
