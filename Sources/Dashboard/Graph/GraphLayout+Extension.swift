extension GraphLayout {
  /// Lays out a graph that has grown, so that what was there is found where it was.
  ///
  /// Nodes that `previous` has keep their ranks, unless a new edge pushes them right, their order, and
  /// their rows, unless new ones come between.
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
    var kept = Array(repeating: Int?.none, count: graph.ranks.count)
    let newcomers = graph.keepOrder(of: previous.graph) { kept[$0] = previous.rows[$1] }
    for rank in graph.order.indices {
      try stopIfCancelled()
      for node in newcomers[rank] { graph.insertAtMedian(node, rank) }
    }
    var search = OrderSearch(graph)
    search.admit(newcomers.joined())
    graph.order = search.order
    let hasSameRows = shape.rowPitch == previous.shape.rowPitch
    try self.init(
      shape, graph,
      kept: hasSameRows && shape.chipRows == previous.shape.chipRows ? kept : nil)
  }
}

extension RankedGraph {
  /// Reduces each rank to what another graph has in the same rank, in its order, and returns the rest.
  ///
  /// What is kept is told with its number here, then there.
  fileprivate mutating func keepOrder(
    of old: RankedGraph, keep: (Int, Int) -> Void
  ) -> [[Int]] {
    let bendNumbers = Dictionary(
      uniqueKeysWithValues: bends.enumerated().map { ($1, realCount + $0) })
    var newcomers = order
    for rank in order.indices {
      let known = old.order.indices.contains(rank) ? old.order[rank] : []
      order[rank] = known.compactMap { node in
        let kept = node < old.realCount ? node : bendNumbers[old.bends[node - old.realCount]]
        guard let kept, ranks[kept] == rank else { return nil }
        keep(kept, node)
        return kept
      }
      let names = Set(order[rank])
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
