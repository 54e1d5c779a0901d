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
      frame.put(
        "nothing has run here yet", row: inside.row, column: inside.column, style: theme.dim)
      return
    }
    outputPane.draw(in: inside, on: &frame, state: self)
  }

  static func outputArea(_ rect: Rect) -> Rect {
    let inside = rect.inside
    return Rect(
      row: inside.row, column: inside.column + 1, rows: inside.rows, columns: inside.columns - 2)
  }

  private var outputFacts: [SafeText] {
    guard let view = outputPane, view.hasRead else { return [] }
    return [
      "attempt \(String(view.log.attempt))", SafeText(Figures.bytes(view.knownBytes)),
      view.badge(self),
    ]
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
