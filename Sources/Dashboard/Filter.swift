package import Model

/// Which tasks show: words that the name must hold, `!word` that it must not, `state:failed`.
///
/// Case is ignored in ASCII. A word with `~` in front matches its letters in order with gaps.
package struct Filter: Sendable, Equatable {
  /// Longest text that can be typed.
  package static let maximumLength = 200

  package private(set) var text = ""
  private var clauses: [Clause] = []

  fileprivate struct Clause: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      case holds([UInt8])
      case fuzzy([UInt8])
      case state(String)
    }
    var kind: Kind
    var isInverse: Bool
  }

  package init(_ text: String = "") {
    self.text = String(text.prefix(Self.maximumLength))
    clauses = self.text.split(separator: " ").compactMap { Clause($0) }
  }

  package var isEmpty: Bool { clauses.isEmpty }

  package func lets(_ name: String, _ state: TaskState) -> Bool {
    guard !clauses.isEmpty else { return true }
    let name = name.lowercasedBytes
    return clauses.allSatisfy { $0.kind.matches(name, state) != $0.isInverse }
  }
}

extension Filter.Clause {
  fileprivate init?(_ word: Substring) {
    isInverse = word.hasPrefix("!")
    let word = isInverse ? word.dropFirst() : word
    guard !word.isEmpty else { return nil }
    if word.hasPrefix("state:") {
      kind = .state(word.dropFirst(6).lowercased())
    } else if word.hasPrefix("~") {
      kind = .fuzzy(String(word.dropFirst()).lowercasedBytes)
    } else {
      kind = .holds(String(word).lowercasedBytes)
    }
  }
}

extension Filter.Clause.Kind {
  fileprivate func matches(_ name: [UInt8], _ state: TaskState) -> Bool {
    switch self {
    case .holds(let word): name.holds(word)
    case .fuzzy(let word): name.holdsInOrder(word)
    case .state(let prefix): state.rawValue.hasPrefix(prefix)
    }
  }
}

extension String {
  fileprivate var lowercasedBytes: [UInt8] {
    utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
  }
}

extension [UInt8] {
  fileprivate func holds(_ word: [UInt8]) -> Bool {
    guard word.count <= count else { return false }
    return (0...(count - word.count)).contains { self[$0..<($0 + word.count)].elementsEqual(word) }
  }

  fileprivate func holdsInOrder(_ word: [UInt8]) -> Bool {
    var rest = word[...]
    for byte in self where byte == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }
}
