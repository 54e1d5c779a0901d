/// Runs, depth first, what each end of the graph needs; the input of which most goes again comes first.
///
/// A tree would be run best in this way among the orders that finish one subtree before the next: Liu,
/// "On the storage requirement in the out-of-core multifrontal method for sparse factorization", 1986.
/// In other graphs the estimate of a subtree counts what it shares only by its share.
struct LiuDepthFirst: Sendable {
  /// Which end of the graph is begun with.
  enum Ends: Sendable {
    case steepest
    case flattest
    case byNumber
  }

  private let flow: DirectedFlow
  /// Optimistic peak of each step's subtree, and what the subtree leaves.
  private var peak: [Int64]
  private var rest: [Int64]

  /// Estimates each step's subtree; an artifact weighs in the rest by its share per taker, or whole.
  ///
  /// - Complexity: O(edges · log degree).
  init(_ flow: DirectedFlow, topological: [Int32], countsShares: Bool = true) {
    self.flow = flow
    peak = Array(repeating: 0, count: flow.count)
    rest = Array(repeating: 0, count: flow.count)
    var inputs: [Int32] = []
    for step in topological.lazy.map({ Int($0) }) {
      inputs.removeAll(keepingCapacity: true)
      inputs.append(contentsOf: flow.before[step])
      inputs.sort { (fall($1), $0) < (fall($0), $1) }
      estimate(step, inputs)
      rest[step] = countsShares ? flow.share(step) : flow.makesBytes[step]
    }
  }

  private mutating func estimate(_ step: Int, _ inputs: [Int32]) {
    var live: Int64 = 0
    peak[step] = flow.ownBytes(step)
    for input in inputs.lazy.map({ Int($0) }) {
      peak[step] = max(peak[step], live + peak[input])
      live += rest[input]
    }
  }

  /// What goes again behind the peak of a step's subtree.
  private func fall(_ step: Int32) -> Int64 { peak[Int(step)] - rest[Int(step)] }

  /// - Complexity: O(edges · log degree).
  func order(_ ends: Ends) -> [Int32] {
    let falls = (0..<Int32(flow.count)).map { fall($0) }
    var last = (0..<Int32(flow.count)).filter { flow.after.count(Int($0)) == 0 }
    switch ends {
    case .byNumber: break
    case .steepest: last.sort { (falls[Int($1)], $0) < (falls[Int($0)], $1) }
    case .flattest: last.sort { (falls[Int($0)], $0) < (falls[Int($1)], $1) }
    }
    let inputs = flow.before.sortedItems { (falls[Int($1)], $0) < (falls[Int($0)], $1) }
    var search = DepthFirst(flow, inputs: inputs)
    for end in last { search.visit(end) }
    return search.order
  }
}

extension DirectedFlow {
  /// What a step leaves for each that takes from it, or makes the same.
  fileprivate func share(_ step: Int) -> Int64 {
    var sum: Int64 = 0
    for index in makes.range(step) {
      let artifact = Int(makes.items[index])
      sum += bytes[artifact] / Int64(max(makers.count(artifact), takers.count(artifact)))
    }
    return sum
  }
}
