import Testing

@testable import Planning

@Suite("The bilinear tree in borrowed vectors")
struct BilinearTreeTests {
  private static let words = 5

  private func vector(_ seed: UInt64) -> [UInt64] {
    (0..<UInt64(Self.words)).map { SplitMix64.mixed(seed << 8 | $0) }
  }

  /// Lends arrays as vectors.
  private func lend(_ arrays: inout [[UInt64]], _ body: ([BilinearTree.Vector]) -> Void) {
    let vectors = arrays.map { array in
      let vector = BilinearTree.Vector.allocate(capacity: array.count)
      _ = vector.initialize(from: array)
      return vector
    }
    body(vectors)
    arrays = vectors.map(Array.init)
    for vector in vectors { vector.deallocate() }
  }

  private func plain(_ tree: BilinearTree) -> [UInt64] {
    var arrays = (0...UInt64(tree.height) + 2).map { vector($0) }
    lend(&arrays) {
      tree.evaluate(borrowedLevels: 0, in: Array($0.dropFirst(2)), borrowing: ($0[0], $0[1]))
    }
    return arrays[2]
  }

  @Test("a node is the product of its children and what is its own")
  func means() {
    let leaves = (UInt64(2)...3).map { node in
      (0..<Self.words).map {
        BilinearTree(height: 0, words: Self.words, seed: 9).constant(node, $0)
      }
    }
    let tree = BilinearTree(height: 1, words: Self.words, seed: 9)
    #expect(
      plain(tree) == (0..<Self.words).map { leaves[0][$0] &* leaves[1][$0] &+ tree.constant(1, $0) }
    )
  }

  @Test("the root is added to what lies there, and the rest is given back", arguments: 0...5)
  func adds(height: Int) {
    let tree = BilinearTree(height: height, words: Self.words, seed: 4)
    let before = (0..<3 as Range<UInt64>).map { vector($0) }
    var arrays = before
    lend(&arrays) { tree.add(.plus, to: $0[2], borrowing: ($0[0], $0[1])) }
    let value = zip(arrays[2], before[2]).map { $0 &- $1 }
    #expect(value == plain(tree))
    #expect(Array(arrays[..<2]) == Array(before[..<2]))
    lend(&arrays) { tree.add(.minus, to: $0[2], borrowing: ($0[0], $0[1])) }
    #expect(arrays == before, "taken out again")
  }

  @Test("each borrowed level saves a vector, and the value is the same", arguments: 0...5)
  func dial(levels: Int) {
    let tree = BilinearTree(height: 5, words: Self.words, seed: 4)
    let own = tree.cleanVectors(borrowedLevels: levels)
    #expect(own == 6 - levels)
    let before = (0..<UInt64(own + 2)).map { vector($0) }
    var arrays = before
    lend(&arrays) {
      tree.evaluate(borrowedLevels: levels, in: Array($0.dropFirst(2)), borrowing: ($0[0], $0[1]))
    }
    #expect(arrays[2] == plain(tree))
    #expect(Array(arrays[..<2]) == Array(before[..<2]))
  }
}
