package import Canvas
import Planning

/// Asks for a time of the replayed run.
package struct SeekPopup: PopupContent {
  private static let limit = 12

  private var text = ""
  private var isUnreadable = false

  package init() {}

  package var keyContext: KeyContext { .seek }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    switch (action, key) {
    case (.close, _): return .close()
    case (.accept, _):
      guard let point = ReplayPoint(text) else {
        isUnreadable = true
        return .stay()
      }
      return .close([.replay(.seek(point))])
    case (_, .character(let character)):
      text = String((text + String(character)).prefix(Self.limit))
    case (_, .paste(let pasted)): text = String((text + pasted).prefix(Self.limit))
    case (_, .backspace): text = String(text.dropLast())
    default: return .stay()
    }
    isUnreadable = false
    return .stay()
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let total = Figures.duration(state.replay?.pace.totalSeconds ?? 0)
    let inside = frame.window(
      columns: 44, rows: 6, title: "Go to", facts: ["of \(total)"], state: state)
    let end = inside.endColumn - 1
    let at = frame.put(
      SafeText(text), row: inside.row, column: inside.column + 1, style: state.theme.strong)
    if at < end { frame[inside.row, at] = Cell(" ", style: Style(attributes: .reverse)) }
    if inside.rows > 2 {
      frame.put(
        isUnreadable ? "no time and no share: 90s, 1:30, 2h, 50%" : "as 90s, 1:30, 2h or 50%",
        row: inside.row + 1, column: inside.column + 1,
        style: isUnreadable ? state.theme.warning : state.theme.dim,
        columns: max(0, inside.columns - 2))
    }
    state.drawKeys(
      .seek, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn, on: &frame)
  }
}
