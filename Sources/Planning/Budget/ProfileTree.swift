/// Numbers in a row, of which ranges are raised and the largest is asked for.
///
/// A segment tree without propagation: each inner node holds the largest below it plus what was added
/// to all of it.
struct ProfileTree: Sendable {
  /// Lower than any footprint; what is added to it stays lower.
  static let removed: Int64 = -(1 << 60)

  let count: Int
  private let width: Int
  private var largest: [Int64]
  private var added: [Int64]

  /// - Complexity: O(values).
  init(_ values: [Int64]) {
    count = values.count
    var width = 1
    while width < values.count { width *= 2 }
    self.width = width
    largest = Array(repeating: Self.removed, count: 2 * width)
    added = Array(repeating: 0, count: width)
    for (index, value) in values.enumerated() { largest[width + index] = value }
    for node in stride(from: width - 1, to: 0, by: -1) {
      largest[node] = max(largest[2 * node], largest[2 * node + 1])
    }
  }

  /// The largest of all; `removed` or less if there is none.
  var maximum: Int64 { largest[1] }

  /// Adds to all numbers of a range.
  ///
  /// - Complexity: O(log count).
  mutating func add(_ delta: Int64, to range: Range<Int>) {
    guard !range.isEmpty, delta != 0 else { return }
    var low = range.lowerBound + width
    var high = range.upperBound + width
    let (first, last) = (low, high - 1)
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
    rebuild(above: first)
    rebuild(above: last)
  }

  private mutating func raise(_ node: Int, _ delta: Int64) {
    largest[node] += delta
    if node < width { added[node] += delta }
  }

  private mutating func rebuild(above leaf: Int) {
    var node = leaf >> 1
    while node >= 1 {
      largest[node] = max(largest[2 * node], largest[2 * node + 1]) + added[node]
      node >>= 1
    }
  }
}
