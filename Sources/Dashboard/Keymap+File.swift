import Canvas

/// An action of a context and the names of its keys, as they stand in a key file.
package struct KeyRow: Sendable, Equatable {
  package var context: String
  package var action: String
  package var keys: [String]

  package init(context: String, action: String, keys: [String]) {
    self.context = context
    self.action = action
    self.keys = keys
  }
}

extension Keymap {
  /// Every binding by its names, in the order of the help.
  package var rows: [KeyRow] {
    KeyContext.allCases.flatMap { context in
      bindings(in: context).map { binding in
        KeyRow(
          context: context.rawValue, action: binding.action.name,
          keys: binding.keys.map { $0.name(.ascii) })
      }
    }
  }

  /// The same keymap with other keys for these actions; names that mean nothing are passed over.
  ///
  /// An action without keys is still in the palette.
  package func rebound(_ rows: [KeyRow]) -> Keymap {
    var bindings = bindings
    for row in rows {
      for index in bindings.indices
      where bindings[index].context.rawValue == row.context
        && bindings[index].action.name == row.action
      {
        bindings[index].keys = row.keys.compactMap { Key(named: $0) }
      }
    }
    return Keymap(bindings)
  }

  /// The table in the format of a key file, each action with its sentence as a comment.
  package var fileText: String {
    var text = ""
    for context in KeyContext.allCases {
      let bindings = bindings(in: context)
      guard !bindings.isEmpty else { continue }
      text += "\(text.isEmpty ? "" : "\n")\(context.rawValue):\n"
      for binding in bindings {
        let keys = binding.keys.map { Self.quoted($0.name(.ascii)) }.joined(separator: ", ")
        let entry = "  \(binding.action.name): [\(keys)]"
        let gap = String(repeating: " ", count: max(1, 40 - entry.count))
        text += "\(entry)\(gap)# \(binding.help)\n"
      }
    }
    return text
  }

  /// Quoted unless YAML takes the name as it is.
  private static func quoted(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { (48...57).contains($0) || $0 == 45 || isLetter($0) }
    if isPlain, name.utf8.first.map(isLetter) ?? false { return name }
    let escaped = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "\"\(escaped)\""
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte)
  }
}

extension KeyContext {
  /// What is typed here is text: a letter cannot be a key.
  package var readsText: Bool {
    switch self {
    case .filter, .palette: true
    default: false
    }
  }
}
