package import Canvas

/// Every key, from the keymap: first those of where one is, then (on Tab) all.
package struct HelpPopup: PopupContent {
  private var showsAll = false
  private var top = 0

  package init() {}

  package var keyContext: KeyContext { .help }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    let state = context.state
    let inside = Self.inside(state.size)
    let count = rows(state, columns: inside.columns).count
    let page = max(1, inside.rows - 1)
    switch action {
    case .close: return .close()
    case .nextTab: (showsAll, top) = (!showsAll, 0)
    case .up: top -= 1
    case .down: top += 1
    case .pageUp, .halfPageUp: top -= page
    case .pageDown, .halfPageDown: top += page
    case .top: top = 0
    case .bottom: top = count
    default: break
    }
    top = max(0, min(top, count - page))
    return .stay()
  }

  private static let columns = 76

  private static func inside(_ size: Size) -> Size {
    Size(columns: max(0, min(columns, size.columns) - 2), rows: max(1, size.rows - 4))
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let rows = rows(state, columns: Self.inside(frame.size).columns)
    let height = min(rows.count + 3, frame.size.rows - 2)
    let page = max(1, height - 3)
    let top = max(0, min(self.top, rows.count - page))
    let shown = "\(top + 1)-\(min(rows.count, top + page)) of \(rows.count)"
    let inside = frame.window(
      columns: Self.columns, rows: height, title: showsAll ? "All keys" : "Keys here",
      facts: [SafeText(shown)], state: state)
    for (offset, row) in rows.dropFirst(top).prefix(max(0, inside.rows - 1)).enumerated() {
      row.draw(
        row: inside.row + offset, column: inside.column + 1, columns: inside.columns - 2,
        on: &frame, state: state)
    }
    state.drawKeys(
      .help, row: inside.endRow - 1, column: inside.column + 1, end: inside.endColumn, on: &frame)
  }

  private func rows(_ state: DashboardState, columns: Int) -> [StyledRow] {
    let below = state.contextBelowHelp
    var contexts: [KeyContext] = below == .main ? state.mainContexts : [below]
    if [.details, .outputPane].contains(below) { contexts.append(.main) }
    contexts.append(.anywhere)
    if showsAll { contexts += KeyContext.allCases.filter { !contexts.contains($0) } }
    var rows: [StyledRow] = []
    for context in contexts {
      let bindings = state.keymap.bindings(in: context)
      guard !bindings.isEmpty else { continue }
      if !rows.isEmpty { rows.append(StyledRow()) }
      rows.append(StyledRow(.text(context.title, state.theme.strong)))
      for binding in bindings { rows += Self.rows(binding, columns: columns, state) }
    }
    return rows
  }

  private static let keyColumns = 18

  private static func rows(_ binding: Binding, columns: Int, _ state: DashboardState)
    -> [StyledRow]
  {
    let keys = binding.keyNames(state.glyphs, all: true).clipped(to: keyColumns - 2)
    let gap = String(repeating: " ", count: keyColumns - keys.columns)
    let help = SafeText(binding.help).wrapped(columns: max(2, columns - keyColumns - 2))
    return help.enumerated().map { position, line in
      let blank = SafeText(String(repeating: " ", count: keyColumns))
      return StyledRow(
        position == 0 ? .text(keys, state.theme.focus) : .text(blank, Style()),
        .text(position == 0 ? SafeText(gap) + line : line, Style()))
    }
  }
}

extension DashboardState {
  /// Where one was when the help was opened.
  fileprivate var contextBelowHelp: KeyContext {
    let below = popups.last { if case .help = $0 { false } else { true } }
    return below?.content.keyContext ?? mainContext
  }
}

extension KeyContext {
  fileprivate var title: SafeText {
    switch self {
    case .anywhere: "Everywhere"
    case .main: "Dashboard"
    case .timeline: "Timeline"
    case .replay: "Replay"
    case .seek: "Go to a time"
    case .filter: "Filter line"
    case .details: "Details"
    case .output: "Output"
    case .outputPane: "Output pane"
    case .help: "Help"
    case .signals: "Signals"
    case .quit: "Quit"
    case .confirm: "Question"
    case .themes: "Themes"
    }
  }
}
