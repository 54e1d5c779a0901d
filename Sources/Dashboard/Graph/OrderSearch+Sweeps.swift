import Planning

extension OrderSearch {
  /// Steps for a graph: some 10 ms from 100 nodes on, 5 ms from 1,200, 50 ms for 10,000.
  ///
  /// Half as much again gains 1 % of the crossings of a large graph, which nobody sees whole.
  static func effort(_ graph: RankedGraph) -> Int {
    let nodes = graph.ranks.count
    guard nodes > 1_200 else { return min(90_000 * nodes, 9_000_000) }
    return max(5_000_000, 1_200 * nodes)
  }

  private static let attemptLimit = 16
  /// Moves at random, for each node, that may help nothing before an attempt ends.
  private static let idleMoves = 5
  private static let moveReach = 8
  private static let settleLimit = 100

  /// Finds an order with few crossings.
  ///
  /// What does not hang together is ordered by itself, one part below the other.
  mutating func run(effort limit: Int) throws(CancellationError) {
    var found = Array(repeating: [Int](), count: graph.order.count)
    var (left, nodes) = (limit, graph.ranks.count)
    for part in parts() {
      let count = part.reduce(0) { $0 + $1.count }
      effort = left * count / nodes
      left -= effort
      nodes -= count
      order = part
      try searchPart()
      left += max(0, effort)
      for rank in ranks { found[rank] += self.nodes[range(rank)] }
    }
    order = found
  }

  /// Tries only some nodes at other places.
  mutating func admit(_ newcomers: some Sequence<Int>) {
    for node in newcomers { _ = improve(node) }
  }

  /// The ranks of each part that hangs together.
  private func parts() -> [[[Int]]] {
    var part = Array(repeating: -1, count: graph.ranks.count)
    var (count, waiting) = (0, [Int]())
    for root in part.indices where part[root] < 0 {
      waiting.append(root)
      part[root] = count
      while let node = waiting.popLast() {
        for side in [graph.before, graph.after] {
          for other in side.nodes[side.range(node)] where part[other] < 0 {
            part[other] = count
            waiting.append(other)
          }
        }
      }
      count += 1
    }
    var parts = Array(repeating: Array(repeating: [Int](), count: graph.order.count), count: count)
    for (rank, nodes) in graph.order.enumerated() {
      for node in nodes { parts[part[node]][rank].append(node) }
    }
    return parts
  }

  /// The first attempt starts from depth-first walks, the others from any order.
  private mutating func searchPart() throws(CancellationError) {
    guard ranks.contains(where: { range($0).count > 1 }) else { return }
    let given = nodes
    var best = Found(nodes: given, crossings: crossings())
    var random = SplitMix64(seed: 1)
    for attempt in 0..<Self.attemptLimit where best.crossings > 0 && effort > 0 {
      var found = Found(nodes: given, crossings: .max)
      for start in attempt == 0 ? [Start.fromLeft, .fromRight] : [.random] {
        arrange(given)
        begin(start, &random)
        try sweep(&found)
      }
      arrange(found.nodes)
      try wander(&found, &random)
      if found.crossings < best.crossings { best = found }
    }
    arrange(best.nodes)
  }

  private struct Found {
    var nodes: [Int]
    var crossings: Int
  }

  private enum Start { case fromLeft, fromRight, random }

  private mutating func begin(_ start: Start, _ random: inout SplitMix64) {
    switch start {
    case .fromLeft: walk(nodes, graph.after)
    case .fromRight: walk(ranks.reversed().flatMap { nodes[range($0)] }, graph.before)
    case .random: arrange(ranks.flatMap { nodes[range($0)].shuffled(using: &random) })
    }
  }

  /// Orders each rank as a depth-first walk meets its nodes.
  private mutating func walk(_ roots: [Int], _ side: RankedGraph.Neighbours) {
    var isSeen = Array(repeating: false, count: graph.ranks.count)
    var found = Array(repeating: [Int](), count: ranks.count)
    var stack: [Int] = []
    for root in roots where !isSeen[root] {
      stack.append(root)
      while let node = stack.popLast() {
        guard !isSeen[node] else { continue }
        isSeen[node] = true
        found[graph.ranks[node]].append(node)
        stack += side.nodes[side.range(node)].reversed().filter { !isSeen[$0] }
      }
    }
    order = found
  }

  /// Sorts the ranks once from left to right and once back, and lets them settle after each.
  private mutating func sweep(_ best: inout Found) throws(CancellationError) {
    for isForward in [true, false] where effort > 0 {
      try stopIfCancelled()
      for rank in isForward ? Array(ranks) : ranks.reversed() { sort(rank, byLeft: isForward) }
      for node in nodes { wait(node) }
      _ = settle(nodes.count)
      let found = crossings()
      if found < best.crossings { best = Found(nodes: nodes, crossings: found) }
    }
  }

  /// Sorts a rank by the barycentres of its neighbours on one side; nodes that have none there stay.
  private mutating func sort(_ rank: Int, byLeft: Bool) {
    let neighbours = byLeft ? graph.before : graph.after
    var keyed: [(key: Double, place: Int, node: Int)] = []
    for node in nodes[range(rank)] where !neighbours.range(node).isEmpty {
      keyed.append((barycentre(node, neighbours), position[node], node))
    }
    let places = keyed.map(\.place)
    keyed.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    put(keyed.map(\.node), rank, at: places)
    effort -= 40 * range(rank).count
  }

  private func barycentre(_ node: Int, _ neighbours: RankedGraph.Neighbours) -> Double {
    var (sum, weight) = (0, 0)
    for slot in neighbours.range(node) {
      sum += position[neighbours.nodes[slot]] * neighbours.weights[slot]
      weight += neighbours.weights[slot]
    }
    return Double(sum) / Double(weight)
  }

  /// Moves nodes at random, lets those around settle, and takes that back if it did not help.
  private mutating func wander(
    _ found: inout Found, _ random: inout SplitMix64
  ) throws(CancellationError) {
    let movable = nodes.filter { range(graph.ranks[$0]).count > 1 }
    var moves: [(node: Int, place: Int)] = []
    var idle = 0
    while found.crossings > 0, effort > 0, idle < Self.idleMoves * movable.count,
      let node = movable.randomElement(using: &random)
    {
      try stopIfCancelled()
      moves = [(node, position[node])]
      var price = force(node, to: somewhere(near: node, &random))
      wake(node)
      wait(node)
      price -= settle(Self.settleLimit) { moves.append(($0, $1)) }
      idle = price < 0 ? 0 : idle + 1
      if price <= 0 {
        found.crossings += price
      } else {
        for (node, place) in moves.reversed() { shift(node, to: place) }
      }
    }
    found.nodes = nodes
  }

  private func somewhere(near node: Int, _ random: inout SplitMix64) -> Int {
    let (place, count) = (position[node], range(graph.ranks[node]).count)
    return .random(
      in: max(0, place - Self.moveReach)...min(count - 1, place + Self.moveReach), using: &random)
  }
}
