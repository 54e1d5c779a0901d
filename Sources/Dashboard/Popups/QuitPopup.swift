package import Canvas
import Model

/// Asks how to leave while tasks run.
package struct QuitPopup: PopupContent {
  package init() {}

  package var keyContext: KeyContext { .quit }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    switch action {
    case .close: .close()
    // The run may have ended while the question stood.
    case .leave(let choice): .close([.quit(context.state.isRunning ? choice : .leave)])
    default: .stay()
    }
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let inside = frame.window(columns: 60, rows: 8, title: "Quit", state: state)
    let lines = text(state).flatMap { $0.wrapped(columns: max(2, inside.columns - 2)) }
    for (offset, line) in lines.prefix(max(0, inside.rows - 1)).enumerated() {
      frame.put(
        line, row: inside.row + offset, column: inside.column + 1,
        style: offset == 0 ? state.theme.strong : Style(), columns: inside.columns - 2)
    }
    state.drawKeys(
      .quit, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn, on: &frame)
  }

  private func text(_ state: DashboardState) -> [SafeText] {
    guard state.isRunning else { return ["Nothing runs any more."] }
    let active = state.run.counts.count { $0.isActive }
    let left = state.run.counts.count { !$0.hasEnded } - active
    let running = active == 1 ? "1 task runs" : "\(active) tasks run"
    let waiting = left == 1 ? "1 more is to come" : "\(left) more are to come"
    let asking = state.run.tasks.count { $0.isLive && !$0.state.isActive }
    return [
      SafeText(left > 0 ? "\(running), \(waiting)." : "\(running)."),
      asking == 0 ? "" : "\(asking) of them began and wait for you: they would begin anew.",
      state.isAttached
        ? "The run belongs to another terminal and goes on without this one, unless you stop it."
        : "Stopped tasks get TERM, a grace, then KILL. What is done stays done: cairn resume goes on.",
    ]
  }
}
