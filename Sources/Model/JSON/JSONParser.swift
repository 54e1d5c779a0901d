/// Finds the values of a JSON text.
struct JSONParser {
  private let bytes: UnsafeRawBufferPointer
  private var nodes: [JSONDocument.Node] = []
  private var position = 0

  /// Most rows that room is made for before they are there; most facts have fewer.
  private static let usualNodes = 64

  /// Returns the rows of a text, the value of all first.
  static func nodes(of bytes: UnsafeRawBufferPointer) throws -> [JSONDocument.Node] {
    var parser = JSONParser(bytes: bytes)
    guard bytes.count < Int(Int32.max) else { throw parser.problem("is too long") }
    parser.nodes.reserveCapacity(min(usualNodes, bytes.count))
    try parser.value(depth: 0)
    parser.skipSpaces()
    guard parser.position == bytes.count else { throw parser.problem("goes on behind its end") }
    return parser.nodes
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
}

extension JSONParser {
  private func problem(_ words: String) -> JSONText.Problem {
    JSONText.Problem(description: "the text \(words) at byte \(position)")
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpaces() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func skip(_ letter: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard byte == UInt8(ascii: letter) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws {
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

  private mutating func object(_ depth: Int) throws {
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

  private mutating func array(_ depth: Int) throws {
    let row = begin(.array)
    if skip("]") { return finish(row) }
    repeat { try value(depth: depth + 1) } while skip(",")
    guard skip("]") else { throw problem("lacks the end of an array") }
    finish(row)
  }

  private mutating func begin(_ kind: JSONDocument.Kind) -> Int {
    add(kind, from: position, to: position)
    position += 1
    return nodes.count - 1
  }

  private mutating func finish(_ row: Int) { nodes[row].next = Int32(nodes.count) }

  private mutating func add(_ kind: JSONDocument.Kind, from start: Int, to end: Int) {
    nodes.append(
      JSONDocument.Node(
        kind: kind, start: Int32(start), end: Int32(end), next: Int32(nodes.count + 1)))
  }

  private mutating func string() throws {
    position += 1
    let start = position
    var kind = JSONDocument.Kind.string
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

  private mutating func word(_ word: StaticString, _ kind: JSONDocument.Kind) throws {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      (0..<word.utf8CodeUnitCount).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
    else { throw problem("has a strange word") }
    add(kind, from: position, to: end)
    position = end
  }

  private mutating func number() throws {
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
