extension GraphLayout {
  /// Lays out a graph that has grown, so that what was there is found where it was.
  ///
  /// Nodes that `previous` has keep their ranks, unless a new edge pushes them right, and their order.
  /// New ones have the numbers after them; each comes in at the median of its neighbours, then moves to
  /// where it crosses least: North and Woodhull, "Online hierarchical graph drawing", 2001.
  ///
  /// - Throws: `CancellationError` when the surrounding task is cancelled.
  package init(_ shape: GraphShape, extending previous: GraphLayout) throws(CancellationError) {
    let known = previous.graph.realCount
    guard known > 0, known <= shape.widths.count else {
      try self.init(shape)
      return
    }
    let earliest = Array(previous.graph.ranks[..<known])
    var graph = RankedGraph(shape, ranks: Layering(shape, earliest: earliest).ranks)
    let newcomers = graph.keepOrder(of: previous.graph)
    for rank in graph.order.indices {
      try stopIfCancelled()
      for node in newcomers[rank] { graph.insertAtMedian(node, rank) }
    }
    var search = OrderSearch(graph)
    search.admit(newcomers.joined())
    graph.order = search.order
    try self.init(shape, graph)
  }
}

extension RankedGraph {
  /// Reduces each rank to what another graph has in the same rank, in its order.
  ///
  /// - Returns: What is left out of each rank.
  fileprivate mutating func keepOrder(of old: RankedGraph) -> [[Int]] {
    let bendNumbers = Dictionary(
      uniqueKeysWithValues: bends.enumerated().map { ($1, realCount + $0) })
    var newcomers = order
    for rank in order.indices {
      let known = old.order.indices.contains(rank) ? old.order[rank] : []
      let kept = known.compactMap { node -> Int? in
        guard node >= old.realCount else { return ranks[node] == rank ? node : nil }
        return bendNumbers[old.bends[node - old.realCount]]
      }
      order[rank] = kept
      let names = Set(kept)
      newcomers[rank].removeAll(where: names.contains)
    }
    return newcomers
  }

  fileprivate mutating func insertAtMedian(_ node: Int, _ rank: Int) {
    let side = before.range(node).isEmpty ? after : before
    let next = side.starts == before.starts ? rank - 1 : rank + 1
    guard order.indices.contains(next), !side.range(node).isEmpty else {
      return order[rank].append(node)
    }
    let places = Dictionary(uniqueKeysWithValues: order[next].enumerated().map { ($1, $0) })
    func median(_ node: Int) -> Int? {
      let found = side.range(node).compactMap { places[side.nodes[$0]] }.sorted()
      return found.isEmpty ? nil : found[found.count / 2]
    }
    guard let own = median(node) else { return order[rank].append(node) }
    let index = order[rank].firstIndex { median($0).map { $0 > own } ?? false }
    order[rank].insert(node, at: index ?? order[rank].count)
  }
}
