import Model

/// A JSON value of which nothing is known before, as agents print them.
indirect enum AgentValue: Sendable, Decodable {
  case object([String: AgentValue])
  case list([AgentValue])
  case text(String)
  case number(Double)
  case flag(Bool)
  case null

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let keyed = try? decoder.container(keyedBy: Key.self) {
      let pairs = try keyed.allKeys.map { key in
        (key.stringValue, try keyed.decode(AgentValue.self, forKey: key))
      }
      self = .object(Dictionary(pairs, uniquingKeysWith: { _, last in last }))
    } else if var list = try? decoder.unkeyedContainer() {
      var items: [AgentValue] = []
      while !list.isAtEnd { items.append(try list.decode(AgentValue.self)) }
      self = .list(items)
    } else {
      self = Self.scalar(try decoder.singleValueContainer())
    }
  }

  private static func scalar(_ container: any SingleValueDecodingContainer) -> AgentValue {
    if let text = try? container.decode(String.self) { return .text(text) }
    if let number = try? container.decode(Double.self) { return .number(number) }
    if let flag = try? container.decode(Bool.self) { return .flag(flag) }
    return .null
  }

  subscript(key: String) -> AgentValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  var items: [AgentValue] {
    guard case .list(let items) = self else { return [] }
    return items
  }

  /// Text that says something.
  var words: String? {
    guard case .text(let text) = self, text.contains(where: { !$0.isWhitespace }) else {
      return nil
    }
    return text
  }

  var isTrue: Bool {
    guard case .flag(true) = self else { return false }
    return true
  }

  var number: Double? {
    guard case .number(let number) = self else { return nil }
    return number
  }

  /// A price; what is none is nil.
  var dollars: Double? {
    guard let number, (0...AgentUsage.maximumDollars).contains(number) else { return nil }
    return number
  }

  /// A count; what is no number, or below 0, is nil, and what is too large the largest.
  var count: Int64? {
    guard let number, number >= 0 else { return nil }
    return number < 9e18 ? Int64(number) : .max
  }
}
