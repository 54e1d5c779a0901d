import CXXHash
import Glibc

/// XXH3-128 of a stream of bytes: quick, for telling contents apart, not against forgers.
struct Digest: ~Copyable {
  private let state: OpaquePointer

  init() {
    guard let state = XXH3_createState() else { preconditionFailure("out of memory") }
    self.state = state
    XXH3_128bits_reset(state)
  }

  deinit { XXH3_freeState(state) }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
  }

  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  /// Adds a field so that two fields cannot be taken for one another's halves.
  mutating func addField(_ bytes: [UInt8]) {
    addNumber(UInt64(bytes.count))
    add(bytes)
  }

  mutating func addField(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      addNumber(UInt64(utf8.count))
      add(UnsafeRawBufferPointer(utf8))
    }
  }

  mutating func addNumber(_ number: UInt64) {
    withUnsafeBytes(of: number.littleEndian) { add($0) }
  }

  /// The digest of everything so far, 32 hexadecimal digits.
  func hexadecimal() -> String {
    let hash = XXH3_128bits_digest(state)
    return String(unsafeUninitializedCapacity: 32) { digits in
      for place in 0..<32 {
        let half = place < 16 ? hash.high64 : hash.low64
        let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4)) & 15
        digits[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
      }
      return 32
    }
  }
}
