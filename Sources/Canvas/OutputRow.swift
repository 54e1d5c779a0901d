/// One row of a terminal on which a line of output is printed, and overprinted.
struct OutputRow {
  private struct Slot {
    var character: Character = " "
    /// 0 is the second half of a wide one.
    var columns = 1
    var style = Style()
  }

  private var slots: [Slot] = []
  private var cursor = 0

  mutating func put(_ text: SafeText, _ style: Style) {
    for glyph in text.glyphs {
      guard cursor + glyph.columns <= SafeText.maximumColumns else { return }
      pad(to: cursor + glyph.columns)
      for column in cursor..<(cursor + glyph.columns) { blankPartner(of: column) }
      slots[cursor] = Slot(character: glyph.character, columns: glyph.columns, style: style)
      if glyph.columns == 2 { slots[cursor + 1] = Slot(columns: 0, style: style) }
      cursor += glyph.columns
    }
  }

  private mutating func pad(to count: Int) {
    while slots.count < count { slots.append(Slot()) }
  }

  /// Half of a wide glyph is none.
  private mutating func blankPartner(of column: Int) {
    if slots[column].columns == 0 { slots[column - 1] = Slot(style: slots[column - 1].style) }
    if slots[column].columns == 2 { slots[column + 1] = Slot(style: slots[column + 1].style) }
    slots[column] = Slot()
  }

  mutating func obey(control byte: UInt8) {
    switch byte {
    case 8: cursor = max(0, cursor - 1)
    case 9: move(to: (cursor / SafeText.tabColumns + 1) * SafeText.tabColumns)
    case 13: cursor = 0
    default: break
    }
  }

  /// Erases in the line, or moves in it; a sequence that does anything else does nothing.
  mutating func obey(_ last: UInt8, _ parameter: Int?) {
    let count = max(1, parameter ?? 1)
    switch last {
    case UInt8(ascii: "C"): move(to: cursor + count)
    case UInt8(ascii: "D"): move(to: cursor - count)
    case UInt8(ascii: "G"): move(to: count - 1)
    case UInt8(ascii: "K"): erase(parameter ?? 0)
    default: break
    }
  }

  private mutating func move(to column: Int) {
    cursor = min(max(0, column), SafeText.maximumColumns - 1)
  }

  private mutating func erase(_ what: Int) {
    let range: Range<Int>
    switch what {
    case 0: range = cursor..<max(cursor, slots.count)
    case 1: range = 0..<min(cursor + 1, slots.count)
    case 2: range = 0..<slots.count
    default: return
    }
    for column in range { blankPartner(of: column) }
    if what != 1 { slots.removeSubrange(min(range.lowerBound, slots.count)...) }
  }

  var text: StyledText {
    var runs: [StyledText.Run] = []
    for (column, slot) in slots.enumerated() where slot.style != Style() {
      if let last = runs.last, last.columns.upperBound == column, last.style == slot.style {
        runs[runs.count - 1].columns = last.columns.lowerBound..<(column + 1)
      } else {
        runs.append(StyledText.Run(column..<(column + 1), slot.style))
      }
    }
    let glyphs = slots.filter { $0.columns > 0 }.map {
      SafeText.Glyph(character: $0.character, columns: $0.columns)
    }
    return StyledText(SafeText(glyphs: glyphs), runs: runs)
  }
}
