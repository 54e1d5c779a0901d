/// Reads JSON (RFC 8259) into values with positions, in file order, numbers as they are written.
///
/// Foundation's reader keeps neither the order of keys nor positions, and turns `5.10` into 5.1.
struct JSONReader {
  /// Deepest nesting.
  static let maximumDepth = 512

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var lineStart = 0
  /// Bytes of this line so far that continue a scalar and so begin no column.
  private var continuations = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads one value and nothing behind it.
  static func read(_ text: String) throws(FormatProblem) -> Value {
    var reader = JSONReader(Array(text.utf8))
    reader.skipSpace()
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.index == reader.bytes.count else {
      throw reader.problem("expected the end of the file, found \(reader.found)")
    }
    return value
  }
}

extension JSONReader {
  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private var position: Position {
    Position(line: line, column: index - lineStart - continuations + 1)
  }

  private var found: String {
    guard let byte = next else { return "the end of the file" }
    let end = bytes[index...].dropFirst().firstIndex { $0 & 0xC0 != 0x80 } ?? bytes.count
    return byte < 0x80
      ? String(Unicode.Scalar(byte)).quoted
      : String(decoding: bytes[index..<end], as: UTF8.self).quoted
  }

  private func problem(_ message: String) -> FormatProblem {
    FormatProblem(at: position, "not valid JSON: \(message)")
  }

  private mutating func skipSpace() {
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\n"):
        index += 1
        line += 1
        lineStart = index
        continuations = 0
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(FormatProblem) -> Value {
    guard depth <= Self.maximumDepth else {
      throw problem("nested more than \(Self.maximumDepth) deep")
    }
    let start = (position, index)
    let content = try content(depth)
    return Value(content: content, position: start.0, bytes: start.1..<index)
  }

  private mutating func content(_ depth: Int) throws(FormatProblem) -> Value.Content {
    switch next {
    case UInt8(ascii: "{"): .map(try object(depth))
    case UInt8(ascii: "["): .list(try array(depth))
    case UInt8(ascii: "\""): .text(try string(), isQuoted: true)
    default: try word()
    }
  }

  private mutating func object(_ depth: Int) throws(FormatProblem) -> [Value.Entry] {
    var entries: [Value.Entry] = []
    index += 1
    skipSpace()
    if take("}") { return entries }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw problem("expected a key, found \(found)") }
      entries.append(try entry(depth))
      skipSpace()
    } while take(",")
    guard take("}") else { throw problem("expected \",\" or \"}\", found \(found)") }
    return entries
  }

  private mutating func entry(_ depth: Int) throws(FormatProblem) -> Value.Entry {
    let start = (position, index)
    let name = try string()
    let nameBytes = start.1..<index
    skipSpace()
    guard take(":") else { throw problem("expected \":\", found \(found)") }
    skipSpace()
    let value = try value(depth: depth + 1)
    return Value.Entry(name: name, position: start.0, value: value, nameBytes: nameBytes)
  }

  private mutating func array(_ depth: Int) throws(FormatProblem) -> [Value] {
    var values: [Value] = []
    index += 1
    skipSpace()
    if take("]") { return values }
    repeat {
      skipSpace()
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw problem("expected \",\" or \"]\", found \(found)") }
    return values
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }
}

extension JSONReader {
  private mutating func word() throws(FormatProblem) -> Value.Content {
    let end = bytes[index...].firstIndex { " \t\r\n,:]}[{\"".utf8.contains($0) } ?? bytes.count
    let text = String(decoding: bytes[index..<end], as: UTF8.self)
    guard ["true", "false", "null"].contains(text) || Self.isNumber(bytes[index..<end]) else {
      throw problem("expected a value, found \(text.isEmpty ? found : text.quoted)")
    }
    index = end
    return text == "null" ? .null : .text(text, isQuoted: false)
  }

  private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    func digits() -> Int {
      let run = rest.prefix(while: isDigit)
      rest = rest.dropFirst(run.count)
      return run.count
    }
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let hasLeadingZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(hasLeadingZero && whole > 1) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "e") {
      rest.removeFirst()
      if let sign = rest.first, "+-".utf8.contains(sign) { rest.removeFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  private mutating func string() throws(FormatProblem) -> String {
    index += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += String(try escape()).utf8
      case 0..<0x20: throw problem("control character in a string, found \(found)")
      default:
        text.append(byte)
        index += 1
        if byte & 0xC0 == 0x80 { continuations += 1 }
      }
    }
    throw problem("a string has no end")
  }

  private mutating func escape() throws(FormatProblem) -> Unicode.Scalar {
    let start = index
    index += 1
    let letter = next
    index += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): if let scalar = codePoint() { return scalar }
    default: break
    }
    index = start
    throw problem("unknown escape in a string")
  }

  /// Half of a surrogate pair alone becomes U+FFFD: JavaScript writes such strings.
  private mutating func codePoint() -> Unicode.Scalar? {
    guard let unit = hexadecimal() else { return nil }
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let mark = index
    guard unit < 0xDC00, take("\\"), take("u"), let low = hexadecimal(), 0xDC00...0xDFFF ~= low
    else {
      index = mark
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
  }

  private mutating func hexadecimal() -> UInt32? {
    guard index + 4 <= bytes.count else { return nil }
    let digits = bytes[index..<index + 4]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    index += 4
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
