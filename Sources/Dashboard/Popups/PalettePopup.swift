package import Canvas

/// Finds anything that can be done now by a few letters of its sentence or name.
package struct PalettePopup: PopupContent {
  /// Characters that can be typed.
  static let maximumLength = 200
  /// Lines that are found at most.
  static let maximumEntries = 200
  private static let columns = 76
  private static let rows = 18

  private(set) var text = ""
  private var cursor = 0

  package init() {}

  package var keyContext: KeyContext { .palette }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let entries = context.state.paletteEntries(for: text, limit: Self.maximumEntries)
    cursor = max(0, min(cursor, entries.count - 1))
    let page = max(1, Self.entryRows(context.state.size))
    switch (action, key) {
    case (.close, _): return .close()
    case (.accept, _): return entries.isEmpty ? .stay() : accept(entries[cursor].deed)
    case (.complete, _): complete(entries)
    case (.up, _): cursor -= 1
    case (.down, _): cursor += 1
    case (.pageUp, _): cursor -= page
    case (.pageDown, _): cursor += page
    case (nil, .backspace) where text.isEmpty: return .close()
    case (nil, .backspace): type(String(text.dropLast()))
    case (nil, .character(let character)): type(text + String(character))
    case (nil, .paste(let pasted)): type(text + pasted.filter { !$0.isNewline })
    default: break
    }
    cursor = max(0, min(cursor, Self.maximumEntries - 1))
    return .stay()
  }

  /// A click does what the line says.
  package mutating func choose(_ number: Int, in context: DashboardContext) -> PopupResult {
    let entries = context.state.paletteEntries(for: text, limit: Self.maximumEntries)
    guard entries.indices.contains(number) else { return .stay() }
    cursor = number
    return accept(entries[number].deed)
  }

  private mutating func type(_ text: String) {
    self.text = String(text.prefix(Self.maximumLength))
    cursor = 0
  }

  private mutating func accept(_ deed: PaletteEntry.Deed) -> PopupResult {
    switch deed {
    case .perform(let action, let context):
      return PopupResult(.close, change: .perform(action, context))
    case .word(let word): type(word.rawValue + " ")
    case .theme(let theme): return PopupResult(.close, change: .theme(theme))
    case .filter(let text): return PopupResult(.close, change: .filter(text))
    case .goTo(let task): return PopupResult(.close, change: .select(.task(task)))
    case .nothing: break
    }
    return .stay()
  }

  /// Ends the word or the argument with that of the line under the cursor.
  private mutating func complete(_ entries: [PaletteEntry]) {
    guard entries.indices.contains(cursor) else { return }
    let entry = entries[cursor]
    switch entry.deed {
    case .word(let word): type(word.rawValue + " ")
    case .theme: type("\(PaletteWord.theme.rawValue) \(entry.title.string)")
    case .goTo: type("\(PaletteWord.goTo.rawValue) \(entry.title.string)")
    case .perform, .filter, .nothing: break
    }
  }
}

extension PalettePopup {
  private static func entryRows(_ size: Size) -> Int { min(rows, size.rows - 2) - 4 }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let entries = state.paletteEntries(for: text, limit: Self.maximumEntries)
    let cursor = max(0, min(self.cursor, entries.count - 1))
    let inside = frame.window(
      columns: Self.columns, rows: min(Self.rows, frame.size.rows - 2), title: "Do",
      facts: [entries.isEmpty ? "nothing fits" : SafeText("\(cursor + 1) of \(entries.count)")],
      state: state)
    drawText(in: inside, on: &frame, state: state)
    let page = max(0, inside.rows - 2)
    let top = max(0, min(cursor - page / 2, entries.count - page))
    for (offset, entry) in entries.dropFirst(top).prefix(page).enumerated() {
      let rect = Rect(
        row: inside.row + 1 + offset, column: inside.column, rows: 1, columns: inside.columns)
      frame.button(.item(top + offset), rect)
      draw(entry, isSelected: top + offset == cursor, in: rect, on: &frame, state: state)
    }
    guard inside.rows > 2 else { return }
    state.drawKeys(
      .palette, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn,
      on: &frame)
  }

  /// The end of a text that does not fit is what shows.
  private func drawText(in rect: Rect, on frame: inout Frame, state: DashboardState) {
    guard rect.columns > 3 else { return }
    let at = frame.put(":", row: rect.row, column: rect.column, style: state.theme.focus)
    var shown = Substring(text)
    while SafeText(shown).columns > rect.columns - 3 { shown = shown.dropFirst() }
    let end = frame.put(SafeText(shown), row: rect.row, column: at)
    frame.put(" ", row: rect.row, column: end, style: Style(attributes: .reverse))
  }

  private func draw(
    _ entry: PaletteEntry, isSelected: Bool, in rect: Rect, on frame: inout Frame,
    state: DashboardState
  ) {
    guard rect.columns > 4 else { return }
    let mark = isSelected ? SafeText(String(state.glyphs.selection)) : " "
    frame.put(mark, row: rect.row, column: rect.column, style: state.theme.focus)
    let keys = entry.keys.clipped(to: rect.columns / 3, mark: state.glyphs.cut)
    var end = rect.endColumn - 1
    frame.put(keys, row: rect.row, endingAt: end, style: state.theme.focus)
    end -= keys.columns + (keys.isEmpty ? 0 : 2)
    let start = rect.column + 2
    if end - start - entry.title.columns - 2 >= entry.name.columns {
      frame.put(entry.name, row: rect.row, endingAt: end, style: state.theme.dim)
      end -= entry.name.columns + 2
    }
    drawTitle(entry, isSelected, row: rect.row, column: start, end: end, on: &frame, state: state)
  }

  private func drawTitle(
    _ entry: PaletteEntry, _ isSelected: Bool, row: Int, column: Int, end: Int,
    on frame: inout Frame, state: DashboardState
  ) {
    let style = isSelected ? state.theme.strong : state.theme.text
    frame.put(
      entry.title.clipped(to: max(0, end - column), mark: state.glyphs.cut), row: row,
      column: column, style: style)
    var starts: [Int] = []
    var at = column
    for glyph in entry.title.glyphs {
      starts.append(at)
      at += glyph.columns
    }
    for position in entry.positions where starts.indices.contains(position) {
      let found = starts[position]
      guard found < end else { continue }
      frame[row, found].style.attributes.insert(.underline)
    }
  }
}
