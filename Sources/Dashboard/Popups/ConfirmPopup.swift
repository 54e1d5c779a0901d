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
    let inside = frame.window(columns: 60, rows: 7, title: "Sure?", state: state)
    frame.put(question, row: inside.row, column: inside.column + 1, columns: inside.columns - 2)
  }
}
