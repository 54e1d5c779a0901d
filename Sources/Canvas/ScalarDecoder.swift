/// Gathers the bytes of one UTF-8 scalar; what is not UTF-8 is told apart at the first wrong byte.
struct ScalarDecoder: Sendable {
  enum Step: Equatable {
    case more
    case scalar(Unicode.Scalar)
    /// What came before was no scalar, and this byte does not belong to it.
    case invalidBefore
  }

  private var value: UInt32 = 0
  private var missing = 0
  /// What the next byte may be: tighter behind E0, ED, F0 and F4 (no overlong forms, no surrogates).
  private var allowed: ClosedRange<UInt8> = 0x80...0xbf

  var isEmpty: Bool { missing == 0 }

  mutating func take(_ byte: UInt8) -> Step {
    if isEmpty { return begin(byte) }
    guard allowed.contains(byte) else {
      missing = 0
      return .invalidBefore
    }
    value = value << 6 | UInt32(byte & 0x3f)
    missing -= 1
    allowed = 0x80...0xbf
    guard missing == 0 else { return .more }
    return .scalar(Unicode.Scalar(value) ?? "\u{FFFD}")
  }

  /// Ends an unfinished scalar.
  mutating func finish() -> Unicode.Scalar? {
    defer { missing = 0 }
    return isEmpty ? nil : "\u{FFFD}"
  }

  private mutating func begin(_ byte: UInt8) -> Step {
    allowed = 0x80...0xbf
    switch byte {
    case 0..<0x80: return .scalar(Unicode.Scalar(byte))
    case 0xc2...0xdf: return expect(1, byte & 0x1f)
    case 0xe0...0xef:
      if byte == 0xe0 { allowed = 0xa0...0xbf }
      if byte == 0xed { allowed = 0x80...0x9f }
      return expect(2, byte & 0x0f)
    case 0xf0...0xf4:
      if byte == 0xf0 { allowed = 0x90...0xbf }
      if byte == 0xf4 { allowed = 0x80...0x8f }
      return expect(3, byte & 0x07)
    default: return .scalar("\u{FFFD}")
    }
  }

  private mutating func expect(_ count: Int, _ bits: UInt8) -> Step {
    missing = count
    value = UInt32(bits)
    return .more
  }
}
