/// LB4: the least peak of any order of a tree that asks for less than the graph.
///
/// Proof: an order of the graph is one of the tree, and at no step does the tree ask for more. `LiuTree`
/// finds the tree's best order.
enum TreeBound {
  /// Segments moved before a tree is given up; a path of many side branches would take the square.
  static let moveLimit = 4_000_000

  /// The best of a few trees, by successors and by predecessors; `order` is a topological one.
  ///
  /// - Complexity: O(edges + uses + steps · log degree) where subtrees have few segments; a named limit
  ///   otherwise.
  static func best(_ flow: Dataflow, order: [Int32]) -> Int64 {
    let ahead = DirectedFlow(flow)
    let back = DirectedFlow(flow, isReversed: true)
    // From the beginning in both: "latest" is who stands nearest to the end, even when seen from there.
    let levels = ahead.levels(order)
    var best: Int64 = 0
    for (view, order) in [(ahead, order), (back, order.reversed())] {
      for keeper in [KeptTree.Keeper.latest, .largest, .earliest] {
        let tree = KeptTree(view, levels: levels, keeper: keeper)
        best = max(best, LiuTree.peak(tree, topological: order, moveLimit: moveLimit) ?? 0)
      }
    }
    return best
  }
}
