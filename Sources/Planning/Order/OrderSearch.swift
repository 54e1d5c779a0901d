/// The search for the order of a dataflow whose peak is least.
///
/// Minimising the peak is NP-hard (Sethi, "Complete register allocation problems", 1975), and no one
/// method wins everywhere: a portfolio of constructive methods gives the first orders, and local
/// searches go on from the best of them for as long as they are asked to. Everything is counted in
/// moves and steps, never in time, so the same seed gives the same order on every machine.
package struct OrderSearch: Sendable {
  package private(set) var best: Order
  /// Moves that the local searches have tried.
  package private(set) var movesTried = 0
  private let flow: Dataflow
  private var target: Int64
  private let seed: UInt64
  /// Good orders with different peaks, the best first, and a local search from each.
  private(set) var starts: [Order] = []
  private var searches: [LocalSearch] = []
  private var turn = 0
  private var leftOfTurn = 0
  private var portfolio: OrderPortfolio
  private static let mostStarts = 8
  /// Effort of a first plan, in the portfolio's units, and of a move.
  private var firstEffort: Int { max(700_000, 8 * portfolio.size) }
  private static let effortOfMove = 20

  /// The target is a proved lower bound; the search stops when it is reached.
  package init(_ flow: Dataflow, target: Int64, seed: UInt64) {
    self.flow = flow
    self.target = target
    self.seed = seed
    best = Order(flow.topologicalOrder(), of: flow, method: "fifo")
    starts = [best]
    portfolio = OrderPortfolio(flow, seed: seed)
  }

  /// Whether the best order is proved to be one.
  package var isDone: Bool { best.peakBytes <= target }

  /// Tries constructive methods, the quick ones first, for as long as a first plan may take.
  ///
  /// `effort` is in the portfolio's units, of which an arc costs about one; nil is what a first plan
  /// may cost.
  package mutating func construct(effort: Int? = nil) {
    let limit = effort ?? firstEffort
    while !isDone, !portfolio.isEmpty, portfolio.effort < limit { tryNext() }
  }

  /// A bound was proved: nothing below it has to be looked for.
  package mutating func aim(for bound: Int64) { target = max(target, bound) }

  /// Goes on from an order that is known, if it is better than those found.
  package mutating func consider(_ order: Order) { take(order) }

  /// Tries at most so many moves more, behind what is left of the constructive methods and, in small
  /// graphs, all orders, up to so many states.
  ///
  /// - Returns: Whether something better was found, or nothing better exists.
  @discardableResult package mutating func improve(moves: Int, exactStates: Int? = nil) -> Bool {
    let before = best.peakBytes
    let end = movesTried + moves
    while !isDone, !portfolio.isEmpty, movesTried < end { tryNext() }
    if !isDone, portfolio.isEmpty, searches.isEmpty { prepare(exactStates) }
    while !isDone, movesTried < end {
      if leftOfTurn <= 0 { beginTurn() }
      improve(turnOf: nextSearch, moves: min(leftOfTurn, end - movesTried))
    }
    return isDone || best.peakBytes < before
  }

  /// The next constructive method; its effort counts as moves once the first plan is there.
  private mutating func tryNext() {
    let before = portfolio.effort
    let order = portfolio.next(under: best.peakBytes, free: target)
    if before >= firstEffort { movesTried += (portfolio.effort - before) / Self.effortOfMove }
    if let order { take(order) }
  }

  private mutating func take(_ order: Order) {
    if order.peakBytes < best.peakBytes { best = order }
    guard !starts.contains(where: { $0.peakBytes == order.peakBytes }) else { return }
    let place = starts.firstIndex { $0.peakBytes > order.peakBytes } ?? starts.count
    starts.insert(order, at: place)
    if starts.count > Self.mostStarts { starts.removeLast() }
  }
}

extension OrderSearch {
  /// Every other turn goes on from the best order, the others from each in its turn.
  private var nextSearch: Int {
    guard turn % 2 == 0 else { return (turn / 2) % searches.count }
    return searches.indices.min { searches[$0].bestPeak < searches[$1].bestPeak } ?? 0
  }

  private mutating func prepare(_ exactStates: Int?) {
    searchAll(exactStates ?? Self.exactStates(flow.count))
    let count = flow.count > 20_000 ? 1 : starts.count
    searches = starts.prefix(count).enumerated().map { number, start in
      LocalSearch(flow, from: start.steps, seed: seed &+ UInt64(number))
    }
  }

  private mutating func beginTurn() {
    turn += 1
    leftOfTurn = 10_000
  }

  private mutating func improve(turnOf number: Int, moves: Int) {
    let tried = max(1, searches[number].run(moves: moves, target: target))
    movesTried += tried
    leftOfTurn -= tried
    if searches[number].bestPeak < best.peakBytes {
      best = Order(searches[number].best, of: flow, method: "search")
    }
  }

  /// States of the exact search that a graph of this size is worth: about 0.1 seconds' worth.
  private static func exactStates(_ count: Int) -> Int {
    count > 512 ? 0 : 2_000_000 / max(16, count) / ((count + 63) / 64)
  }

  /// The exact search from both sides: one of them is often much smaller.
  private mutating func searchAll(_ states: Int) {
    guard states > 0 else { return }
    for isReversed in [false, true] {
      let view = DirectedFlow(flow, isReversed: isReversed)
      switch ExactOrder.search(view, bound: target, under: best.peakBytes, cap: states) {
      case .gaveUp: continue
      case .nothingBetter: target = best.peakBytes
      case .optimal(let steps):
        best = Order(steps, of: flow, method: "exact")
        target = best.peakBytes
      }
      return
    }
  }
}
