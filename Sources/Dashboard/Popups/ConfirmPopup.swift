package import Canvas

/// A question with yes and no about something that cannot be taken back.
package struct ConfirmPopup: PopupContent {
  /// One line, as in `Run parse and 12 downstream tasks again?`.
  package var question: SafeText
  /// What happens, in a line or two.
  package var explanation: [SafeText]
  /// What a yes does.
  package var effects: [Effect]

  package init(question: SafeText, explanation: [SafeText] = [], effects: [Effect]) {
    self.question = question
    self.explanation = explanation
    self.effects = effects
  }

  package var keyContext: KeyContext { .confirm }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    switch action {
    case .close: .close()
    case .accept: .close(effects)
    default: .stay()
    }
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let columns = max(2, min(60, frame.size.columns) - 4)
    let asked = question.wrapped(columns: columns)
    let explained = explanation.flatMap { $0.wrapped(columns: columns) }
    let inside = frame.window(
      columns: 60, rows: asked.count + explained.count + 5, title: "Sure?", state: state)
    let lines =
      asked.map { StyledRow(.text($0, state.theme.strong)) } + [StyledRow()]
      + explained.map { StyledRow(.text($0, Style())) }
    for (offset, line) in lines.prefix(max(0, inside.rows - 1)).enumerated() {
      line.draw(
        row: inside.row + offset, column: inside.column + 1, columns: inside.columns - 2,
        on: &frame, state: state)
    }
    state.drawKeys(
      .confirm, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn,
      on: &frame)
  }
}
