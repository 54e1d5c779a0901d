/// The best proved lower bound on the peak of any order, raised as far as effort allows.
///
/// All bounds are of orders that run each step once, one step at a time; only the floor holds with
/// recompute and spill, too.
package struct BoundSearch: Sendable {
  private let flow: Dataflow
  private let order: [Int32]
  package private(set) var best: LowerBound

  /// - Complexity: O(steps + edges).
  package init(_ flow: Dataflow) {
    self.flow = flow
    order = flow.topologicalOrder()
    best = LowerBound(bytes: flow.floor?.bytes ?? 0, method: .floor)
  }

  /// The bounds that need no flow: floor, forced and tree.
  ///
  /// - Complexity: O(edges · steps / 64) up to `ForcedBound.stepLimit` steps, near linear beyond.
  package mutating func quick() -> LowerBound {
    if flow.count <= ForcedBound.stepLimit {
      let forced = ForcedBound(flow, Precedence(flow, order: order))
      best.raise(to: forced.bytes.max() ?? 0, by: .forced)
    }
    best.raise(to: TreeBound.best(flow, order: order), by: .tree)
    return best
  }

  /// The bounds that need max-flow, until `peakBytes` is reached or the effort is used up.
  ///
  /// - Parameters:
  ///   - peakBytes: Peak of the best known order; a bound of as much proves it best.
  ///   - peakStep: Where that order peaks; tried first.
  ///   - effort: Visits of arcs.
  /// - Returns: The best bound so far.
  package mutating func prove(upTo peakBytes: Int64, peakStep: Int?, effort: Int) -> LowerBound {
    best
  }
}
