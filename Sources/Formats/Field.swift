/// Whose key it is, for messages.
enum Owner: Sendable {
  case file
  case section(String)
  case task(String)
}

/// One key of a Cairn file with its value, read as what the key should hold.
struct Field {
  var key: String
  var owner: Owner
  var value: Value

  /// The words that name the field, as in `"timeout" of task "fetch"`.
  var subject: String {
    switch owner {
    case .file: key.quoted
    case .section(let name): "\(key.quoted) of \(name.quoted)"
    case .task(let name): "\(key.quoted) of task \(name.quoted)"
    }
  }

  func problem(_ message: String, hint: String? = nil, at position: Position? = nil)
    -> FormatProblem
  {
    FormatProblem(at: position ?? value.position, "\(subject): \(message)", hint: hint)
  }

  func expected(_ what: String) -> FormatProblem {
    problem("expected \(what), found \(value.found)")
  }
}

extension Field {
  /// A scalar as it is written.
  func text() throws(FormatProblem) -> String {
    guard let text = value.text else { throw expected("text") }
    guard !text.unicodeScalars.contains("\0") else { throw problem("text holds a NUL character") }
    return text
  }

  /// A scalar that says something.
  func words() throws(FormatProblem) -> String {
    let text = try text()
    guard text.contains(where: { !$0.isWhitespace }) else { throw problem("must not be empty") }
    return text
  }

  func integer(in range: ClosedRange<Int>) throws(FormatProblem) -> Int {
    guard case .text(let text, isQuoted: false) = value.content, let number = Int(text) else {
      throw expected("a whole number")
    }
    guard range.contains(number) else {
      throw problem("expected \(range.lowerBound) to \(range.upperBound), found \(number)")
    }
    return number
  }

  func share() throws(FormatProblem) -> Double {
    guard case .text(let text, isQuoted: false) = value.content, let number = Double(text),
      (0...1).contains(number)
    else { throw expected("a number from 0 to 1") }
    return number
  }

  func flag() throws(FormatProblem) -> Bool {
    guard case .text(let text, isQuoted: false) = value.content, let flag = Bool(text) else {
      throw expected("true or false")
    }
    return flag
  }

  func bytes() throws(FormatProblem) -> Int64 {
    guard let text = value.text else { throw expected(Quantity.sizeExample) }
    do throws(Quantity.Problem) { return try Quantity.bytes(text) } catch {
      throw problem(of: error, expected: Quantity.sizeExample)
    }
  }

  func seconds() throws(FormatProblem) -> Double {
    guard let text = value.text else { throw expected(Quantity.durationExample) }
    do throws(Quantity.Problem) { return try Quantity.seconds(text) } catch {
      throw problem(of: error, expected: Quantity.durationExample)
    }
  }

  private func problem(of error: Quantity.Problem, expected example: String) -> FormatProblem {
    switch error {
    case .notOne: expected(example)
    case .tooLarge: problem("\(value.found) is too large")
    case .unknownUnit(let unit, let units):
      problem(
        "unknown unit \(unit.quoted), expected \(units.alternatives)",
        hint: Suggestion.hint(for: unit, in: units))
    }
  }

  func list() throws(FormatProblem) -> [Field] {
    guard let list = value.list else { throw expected("a list") }
    return list.map { Field(key: key, owner: owner, value: $0) }
  }

  func texts() throws(FormatProblem) -> [String] {
    var texts: [String] = []
    for field in try list() { texts.append(try field.words()) }
    return texts
  }

  /// A list of at least a program, as for `exec`.
  func command() throws(FormatProblem) -> [String] {
    var words: [String] = []
    for field in try list() { words.append(try field.text()) }
    guard words.first?.isEmpty == false else {
      throw problem("expected a program and its arguments")
    }
    return words
  }

  func entries() throws(FormatProblem) -> [Value.Entry] {
    guard let map = value.map else { throw expected("a map") }
    return map
  }

  func word<Word: RawRepresentable & CaseIterable>(
    _: Word.Type
  ) throws(FormatProblem) -> Word where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    guard let text = value.text, let word = Word(rawValue: text) else {
      throw problem(
        "expected \(words.alternatives), found \(value.found)",
        hint: value.text.flatMap { Suggestion.hint(for: $0, in: words) })
    }
    return word
  }
}

extension [String] {
  /// As in `success, failure or always`.
  var alternatives: String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " or " + last
  }
}

/// The keys of one map, checked against those that exist.
struct Fields {
  /// What a map may hold, and what it may hold in a later version.
  struct Keys {
    var known: Set<String>
    var notBuilt: Set<String> = []
    /// Where a key belongs that is often looked for here.
    var hints: [String: String] = [:]
  }

  private let owner: Owner
  private let entries: [Value.Entry]

  init(_ entries: [Value.Entry], of owner: Owner, keys: Keys) throws(FormatProblem) {
    self.owner = owner
    self.entries = entries
    for entry in entries where !keys.known.contains(entry.name) {
      throw Self.refusal(of: entry, owner, keys)
    }
  }

  subscript(key: String) -> Field? {
    entries.first { $0.name == key }.map { Field(key: key, owner: owner, value: $0.value) }
  }

  /// Where the key itself stands.
  func position(of key: String) -> Position? { entries.first { $0.name == key }?.position }

  private static func refusal(of entry: Value.Entry, _ owner: Owner, _ keys: Keys) -> FormatProblem
  {
    let key = entry.name.quoted
    let place =
      switch owner {
      case .file: ""
      case .section(let name): " in \(name.quoted)"
      case .task(let name): " in task \(name.quoted)"
      }
    if keys.notBuilt.contains(entry.name) {
      return FormatProblem(
        at: entry.position,
        "\(key) is not built yet, found\(place.isEmpty ? " at the top" : place)",
        code: .notBuilt)
    }
    return FormatProblem(
      at: entry.position, "unknown key \(key)\(place)",
      hint: keys.hints[entry.name] ?? Suggestion.hint(for: entry.name, in: keys.known.sorted()))
  }
}
