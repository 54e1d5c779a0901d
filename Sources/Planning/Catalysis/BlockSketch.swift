/// A stream of bytes as one vector: the sum over its blocks, each as long as the vector, of the block's
/// words times an odd number of the block's own; and its length.
///
/// It is linear, so it can be added into memory that holds something else, piece by piece, and taken
/// out again. It tells contents apart that differ by chance, not what a forger makes.
package struct BlockSketch {
  private let sign: BilinearTree.Sign
  private let words: Int
  private let seed: UInt64
  /// Bytes so far.
  private var offset = 0

  /// `words` is the vector's length.
  package init(_ sign: BilinearTree.Sign, words: Int, seed: UInt64) {
    precondition(words > 0)
    self.sign = sign
    self.words = words
    self.seed = seed
  }

  private static let wordBytes = MemoryLayout<UInt64>.size

  /// Adds the next bytes, of any number, to the vector, or takes them out.
  package mutating func add(_ bytes: UnsafeRawBufferPointer, to vector: BilinearTree.Vector) {
    var index = 0
    while index < bytes.count {
      let (block, place) = offset.quotientAndRemainder(dividingBy: words * Self.wordBytes)
      let (word, byte) = place.quotientAndRemainder(dividingBy: Self.wordBytes)
      let whole = min((bytes.count - index) / Self.wordBytes, words - word)
      let factor = key(block)
      if byte == 0, whole > 0 {
        for step in 0..<whole {
          let read = bytes.loadUnaligned(
            fromByteOffset: index + step * Self.wordBytes, as: UInt64.self)
          vector[word + step] &+= UInt64(littleEndian: read) &* factor
        }
        index += whole * Self.wordBytes
        offset += whole * Self.wordBytes
      } else {
        vector[word] &+= (UInt64(bytes[index]) << UInt64(8 * byte)) &* factor
        index += 1
        offset += 1
      }
    }
  }

  /// Adds the length, or takes it out: zeros at the end would else count for nothing.
  package func finish(_ vector: BilinearTree.Vector) {
    vector[0] &+= UInt64(offset) &* key(-1)
  }

  private func key(_ block: Int) -> UInt64 {
    let odd = SplitMix64.mixed(seed ^ UInt64(bitPattern: Int64(block))) | 1
    return sign == .plus ? odd : 0 &- odd
  }
}
