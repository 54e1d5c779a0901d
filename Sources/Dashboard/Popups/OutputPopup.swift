package import Canvas
package import Model

/// The output of an attempt, full screen and without borders, so that a terminal can copy it cleanly.
package struct OutputPopup: PopupContent {
  package var log: LogReference

  package init(log: LogReference) { self.log = log }

  package var keyContext: KeyContext { .output }

  package func opening(in context: DashboardContext) -> [Effect] { [.readLog(log, .end)] }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    action == .close ? .close() : .stay()
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    frame.fill(frame.bounds)
  }
}
