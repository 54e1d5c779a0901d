import Model

/// What the filter line says beside what is typed.
package enum FilterHint: Sendable, Equatable {
  /// The grammar in one line.
  case grammar
  /// What the last word may become; Tab takes the first.
  case completions([String])
  case problem(String)

  static let grammarWords =
    "word !not ~fuzzy state:failed mem>64M time>1m attempt>1 group: needs: feeds:"
  /// Names that are offered at once.
  static let maximumCompletions = 5
}

extension Filter {
  /// Ways to end the last word, those that the graph names among them.
  func completions(in graph: TaskGraph) -> [String] {
    guard let last = text.split(separator: " ", omittingEmptySubsequences: false).last else {
      return []
    }
    let word = last.hasPrefix("!") ? last.dropFirst() : last
    guard !word.isEmpty else { return [] }
    guard let colon = word.firstIndex(of: ":") else { return Self.keys(beginning: word) }
    guard let field = Field(rawValue: word[..<colon].lowercased()) else { return [] }
    let begun = word[word.index(after: colon)...]
    // Of several states, the last.
    let head = field == .state ? begun.lastIndex(of: ",").map { begun[...$0] } ?? "" : ""
    let values = field.values(beginning: begun.dropFirst(head.count), in: graph)
    return values.map { "\(field.rawValue):\(head)\($0)" }
  }

  private static func keys(beginning word: Substring) -> [String] {
    let begun = word.lowercased()
    let all = Field.allCases.map { $0.rawValue + ":" } + Figure.allCases.map { $0.rawValue + ">" }
    return all.filter { $0.hasPrefix(begun) && $0 != begun }
  }

  /// The same with the last word ended: as far as all completions agree, else as the first.
  func completed(in graph: TaskGraph) -> Filter {
    let completions = completions(in: graph)
    guard var common = completions.first else { return self }
    for other in completions { common = common.commonPrefix(with: other) }
    let last = text.lastIndex(of: " ").map { text[text.index(after: $0)...] } ?? text[...]
    let isInverse = last.hasPrefix("!")
    let typed = last.count - (isInverse ? 1 : 0)
    let end = common.count > typed ? common : completions[0]
    return Filter(text.dropLast(typed) + end)
  }
}

extension Filter.Field {
  fileprivate func values(beginning begun: Substring, in graph: TaskGraph) -> [String] {
    let folded = begun.foldedBytes
    func pick(_ names: some Sequence<String>) -> [String] {
      let found = names.lazy.filter { name in
        // A name with a blank would be two words.
        name.utf8.count > folded.count && name.foldedBytes.starts(with: folded)
          && !name.contains(" ")
      }
      return Array(found.prefix(FilterHint.maximumCompletions))
    }
    return switch self {
    case .state: pick(TaskState.allCases.map(\.rawValue))
    case .group: pick(graph.groups.lazy.map(\.name))
    case .needs, .feeds: pick(graph.tasks.lazy.filter { !$0.isRemoved }.map(\.name))
    }
  }
}

extension String {
  /// Letters of ASCII count the same, large or small.
  fileprivate func commonPrefix(with other: String) -> String {
    let pairs = zip(self, other).prefix { $0.lowercased() == $1.lowercased() }
    return String(prefix(pairs.count))
  }
}
