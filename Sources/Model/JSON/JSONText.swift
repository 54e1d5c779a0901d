/// JSON text of values that are encoded by their keys, for the journal and the wire.
///
/// Understands what Foundation's coders write and writes what they read, but in one pass over bytes:
/// a fact costs a third of what they take. Keys stand in the order in which the
/// value encodes them, so the same value is always the same bytes.
package enum JSONText {
  /// Deepest nesting that is read; a hostile text cannot exhaust the stack.
  package static let maximumDepth = 64

  package struct Problem: Error, Equatable, CustomStringConvertible {
    package var description: String
  }

  /// Returns one value as JSON without spaces.
  ///
  /// - Throws: What the value throws, and `EncodingError` for a number that JSON has not.
  package static func encode(_ value: some Encodable) throws -> [UInt8] {
    let writer = JSONWriter()
    try writer.write(value)
    return writer.text.bytes
  }

  /// Returns the value that the bytes say; nothing but spaces may stand behind it.
  ///
  /// - Throws: `Problem` for what is not JSON, `DecodingError` for what is not the value.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: UnsafeRawBufferPointer
  ) throws -> Value {
    let document = try JSONDocument(bytes)
    return try type.init(from: JSONNodeDecoder(document: document, node: 0))
  }

  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws -> Value {
    try bytes.withUnsafeBytes { try decode(type, from: $0) }
  }
}
