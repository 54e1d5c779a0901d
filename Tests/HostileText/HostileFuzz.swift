/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
package struct HostileNumbers: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension HostileText {
  /// Joins up to four of the corpus and changes, drops, doubles or swaps some of their bytes.
  package static func mutation(using random: inout HostileNumbers) -> HostileText {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      bytes += corpus.randomElement(using: &random)?.bytes.prefix(60) ?? []
    }
    for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
      case 1: bytes.remove(at: at)
      case 2: bytes.insert(bytes[at], at: at)
      case 3: bytes.insert([0x1b, 0x9b, 0x0d, 0x07][Int(random.next() % 4)], at: at)
      default: bytes.swapAt(at, Int.random(in: bytes.indices, using: &random))
      }
    }
    return HostileText(.mixture, bytes)
  }
}
