/// The best proved lower bound on the peak of any order, raised as far as effort allows.
///
/// All bounds are of orders that run each step once, one step at a time; only the floor holds with
/// recompute and spill, too.
package struct BoundSearch: Sendable {
  let flow: Dataflow
  let order: [Int32]
  package internal(set) var best: LowerBound
  /// An order below the peak that was to be proved, if the search came across one.
  package internal(set) var foundOrder: [Int32]?

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
  ///   - effort: Visits of arcs, of about 10 ns each.
  /// - Returns: The best bound so far.
  package mutating func prove(upTo peakBytes: Int64, peakStep: Int?, effort: Int) -> LowerBound {
    guard best.bytes < peakBytes else { return best }
    let heaviest = (0..<flow.count).sorted {
      (flow.weight($1), $0) < (flow.weight($0), $1)
    }
    let steps = (peakStep.map { [$0] } ?? []) + heaviest.filter { $0 != peakStep }
    if flow.count <= ForcedBound.stepLimit {
      prove(upTo: peakBytes, steps, effort: effort)
    } else {
      raiseBySparseCuts(steps, upTo: peakBytes, effort: effort)
    }
    return best
  }

  private mutating func prove(upTo peakBytes: Int64, _ steps: [Int], effort: Int) {
    var probe = Probe(flow, Precedence(flow, order: order), below: best.bytes + 1)
    raiseByCuts(&probe, steps, upTo: peakBytes, limit: effort / 4)
    guard best.bytes < peakBytes else { return }
    let families = StepFamilies(flow, order: order, largest: Self.familySizeLimit).all
    raiseBySets(&probe, families, upTo: peakBytes, limit: effort / 2)
    guard flow.count <= Refutation.stepLimit else { return }
    let small = families.lazy.filter { $0.count <= Refutation.familySizeLimit }
    raiseByRefutation(
      probe, Array(small.prefix(Refutation.familyLimit)), steps, upTo: peakBytes, limit: effort)
  }

  /// Steps of a set of which the first and the last are asked for.
  static let familySizeLimit = 400
}
