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
    /// Ends and inputs shuffled a little.
    case shuffled(seed: UInt64)
  }

  /// Optimistic peak of each step's subtree, and what it leaves behind.
  struct Estimate: Sendable {
    var peak: [Int64]
    var rest: [Int64]

    /// What goes again behind the subtree's peak.
    func fall(_ step: Int32) -> Int64 { peak[Int(step)] - rest[Int(step)] }
  }

  private let flow: DirectedFlow
  private let fall: [Int64]
  private var seen: [Bool]
  private var order: [Int32] = []
  private var path: [Int32] = []
  private var next: [Int32] = []
  /// `before` with each row sorted by fall, largest first.
  private let sorted: [Int32]

  /// - Complexity: O(edges · log degree).
  static func order(_ flow: DirectedFlow, _ ends: Ends, _ estimate: Estimate) -> [Int32] {
    var random: SplitMix64?
    if case .shuffled(let seed) = ends { random = SplitMix64(seed: seed) }
    let fall = (0..<Int32(flow.count)).map { step in
      let fall = estimate.fall(step)
      return random == nil ? fall : fall / 16 * Int64.random(in: 13...20, orZero: &random)
    }
    var search = LiuDepthFirst(flow, fall)
    for end in Self.ends(flow, ends, fall, &random) { search.visit(end) }
    return search.order
  }

  private init(_ flow: DirectedFlow, _ fall: [Int64]) {
    self.flow = flow
    self.fall = fall
    seen = Array(repeating: false, count: flow.count)
    next = (0..<flow.count).map { flow.before.starts[$0] }
    sorted = flow.before.sortedRows { fall[Int($0)] > fall[Int($1)] }
    order.reserveCapacity(flow.count)
  }

  /// Estimates each step's subtree; an artifact weighs in the rest by its share per taker, or whole.
  ///
  /// - Complexity: O(edges · log degree).
  static func estimate(
    _ flow: DirectedFlow, topological: [Int32], countsShares: Bool = true
  ) -> Estimate {
    var estimate = Estimate(
      peak: Array(repeating: 0, count: flow.count), rest: Array(repeating: 0, count: flow.count))
    var inputs: [Int32] = []
    for step in topological.lazy.map({ Int($0) }) {
      inputs.removeAll(keepingCapacity: true)
      inputs.append(contentsOf: flow.before[step])
      inputs.sort { (estimate.fall($1), $0) < (estimate.fall($0), $1) }
      var live: Int64 = 0
      var peak = flow.ownBytes(step)
      for input in inputs {
        peak = max(peak, live + estimate.peak[Int(input)])
        live += estimate.rest[Int(input)]
      }
      estimate.peak[step] = peak
      estimate.rest[step] = countsShares ? flow.share(step) : flow.makesBytes[step]
    }
    return estimate
  }

  private static func ends(
    _ flow: DirectedFlow, _ ends: Ends, _ fall: [Int64], _ random: inout SplitMix64?
  ) -> [Int32] {
    let last = (0..<Int32(flow.count)).filter { flow.after.count(Int($0)) == 0 }
    switch ends {
    case .byNumber: return last
    case .steepest: return last.sorted { (fall[Int($1)], $0) < (fall[Int($0)], $1) }
    case .flattest: return last.sorted { (fall[Int($0)], $0) < (fall[Int($1)], $1) }
    case .shuffled(let seed):
      var random = random ?? SplitMix64(seed: seed)
      return last.shuffled(using: &random)
    }
  }

  /// Runs a step behind all that it needs.
  private mutating func visit(_ end: Int32) {
    guard !seen[Int(end)] else { return }
    seen[Int(end)] = true
    path.append(end)
    while let step = path.last.map({ Int($0) }) {
      if next[step] == flow.before.starts[step + 1] {
        order.append(Int32(step))
        path.removeLast()
        continue
      }
      let input = sorted[Int(next[step])]
      next[step] += 1
      if !seen[Int(input)] {
        seen[Int(input)] = true
        path.append(input)
      }
    }
  }
}

extension Int64 {
  fileprivate static func random(in range: ClosedRange<Int64>, orZero random: inout SplitMix64?)
    -> Int64
  {
    guard var generator = random else { return 0 }
    defer { random = generator }
    return Int64.random(in: range, using: &generator)
  }
}

extension DirectedFlow {
  /// What a step leaves for each that takes from it, or makes the same.
  fileprivate func share(_ step: Int) -> Int64 {
    makes[step].reduce(0) { sum, artifact in
      let sharers = max(makers.count(Int(artifact)), takers.count(Int(artifact)))
      return sum + bytes[Int(artifact)] / Int64(sharers)
    }
  }
}

extension IndexRows {
  /// The entries with each row sorted; stable for equal ones by number.
  func sortedRows(_ precedes: (Int32, Int32) -> Bool) -> [Int32] {
    var items = self.items
    for row in 0..<count where count(row) > 1 {
      items[range(row)].sort { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) }
    }
    return items
  }
}
