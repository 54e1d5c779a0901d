/// The structure of a JSON text: one row a value, objects and arrays in front of what they hold.
final class JSONDocument {
  enum Kind: UInt8 { case object, array, string, escapedString, number, yes, no, null }

  struct Node {
    var kind: Kind
    /// Bytes of a scalar; without the quotation marks of a string.
    var start: Int32
    var end: Int32
    /// Row behind the last one that belongs to this value.
    var next: Int32
    /// Row of the key that is asked for next, most likely.
    var hint: Int32
  }

  let bytes: UnsafeRawBufferPointer
  var nodes: [Node] = []
  private var position = 0

  /// The bytes must outlive the document.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    self.bytes = bytes
    guard bytes.count < Int(Int32.max) else { throw problem("is too long") }
    nodes.reserveCapacity(min(64, bytes.count))
    try value(depth: 0)
    skipSpaces()
    guard position == bytes.count else { throw problem("goes on behind its end") }
  }
}

// Parsing.
extension JSONDocument {
  private func problem(_ words: String) -> JSONText.Problem {
    JSONText.Problem(description: "the text \(words) at byte \(position)")
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func skipSpaces() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func skip(_ letter: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard byte == UInt8(ascii: letter) else { return false }
    position += 1
    return true
  }

  private func value(depth: Int) throws {
    guard depth < JSONText.maximumDepth else { throw problem("is nested too deep") }
    skipSpaces()
    switch byte {
    case UInt8(ascii: "{"): try object(depth)
    case UInt8(ascii: "["): try array(depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true", .yes)
    case UInt8(ascii: "f"): try word("false", .no)
    case UInt8(ascii: "n"): try word("null", .null)
    default: try number()
    }
  }

  private func object(_ depth: Int) throws {
    let row = begin(.object)
    if skip("}") { return finish(row) }
    repeat {
      skipSpaces()
      guard byte == UInt8(ascii: "\"") else { throw problem("lacks a key") }
      try string()
      guard skip(":") else { throw problem("lacks a colon") }
      try value(depth: depth + 1)
    } while skip(",")
    guard skip("}") else { throw problem("lacks the end of an object") }
    finish(row)
  }

  private func array(_ depth: Int) throws {
    let row = begin(.array)
    if skip("]") { return finish(row) }
    repeat { try value(depth: depth + 1) } while skip(",")
    guard skip("]") else { throw problem("lacks the end of an array") }
    finish(row)
  }

  private func begin(_ kind: Kind) -> Int {
    add(kind, from: position, to: position)
    position += 1
    return nodes.count - 1
  }

  private func finish(_ row: Int) { nodes[row].next = Int32(nodes.count) }

  private func add(_ kind: Kind, from start: Int, to end: Int) {
    let next = Int32(nodes.count + 1)
    nodes.append(
      Node(kind: kind, start: Int32(start), end: Int32(end), next: next, hint: next))
  }

  private func string() throws {
    position += 1
    let start = position
    var kind = Kind.string
    while let byte {
      if byte == UInt8(ascii: "\"") {
        add(kind, from: start, to: position)
        position += 1
        return
      }
      guard byte >= 0x20 else { break }
      if byte == UInt8(ascii: "\\") {
        kind = .escapedString
        position += 1
      }
      position += 1
    }
    throw problem("lacks the end of a string")
  }

  private func word(_ word: StaticString, _ kind: Kind) throws {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      (0..<word.utf8CodeUnitCount).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
    else { throw problem("has a strange word") }
    add(kind, from: position, to: end)
    position = end
  }

  private func number() throws {
    let start = position
    while let byte, (0x30...0x39).contains(byte) || Self.isSign(byte) { position += 1 }
    guard position > start else { throw problem("lacks a value") }
    add(.number, from: start, to: position)
  }

  private static func isSign(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e")
      || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "E")
  }
}

// Scalars; nil where the bytes are not what is asked for.
extension JSONDocument {
  private func slice(_ node: Node) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Int(node.start)..<Int(node.end)])
  }

  func integer<Value: FixedWidthInteger>(_ row: Int) -> Value? {
    let node = nodes[row]
    guard node.kind == .number else { return nil }
    var digits = slice(node)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    guard !digits.isEmpty else { return nil }
    var value: Value = 0
    for byte in digits {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
      let digit = Value(byte - 0x30)
      let (sum, isLarger) =
        isNegative
        ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      guard !isLarge, !isLarger else { return nil }
      value = sum
    }
    return value
  }

  func number(_ row: Int) -> Double? {
    let node = nodes[row]
    guard node.kind == .number else { return nil }
    return Self.exact(slice(node)) ?? Double(String(decoding: slice(node), as: UTF8.self))
  }

  /// Up to 15 digits and a short fraction: both are exact, so one division rounds right.
  ///
  /// Clinger, "How to Read Floating Point Numbers Accurately", 1990.
  private static func exact(_ text: UnsafeRawBufferPointer) -> Double? {
    var mantissa: Int64 = 0
    var fraction = 0
    var hasPoint = false
    guard text.count <= 16, let first = text.first, (0x30...0x39).contains(first) else {
      return nil
    }
    for byte in text {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if (0x30...0x39).contains(byte) {
        mantissa = mantissa * 10 + Int64(byte - 0x30)
        if hasPoint { fraction += 1 }
      } else {
        return nil
      }
    }
    guard mantissa < 1_000_000_000_000_000, hasPoint == (fraction > 0) else { return nil }
    return Double(mantissa) / powersOfTen[fraction]
  }

  private static let powersOfTen: [Double] = (0...16).map { exponent in
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  func string(_ row: Int) -> String? {
    let node = nodes[row]
    switch node.kind {
    case .string: return String(validating: slice(node), as: UTF8.self)
    case .escapedString: return JSONEscapes.text(slice(node))
    default: return nil
    }
  }

  func isKey(_ row: Int, _ key: borrowing String) -> Bool {
    let node = nodes[row]
    if node.kind == .escapedString { return string(row) == copy key }
    let utf8 = key.utf8
    guard utf8.count == Int(node.end - node.start) else { return false }
    var position = Int(node.start)
    for byte in utf8 {
      guard bytes[position] == byte else { return false }
      position += 1
    }
    return true
  }
}

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
