package import Canvas

extension Key {
  /// Keys with a name of their own; other keys are called by their character, `^c`, `M-x` or `F5`.
  package static let named: [(name: String, key: Key)] = [
    ("Space", .character(" ")), ("Enter", .enter), ("Tab", .tab), ("S-Tab", .backTab),
    ("Esc", .escape), ("BS", .backspace), ("Del", .delete), ("Ins", .insert), ("Up", .up),
    ("Down", .down), ("Left", .left), ("Right", .right), ("Home", .home), ("End", .end),
    ("PgUp", .pageUp), ("PgDn", .pageDown),
  ]

  /// Most function keys that a terminal may have.
  private static let functionKeys = 1...24

  /// Reads the name that `name(_:)` gives; `C-c` is `^c`, and the case of long names is ignored.
  package init?(named text: String) {
    let isOne = text.count == 1
    if isOne, let character = text.first {
      guard !character.isWhitespace || character == " ", !character.isControl else { return nil }
      self = .character(character)
      return
    }
    let lowered = text.lowercased()
    if let named = Self.named.first(where: { $0.name.lowercased() == lowered }) {
      self = named.key
      return
    }
    self.init(modified: text, lowered: lowered)
  }

  private init?(modified text: String, lowered: String) {
    if lowered.hasPrefix("f"), let number = Int(text.dropFirst()),
      Self.functionKeys.contains(number)
    {
      self = .function(number)
      return
    }
    if text.count == 2, text.hasPrefix("^"), let letter = lowered.last, letter.isControllable {
      self = .control(letter)
      return
    }
    guard text.count == 3, let last = text.last, !last.isWhitespace, !last.isControl else {
      return nil
    }
    if lowered.hasPrefix("m-") {
      self = .alt(last)
    } else if lowered.hasPrefix("c-"), let letter = lowered.last, letter.isControllable {
      self = .control(letter)
    } else {
      return nil
    }
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }

  /// Small letters and `[\]^_`, but not what arrives as Tab, Enter or Esc.
  fileprivate var isControllable: Bool {
    ("a"..."z").contains(self) && !"ijm".contains(self) || "\\]^_".contains(self)
  }
}
