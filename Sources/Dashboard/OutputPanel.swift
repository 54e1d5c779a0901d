import Canvas
import Model

extension DashboardState {
  /// Draws the selection's output, beside the chart of a wide screen.
  func drawOutput(in rect: Rect, on frame: inout Frame) {
    let title: SafeText = outputPane.map { "Output \(name(of: $0.log.task).string)" } ?? "Output"
    drawBorder(.output, rect, title: title, facts: outputFacts, on: &frame)
    let inside = Self.outputArea(rect)
    guard inside.rows > 0, inside.columns > 0 else { return }
    guard let outputPane else {
      // The same words as for a task that has begun and says nothing: its start changes nothing here.
      frame.put("no output", row: inside.row, column: inside.column, style: theme.dim)
      return
    }
    outputPane.draw(in: inside, on: &frame, state: self)
    guard let typed = outputPane.search.typed else { return }
    let row = rect.endRow - 1
    let end = frame.put(
      SafeText("/\(typed)"), row: row, column: inside.column, columns: inside.columns - 1)
    frame.put(" ", row: row, column: end, style: Style(attributes: .reverse))
  }

  /// Whose keys the main screen answers first.
  var mainContext: KeyContext { outputPaneArea == nil ? .main : .outputPane }

  /// The lines of the pane while it has the focus and something to show.
  private var outputPaneArea: Size? {
    guard focus == .output, outputPane != nil, let rect = layout(size).output else { return nil }
    let area = Self.outputArea(rect)
    return Size(columns: area.columns, rows: area.rows)
  }

  /// Scrolls and searches in the pane with the focus; nil lets the main screen answer.
  mutating func pressInOutputPane(_ key: Key) -> [Effect]? {
    guard let area = outputPaneArea else { return nil }
    return outputPane?.answer(
      key, keymap.binding(of: key, in: .outputPane)?.action, area: area)
  }

  static func outputArea(_ rect: Rect) -> Rect {
    let inside = rect.inside
    return Rect(
      row: inside.row, column: inside.column + 1, rows: inside.rows, columns: inside.columns - 2)
  }

  private var outputFacts: [SafeText] {
    guard let view = outputPane, view.hasRead else { return [] }
    return ["attempt \(String(view.log.attempt))"] + view.facts(self)
  }

  /// Lets the pane show the log of the selection, and tells it what has happened.
  mutating func outputEffects(_ message: Message) -> [Effect] {
    guard let rect = layout(size).output, let log = selectedLog else {
      outputPane = nil
      return []
    }
    guard outputPane?.log == log else {
      outputPane = LogView(log: log, look: outputPane?.look ?? LogLook())
      return outputPane?.readEnd() ?? []
    }
    let area = Self.outputArea(rect)
    let isActive = isWriting(log)
    return outputPane?.receive(
      message, isActive: isActive, area: Size(columns: area.columns, rows: area.rows)) ?? []
  }
}
