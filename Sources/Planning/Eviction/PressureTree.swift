/// The footprint at each position of a sequence against a budget.
///
/// A segment tree with pending additions: a range is raised or lowered, the worst position found and
/// the positions above the budget counted, each in O(log positions). A position that crosses the
/// budget is found by itself, which an eviction brings about at most once for each position.
struct PressureTree {
  let budgetBytes: Int64
  private let leafCount: Int
  /// What is still to be added to everything below a node.
  private var pending: [Int64]
  private var highest: [Int64]
  /// The lowest use among the positions above the budget, and the highest among the others.
  private var lowestAbove: [Int64]
  private var highestWithin: [Int64]
  private var aboveCount: [Int32]

  private static let none = Int64.min / 4

  init(_ profile: [Int64], budgetBytes: Int64) {
    self.budgetBytes = budgetBytes
    var leafCount = 1
    while leafCount < profile.count { leafCount *= 2 }
    self.leafCount = leafCount
    pending = Array(repeating: 0, count: 2 * leafCount)
    highest = Array(repeating: Self.none, count: 2 * leafCount)
    lowestAbove = Array(repeating: -Self.none, count: 2 * leafCount)
    highestWithin = highest
    aboveCount = Array(repeating: 0, count: 2 * leafCount)
    for (place, use) in profile.enumerated() { setLeaf(leafCount + place, to: use) }
    for node in (1..<leafCount).reversed() { pull(node) }
  }

  private mutating func setLeaf(_ node: Int, to use: Int64) {
    let isAbove = use > budgetBytes
    highest[node] = use
    lowestAbove[node] = isAbove ? use : -Self.none
    highestWithin[node] = isAbove ? Self.none : use
    aboveCount[node] = isAbove ? 1 : 0
  }

  private mutating func pull(_ node: Int) {
    highest[node] = max(highest[2 * node], highest[2 * node + 1])
    lowestAbove[node] = min(lowestAbove[2 * node], lowestAbove[2 * node + 1])
    highestWithin[node] = max(highestWithin[2 * node], highestWithin[2 * node + 1])
    aboveCount[node] = aboveCount[2 * node] + aboveCount[2 * node + 1]
  }

  private mutating func apply(_ change: Int64, to node: Int) {
    pending[node] += change
    highest[node] += change
    lowestAbove[node] += change
    highestWithin[node] += change
  }

  private mutating func push(_ node: Int) {
    guard pending[node] != 0 else { return }
    apply(pending[node], to: 2 * node)
    apply(pending[node], to: 2 * node + 1)
    pending[node] = 0
  }
}

extension PressureTree {
  /// The use at the worst position.
  var highestBytes: Int64 { highest[1] }

  /// The first position with the highest use.
  func worst() -> Int {
    var node = 1
    while node < leafCount {
      node = highest[2 * node] >= highest[2 * node + 1] ? 2 * node : 2 * node + 1
    }
    return node - leafCount
  }

  /// The use at a position.
  func bytes(at place: Int) -> Int64 {
    var node = place + leafCount
    var use = highest[node]
    while node > 1 {
      node /= 2
      use += pending[node]
    }
    return use
  }

  /// Raises or lowers the use at the positions of a range.
  mutating func add(_ change: Int64, to range: Range<Int>) {
    guard !range.isEmpty else { return }
    add(change, to: range, below: 1, from: 0, count: leafCount)
    cross()
  }

  private mutating func add(
    _ change: Int64, to range: Range<Int>, below node: Int, from start: Int, count: Int
  ) {
    guard range.lowerBound < start + count, start < range.upperBound else { return }
    if range.lowerBound <= start, start + count <= range.upperBound {
      apply(change, to: node)
      return
    }
    push(node)
    add(change, to: range, below: 2 * node, from: start, count: count / 2)
    add(change, to: range, below: 2 * node + 1, from: start + count / 2, count: count / 2)
    pull(node)
  }

  /// Moves the positions that crossed the budget to the other side.
  private mutating func cross() {
    while lowestAbove[1] <= budgetBytes { settle(isWithin: false) }
    while highestWithin[1] > budgetBytes { settle(isWithin: true) }
  }

  /// Takes the highest position within the budget, or the lowest above it, to its new side.
  private mutating func settle(isWithin: Bool) {
    var node = 1
    while node < leafCount {
      push(node)
      let left = isWithin ? highestWithin[2 * node] : lowestAbove[2 * node]
      let right = isWithin ? highestWithin[2 * node + 1] : lowestAbove[2 * node + 1]
      node = (isWithin ? left >= right : left <= right) ? 2 * node : 2 * node + 1
    }
    setLeaf(node, to: highest[node])
    while node > 1 {
      node /= 2
      pull(node)
    }
  }

  /// The highest use at the positions of a range; nil for an empty one.
  func highestBytes(in range: Range<Int>) -> Int64? {
    var best = Self.none
    visit(range) { node, above in best = max(best, highest[node] + above) }
    return range.isEmpty ? nil : best
  }

  /// Positions of a range whose use is above the budget.
  func aboveCount(in range: Range<Int>) -> Int {
    var count: Int32 = 0
    visit(range) { node, _ in count += aboveCount[node] }
    return Int(count)
  }

  /// Visits the nodes that make up a range, with what is pending above each.
  private func visit(_ range: Range<Int>, _ body: (_ node: Int, _ above: Int64) -> Void) {
    var low = range.lowerBound + leafCount
    var high = range.upperBound + leafCount
    while low < high {
      if low & 1 == 1 {
        body(low, pendingAbove(low))
        low += 1
      }
      if high & 1 == 1 {
        high -= 1
        body(high, pendingAbove(high))
      }
      low /= 2
      high /= 2
    }
  }

  private func pendingAbove(_ node: Int) -> Int64 {
    var above: Int64 = 0
    var node = node / 2
    while node >= 1 {
      above += pending[node]
      node /= 2
    }
    return above
  }
}
