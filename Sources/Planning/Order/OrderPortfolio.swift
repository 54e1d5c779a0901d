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
  /// Steps, edges and uses that have been looked at, about.
  private(set) var effort = 0

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
    var trials: [Trial] = [
      .simple(.depthFirst, "dfs"), .net(0, .newest, "net"), .liu(0, .steepest, true, "liu"),
      .net(1, .safe, "net safe back"), .liu(1, .steepest, true, "liu back"),
      .tree(0, .latest, true, "tree late"), .net(0, .safe, "net safe"),
      .simple(.breadthFirst, "bfs"), .net(1, .newest, "net back"),
      .tree(1, .largest, true, "tree big back"), .liu(1, .flattest, true, "liu flat back"),
    ]
    if count <= 5_000 { trials += goals() }
    let width = min(32, 4_000_000 / max(1, count * count))
    if width >= 2 { trials += [.beam(0, width: width), .beam(1, width: width)] }
    return trials + others() + trees(0, "", seed) + trees(1, " back", seed)
  }

  private static func goals() -> [Trial] {
    [
      .goal(0, .largestFall, "goal"), .goal(1, .largestFall, "goal back"),
      .goal(0, .leastNet, "goal net"), .goal(1, .leastNet, "goal net back"),
    ]
  }

  private static func others() -> [Trial] {
    [
      .net(0, .oldest, "net fifo"), .net(1, .oldest, "net fifo back"),
      .liu(0, .flattest, true, "liu flat"), .liu(0, .byNumber, true, "liu id"),
      .liu(1, .byNumber, true, "liu id back"), .liu(0, .steepest, false, "liu full"),
      .liu(1, .steepest, false, "liu full back"),
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

  var isEmpty: Bool { trials.isEmpty }

  /// The next method's order, or nil when it finds none.
  mutating func next(under incumbent: Int64, free: Int64) -> Order? {
    guard let trial = trials.popLast() else { return nil }
    effort += cost(trial)
    return order(trial, incumbent, free)
  }

  /// Steps, edges and uses of the graph: the effort of a quick method.
  var size: Int { flow.count + views[0].before.items.count + flow.inputs.items.count }

  /// Steps, edges and uses that a method looks at, about.
  private func cost(_ trial: Trial) -> Int {
    switch trial {
    case .goal: 20 * size
    case .beam(_, let width): width * flow.count * (flow.count + flow.artifactCount) / 8
    case .simple, .net, .liu, .tree: size
    }
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
    let solved = LiuTree.order(relaxed, topological: topological[side])
    let steps = views[side].forwards(solved)
    if isDeep { return measured(DepthFirst.repaired(steps, views[0]), 0, name) }
    let rank = positions(steps)
    return measured(SimpleOrder.byRank(views[0]) { Int64(rank[$0]) }, 0, name)
  }

  private func measured(_ steps: [Int32], _ side: Int, _ name: String) -> Order {
    Order(views[side].forwards(steps), of: flow, method: name)
  }
}
