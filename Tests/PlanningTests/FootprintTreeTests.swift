import Testing

@testable import Planning

/// Random changes to random footprints, seeds 1 to 100: the trees know what a plain array knows.
@Suite("Footprint tree")
struct FootprintTreeTests {
  static let seeds = Array(UInt64(1)...100)

  @Test("a tree answers as a plain array does, after raises and replacements", arguments: seeds)
  func answers(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var plain = Self.footprints(&random)
    var tree = FootprintTree(plain)
    for _ in 0..<60 {
      let range = Self.range(in: plain.count, &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        let delta = Int64.random(in: -30...30, using: &random)
        tree.add(delta, to: range)
        for place in range { plain[place] += delta }
      case 2 where seed % 2 == 0:
        let newer = range.map { _ in Int64.random(in: 0...100, using: &random) } + [7]
        tree.replace(from: range.lowerBound, with: newer, count: range.count)
        plain.replaceSubrange(range, with: newer.dropLast())
      default: break
      }
      expect(tree, plain, range, bound: Int64.random(in: -20...120, using: &random))
    }
  }

  private func expect(
    _ tree: FootprintTree, _ plain: [Int64], _ range: Range<Int>, bound: Int64
  ) {
    #expect(plain.indices.map { tree[$0] } == plain)
    #expect(tree.maximum == plain.max())
    #expect(tree.firstOfMaximum == plain.firstIndex(of: tree.maximum))
    #expect(tree.maximum(in: range) == plain[range].max())
    let above = plain[range].filter { $0 > bound }
    #expect(tree.excess(over: bound, range) == above.reduce(0) { $0 + $1 - bound })
    let start = range.lowerBound
    #expect(tree.first(over: bound, from: start) == plain[start...].firstIndex { $0 > bound })
  }

  @Test("a removed place is never the largest, whatever is added to it")
  func removal() {
    var tree = FootprintTree([5, 9, 3])
    tree.add(FootprintTree.removed, to: 1..<2)
    tree.add(1 << 50, to: 1..<2)
    #expect(tree.maximum == 5 && tree.firstOfMaximum == 0)
    tree.add(FootprintTree.removed, to: 0..<3)
    #expect(tree.maximum < 0)
    #expect(FootprintTree([]).maximum == FootprintTree.removed)
  }

  @Test("places above the budget are counted as footprints fall", arguments: seeds)
  func overloaded(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var plain = Self.footprints(&random)
    let budget = Int64.random(in: 0...90, using: &random)
    var places = OverloadedPlaces(plain, budgetBytes: budget)
    for _ in 0..<40 {
      let range = Self.range(in: plain.count, &random)
      let count = plain[range].count { $0 > budget }
      #expect(places.count(in: range) == count)
      let fall = Int64.random(in: 0...12, using: &random)
      places.lower(range, by: fall)
      for place in range { plain[place] -= fall }
      #expect(places.count(in: 0..<plain.count) == plain.count { $0 > budget })
    }
  }

  @Test("without a limit no place is above it")
  func noLimit() {
    var places = OverloadedPlaces([3, 4], budgetBytes: .max)
    places.lower(0..<2, by: 1)
    #expect(places.count(in: 0..<2) == 0)
  }

  private static func footprints(_ random: inout SplitMix64) -> [Int64] {
    (0..<Int.random(in: 1...40, using: &random)).map { _ in
      Int64.random(in: 0...100, using: &random)
    }
  }

  private static func range(in count: Int, _ random: inout SplitMix64) -> Range<Int> {
    let start = Int.random(in: 0..<count, using: &random)
    return start..<Int.random(in: start...count, using: &random)
  }
}
