package import Canvas
import Model

/// Lines of the screen that were drawn over with the mouse, to be copied.
struct LineSelection: Sendable, Equatable {
  /// Rows of the screen: where the button was pressed, and where the pointer is now.
  var anchor: Int
  var end: Int

  /// Counted from the first row of the text.
  func rows(in place: Rect) -> Range<Int> {
    let first = max(0, min(anchor, end) - place.row)
    let last = min(place.rows - 1, max(anchor, end) - place.row)
    return first..<max(first, last + 1)
  }
}

extension DashboardState {
  /// Copies what the selection is: name and command of a task, the names of a group's.
  mutating func copySelection() -> [Effect] {
    guard let selection else { return [] }
    return [.copy(copyText(of: selection))]
  }

  func copyText(of item: Item) -> String {
    let tasks = tasks(of: item)
    guard case .task(let task) = item, tasks == [task] else {
      return tasks.map { name(of: $0).string }.joined(separator: "\n")
    }
    let command = run.graph[task].action.words.text.split(whereSeparator: \.isNewline)
    return ([name(of: task).string] + command.map { SafeText($0).string }).joined(separator: "\n")
  }

  /// Shows which lines are selected, by reverse video.
  func drawLineSelection(on frame: inout Frame) {
    guard let lineSelection, let place = popups.last?.content.textPlace(in: self) else { return }
    let rows = lineSelection.rows(in: place)
    let chosen = Rect(
      row: place.row + rows.lowerBound, column: place.column, rows: rows.count,
      columns: place.columns)
    frame.restyle(chosen) { $0.attributes.formUnion(.reverse) }
  }

  /// Follows a drag over the text of the newest popup; true if the event was for that.
  mutating func selectLines(_ event: MouseEvent) -> Bool {
    guard let position = popups.indices.last,
      let place = popups[position].content.textPlace(in: self)
    else { return false }
    switch event.kind {
    case .press(.left) where place.contains(row: event.row, column: event.column):
      lineSelection = nil
      pressedRow = event.row
      return true
    case .drag(.left):
      guard let anchor = pressedRow else { return false }
      // Lines that come in would move those under the pointer.
      var popup = popups[position]
      popup.content.holdText(in: DashboardContext(self))
      popups[position] = popup
      lineSelection = LineSelection(anchor: anchor, end: event.row)
      return true
    default: return false
    }
  }
}

extension PopupContent {
  package func textPlace(in state: DashboardState) -> Rect? { nil }
  package func textLines(in state: DashboardState) -> [SafeText] { [] }
  package mutating func holdText(in context: DashboardContext) {}

  /// Copies the selected lines, or all that show.
  func copyLines(_ state: DashboardState) -> [Effect] {
    guard let place = textPlace(in: state) else { return [] }
    var lines = textLines(in: state)
    if let chosen = state.lineSelection?.rows(in: place) {
      lines = Array(lines[chosen.clamped(to: lines.indices)])
    }
    let text = lines.map(\.string).joined(separator: "\n")
    return text.isEmpty ? [] : [.copy(text)]
  }
}

extension LogView {
  /// The lines that show in an area, as they are read: whole, where only the screen cuts them.
  func shownLines(_ area: Size, _ state: DashboardState) -> [SafeText] {
    let shown = rows(area, state)
    let whole = rows(Size(columns: SafeText.maximumColumns, rows: area.rows), state)
    let lines = zip(shown, whole).map { shown, whole in
      // Wrapped lines differ from row to row; a cut one begins alike, but for the sign of the cut.
      whole.string.hasPrefix(shown.string.dropLast()) ? whole : shown
    }
    return Array(lines.prefix((lines.lastIndex { !$0.isEmpty } ?? -1) + 1))
  }

  private func rows(_ area: Size, _ state: DashboardState) -> [SafeText] {
    var sheet = Frame(size: area)
    draw(in: sheet.bounds, on: &sheet, state: state)
    return (0..<area.rows).map { row in
      let glyphs = sheet.cells(in: row).filter { !$0.isContinuation }.map(\.glyph)
      return SafeText(String(glyphs.prefix((glyphs.lastIndex { $0 != " " } ?? -1) + 1)))
    }
  }
}
