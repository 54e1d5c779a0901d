import Canvas

/// One row of a popup: texts and bars side by side.
struct StyledRow {
  enum Span {
    case text(SafeText, Style)
    /// A gauge of so many columns.
    case bar(Double, columns: Int, Style)
  }

  var spans: [Span]

  init(_ spans: Span...) { self.spans = spans }
  init(spans: [Span]) { self.spans = spans }

  func draw(row: Int, column: Int, columns: Int, on frame: inout Frame, state: DashboardState) {
    var at = column
    let end = column + columns
    for span in spans where at < end {
      switch span {
      case .text(let text, let style):
        at = frame.put(
          text.clipped(to: end - at, mark: state.glyphs.cut), row: row, column: at, style: style,
          columns: end - at)
      case .bar(let share, let width, let style):
        guard at + width <= end else { return }
        frame.bar(
          row: row, column: at, columns: width, share: share, glyphs: state.glyphs, style: style,
          emptyStyle: state.theme.dim)
        at += width
      }
    }
  }
}
