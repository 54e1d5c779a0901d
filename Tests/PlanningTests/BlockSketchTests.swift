import Foundation
import Testing

@testable import Planning

@Suite("A checksum whose leaves come from outside")
struct BlockSketchTests {
  private static let words = 4
  private static let seeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 1_000 : 100))

  /// Streams of lengths around that of a block, and one of nothing.
  private func streams(_ random: inout SplitMix64) -> [[UInt8]] {
    (0..<Int.random(in: 1...9, using: &random)).map { number in
      let count = number == 0 ? 0 : Int.random(in: 0...3 * 8 * Self.words, using: &random)
      return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
  }

  private func add(
    _ stream: [UInt8], _ sign: BilinearTree.Sign, to vector: BilinearTree.Vector, step: Int,
    seed: UInt64
  ) {
    var sketch = BlockSketch(sign, words: Self.words, seed: seed)
    for start in Swift.stride(from: 0, to: stream.count, by: step) {
      Array(stream[start..<min(start + step, stream.count)]).withUnsafeBytes {
        sketch.add($0, to: vector)
      }
    }
    sketch.finish(vector)
  }

  private func vector(_ stream: [UInt8], step: Int = 1_000) -> [UInt64] {
    let vector = BilinearTree.Vector.allocate(capacity: Self.words)
    defer { vector.deallocate() }
    vector.initialize(repeating: 0)
    add(stream, .plus, to: vector, step: step, seed: 7)
    return Array(vector)
  }

  @Test("a sketch does not depend on the pieces in which the stream comes")
  func pieces() {
    let stream = (0..<100).map { UInt8($0) }
    let whole = vector(stream)
    for step in 1...40 { #expect(vector(stream, step: step) == whole, "\(step)") }
  }

  @Test("contents that differ in a byte, its place, or zeros at the end have other sketches")
  func differs() {
    let stream = (0..<100).map { UInt8($0) }
    var (other, swapped) = (stream, stream)
    other[50] ^= 1
    // Two whole blocks.
    for index in 0..<32 { swapped.swapAt(index, index + 32) }
    let all = [stream, other, swapped, stream + [0], Array(stream.dropLast()), []].map {
      vector($0)
    }
    #expect(Set(all).count == all.count)
  }

  @Test(
    "in dirty memory it comes to what plain evaluation does, and gives all back", arguments: seeds)
  func dirty(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let streams = streams(&random)
    var height = 1
    while 1 << height < streams.count { height += 1 }
    let tree = BilinearTree(height: height, words: Self.words, seed: seed)
    let levels = Int.random(in: 1...min(2, height), using: &random)
    let dirty = (0..<height + 3).map { _ in (0..<Self.words).map { _ in random.next() } }
    let vectors = dirty.map { contents in
      let vector = BilinearTree.Vector.allocate(capacity: Self.words)
      _ = vector.initialize(from: contents)
      return vector
    }
    defer { for vector in vectors { vector.deallocate() } }
    var passes = Array(repeating: 0, count: streams.count)
    func evaluate(_ levels: Int) -> [UInt64] {
      tree.evaluate(
        borrowedLevels: levels, in: Array(vectors.dropFirst(2)),
        borrowing: (vectors[0], vectors[1])
      ) { leaf, sign, target in
        guard streams.indices.contains(leaf) else { return tree.ownLeaves(leaf, sign, target) }
        passes[leaf] += 1
        add(streams[leaf], sign, to: target, step: 1 + leaf, seed: seed)
      }
      return Array(vectors[2])
    }
    let borrowed = evaluate(levels)
    #expect(passes.allSatisfy { $0 == 1 << levels })
    #expect(vectors[..<2].map(Array.init) == Array(dirty[..<2]), "restored")
    #expect(evaluate(0) == borrowed)
    #expect(vectors[..<2].map(Array.init) == Array(dirty[..<2]), "not touched")
  }
}
