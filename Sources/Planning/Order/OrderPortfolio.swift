/// The constructive methods, one after the other, the quick ones first.
///
/// What takes longer than the graph's size allows is left out: the effort of each method is a number of
/// steps looked at, by the graph's size, never a time.
struct OrderPortfolio: Sendable {
  private let flow: Dataflow
  private let seed: UInt64
  private let views: [DirectedFlow]
  private let topological: [[Int32]]
  private let levels: [[Int32]]
  private let base: [[Int32]]
  private var trials: [Trial]

  private enum Trial: Sendable {
    case simple(SimpleOrder, String)
    case net(Int, GreedyNet.Rule, String)
    case liu(Int, LiuDepthFirst.Ends, Bool, String)
    case tree(Int, KeptTree.Keeper, Bool, String)
    case goal(Int, GoalGreedy.Rule, String)
    case beam(Int, width: Int)
  }

  init(_ flow: Dataflow, seed: UInt64) {
    self.flow = flow
    self.seed = seed
    let views = [DirectedFlow(flow), DirectedFlow(flow, isReversed: true)]
    let topological = views.map { $0.topologicalOrder() }
    self.views = views
    self.topological = topological
    levels = zip(views, topological).map { $0.levels($1) }
    base = zip(views, topological).map { LiuDepthFirst($0, topological: $1).order(.steepest) }
    trials = []
    trials = Self.trials(flow.count, seed).reversed()
  }

  private static func trials(_ count: Int, _ seed: UInt64) -> [Trial] {
    var trials: [Trial] = [.simple(.depthFirst, "dfs"), .simple(.breadthFirst, "bfs")]
    for (side, mark) in ["", " back"].enumerated() {
      trials += quick(side, mark)
      if count <= 50_000 { trials += trees(side, mark, seed) }
    }
    for (side, mark) in ["", " back"].enumerated() where count <= 5_000 {
      trials.append(.goal(side, .largestFall, "goal" + mark))
      trials.append(.goal(side, .leastNet, "goal net" + mark))
    }
    let width = 4_000_000 / max(1, count * count)
    if width >= 2 { trials += [.beam(0, width: min(32, width)), .beam(1, width: min(32, width))] }
    return trials
  }

  private static func quick(_ side: Int, _ mark: String) -> [Trial] {
    [
      .net(side, .newest, "net" + mark), .liu(side, .steepest, true, "liu" + mark),
      .net(side, .safe, "net safe" + mark), .net(side, .oldest, "net fifo" + mark),
      .liu(side, .flattest, true, "liu flat" + mark), .liu(side, .byNumber, true, "liu id" + mark),
      .liu(side, .steepest, false, "liu full" + mark),
    ]
  }

  private static func trees(_ side: Int, _ mark: String, _ seed: UInt64) -> [Trial] {
    let keepers: [(KeptTree.Keeper, String)] = [
      (.latest, "late"), (.largest, "big"), (.earliest, "early"), (.random(seed: seed), "random"),
    ]
    return keepers.flatMap { keeper, name in
      [true, false].map { Trial.tree(side, keeper, $0, "tree \(name)\(mark)") }
    }
  }

  /// The next order, or nil when all have been tried.
  mutating func next(under incumbent: Int64, free: Int64) -> Order? {
    while let trial = trials.popLast() {
      if let order = order(trial, incumbent, free) { return order }
    }
    return nil
  }

  private func order(_ trial: Trial, _ incumbent: Int64, _ free: Int64) -> Order? {
    switch trial {
    case .simple(let order, let name): Order(order.order(flow), of: flow, method: name)
    case .net(let side, let rule, let name):
      measured(GreedyNet.order(views[side], rule), side, name)
    case .liu(let side, let ends, let countsShares, let name):
      measured(
        LiuDepthFirst(views[side], topological: topological[side], countsShares: countsShares)
          .order(ends), side, name)
    case .tree(let side, let keeper, let isDeep, let name): tree(side, keeper, isDeep, name)
    case .goal(let side, let rule, let name):
      GoalGreedy.order(views[side], base: base[side], rule, effort: 5_000_000)
        .map { measured($0, side, name) }
    case .beam(let side, let width):
      BeamSearch.order(
        views[side], base: base[side], width: width, under: incumbent, free: free
      ).map { measured($0, side, "beam") }
    }
  }

  /// The forest's best order, repaired depth first or by Kahn's algorithm in the order's ranks.
  private func tree(
    _ side: Int, _ keeper: KeptTree.Keeper, _ isDeep: Bool, _ name: String
  ) -> Order {
    let relaxed = KeptTree(views[side], levels: levels[side], keeper: keeper)
    let solved = LiuTree.order(relaxed, topological: topological[side]).steps
    let steps = views[side].forwards(solved)
    if isDeep { return measured(DepthFirst.repaired(steps, views[0]), 0, name) }
    let rank = positions(steps)
    return measured(SimpleOrder.byRank(views[0]) { Int64(rank[$0]) }, 0, name)
  }

  private func measured(_ steps: [Int32], _ side: Int, _ name: String) -> Order {
    Order(views[side].forwards(steps), of: flow, method: name)
  }
}
