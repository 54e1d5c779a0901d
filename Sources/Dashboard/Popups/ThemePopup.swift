package import Canvas
import Model

/// Picks a theme: the whole screen shows the one under the cursor.
package struct ThemePopup: PopupContent {
  private var cursor: Int
  private let before: Theme

  package init(in state: DashboardState) {
    before = state.theme
    cursor = state.themes.firstIndex { $0.theme == state.theme } ?? 0
  }

  package var keyContext: KeyContext { .themes }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let themes = context.state.themes
    switch action {
    case .close: return PopupResult(.close, change: .theme(before))
    case .accept: return accept(themes)
    case .up: cursor -= 1
    case .down: cursor += 1
    case .top: cursor = 0
    case .bottom: cursor = themes.count - 1
    default: return .stay()
    }
    cursor = max(0, min(cursor, themes.count - 1))
    return preview(themes)
  }

  /// A click shows a theme, one more keeps it.
  package mutating func choose(_ number: Int, in context: DashboardContext) -> PopupResult {
    if number == cursor { return accept(context.state.themes) }
    cursor = number
    return preview(context.state.themes)
  }

  private func accept(_ themes: [ThemeChoice]) -> PopupResult {
    themes.indices.contains(cursor) && themes[cursor].theme != nil ? .close() : .stay()
  }

  private func preview(_ themes: [ThemeChoice]) -> PopupResult {
    guard themes.indices.contains(cursor), let theme = themes[cursor].theme else { return .stay() }
    return PopupResult(.stay, change: .theme(theme))
  }

  private static let columns = 54
  private static let nameColumns = 16

  package func draw(on frame: inout Frame, state: DashboardState) {
    let themes = state.themes
    let height = min(themes.count + 3, max(1, frame.size.rows - 4))
    let inside = frame.window(
      columns: Self.columns, rows: height, title: "Themes",
      facts: [SafeText("\(cursor + 1) of \(themes.count)")], state: state)
    let page = max(1, inside.rows - 1)
    let top = max(0, min(cursor - page / 2, themes.count - page))
    for (offset, choice) in themes.dropFirst(top).prefix(page).enumerated() {
      let line = Rect(
        row: inside.row + offset, column: inside.column, rows: 1, columns: inside.columns)
      frame.button(.item(top + offset), line)
      draw(choice, isSelected: top + offset == cursor, in: line, on: &frame, state: state)
    }
    guard inside.rows > 1 else { return }
    state.drawKeys(
      .themes, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn, on: &frame)
  }

  private func draw(
    _ choice: ThemeChoice, isSelected: Bool, in rect: Rect, on frame: inout Frame,
    state: DashboardState
  ) {
    let cut = state.glyphs.cut
    let mark = isSelected ? SafeText(String(state.glyphs.selection)) : " "
    frame.put(mark, row: rect.row, column: rect.column, style: state.theme.focus)
    let style = isSelected ? state.theme.strong : state.theme.text
    let name = SafeText(choice.name).clipped(
      to: min(Self.nameColumns, rect.columns - 3), mark: cut)
    frame.put(name, row: rect.row, column: rect.column + 2, style: style)
    let sample = choice.theme.map { $0.sample(state.glyphs) } ?? []
    let end = rect.endColumn - 1 - sample.count
    let at = rect.column + 2 + Self.nameColumns + 1
    let note = choice.note.clipped(to: max(0, end - at - 1), mark: cut)
    frame.put(note, row: rect.row, column: at, style: state.theme.dim)
    guard end > at else { return }
    for (offset, cell) in sample.enumerated() { frame[rect.row, end + offset] = cell }
  }
}

extension Theme {
  /// The signs of the states in the theme's own colours.
  fileprivate func sample(_ glyphs: Glyphs) -> [Cell] {
    let states: [TaskState] = [.done, .running, .failed, .paused, .waiting, .ready, .blocked]
    var cells = states.map { Cell(glyphs.sign(of: $0), style: style(of: $0)) }
    cells = [Cell(" ")] + cells + [Cell(" ")]
    for index in cells.indices {
      if cells[index].style.foreground == .standard { cells[index].style.foreground = foreground }
      cells[index].style.background = background
    }
    return cells
  }
}
