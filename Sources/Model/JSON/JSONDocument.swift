/// The structure of a JSON text: one row a value, objects and arrays in front of what they hold.
///
/// Nothing of it changes but the hints, which lie outside of Swift's care: a check of exclusive access
/// at every row cost a third of the reading.
final class JSONDocument {
  enum Kind: UInt8 { case object, array, string, escapedString, number, yes, no, null }

  struct Node {
    var kind: Kind
    /// Bytes of a scalar; without the quotation marks of a string.
    var start: Int32
    var end: Int32
    /// Row behind the last one that belongs to this value.
    var next: Int32
  }

  let bytes: UnsafeRawBufferPointer
  let nodes: [Node]
  /// For each object the row of the key that is asked for next, most likely; 0 before the first.
  private let hints: UnsafeMutablePointer<Int32>

  /// The bytes must outlive the document.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    self.bytes = bytes
    nodes = try JSONParser.nodes(of: bytes)
    hints = .allocate(capacity: nodes.count)
    hints.initialize(repeating: 0, count: nodes.count)
  }

  deinit { hints.deallocate() }
}

// Keys.
extension JSONDocument {
  /// The row of a key's value in an object, nil where there is none.
  ///
  /// Values are mostly asked for in the order in which they stand, so looking begins behind the last.
  func value(of key: String, in object: Int) -> Int? {
    var key = key
    return key.withUTF8 { name in
      let first = object + 1
      let hint = max(first, Int(hints[object]))
      let end = Int(nodes[object].next)
      guard
        let row = row(of: name, from: hint, to: end) ?? row(of: name, from: first, to: hint)
      else { return nil }
      hints[object] = nodes[row + 1].next
      return row + 1
    }
  }

  private func row(of name: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int? {
    var row = start
    while row < end {
      if isKey(nodes[row], name) { return row }
      row = Int(nodes[row + 1].next)
    }
    return nil
  }

  private func isKey(_ node: Node, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    if node.kind == .escapedString { return string(node)?.utf8.elementsEqual(name) ?? false }
    guard Int(node.end - node.start) == name.count else { return false }
    let start = Int(node.start)
    for index in name.indices where bytes[start + index] != name[index] { return false }
    return true
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

  func string(_ row: Int) -> String? { string(nodes[row]) }

  private func string(_ node: Node) -> String? {
    switch node.kind {
    case .string: return String(validating: slice(node), as: UTF8.self)
    case .escapedString: return JSONEscapes.text(slice(node))
    default: return nil
    }
  }
}
