/// Text that can do nothing on a terminal but be read: the only kind that gets into a frame.
///
/// Everything that comes from outside may hold escape sequences, bidirectional overrides or invisible
/// characters. Control characters are shown as `·`, tabs and line ends become spaces, bidirectional
/// and zero-width characters are gone, and a cluster of several scalars shrinks to its first scalar,
/// or to `□` when nothing in it has a width or it would join its neighbours (flags, skin tones).
package struct SafeText: Sendable, Hashable {
  /// Longest text that is kept, in columns; the rest is cut, so that hostile names cost nothing.
  package static let maximumColumns = 4096
  package static let tabColumns = 8

  /// What takes one or two columns each.
  package private(set) var glyphs: [Glyph] = []
  /// Columns that the whole text takes.
  package private(set) var columns = 0

  package struct Glyph: Sendable, Hashable {
    package var character: Character
    package var columns: Int
  }

  package init() {}

  /// Glyphs that came from safe text.
  init(glyphs: [Glyph]) {
    self.glyphs = glyphs
    columns = glyphs.reduce(0) { $0 + $1.columns }
  }

  package init(_ text: some StringProtocol) {
    glyphs.reserveCapacity(min(text.utf8.count, Self.maximumColumns))
    for character in text {
      append(character)
      if columns >= Self.maximumColumns { break }
    }
  }

  package var isEmpty: Bool { glyphs.isEmpty }
  package var string: String { String(decoding: utf8, as: UTF8.self) }

  package var utf8: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the text as it is printed.
  package func append(to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + glyphs.count)
    for glyph in glyphs { bytes.append(contentsOf: glyph.character.utf8) }
  }

  private mutating func append(_ character: Character) {
    let scalars = character.unicodeScalars
    let first = scalars[scalars.startIndex]
    if first.value == 9 { return appendTab() }
    if first.value < 0x20 || (0x7F...0x9F).contains(first.value) { return appendControl(first) }
    if first.value < 0x7F { return append(Glyph(character: Character(first), columns: 1)) }
    appendWide(scalars, first)
  }

  private mutating func appendTab() {
    for _ in 0..<(Self.tabColumns - columns % Self.tabColumns) {
      append(Glyph(character: " ", columns: 1))
    }
  }

  private mutating func appendControl(_ scalar: Unicode.Scalar) {
    // A line end of Windows is one character of two scalars; it comes here as its first.
    let isLineEnd = scalar.value == 10 || scalar.value == 13
    append(Glyph(character: isLineEnd ? " " : "·", columns: 1))
  }

  private mutating func appendWide(
    _ scalars: Character.UnicodeScalarView, _ first: Unicode.Scalar
  ) {
    let isSeparator = first.value == 0x2028 || first.value == 0x2029
    if isSeparator { return append(Glyph(character: " ", columns: 1)) }
    guard let shown = scalars.first(where: { columnWidth(of: $0) > 0 }) else {
      // Invisible ones vanish; a mark on nothing shows as a box.
      let isInvisible =
        first.properties.isDefaultIgnorableCodePoint || first.properties.generalCategory == .format
      if !isInvisible { append(Glyph(character: "□", columns: 1)) }
      return
    }
    if shown.joinsNeighbours { return append(Glyph(character: "□", columns: 1)) }
    append(Glyph(character: Character(shown), columns: columnWidth(of: shown)))
  }

  private mutating func append(_ glyph: Glyph) {
    glyphs.append(glyph)
    columns += glyph.columns
  }
}

extension SafeText {
  /// Returns the text cut to so many columns, ending in `mark` where something was cut.
  package func clipped(to limit: Int, mark: Character = "…") -> SafeText {
    guard columns > limit else { return self }
    guard limit > 0 else { return SafeText() }
    var result = SafeText()
    for glyph in glyphs {
      guard result.columns + glyph.columns < limit else { break }
      result.append(glyph)
    }
    result.append(Glyph(character: mark, columns: 1))
    return result
  }

  package static func + (a: SafeText, b: SafeText) -> SafeText {
    var result = a
    result.glyphs += b.glyphs
    result.columns += b.columns
    return result
  }

  package static func += (a: inout SafeText, b: SafeText) { a = a + b }
}

extension SafeText: ExpressibleByStringInterpolation, CustomStringConvertible {
  package init(stringLiteral value: String) { self.init(value) }
  package var description: String { string }
}

extension Unicode.Scalar {
  /// Halves of flags and skin tones: alone two columns, beside another a terminal may draw both as one.
  fileprivate var joinsNeighbours: Bool {
    properties.isEmojiModifier || (0x1F1E6...0x1F1FF).contains(value)
  }
}
