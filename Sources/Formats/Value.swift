/// A tree of text, lists and maps with positions: what YAML and JSON files have in common.
///
/// Scalars stay as they are written, so that `5.10` is not `5.1` and a wrong unit can be quoted.
struct Value: Sendable {
  enum Content: Sendable {
    case null
    /// `isQuoted` tells "true" from true and "5" from 5.
    case text(String, isQuoted: Bool)
    case list([Value])
    /// In file order.
    case map([Entry])
  }

  struct Entry: Sendable {
    var name: String
    /// Of the name.
    var position: Position
    var value: Value
    /// Of the name with its quotation marks, in a JSON text without its byte order mark; elsewhere
    /// empty.
    var nameBytes = 0..<0
  }

  var content: Content
  var position: Position
  /// In a JSON text without its byte order mark; elsewhere empty.
  var bytes = 0..<0
}

extension Value {
  /// The text of a scalar, quoted or not.
  var text: String? {
    if case .text(let text, _) = content { text } else { nil }
  }

  var list: [Value]? {
    if case .list(let values) = content { values } else { nil }
  }

  var map: [Entry]? {
    if case .map(let entries) = content { entries } else { nil }
  }

  var isNull: Bool {
    if case .null = content { true } else { false }
  }

  /// The value of the last entry with this name, as JSON readers have it.
  subscript(name: String) -> Value? { map?.last { $0.name == name }?.value }

  /// What a message says was found.
  var found: String {
    switch content {
    case .null: "nothing"
    case .text(let text, _): text.quoted
    case .list: "a list"
    case .map: "a map"
    }
  }
}
