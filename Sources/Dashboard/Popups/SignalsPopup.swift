package import Canvas
package import Model

/// Picks a signal for running tasks.
package struct SignalsPopup: PopupContent {
  package var tasks: [TaskID]

  package init(tasks: [TaskID]) { self.tasks = tasks }

  package var keyContext: KeyContext { .signals }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    action == .close ? .close() : .stay()
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    _ = frame.window(columns: 44, rows: 14, title: "Signal", state: state)
  }
}
