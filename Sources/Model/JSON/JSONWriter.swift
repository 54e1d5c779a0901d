/// Bytes of JSON under construction, and which objects and arrays are open.
///
/// A container knows its level; writing to it closes the levels behind. So containers must be filled
/// one after another, as compilers and people write them, not in turns.
final class JSONWriter {
  enum Level { case empty, object(hasItems: Bool), array(count: Int), single }

  private(set) var text = JSONBytes()
  private var levels: [Level] = []

  func write(_ value: some Encodable) throws {
    let level = open()
    try value.encode(to: JSONValueEncoder(writer: self, level: level))
    close(level)
  }

  /// Opens a level for one value and returns its number.
  func open() -> Int {
    levels.append(.empty)
    return levels.count - 1
  }

  /// Ends the value of a level; one that wrote nothing is an empty object.
  func close(_ level: Int) {
    while levels.count > level {
      switch levels.removeLast() {
      case .empty: text.raw("{}")
      case .object: text.raw("}")
      case .array: text.raw("]")
      case .single: break
      }
    }
  }

  /// Makes the level an object, unless it is one already (as for a fact and its kind).
  func beginObject(_ level: Int) {
    if case .empty = levels[level] {
      text.raw("{")
      levels[level] = .object(hasItems: false)
    }
  }

  func beginArray(_ level: Int) {
    if case .empty = levels[level] {
      text.raw("[")
      levels[level] = .array(count: 0)
    }
  }

  func beginSingle(_ level: Int) { levels[level] = .single }

  func key(_ key: some CodingKey, in level: Int) {
    close(level + 1)
    guard case .object(let hasItems) = levels[level] else {
      preconditionFailure("\(key.stringValue) was written to what is no object")
    }
    if hasItems { text.raw(",") } else { levels[level] = .object(hasItems: true) }
    text.string(key.stringValue)
    text.raw(":")
  }

  func item(in level: Int) {
    close(level + 1)
    guard case .array(let count) = levels[level] else {
      preconditionFailure("an item was written to what is no array")
    }
    if count > 0 { text.raw(",") }
    levels[level] = .array(count: count + 1)
  }

  func count(in level: Int) -> Int {
    if case .array(let count) = levels[level] { count } else { 0 }
  }
}

// Scalars.
extension JSONWriter {
  func null() { text.raw("null") }
  func bool(_ value: Bool) { text.raw(value ? "true" : "false") }
  func integer(_ value: some FixedWidthInteger) { text.integer(value) }
  func number(_ value: Double) throws { try text.number(value) }
  func string(_ value: String) { text.string(value) }
}
