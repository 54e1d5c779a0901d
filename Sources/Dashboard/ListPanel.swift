import Canvas
import Model

extension DashboardState {
  /// Draws the task list with folding groups; only the rows that show are made.
  func drawList(in rect: Rect, on frame: inout Frame) {
    drawBorder(.tasks, rect, title: listTitle, facts: listFacts, on: &frame)
    let inside = rect.inside
    guard inside.rows > 0, inside.columns > 8 else { return }
    let columns = RowColumns(columns: inside.columns - 1)
    let start = inside.column + RowColumns.lead
    drawColumnTitles(row: inside.row, column: start, columns: columns, order: order, on: &frame)
    drawListRows(
      Rect(
        row: inside.row + 1, column: inside.column, rows: listRoom(rect), columns: inside.columns),
      columns, on: &frame)
    if listRoom(rect) < inside.rows - 1 { drawTally(row: inside.endRow - 1, inside, on: &frame) }
  }

  /// Rows of tasks that fit into a list of this size: less the titles and, with room, the tally.
  func listRoom(_ rect: Rect) -> Int { max(0, rect.rows - (rect.rows >= 12 ? 4 : 3)) }

  private func drawListRows(_ rect: Rect, _ columns: RowColumns, on frame: inout Frame) {
    let rows = listing.rows
    guard !rows.isEmpty else {
      frame.put(emptyWords, row: rect.row, column: rect.column + 3, style: theme.dim)
      return
    }
    let selected = position(in: listing.items)
    let top = Self.top(listTop, showing: selected, of: rows.count, rows: rect.rows)
    for (offset, row) in rows.dropFirst(top).prefix(max(0, rect.rows)).enumerated() {
      drawListRow(
        row, at: rect.row + offset, rect, columns, isSelected: selected == top + offset, on: &frame)
    }
  }

  private func drawListRow(
    _ row: Listing.Row, at line: Int, _ rect: Rect, _ columns: RowColumns, isSelected: Bool,
    on frame: inout Frame
  ) {
    var figures = figures(of: row.item)
    if row.depth > 0 { figures.name = shortName(of: row.item) }
    let style = theme.style(of: figures.state)
    if isSelected {
      frame.put(
        SafeText(String(glyphs.selection)), row: line, column: rect.column, style: theme.focus)
    }
    frame[line, rect.column + 1] = Cell(listSign(row.item, figures), style: style)
    if isMarked(row.item) { frame[line, rect.column + 2] = Cell(glyphs.mark, style: theme.focus) }
    drawRow(
      figures, row: line, column: rect.column + RowColumns.lead, columns: columns,
      indent: min(row.depth * 2, columns.name / 2), style: style,
      isSelected: isSelected && focus == .tasks, on: &frame)
  }

  /// Inside its group, `shard[n=3]` is `[n=3]`: the group's row says the rest.
  private func shortName(of item: Item) -> SafeText {
    guard case .task(let task) = item, let group = run.graph[task].group,
      run.graph.groups.indices.contains(group)
    else { return name(of: item) }
    let name = run.graph[task].name
    let prefix = run.graph.groups[group].name
    let isInstance = name.hasPrefix(prefix) && name.dropFirst(prefix.count).first == "["
    return isInstance ? SafeText(name.dropFirst(prefix.count)) : titledName(of: task)
  }

  private func listSign(_ item: Item, _ figures: RowFigures) -> Character {
    guard case .group(let group) = item else { return glyphs.sign(of: figures.state) }
    return fold(of: group) == .closed ? glyphs.folded : glyphs.unfolded
  }

  /// The last line: how many rows are folded away, and how many tasks stand where.
  private func drawTally(row: Int, _ inside: Rect, on frame: inout Frame) {
    let shown = listing.rows.count { if case .task = $0.item { true } else { false } }
    let folded = run.taskCount - shown
    var at = inside.column + 1
    if folded > 0 {
      at = frame.put("\(String(folded)) folded", row: row, column: at, style: theme.dim)
      at = frame.put(
        " \(String(glyphs.border.vertical)) ", row: row, column: at, style: theme.border)
    }
    for part in histogram(of: listing.tally) where at + part.text.columns < inside.endColumn {
      at = frame.put(part.text, row: row, column: at, style: theme.style(of: part.state)) + 1
    }
  }

  private var listTitle: SafeText { "Tasks \(String(run.taskCount))" }

  private var listFacts: [SafeText] {
    var facts: [SafeText] = []
    if hidesFinished { facts.append("done hidden") }
    if follows { facts.append("follow") }
    if order.column != .graph {
      facts.append("\(String(glyphs.sign(of: order)))\(order.word)")
    }
    if !filter.text.isEmpty || isFiltering { facts.append("/\(filter.text)") }
    return facts
  }

  private var emptyWords: SafeText {
    if run.opened == nil { return "waiting for the run to open" }
    if !filter.isEmpty { return "no task matches the filter" }
    return hidesFinished ? "all done" : "the graph has no tasks"
  }

  func drawBorder(
    _ pane: Pane, _ rect: Rect, title: SafeText, facts: [SafeText] = [], on frame: inout Frame
  ) {
    let isFocused = focus == pane
    frame.border(
      rect, title: title, facts: facts, glyphs: glyphs,
      style: isFocused ? theme.focus : theme.border,
      titleStyle: isFocused ? theme.focus : theme.title)
  }
}
