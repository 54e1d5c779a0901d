/// The colours in which a task's output goes on, and what a line of it looks like.
///
/// Lines are to be drawn in order: a style lasts until the output ends it. Colours, bold, dim, italic,
/// underline and reverse are taken over; blinking and hidden text are not. Nothing else of an escape
/// sequence survives, so that output can be shown and can do nothing. The text of a link (OSC 8)
/// stands for the link.
package struct OutputPen: Sendable, Hashable {
  /// Parameters of one sequence that are looked at, and the parts of one of them.
  package static let maximumParameters = 32
  private static let maximumParts = 8
  /// Of a longer line only its end is drawn, from a carriage return on where there is one.
  package static let maximumBytes = 8_192

  package private(set) var style = Style()

  package init() {}

  /// Draws one line, given without its line feed, as a terminal would have left it.
  ///
  /// Bytes that are no UTF-8 show as `�`. Carriage return, backspace and the sequences that erase in a
  /// line or move in it overprint, as progress bars do.
  package mutating func line(_ bytes: ArraySlice<UInt8>) -> StyledText {
    let bytes = Self.end(of: bytes)
    guard bytes.contains(where: { $0 == 27 || $0 == 13 || $0 == 8 }) else {
      return styled(SafeText(String(decoding: bytes, as: UTF8.self)))
    }
    var row = OutputRow()
    for token in OutputTokens(bytes) {
      switch token {
      case .text(let text): row.put(SafeText(String(decoding: text, as: UTF8.self)), style)
      case .control(let byte): row.obey(control: byte)
      case .sequence(UInt8(ascii: "m"), let parameters): apply(Self.parameters(parameters))
      case .sequence(let last, let parameters):
        row.obey(last, Self.parameters(parameters).first?.first ?? nil)
      }
    }
    return row.text
  }

  /// Follows the style through a line that is not drawn.
  package mutating func skip(_ bytes: ArraySlice<UInt8>) {
    guard bytes.contains(27) else { return }
    for case .sequence(UInt8(ascii: "m"), let parameters) in OutputTokens(bytes) {
      apply(Self.parameters(parameters))
    }
  }

  private func styled(_ text: SafeText) -> StyledText {
    guard style != Style(), !text.isEmpty else { return StyledText(text) }
    return StyledText(text, runs: [StyledText.Run(0..<text.columns, style)])
  }

  private static func end(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard bytes.count > maximumBytes else { return bytes }
    let tail = bytes.suffix(maximumBytes)
    guard let start = tail.firstIndex(of: 13), start + 1 < tail.endIndex else {
      return bytes.prefix(maximumBytes)
    }
    return tail[(start + 1)...]
  }
}

// MARK: Select graphic rendition

extension OutputPen {
  /// Numbers between semicolons, each in parts between colons; nil is left out.
  private static func parameters(_ bytes: ArraySlice<UInt8>) -> [[Int?]] {
    let all = bytes.split(
      separator: UInt8(ascii: ";"), maxSplits: maximumParameters, omittingEmptySubsequences: false)
    return all.prefix(maximumParameters).map { parameter in
      parameter.split(
        separator: UInt8(ascii: ":"), maxSplits: maximumParts, omittingEmptySubsequences: false
      ).prefix(maximumParts).map(number)
    }
  }

  /// Longer numbers than any that means something count as none.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  private mutating func apply(_ parameters: [[Int?]]) {
    var rest = parameters[...]
    while let parts = rest.popFirst() {
      switch (parts.first ?? nil) ?? 0 {
      case 38: if let color = Self.color(parts, &rest) { style.foreground = color }
      case 48: if let color = Self.color(parts, &rest) { style.background = color }
      // The colour of an underline is not shown, but its numbers are not styles.
      case 58: _ = Self.color(parts, &rest)
      case let number: apply(number, parts)
      }
    }
  }

  private mutating func apply(_ number: Int, _ parts: [Int?]) {
    switch number {
    case 0: style = Style()
    case 1: style.attributes.insert(.bold)
    case 2: style.attributes.insert(.dim)
    case 3: style.attributes.insert(.italic)
    case 4 where parts.count > 1 && parts[1] == 0: style.attributes.remove(.underline)
    case 4, 21: style.attributes.insert(.underline)
    case 7: style.attributes.insert(.reverse)
    case 22: style.attributes.subtract([.bold, .dim])
    case 23: style.attributes.remove(.italic)
    case 24: style.attributes.remove(.underline)
    case 27: style.attributes.remove(.reverse)
    case 30...37: style.foreground = .palette(UInt8(number - 30))
    case 39: style.foreground = .standard
    case 40...47: style.background = .palette(UInt8(number - 40))
    case 49: style.background = .standard
    case 90...97: style.foreground = .palette(UInt8(number - 82))
    case 100...107: style.background = .palette(UInt8(number - 92))
    default: break
    }
  }

  /// The colour of `38`: its numbers are parts of it, or the parameters that follow.
  private static func color(_ parts: [Int?], _ rest: inout ArraySlice<[Int?]>) -> Color? {
    if parts.count > 1 {
      // With colons, a colour space may stand in front of red, green and blue.
      let isSpaced = parts[1] == 2 && parts.count > 5
      return color(parts[1], Array(parts.dropFirst(isSpaced ? 3 : 2)))
    }
    let kind = rest.popFirst()?.first ?? nil
    let count = kind == 5 ? 1 : kind == 2 ? 3 : 0
    let values = rest.prefix(count).map { $0.first ?? nil }
    rest = rest.dropFirst(count)
    return color(kind, values)
  }

  private static func color(_ kind: Int?, _ values: [Int?]) -> Color? {
    let bytes = values.map { UInt8(exactly: $0 ?? 0) }
    if kind == 5, let index = bytes.first ?? nil { return .palette(index) }
    if kind == 2, bytes.count >= 3, let red = bytes[0], let green = bytes[1], let blue = bytes[2] {
      return .rgb(red, green, blue)
    }
    return nil
  }
}
