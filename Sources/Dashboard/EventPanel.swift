import Canvas
import Model

extension DashboardState {
  /// Draws what happened, newest first.
  func drawEvents(in rect: Rect, on frame: inout Frame) {
    drawBorder(.events, rect, title: "Events", facts: eventFacts, on: &frame)
    let inside = rect.inside
    let newest = events.reversed().dropFirst(eventTop).prefix(max(0, inside.rows))
    let subject = min(inside.columns / 4, 24)
    for (offset, event) in newest.enumerated() {
      draw(event, row: inside.row + offset, inside, subject, on: &frame)
    }
    if events.isEmpty, inside.rows > 0 {
      frame.put(
        "nothing happened yet", row: inside.row, column: inside.column + 1, style: theme.dim)
    }
  }

  private func draw(
    _ event: EventLine, row: Int, _ inside: Rect, _ subject: Int, on frame: inout Frame
  ) {
    let style = theme.style(of: event.sign)
    let end = inside.endColumn - 1
    var at = frame.put(event.clock, row: row, column: inside.column + 1, style: theme.dim) + 1
    frame[row, at] = Cell(glyphs.sign(event.sign), style: style)
    at += 2
    let name = event.subject.clipped(to: subject, mark: glyphs.cut)
    frame.put(name, row: row, column: at, style: event.isLoud ? theme.strong : theme.text)
    at += subject + 2
    frame.put(
      event.text.clipped(to: end - at, mark: glyphs.cut), row: row, column: at,
      style: event.isLoud ? style : theme.text)
  }

  private var eventFacts: [SafeText] {
    var facts: [SafeText] = []
    if eventTop > 0 { facts.append("\(String(eventTop)) newer") }
    let failed = run.counts[.failed]
    if failed > 0 { facts.append("\(String(failed))\(String(glyphs.failed))") }
    facts.append("\(String(run.sequence)) facts")
    return facts
  }
}

extension EventLine {
  /// Wants to be seen.
  fileprivate var isLoud: Bool {
    switch sign {
    case .warning, .state(.failed), .state(.backoff), .state(.waiting): true
    default: false
    }
  }
}

extension Theme {
  func style(of sign: EventLine.Sign) -> Style {
    switch sign {
    case .state(let state): style(of: state)
    case .information: dim
    case .warning: warning
    }
  }
}
