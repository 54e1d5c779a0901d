import Canvas

/// The search line of a log, as in a pager: typed, then looked for.
struct LogSearch: Sendable, Equatable {
  /// Characters that can be typed.
  static let limit = 200

  enum State: Sendable, Equatable {
    case idle
    case searching(backwards: Bool)
    /// Nothing further in that direction.
    case nothing
  }

  /// What is being typed; nil while nothing is.
  private(set) var typed: String?
  private(set) var needle = ""
  /// First byte of the line that was found last.
  var hit: Int64?
  var state = State.idle

  var isTyping: Bool { typed != nil }

  mutating func begin() { typed = "" }

  /// Takes a key of the line; returns whether the search is to start.
  mutating func type(_ key: Key) -> Bool {
    guard let text = typed else { return false }
    switch key {
    case .enter:
      typed = nil
      guard !text.isEmpty else { return false }
      (needle, hit, state) = (text, nil, .idle)
      return true
    case .escape: typed = nil
    case .backspace where text.isEmpty: typed = nil
    case .backspace: typed = String(text.dropLast())
    case .character(let character): typed = String((text + String(character)).prefix(Self.limit))
    case .paste(let pasted):
      typed = String((text + pasted.filter { !$0.isNewline }).prefix(Self.limit))
    default: break
    }
    return false
  }
}
