package import Canvas

/// Asks how to leave while tasks run.
package struct QuitPopup: PopupContent {
  package init() {}

  package var keyContext: KeyContext { .quit }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    switch action {
    case .close: .close()
    case .leave(let choice): .close([.quit(choice)])
    default: .stay()
    }
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    _ = frame.window(columns: 60, rows: 9, title: "Quit", state: state)
  }
}
