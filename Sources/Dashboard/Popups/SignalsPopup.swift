package import Canvas
package import Model

/// Picks a signal for running tasks.
package struct SignalsPopup: PopupContent {
  package var tasks: [TaskID]
  private var cursor = 0

  package init(tasks: [TaskID]) { self.tasks = tasks }

  /// Linux numbers; the journal and the engine use the same.
  static let signals: [(name: String, number: Int32, meaning: SafeText)] = [
    ("TERM", 15, "please end"), ("INT", 2, "interrupt, as ^C does"),
    ("HUP", 1, "the terminal is gone; many reload instead"),
    ("QUIT", 3, "end and leave a core dump"), ("KILL", 9, "end at once; cannot be caught"),
    ("STOP", 19, "freeze; cannot be caught"), ("CONT", 18, "go on after STOP"),
    ("USR1", 10, "means what the program wants"), ("USR2", 12, "means what the program wants"),
  ]

  package var keyContext: KeyContext { .signals }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let last = Self.signals.count - 1
    switch action {
    case .close: return .close()
    case .up: cursor = max(0, cursor - 1)
    case .down: cursor = min(last, cursor + 1)
    case .top: cursor = 0
    case .bottom: cursor = last
    case .accept:
      return .close([.send(.signal(tasks, number: Self.signals[cursor].number))])
    default: break
    }
    return .stay()
  }

  private static let window = Size(columns: 60, rows: signals.count + 4)

  private func firstRow(_ inside: Rect) -> Int {
    DashboardState.top(0, showing: cursor, of: Self.signals.count, rows: max(1, inside.rows - 2))
  }

  /// A click chooses a signal; only the key, or its name below, sends it.
  package mutating func choose(_ number: Int, in context: DashboardContext) -> PopupResult {
    cursor = number
    return .stay()
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let subject =
      tasks.count == 1 ? state.name(of: tasks[0]) : "\(String(tasks.count)) tasks"
    let inside = frame.window(
      columns: Self.window.columns, rows: Self.window.rows, title: "Signal \(subject.string)",
      state: state)
    let top = firstRow(inside)
    for (offset, signal) in Self.signals.dropFirst(top).prefix(max(1, inside.rows - 2)).enumerated()
    {
      let row = inside.row + offset
      let isChosen = top + offset == cursor
      let line = Rect(row: row, column: inside.column, rows: 1, columns: inside.columns)
      frame.button(.item(top + offset), line)
      let mark = isChosen ? String(state.glyphs.selection) : " "
      frame.put(
        SafeText("\(mark)\(signal.name.padded(6))\(String(signal.number).leading(2))  "),
        row: row, column: inside.column, style: state.theme.strong, columns: inside.columns)
      frame.put(
        signal.meaning.clipped(to: inside.columns - 12, mark: state.glyphs.cut), row: row,
        column: inside.column + 11, columns: inside.columns - 11)
      if isChosen { frame.restyle(line) { $0.attributes.formUnion(.reverse) } }
    }
    state.drawKeys(
      .signals, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn,
      on: &frame)
  }
}

extension String {
  /// Filled with blanks behind.
  func padded(_ columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - count))
  }

  /// Filled with blanks in front.
  func leading(_ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - count)) + self
  }
}
