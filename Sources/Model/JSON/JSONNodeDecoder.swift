/// Decodes the value of one row of a document.
struct JSONNodeDecoder: Decoder {
  let document: JSONDocument
  let node: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard document.nodes[node].kind == .object else { throw mismatch([String: String].self) }
    return KeyedDecodingContainer(JSONKeyedDecoding<Key>(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard document.nodes[node].kind == .array else { throw mismatch([String].self) }
    return JSONUnkeyedDecoding(self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    JSONSingleDecoding(decoder: self)
  }

  var isNull: Bool { document.nodes[node].kind == .null }
  var isObject: Bool { document.nodes[node].kind == .object }
  var next: Int { Int(document.nodes[node].next) }

  func at(_ node: Int) -> JSONNodeDecoder { JSONNodeDecoder(document: document, node: node) }

  func mismatch(_ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: [], debugDescription: "the value is of another type"))
  }

  func bool() throws -> Bool {
    switch document.nodes[node].kind {
    case .yes: true
    case .no: false
    default: throw mismatch(Bool.self)
    }
  }

  func string() throws -> String {
    guard let value = document.string(node) else { throw mismatch(String.self) }
    return value
  }

  func number() throws -> Double {
    guard let value = document.number(node) else { throw mismatch(Double.self) }
    return value
  }

  func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws -> Value {
    guard let value: Value = document.integer(node) else { throw mismatch(type) }
    return value
  }
}

// Reading without a container.
extension JSONNodeDecoder {
  /// The value of a key that must be there.
  subscript(key: String) -> JSONNodeDecoder {
    get throws {
      guard let value = member(key) else {
        let missing = DecodingError.Context(
          codingPath: [], debugDescription: "there is no \"\(key)\"")
        throw DecodingError.valueNotFound(JSONNodeDecoder.self, missing)
      }
      return value
    }
  }

  /// The value of a key; nil where it is missing or null.
  func optional(_ key: String) -> JSONNodeDecoder? {
    guard let value = member(key), !value.isNull else { return nil }
    return value
  }

  /// The value of a key; nil where it is missing, or where this is no object.
  func member(_ key: String) -> JSONNodeDecoder? {
    guard document.nodes[node].kind == .object else { return nil }
    return document.value(of: key, in: node).map(at)
  }

  func list<Item>(_ item: (JSONNodeDecoder) throws -> Item) throws -> [Item] {
    guard document.nodes[node].kind == .array else { throw mismatch([Item].self) }
    var items: [Item] = []
    var row = node + 1
    while row < next {
      items.append(try item(at(row)))
      row = at(row).next
    }
    return items
  }

  func strings() throws -> [String] { try list { try $0.string() } }

  func word<Value: RawRepresentable<String>>() throws -> Value {
    guard let value = Value(rawValue: try string()) else { throw mismatch(Value.self) }
    return value
  }
}

private struct JSONKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: JSONNodeDecoder
  var codingPath: [any CodingKey] { [] }

  var allKeys: [Key] {
    var keys: [Key] = []
    var row = decoder.node + 1
    while row < decoder.next {
      if let key = decoder.document.string(row).flatMap({ Key(stringValue: $0) }) {
        keys.append(key)
      }
      row = decoder.at(row + 1).next
    }
    return keys
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).bool() }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).string() }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(key).number() }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    Float(try value(key).number())
  }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).integer(type) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).integer(type) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(key).integer(type) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(key).integer(type) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(key).integer(type) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).integer(type) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key).integer(type) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
    try value(key).integer(type)
  }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
    try value(key).integer(type)
  }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
    try value(key).integer(type)
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try type.init(from: value(key))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try value(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try value(key).unkeyedContainer()
  }

  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }

  private func value(_ key: Key) throws -> JSONNodeDecoder {
    guard let value = find(key) else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: [], debugDescription: "there is no \"\(key.stringValue)\""))
    }
    return value
  }

  private func find(_ key: Key) -> JSONNodeDecoder? { decoder.member(key.stringValue) }
}

// The standard's own way to what may be missing looks for the key three times.
extension JSONKeyedDecoding {
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try present(key)?.bool()
  }

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try present(key)?.string()
  }

  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try present(key)?.number()
  }

  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    try present(key)?.integer(type)
  }

  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try present(key)?.integer(type)
  }

  func decodeIfPresent<Value: Decodable>(
    _ type: Value.Type, forKey key: Key
  ) throws -> Value? {
    try present(key).map { try type.init(from: $0) }
  }

  private func present(_ key: Key) -> JSONNodeDecoder? { decoder.optional(key.stringValue) }
}

private struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
  private let decoder: JSONNodeDecoder
  private var row: Int
  private(set) var currentIndex = 0
  let count: Int?
  var codingPath: [any CodingKey] { [] }
  var isAtEnd: Bool { row >= decoder.next }

  init(_ decoder: JSONNodeDecoder) {
    self.decoder = decoder
    row = decoder.node + 1
    var items = 0
    var item = row
    while item < decoder.next {
      items += 1
      item = decoder.at(item).next
    }
    count = items
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, decoder.at(row).isNull else { return false }
    _ = try take()
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try type.init(from: take())
  }

  mutating func decode(_ type: String.Type) throws -> String { try take().string() }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try take().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try take().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try take() }

  private mutating func take() throws -> JSONNodeDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Any.self, .init(codingPath: [], debugDescription: "the array has ended"))
    }
    let item = decoder.at(row)
    row = item.next
    currentIndex += 1
    return item
  }
}

private struct JSONSingleDecoding: SingleValueDecodingContainer {
  let decoder: JSONNodeDecoder
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { decoder.isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
  func decode(_ type: String.Type) throws -> String { try decoder.string() }
  func decode(_ type: Double.Type) throws -> Double { try decoder.number() }
  func decode(_ type: Float.Type) throws -> Float { Float(try decoder.number()) }
  func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try type.init(from: decoder) }
}
