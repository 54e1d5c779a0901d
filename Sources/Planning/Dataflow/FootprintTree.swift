/// The footprints along an order: ranges of them are raised or put anew, and the largest asked for.
///
/// A segment tree without propagation: each node holds the largest footprint below it as far as that
/// is known there, what was added to all of the node included; what was added further up is not.
struct FootprintTree: Sendable {
  /// Less than any footprint by more than all footprints: added to one, it takes the place out.
  static let removed: Int64 = -(1 << 60)

  let count: Int
  /// Node 1 is the root, node `width` the first place.
  private let width: Int
  private var largest: [Int64]
  /// By inner node; empty until something is added, which spares those that never do the memory.
  private var added: [Int64] = []

  /// - Complexity: O(footprints).
  init(_ footprints: [Int64]) {
    count = footprints.count
    var width = 1
    while width < footprints.count { width *= 2 }
    self.width = width
    largest = Array(repeating: Self.removed, count: 2 * width)
    largest.replaceSubrange(width..<width + count, with: footprints)
    for node in stride(from: width - 1, to: 0, by: -1) { lift(node) }
  }

  @inline(__always) private func addition(_ node: Int) -> Int64 { added.isEmpty ? 0 : added[node] }

  @inline(__always) private mutating func lift(_ node: Int) {
    largest[node] = max(largest[2 * node], largest[2 * node + 1]) + addition(node)
  }

  /// What was added above a node.
  private func additions(above node: Int) -> Int64 {
    guard !added.isEmpty else { return 0 }
    var sum: Int64 = 0
    var node = node >> 1
    while node > 0 {
      sum += added[node]
      node >>= 1
    }
    return sum
  }
}

extension FootprintTree {
  /// The largest of all; `removed` or less if there is none.
  var maximum: Int64 { largest[1] }

  /// - Complexity: O(log count), O(1) if nothing was added.
  subscript(place: Int) -> Int64 { largest[width + place] + additions(above: width + place) }

  /// The first place of the largest footprint.
  ///
  /// - Complexity: O(log count).
  var firstOfMaximum: Int {
    var node = 1
    while node < width { node = 2 * node + (largest[2 * node] >= largest[2 * node + 1] ? 0 : 1) }
    return node - width
  }

  /// The largest of a range; nil for an empty one.
  ///
  /// - Complexity: O(log² count).
  func maximum(in range: Range<Int>) -> Int64? {
    var best: Int64?
    visit(range) { best = max(best ?? .min, largest[$0] + additions(above: $0)) }
    return best
  }

  /// The first place at or behind one whose footprint is larger than a bound, or nil.
  ///
  /// - Complexity: O(log count).
  func first(over bound: Int64, from start: Int) -> Int? {
    guard start < count else { return nil }
    var node = width + start
    // The bound as it is below what was added further up.
    var bound = bound - additions(above: node)
    while largest[node] <= bound {
      while node & 1 == 1 {
        node >>= 1
        bound += addition(node)
      }
      if node == 0 { return nil }
      node += 1
    }
    while node < width {
      bound -= addition(node)
      node = 2 * node + (largest[2 * node] > bound ? 0 : 1)
    }
    return node - width
  }

  /// How much the footprints of a range lie above a bound, together.
  ///
  /// - Complexity: O(range), times log count if something was added.
  func excess(over bound: Int64, _ range: Range<Int>) -> Int64 {
    var sum: Int64 = 0
    for place in range where self[place] > bound { sum += self[place] - bound }
    return sum
  }

  /// Visits the nodes that make up a range.
  @inline(__always) private func visit(_ range: Range<Int>, _ body: (_ node: Int) -> Void) {
    var low = range.lowerBound + width
    var high = range.upperBound + width
    while low < high {
      if low & 1 == 1 {
        body(low)
        low += 1
      }
      if high & 1 == 1 {
        high -= 1
        body(high)
      }
      low >>= 1
      high >>= 1
    }
  }
}

extension FootprintTree {
  /// Adds to all footprints of a range.
  ///
  /// - Complexity: O(log count).
  mutating func add(_ delta: Int64, to range: Range<Int>) {
    guard !range.isEmpty, delta != 0 else { return }
    if added.isEmpty { added = Array(repeating: 0, count: width) }
    var low = range.lowerBound + width
    var high = range.upperBound + width
    while low < high {
      if low & 1 == 1 {
        raise(low, delta)
        low += 1
      }
      if high & 1 == 1 {
        high -= 1
        raise(high, delta)
      }
      low >>= 1
      high >>= 1
    }
    liftAll(above: range.lowerBound + width)
    liftAll(above: range.upperBound + width - 1)
  }

  private mutating func raise(_ node: Int, _ delta: Int64) {
    largest[node] += delta
    if node < width { added[node] += delta }
  }

  private mutating func liftAll(above leaf: Int) {
    var node = leaf >> 1
    while node > 0 {
      lift(node)
      node >>= 1
    }
  }

  /// Puts the first `count` of these footprints in the place of those from a place on.
  ///
  /// - Complexity: O(count + log of all), if nothing was added.
  mutating func replace(from start: Int, with footprints: [Int64], count: Int) {
    guard count > 0 else { return }
    var low = width + start
    var high = low + count - 1
    for index in 0..<count {
      largest[low + index] = footprints[index] - additions(above: low + index)
    }
    while low > 1 {
      low >>= 1
      high >>= 1
      for node in low...high { lift(node) }
    }
  }
}
