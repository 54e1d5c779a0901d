/// Encodes one value into the level of a writer that was opened for it.
struct JSONValueEncoder: Encoder {
  let writer: JSONWriter
  let level: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    writer.beginObject(level)
    return KeyedEncodingContainer(JSONKeyedEncoding<Key>(writer: writer, level: level))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    writer.beginArray(level)
    return JSONUnkeyedEncoding(writer: writer, level: level)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    writer.beginSingle(level)
    return JSONSingleEncoding(writer: writer)
  }
}

private struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: JSONWriter
  let level: Int
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) {
    writer.key(key, in: level)
    writer.null()
  }

  func encode(_ value: Bool, forKey key: Key) {
    writer.key(key, in: level)
    writer.bool(value)
  }

  func encode(_ value: String, forKey key: Key) {
    writer.key(key, in: level)
    writer.string(value)
  }

  func encode(_ value: Double, forKey key: Key) throws {
    writer.key(key, in: level)
    try writer.number(value)
  }

  func encode(_ value: Float, forKey key: Key) throws { try encode(Double(value), forKey: key) }
  func encode(_ value: Int, forKey key: Key) { integer(value, key) }
  func encode(_ value: Int8, forKey key: Key) { integer(value, key) }
  func encode(_ value: Int16, forKey key: Key) { integer(value, key) }
  func encode(_ value: Int32, forKey key: Key) { integer(value, key) }
  func encode(_ value: Int64, forKey key: Key) { integer(value, key) }
  func encode(_ value: UInt, forKey key: Key) { integer(value, key) }
  func encode(_ value: UInt8, forKey key: Key) { integer(value, key) }
  func encode(_ value: UInt16, forKey key: Key) { integer(value, key) }
  func encode(_ value: UInt32, forKey key: Key) { integer(value, key) }
  func encode(_ value: UInt64, forKey key: Key) { integer(value, key) }

  private func integer(_ value: some FixedWidthInteger, _ key: Key) {
    writer.key(key, in: level)
    writer.integer(value)
  }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    writer.key(key, in: level)
    try writer.write(value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    nested(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { JSONValueEncoder(writer: writer, level: level) }
  func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

  private func nested(_ key: Key) -> JSONValueEncoder {
    writer.key(key, in: level)
    return JSONValueEncoder(writer: writer, level: writer.open())
  }
}

private struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
  let writer: JSONWriter
  let level: Int
  var codingPath: [any CodingKey] { [] }
  var count: Int { writer.count(in: level) }

  func encodeNil() {
    writer.item(in: level)
    writer.null()
  }

  func encode(_ value: some Encodable) throws {
    writer.item(in: level)
    try writer.write(value)
  }

  func encode(_ value: String) {
    writer.item(in: level)
    writer.string(value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    nested().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
  func superEncoder() -> any Encoder { nested() }

  private func nested() -> JSONValueEncoder {
    writer.item(in: level)
    return JSONValueEncoder(writer: writer, level: writer.open())
  }
}

private struct JSONSingleEncoding: SingleValueEncodingContainer {
  let writer: JSONWriter
  var codingPath: [any CodingKey] { [] }

  func encodeNil() { writer.null() }
  func encode(_ value: Bool) { writer.bool(value) }
  func encode(_ value: String) { writer.string(value) }
  func encode(_ value: Double) throws { try writer.number(value) }
  func encode(_ value: Float) throws { try writer.number(Double(value)) }
  func encode(_ value: Int) { writer.integer(value) }
  func encode(_ value: Int8) { writer.integer(value) }
  func encode(_ value: Int16) { writer.integer(value) }
  func encode(_ value: Int32) { writer.integer(value) }
  func encode(_ value: Int64) { writer.integer(value) }
  func encode(_ value: UInt) { writer.integer(value) }
  func encode(_ value: UInt8) { writer.integer(value) }
  func encode(_ value: UInt16) { writer.integer(value) }
  func encode(_ value: UInt32) { writer.integer(value) }
  func encode(_ value: UInt64) { writer.integer(value) }
  func encode(_ value: some Encodable) throws { try writer.write(value) }
}
