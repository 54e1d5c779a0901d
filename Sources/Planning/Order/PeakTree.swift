/// The footprints of an order by position, and the largest of any range of them.
///
/// A binary tree over the positions, each node the larger of its two halves: a changed window of w
/// positions costs O(w + log n), a question O(log n).
struct PeakTree: Sendable {
  /// Node 1 is the root, node `width` the first position.
  private var nodes: [Int64]
  private let width: Int
  let count: Int

  init(_ footprints: [Int64]) {
    count = footprints.count
    var width = 1
    while width < footprints.count { width *= 2 }
    self.width = width
    nodes = Array(repeating: Int64.min, count: 2 * width)
    nodes.replaceSubrange(width..<width + count, with: footprints)
    for node in stride(from: width - 1, to: 0, by: -1) { lift(node) }
  }

  var peak: Int64 { nodes[1] }

  subscript(position: Int) -> Int64 { nodes[width + position] }

  private mutating func lift(_ node: Int) {
    nodes[node] = max(nodes[2 * node], nodes[2 * node + 1])
  }

  /// Puts the first `count` of these footprints in the place of those from a position on.
  mutating func replace(from start: Int, with footprints: [Int64], count: Int) {
    guard count > 0 else { return }
    var low = width + start
    var high = low + count - 1
    for index in 0..<count { nodes[low + index] = footprints[index] }
    while low > 1 {
      low /= 2
      high /= 2
      for node in low...high { lift(node) }
    }
  }

  /// The first position at or behind one whose footprint is larger than a bound, or nil.
  func first(over bound: Int64, from start: Int) -> Int? {
    guard start < count else { return nil }
    var node = width + start
    while nodes[node] <= bound {
      while node & 1 == 1 { node /= 2 }
      if node == 0 { return nil }
      node += 1
    }
    while node < width { node = nodes[2 * node] > bound ? 2 * node : 2 * node + 1 }
    return node - width
  }

  /// How much the footprints of a range lie above a bound, together.
  func excess(over bound: Int64, _ range: Range<Int>) -> Int64 {
    var sum: Int64 = 0
    for node in width + range.lowerBound..<width + range.upperBound where nodes[node] > bound {
      sum += nodes[node] - bound
    }
    return sum
  }
}
