import Canvas

extension DashboardState {
  func drawHeader(in rect: Rect, on frame: inout Frame) {
    frame.put(" cairn", row: rect.row, column: rect.column, style: theme.strong)
  }

  func drawStatusLine(on frame: inout Frame) {
    frame.put("cairn", row: 0, column: 0)
  }

  func drawFooter(in rect: Rect, on frame: inout Frame) {}
}
