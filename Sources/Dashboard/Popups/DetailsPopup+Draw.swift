package import Canvas
import Model

extension DetailsPopup {
  /// Rows above and below the body: borders, tabs and a blank, a blank and the keys.
  private static let otherRows = 6
  /// The tail of the output is left out of an overview with less room than this.
  private static let leastTail = 3

  private static func window(_ size: Size) -> Size {
    Size(
      columns: min(size.columns, max(84, min(110, size.columns - 10))),
      rows: min(size.rows, max(22, size.rows - 6)))
  }

  /// The body, where the tabs show their content.
  static func area(_ size: Size) -> Size {
    let window = window(size)
    return Size(columns: max(1, window.columns - 6), rows: max(1, window.rows - otherRows))
  }

  private static func body(_ inside: Rect, _ area: Size) -> Rect {
    Rect(
      row: inside.row + 2, column: inside.column + 2, rows: min(area.rows, inside.rows - 3),
      columns: min(area.columns, inside.columns - 2))
  }

  /// Where the tabs show their content on a screen of this size.
  static func body(_ size: Size) -> Rect {
    let window = window(size)
    let inside = size.window(columns: window.columns, rows: window.rows).inside
    return body(inside, area(size))
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    let window = Self.window(frame.size)
    let inside = frame.window(
      columns: window.columns, rows: window.rows, title: title(state),
      facts: outputFacts(state) + ["[ ] task"],
      state: state)
    let area = Self.area(frame.size)
    drawTabs(inside, on: &frame, state: state)
    drawBody(Self.body(inside, area), on: &frame, state: state)
    guard inside.rows > 3 else { return }
    drawKeys(inside, on: &frame, state: state)
  }

  private func outputFacts(_ state: DashboardState) -> [SafeText] {
    tab == .output ? view?.facts(state) ?? [] : []
  }

  private func title(_ state: DashboardState) -> SafeText {
    let tasks = state.tasks(of: item)
    guard case .task(let task) = item, !tasks.isEmpty else {
      return "\(state.name(of: item).string), \(String(tasks.count)) tasks"
    }
    let now = state.run[task].state
    return
      "\(state.name(of: item).string) \(String(state.glyphs.sign(of: now))) \(now.rawValue)"
  }

  private func drawTabs(_ inside: Rect, on frame: inout Frame, state: DashboardState) {
    var at = inside.column + 2
    let tabKeys = state.keymap.bindings(in: .details)
    for (index, name) in Self.tabs.enumerated() {
      let isShown = index == tab.rawValue
      let style = isShown ? state.theme.selected : state.theme.dim
      let start = at
      at = frame.put(
        " \(String(index + 1)) \(name.string) ", row: inside.row, column: at, style: style,
        columns: inside.endColumn - at)
      if let binding = tabKeys.first(where: { $0.action == .tab(index) }),
        let key = binding.keys.first
      {
        frame.button(key, row: inside.row, column: start, columns: at - start)
      }
    }
  }

  private func drawBody(_ body: Rect, on frame: inout Frame, state: DashboardState) {
    guard body.rows > 0, body.columns > 0 else { return }
    switch tab {
    case .output:
      if let view {
        view.draw(in: body, on: &frame, state: state)
      } else {
        frame.put("nothing has run yet", row: body.row, column: body.column, style: state.theme.dim)
      }
    case .overview: drawOverview(body, on: &frame, state: state)
    default: drawRows(rows(state, columns: body.columns), body, on: &frame, state: state)
    }
  }

  private func drawOverview(_ body: Rect, on frame: inout Frame, state: DashboardState) {
    let rows = rows(state, columns: body.columns)
    let room = body.rows - rows.count - 1
    guard room >= Self.leastTail, let view else {
      return drawRows(rows, body, on: &frame, state: state)
    }
    let (upper, lower) = body.split(top: rows.count)
    drawRows(rows, upper, on: &frame, state: state)
    let (line, tail) = lower.split(top: 1)
    frame.fill(line, with: state.glyphs.border.horizontal, style: state.theme.border)
    frame.put(" output ", row: line.row, column: line.column + 2, style: state.theme.title)
    let separator: SafeText = " \(String(state.glyphs.dot)) "
    let facts = view.factLine(state, separator: separator, columns: line.columns - 16)
    frame.put(
      " \(facts.string) ", row: line.row, endingAt: line.endColumn - 2, style: state.theme.dim)
    view.draw(in: tail, on: &frame, state: state)
  }

  private func drawRows(
    _ rows: [StyledRow], _ body: Rect, on frame: inout Frame, state: DashboardState
  ) {
    let first = firstRow(of: rows.count, body, state)
    for (offset, row) in rows.dropFirst(first).prefix(body.rows).enumerated() {
      row.draw(
        row: body.row + offset, column: body.column, columns: body.columns, on: &frame,
        state: state)
      if first + offset == cursorRow(state) {
        let line = Rect(
          row: body.row + offset, column: body.column, rows: 1, columns: body.columns)
        frame.restyle(line) { $0.attributes.formUnion(.reverse) }
      }
    }
    let hidden = rows.count - first - body.rows
    if hidden > 0 {
      frame.put(
        " \(String(hidden)) more ", row: body.endRow, endingAt: body.endColumn,
        style: state.theme.dim)
    }
  }

  /// The first row that shows.
  func firstRow(of count: Int, _ body: Rect, _ state: DashboardState) -> Int {
    guard let chosen = cursorRow(state) else { return max(0, min(top, count - 1)) }
    return DashboardState.top(0, showing: chosen + 1, of: count, rows: body.rows)
  }

  /// The keys of this window, then those of the main screen that work here.
  private func drawKeys(_ inside: Rect, on frame: inout Frame, state: DashboardState) {
    let row = inside.endRow - 1
    if let typed = view?.search.typed {
      let end = frame.put(
        SafeText("/\(typed)"), row: row, column: inside.column + 2, columns: inside.columns - 4)
      frame.put(" ", row: row, column: end, style: Style(attributes: .reverse))
      return
    }
    var at = inside.column + 2
    let end = inside.endColumn - 2
    let asking = state.keymap.footer(of: state, in: .main).filter {
      Self.passed.contains($0.action)
    }
    let own = state.keymap.bindings(in: .details).filter {
      $0.action == .close || $0.action == .nextTab || tab == .output && $0.action == .follow
    }
    for binding in asking + own {
      let text = binding.keyNames(state.glyphs)
      let label: SafeText = " \(binding.label(in: state))  "
      guard at + text.columns + label.columns - 2 <= end else { continue }
      if let key = binding.keys.first {
        frame.button(key, row: row, column: at, columns: text.columns + label.columns - 2)
      }
      at = frame.put(text, row: row, column: at, style: state.theme.focus)
      at = frame.put(label, row: row, column: at, style: state.theme.dim, columns: end - at)
    }
  }
}
