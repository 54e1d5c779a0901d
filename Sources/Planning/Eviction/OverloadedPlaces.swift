/// The places of a sequence whose footprint is above a budget, while footprints only fall.
///
/// A place falls within the budget at most once; it is the one of the largest negated footprint.
struct OverloadedPlaces {
  private let budgetBytes: Int64
  /// Negated footprints of these places; all others are removed.
  private var negated: FootprintTree
  /// Sums of whether places are above: Fenwick, "A new data structure for cumulative frequency
  /// tables", 1994.
  private var sums: [Int32]
  /// Places above the budget.
  private var count = 0

  /// - Complexity: O(footprints).
  init(_ footprints: [Int64], budgetBytes: Int64) {
    self.budgetBytes = budgetBytes
    negated = FootprintTree(
      footprints.map { $0 > budgetBytes ? -$0 : FootprintTree.removed - $0 })
    sums = [0] + footprints.map { $0 > budgetBytes ? 1 : 0 }
    count = sums.reduce(0) { $0 + Int($1) }
    for node in sums.indices.dropFirst() {
      let next = node + (node & -node)
      if next < sums.count { sums[next] += sums[node] }
    }
  }

  /// Lowers the footprints of a range.
  ///
  /// - Complexity: O(log places), and as much for each place that falls within the budget.
  mutating func lower(_ range: Range<Int>, by bytes: Int64) {
    negated.add(bytes, to: range)
    while count > 0, negated.maximum >= -budgetBytes { settle(negated.firstOfMaximum) }
  }

  private mutating func settle(_ place: Int) {
    negated.add(FootprintTree.removed, to: place..<place + 1)
    count -= 1
    var node = place + 1
    while node < sums.count {
      sums[node] -= 1
      node += node & -node
    }
  }

  /// How many there are in a range.
  ///
  /// - Complexity: O(log places).
  func count(in range: Range<Int>) -> Int { sum(range.upperBound) - sum(range.lowerBound) }

  private func sum(_ end: Int) -> Int {
    var sum: Int32 = 0
    var node = end
    while node > 0 {
      sum += sums[node]
      node &= node - 1
    }
    return Int(sum)
  }
}
