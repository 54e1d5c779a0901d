/// Runs, depth first, what a step needs and then the step; inputs in a given order.
///
/// - Complexity: O(steps + edges) for all visits together.
struct DepthFirst: Sendable {
  private let flow: DirectedFlow
  /// `before` of the flow, each row in the order of the visits.
  private let inputs: [Int32]
  private(set) var order: [Int32] = []
  private var seen: [Bool]
  private var next: [Int32]
  private var path: [Int32] = []

  init(_ flow: DirectedFlow, inputs: [Int32]) {
    self.flow = flow
    self.inputs = inputs
    seen = Array(repeating: false, count: flow.count)
    next = Array(flow.before.starts.dropLast())
    order.reserveCapacity(flow.count)
  }

  /// Runs a step behind all that it needs, unless it has run.
  mutating func visit(_ end: Int32) {
    enter(end)
    while let step = path.last.map({ Int($0) }) {
      if next[step] == flow.before.starts[step + 1] {
        order.append(Int32(step))
        path.removeLast()
      } else {
        next[step] += 1
        enter(inputs[Int(next[step]) - 1])
      }
    }
  }

  private mutating func enter(_ step: Int32) {
    guard !seen[Int(step)] else { return }
    seen[Int(step)] = true
    path.append(step)
  }
}

extension DepthFirst {
  /// Repairs a sequence that breaks edges: in front of each step run those that it lacks, by rank.
  ///
  /// - Complexity: O(edges · log degree).
  static func repaired(_ sequence: [Int32], _ flow: DirectedFlow) -> [Int32] {
    let rank = positions(sequence)
    var search = DepthFirst(
      flow, inputs: flow.before.sortedItems { rank[Int($0)] < rank[Int($1)] })
    for step in sequence { search.visit(step) }
    return search.order
  }
}

extension IndexRows {
  /// The entries with each row sorted; no two of a row may be alike.
  func sortedItems(_ precedes: (Int32, Int32) -> Bool) -> [Int32] {
    var items = self.items
    for row in 0..<count where count(row) > 1 { items[range(row)].sort(by: precedes) }
    return items
  }
}
