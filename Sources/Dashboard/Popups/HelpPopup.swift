package import Canvas

/// Every key, from the keymap.
package struct HelpPopup: PopupContent {
  package init() {}

  package var keyContext: KeyContext { .help }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    action == .close ? .close() : .stay()
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    _ = frame.window(columns: 76, rows: 30, title: "Keys", state: state)
  }
}
