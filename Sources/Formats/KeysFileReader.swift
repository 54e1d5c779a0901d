/// Reads one key file against a vocabulary; one value per load.
struct KeysFileReader {
  private let vocabulary: KeysFile.Vocabulary
  /// What the file says, by context and action.
  private var written: [String: [String: [Bound]]] = [:]
  private var positions: [String: Position] = [:]

  private struct Bound {
    var key: String
    var action: String
    var position: Position
  }

  init(_ vocabulary: KeysFile.Vocabulary) { self.vocabulary = vocabulary }

  mutating func read(_ root: Value) throws(FormatProblem) {
    guard let entries = root.map else {
      throw FormatProblem(at: root.position, "expected a map of contexts, found \(root.found)")
    }
    let names = vocabulary.contexts.map(\.name)
    for entry in entries {
      guard let context = vocabulary.contexts.first(where: { $0.name == entry.name }) else {
        throw FormatProblem(
          at: entry.position, "unknown context \(entry.name.quoted)",
          hint: Suggestion.hint(for: entry.name, in: names) ?? "there are \(names.listed)")
      }
      positions[context.name] = entry.position
      try read(entry.value, of: context)
    }
    try checkEverywhere()
  }

  private mutating func read(
    _ value: Value, of context: KeysFile.Vocabulary.Context
  ) throws(FormatProblem) {
    if value.isNull { return }
    guard let entries = value.map else {
      throw FormatProblem(
        at: value.position,
        "\(context.name.quoted): expected a map of actions, found \(value.found)")
    }
    var owners: [String: Bound] = [:]
    for entry in entries {
      let names = context.actions.map(\.name)
      guard names.contains(entry.name) else {
        throw FormatProblem(
          at: entry.position, "unknown action \(entry.name.quoted) in \(context.name.quoted)",
          hint: hint(for: entry.name, in: context))
      }
      var bounds: [Bound] = []
      for item in try items(of: entry) {
        let bound = Bound(
          key: try key(item, of: entry.name, in: context), action: entry.name,
          position: item.position)
        if let other = owners.updateValue(bound, forKey: bound.key) {
          throw FormatProblem(
            at: bound.position,
            "key \(bound.key.quoted) is bound to \(other.action.quoted) already, "
              + "at line \(other.position.line)")
        }
        bounds.append(bound)
      }
      written[context.name, default: [:]][entry.name] = bounds
    }
  }

  /// The nearest action of the same context, else the contexts that have an action of this name.
  private func hint(for name: String, in context: KeysFile.Vocabulary.Context) -> String? {
    if let hint = Suggestion.hint(for: name, in: context.actions.map(\.name)) { return hint }
    let others = vocabulary.contexts.filter { $0.actions.contains { $0.name == name } }
    guard !others.isEmpty else { return "`cairn keys` lists all" }
    return "it is one of \(others.map(\.name).listed)"
  }

  /// A list of keys, or a single one.
  private func items(of entry: Value.Entry) throws(FormatProblem) -> [Value] {
    if entry.value.text != nil { return [entry.value] }
    guard let list = entry.value.list else {
      throw FormatProblem(
        at: entry.value.position,
        "\(entry.name.quoted): expected a list of keys, found \(entry.value.found)")
    }
    guard list.count <= KeysFile.maximumKeys else {
      throw FormatProblem(
        at: entry.value.position,
        "\(entry.name.quoted): more than \(KeysFile.maximumKeys) keys")
    }
    return list
  }

  private func key(
    _ value: Value, of action: String, in context: KeysFile.Vocabulary.Context
  ) throws(FormatProblem) -> String {
    guard let text = value.text else {
      throw FormatProblem(
        at: value.position, "\(action.quoted): expected a key, found \(value.found)",
        hint: value.isNull ? "a sign such as ~ or # needs quotation marks" : nil)
    }
    guard let key = vocabulary.canonical(text) else {
      throw FormatProblem(
        at: value.position, "unknown key \(text.quoted)",
        hint: Suggestion.hint(for: text, in: vocabulary.keyNames)
          ?? "a key is one sign, ^x, M-x, F1 to F24 or one of \(vocabulary.keyNames.listed)")
    }
    guard !context.readsText || key.count > 1, !context.readsText || key != "Space" else {
      throw FormatProblem(
        at: value.position, "\(key.quoted) is text in \(context.name.quoted) and no key")
    }
    return key
  }
}

extension KeysFileReader {
  /// A key of a context is never reached if it is read everywhere.
  private func checkEverywhere() throws(FormatProblem) {
    var everywhere: [String: String] = [:]
    for row in merged() where row.context == vocabulary.everywhere {
      for key in row.keys { everywhere[key] = row.action }
    }
    for context in vocabulary.contexts where context.name != vocabulary.everywhere {
      for bound in (written[context.name] ?? [:]).values.joined().sorted(by: Self.isEarlier) {
        guard let action = everywhere[bound.key] else { continue }
        throw FormatProblem(
          at: bound.position, "key \(bound.key.quoted) is read everywhere, as \(action.quoted)")
      }
    }
  }

  private static func isEarlier(_ a: Bound, _ b: Bound) -> Bool {
    (a.position.line, a.position.column) < (b.position.line, b.position.column)
  }

  /// The rows that differ from the vocabulary, in its order.
  func rows() throws(FormatProblem) -> [KeysFile.Row] {
    var changed: [KeysFile.Row] = []
    let merged = merged()
    var index = 0
    for context in vocabulary.contexts {
      for action in context.actions {
        let row = merged[index]
        index += 1
        if row.keys == action.keys { continue }
        if row.keys.isEmpty, vocabulary.indispensable.contains(action.name) {
          throw FormatProblem(
            at: positions[context.name] ?? positions[vocabulary.everywhere],
            "\(action.name.quoted) of \(context.name.quoted) has no key any more",
            hint: "give it one")
        }
        changed.append(row)
      }
    }
    return changed
  }

  /// Every action with its keys: what the file says, else what it leaves of those from before.
  private func merged() -> [KeysFile.Row] {
    let everywhere = keys(writtenIn: vocabulary.everywhere)
    return vocabulary.contexts.flatMap { context in
      let taken = keys(writtenIn: context.name).union(everywhere)
      return context.actions.map { action in
        let own = written[context.name]?[action.name]?.map(\.key)
        return KeysFile.Row(
          context: context.name, action: action.name,
          keys: own ?? action.keys.filter { !taken.contains($0) })
      }
    }
  }

  private func keys(writtenIn context: String) -> Set<String> {
    Set((written[context] ?? [:]).values.joined().map(\.key))
  }
}

extension [String] {
  fileprivate var listed: String { joined(separator: ", ") }
}
