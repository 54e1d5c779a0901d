import Glibc

/// A text that is looked for in bytes, capital and small letters being the same in ASCII unless it has
/// a capital letter itself.
///
/// Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", 1977: what a task wrote cannot make a
/// search slow, as a long run of one letter does where every place is tried anew.
struct LogNeedle {
  /// Longest text that is searched for; the rest of a longer one is ignored.
  static let maximumBytes = 1024

  private let bytes: [UInt8]
  /// Whether capital and small letters differ.
  private let isExact: Bool
  private let borders: [Int]
  private let reversedBytes: [UInt8]
  private let reversedBorders: [Int]

  var count: Int { bytes.count }

  /// nil for an empty text.
  init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    bytes = Array(text.utf8.prefix(Self.maximumBytes))
    isExact = bytes.contains { Self.folded($0) != $0 }
    reversedBytes = bytes.reversed()
    borders = Self.borders(of: bytes)
    reversedBorders = Self.borders(of: reversedBytes)
  }

  /// - Complexity: O(chunk + needle).
  func first(in chunk: [UInt8]) -> Int? {
    chunk.withUnsafeBufferPointer { chunk in
      let start = firstCandidate(in: chunk)
      return match(bytes, borders, count: chunk.count - start) { chunk[start + $0] }
        .map { start + $0 - count + 1 }
    }
  }

  /// - Complexity: O(chunk + needle).
  func last(in chunk: [UInt8]) -> Int? {
    chunk.withUnsafeBufferPointer { chunk in
      let last = chunk.count - 1
      return match(reversedBytes, reversedBorders, count: chunk.count) { chunk[last - $0] }
        .map { last - $0 }
    }
  }

  /// Most of what is searched has no hit, and the C library skips faster than we do.
  private func firstCandidate(in chunk: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = UnsafeRawPointer(chunk.baseAddress) else { return 0 }
    let small = bytes[0]
    let capital = !isExact && small >= 0x61 && small <= 0x7A ? small & ~0x20 : small
    let places = Set([small, capital]).map { byte in
      memchr(base, Int32(byte), chunk.count).map { UnsafeRawPointer($0) - base } ?? chunk.count
    }
    return places.min() ?? 0
  }

  /// Returns the position of the last byte of the first match.
  @inline(__always)
  private func match(
    _ needle: [UInt8], _ borders: [Int], count: Int, _ byte: (Int) -> UInt8
  ) -> Int? {
    needle.withUnsafeBufferPointer { needle in
      var matched = 0
      for position in 0..<max(0, count) {
        let next = isExact ? byte(position) : Self.folded(byte(position))
        while matched > 0, needle[matched] != next { matched = borders[matched - 1] }
        if needle[matched] == next { matched += 1 }
        if matched == needle.count { return position }
      }
      return nil
    }
  }

  /// For each prefix the length of the longest shorter one that also ends it.
  private static func borders(of needle: [UInt8]) -> [Int] {
    var borders = [Int](repeating: 0, count: needle.count)
    var length = 0
    for position in needle.indices.dropFirst() {
      while length > 0, needle[position] != needle[length] { length = borders[length - 1] }
      if needle[position] == needle[length] { length += 1 }
      borders[position] = length
    }
    return borders
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }
}
