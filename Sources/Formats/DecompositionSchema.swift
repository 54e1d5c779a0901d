/// What an agent's answer has to look like: told in its prompt as a JSON Schema, and checked by the same
/// value.
///
/// Keys that it does not name are ignored: an agent that says more than it was asked does no harm.
package struct AnswerSchema: Sendable {
  indirect enum Shape: Sendable {
    /// At most so many characters; with `mayBeEmpty` false at least one that is no space.
    case text(longest: Int, mayBeEmpty: Bool)
    case word([String])
    /// Text or a number, as ids are written; at most so many characters.
    case id(longest: Int)
    case integer(ClosedRange<Int>)
    case flag
    case list(Shape, count: ClosedRange<Int>)
    case map([Key])
  }

  struct Key: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool
    var about: String

    init(_ name: String, _ shape: Shape, isRequired: Bool = false, _ about: String = "") {
      self.name = name
      self.shape = shape
      self.isRequired = isRequired
      self.about = about
    }
  }

  /// Most problems of one answer that are told.
  static let maximumProblems = 10

  let shape: Shape

  /// Keys that every answer has at its top.
  var requiredKeys: [String] {
    guard case .map(let keys) = shape else { return [] }
    return keys.filter(\.isRequired).map(\.name)
  }
}

// MARK: As a JSON Schema

extension AnswerSchema {
  package var text: String {
    Self.piece(shape, about: "").text(JSONStyle(newline: "\n", unit: "  ", gap: " "))
  }

  private static func piece(_ shape: Shape, about: String) -> JSONPiece {
    var entries = pairs(shape)
    if !about.isEmpty { entries.append(.init(name: "description", value: .text(about))) }
    return .map(entries)
  }

  private static func pairs(_ shape: Shape) -> [JSONPiece.Entry] {
    func type(_ name: String) -> JSONPiece.Entry { .init(name: "type", value: .text(name)) }
    func number(_ name: String, _ value: Int) -> JSONPiece.Entry {
      .init(name: name, value: .word(String(value)))
    }
    switch shape {
    case .text(let longest, let mayBeEmpty):
      return [type("string")] + (mayBeEmpty ? [] : [number("minLength", 1)])
        + [number("maxLength", longest)]
    case .word(let words): return [.init(name: "enum", value: .list(words.map(JSONPiece.text)))]
    case .id(let longest):
      return [
        .init(name: "type", value: .list([.text("string"), .text("integer")])),
        number("maxLength", longest),
      ]
    case .integer(let range):
      return [
        type("integer"), number("minimum", range.lowerBound), number("maximum", range.upperBound),
      ]
    case .flag: return [type("boolean")]
    case .list(let shape, let count):
      return [
        type("array"), .init(name: "items", value: piece(shape, about: "")),
        number("minItems", count.lowerBound), number("maxItems", count.upperBound),
      ]
    case .map(let keys):
      let required = keys.filter(\.isRequired).map { JSONPiece.text($0.name) }
      return [
        type("object"), .init(name: "required", value: .list(required)),
        .init(
          name: "properties",
          value: .map(
            keys.map { .init(name: $0.name, value: piece($0.shape, about: $0.about)) })),
      ]
    }
  }
}

// MARK: The check

extension AnswerSchema {
  /// Returns what is wrong with a value, each with its place, as in `$.tasks[2].title: expected text, found
  /// a list`.
  func problems(of value: Value) -> [String] {
    var problems: [String] = []
    Self.check(value, shape, "$", &problems)
    return problems
  }

  private static func check(
    _ value: Value, _ shape: Shape, _ path: String, _ problems: inout [String]
  ) {
    guard problems.count < maximumProblems else { return }
    switch shape {
    case .map(let keys): checkMap(value, keys, path, &problems)
    case .list(let shape, let count):
      guard let list = value.list else { return expect("a list", value, path, &problems) }
      guard count.contains(list.count) else {
        problems.append(
          "\(path): expected \(count.lowerBound) to \(count.upperBound) entries, found \(list.count)"
        )
        return
      }
      for (index, item) in list.enumerated() { check(item, shape, "\(path)[\(index)]", &problems) }
    default: checkScalar(value, shape, path, &problems)
    }
  }

  private static func checkMap(
    _ value: Value, _ keys: [Key], _ path: String, _ problems: inout [String]
  ) {
    guard value.map != nil else { return expect("an object", value, path, &problems) }
    for key in keys {
      guard let inner = value[key.name], !(inner.isNull && !key.isRequired) else {
        if key.isRequired { problems.append("\(path).\(key.name): is missing") }
        continue
      }
      check(inner, key.shape, "\(path).\(key.name)", &problems)
    }
  }

  private static func checkScalar(
    _ value: Value, _ shape: Shape, _ path: String, _ problems: inout [String]
  ) {
    guard case .text(let text, let isQuoted) = value.content else {
      return expect(shape.words, value, path, &problems)
    }
    switch shape {
    case .text(let longest, let mayBeEmpty):
      guard isQuoted else { return expect("text", value, path, &problems) }
      if text.count > longest {
        problems.append("\(path): expected at most \(longest) characters, found \(text.count)")
      }
      if !mayBeEmpty, text.allSatisfy(\.isWhitespace) { problems.append("\(path): is empty") }
    case .word(let words): if !words.contains(text) { expect(shape.words, value, path, &problems) }
    case .id(let longest):
      if text.isEmpty || text.count > longest { expect(shape.words, value, path, &problems) }
    case .integer(let range):
      guard !isQuoted, let number = Int(text), range.contains(number) else {
        return expect(shape.words, value, path, &problems)
      }
    case .flag: if isQuoted || Bool(text) == nil { expect(shape.words, value, path, &problems) }
    case .list, .map: break
    }
  }

  private static func expect(
    _ what: String, _ value: Value, _ path: String, _ problems: inout [String]
  ) {
    problems.append("\(path): expected \(what), found \(value.found)")
  }
}

extension AnswerSchema.Shape {
  fileprivate var words: String {
    switch self {
    case .text: "text"
    case .word(let words): words.alternatives
    case .id: "an id"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .flag: "true or false"
    case .list: "a list"
    case .map: "an object"
    }
  }
}
