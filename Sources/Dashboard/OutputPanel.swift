import Canvas
import Model

extension DashboardState {
  /// Draws the end of the selection's output, beside the lanes of a wide screen.
  func drawOutput(in rect: Rect, on frame: inout Frame) {
    let log = selectedLog
    let title: SafeText = log.map { "Output \(name(of: $0.task).string)" } ?? "Output"
    drawBorder(.output, rect, title: title, facts: outputFacts(log), on: &frame)
    let inside = rect.inside
    guard inside.rows > 0, inside.columns > 2 else { return }
    guard let log, let window = logs[log] else {
      frame.put(
        log == nil ? "nothing has run here yet" : "reading", row: inside.row,
        column: inside.column + 1, style: theme.dim)
      return
    }
    if let problem = window.problem {
      frame.put(SafeText(problem), row: inside.row, column: inside.column + 1, style: theme.warning)
      return
    }
    let lines = LogText.lastLines(of: window, limit: inside.rows)
    for (offset, line) in lines.enumerated() {
      frame.put(
        line.clipped(to: inside.columns - 2, mark: glyphs.cut), row: inside.row + offset,
        column: inside.column + 1, columns: inside.columns - 2)
    }
  }

  private func outputFacts(_ log: LogReference?) -> [SafeText] {
    guard let log, let window = logs[log] else { return [] }
    return ["attempt \(String(log.attempt))", SafeText(Figures.bytes(window.totalBytes))]
  }

  /// Asks for the end of the selected log when the pane shows another one, or time has passed.
  mutating func outputEffects(_ message: Message) -> [Effect] {
    guard layout(size).output != nil, let log = selectedLog else { return [] }
    switch message {
    case .signals where run[log.task].state.isActive: return [.readLog(log, .end)]
    case .facts(let facts) where facts.contains(where: { $0.kind.task == log.task }):
      shownLog = log
      return [.readLog(log, .end)]
    default: break
    }
    guard shownLog != log else { return [] }
    shownLog = log
    return [.readLog(log, .end)]
  }
}
