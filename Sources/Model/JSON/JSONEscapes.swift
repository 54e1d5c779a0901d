/// What stands behind a backslash.
enum JSONEscapes {
  static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
    var units: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\\") else {
        units.append(byte)
        continue
      }
      guard index < bytes.count, let scalar = scalar(bytes, &index) else { return nil }
      units += Array(String(Character(scalar)).utf8)
    }
    return String(validating: units, as: UTF8.self)
  }

  private static func scalar(
    _ bytes: UnsafeRawBufferPointer, _ index: inout Int
  ) -> Unicode.Scalar? {
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "u"): return unicode(bytes, &index)
    default: return nil
    }
  }

  /// Four digits, or twice four of a pair of surrogates.
  private static func unicode(
    _ bytes: UnsafeRawBufferPointer, _ index: inout Int
  ) -> Unicode.Scalar? {
    guard let high = unit(bytes, &index) else { return nil }
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xD800..<0xDC00).contains(high), index + 1 < bytes.count,
      bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
    else { return nil }
    index += 2
    guard let low = unit(bytes, &index), (0xDC00..<0xE000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
  }

  private static func unit(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) -> UInt32? {
    guard index + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[index..<index + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 + UInt32(digit)
    }
    index += 4
    return value
  }
}
