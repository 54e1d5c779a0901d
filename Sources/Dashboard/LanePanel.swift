import Canvas
import Model
import Planning

extension DashboardState {
  /// Draws the graph as lanes: one row a task, its sign on its lane.
  func drawLanes(in rect: Rect, on frame: inout Frame) {
    drawBorder(.chart, rect, title: laneTitle, facts: laneFacts, on: &frame)
    let inside = rect.inside
    guard inside.rows > 0, inside.columns > 8 else { return }
    let width = laneColumns(inside)
    let columns = RowColumns(columns: inside.columns - width - 1)
    drawColumnTitles(
      row: inside.row, column: inside.column + width + RowColumns.lead, columns: columns, on: &frame
    )
    drawLaneRows(
      Rect(
        row: inside.row + 1, column: inside.column, rows: laneRoom(rect), columns: inside.columns),
      width, columns, on: &frame)
    if laneRoom(rect) < inside.rows - 1 {
      drawNeighbours(row: inside.endRow - 2, inside, on: &frame)
    }
  }

  /// Rows of tasks that fit: less the titles and, with room, the neighbours and the legend.
  func laneRoom(_ rect: Rect) -> Int { max(0, rect.rows - (rect.rows >= 17 ? 6 : 3)) }

  /// Columns that the lanes take: two a lane, more where some are only counted.
  private func laneColumns(_ inside: Rect) -> Int {
    let shown = min(lanes.width, shownLanes(inside))
    let isCut = lanes.hasHidden || shown < lanes.width
    return 1 + 2 * max(1, shown) + (isCut ? 5 : 0)
  }

  /// Narrow panes show fewer lanes, so that names stay readable.
  private func shownLanes(_ inside: Rect) -> Int {
    inside.columns >= 60 ? Lanes.maximumLanes : inside.columns >= 44 ? 4 : 1
  }

  private func drawLaneRows(
    _ rect: Rect, _ width: Int, _ columns: RowColumns, on frame: inout Frame
  ) {
    let selected = position(in: lanes.items)
    let top = Self.top(laneTop, showing: selected, of: lanes.rows.count, rows: rect.rows)
    for (offset, row) in lanes.rows.dropFirst(top).prefix(max(0, rect.rows)).enumerated() {
      let line = rect.row + offset
      let isSelected = selected == top + offset
      let figures = figures(of: row.item)
      let style = theme.style(of: figures.state)
      let isShown = letsThrough(row.item)
      drawLane(row, figures, line: line, rect, on: &frame)
      if isSelected {
        frame[line, rect.column + width + 1] = Cell(glyphs.selection, style: theme.focus)
      }
      if isMarked(row.item) {
        frame[line, rect.column + width + 2] = Cell(glyphs.mark, style: theme.focus)
      }
      drawRow(
        figures, row: line, column: rect.column + width + RowColumns.lead, columns: columns,
        indent: 0, style: isShown ? style : theme.dim, isSelected: isSelected && focus == .chart,
        on: &frame)
    }
  }

  func letsThrough(_ item: Item) -> Bool {
    matches.map { matches in tasks(of: item).contains { matches[$0] } } ?? true
  }

  private func drawLane(
    _ row: Lanes.Row, _ figures: RowFigures, line: Int, _ rect: Rect, on frame: inout Frame
  ) {
    let shown = min(lanes.width, shownLanes(rect))
    let start = rect.column + 1
    for (at, arms) in row.cells.prefix(2 * shown).enumerated() where !arms.isEmpty {
      let isHeavy = at == 0 && row.isHeavyAbove && row.isHeavyBelow && row.lane != 0
      frame[line, start + at] = Cell(
        glyphs.line(arms, isHeavy: isHeavy), style: isHeavy ? theme.strong : theme.border)
    }
    let node = Cell(glyphs.sign(of: figures.state), style: theme.style(of: figures.state))
    let isNodeShown = row.lane < shown
    if isNodeShown { frame[line, start + 2 * row.lane] = node }
    let cut = row.hidden + (row.used >> UInt8(min(7, shown))).nonzeroBitCount * (shown < 8 ? 1 : 0)
    let hidden = max(0, cut - (isNodeShown || row.lane >= Lanes.maximumLanes ? 0 : 1))
    guard hidden > 0 || !isNodeShown else { return }
    var at = start + 2 * shown
    frame[line, at] = isNodeShown ? Cell(glyphs.cut, style: theme.border) : node
    at += 1
    if hidden > 0 {
      frame.put("+\(String(min(999, hidden)))", row: line, column: at, style: theme.border)
    }
  }

  /// What the selection needs and feeds, and its slack.
  func drawNeighbours(row: Int, _ inside: Rect, on frame: inout Frame) {
    let end = inside.endColumn - 1
    var at = inside.column + 1
    if let task = selectedTask, run.tasks.indices.contains(task.index) {
      let slack = slackWords(of: task)
      let room = end - slack.columns - (slack.isEmpty ? 0 : 2)
      frame.put(slack, row: row, endingAt: end, style: theme.dim)
      at = frame.put(name(of: task).clipped(to: 24), row: row, column: at, style: theme.strong)
      at = draw(run.links.predecessors[task.index], "needs", row, at + 2, room, on: &frame)
      at = draw(run.links.dependents[task.index], "feeds", row, at + 2, room, on: &frame)
    } else if let item = selection {
      at = frame.put(name(of: item).clipped(to: 24), row: row, column: at, style: theme.strong)
      frame.put(
        "\(String(tasks(of: item).count)) tasks", row: row, column: at + 2, style: theme.dim)
    }
    drawLegend(row: row + 1, inside.column + 1, end, on: &frame)
  }

  private func slackWords(of task: TaskID) -> SafeText {
    guard let slack = outlook.critical?.slackSeconds(of: task), !run[task].state.hasEnded else {
      return ""
    }
    return "slack \(Figures.duration(slack))"
  }

  private func draw(
    _ tasks: ArraySlice<TaskID>, _ word: SafeText, _ row: Int, _ start: Int, _ end: Int,
    on frame: inout Frame
  ) -> Int {
    guard !tasks.isEmpty, start + 12 < end else { return start - 2 }
    var at = frame.put(word, row: row, column: start, style: theme.dim) + 1
    for (index, task) in tasks.enumerated() {
      let name = name(of: task).clipped(to: 16, mark: glyphs.cut)
      guard index < 3, at + name.columns + 7 < end else {
        return frame.put("+\(String(tasks.count - index))", row: row, column: at, style: theme.dim)
      }
      let state = run[task].state
      at = frame.put(name, row: row, column: at) + 1
      frame[row, at] = Cell(glyphs.sign(of: state), style: theme.style(of: state))
      at += 2
    }
    return at
  }

  private func drawLegend(row: Int, _ start: Int, _ end: Int, on frame: inout Frame) {
    var at = start
    let states: [TaskState] = [
      .done, .running, .paused, .ready, .blocked, .failed, .backoff, .skipped,
    ]
    for state in states {
      let word = SafeText(state.rawValue)
      guard at + word.columns + 2 <= end else { return }
      frame[row, at] = Cell(glyphs.sign(of: state), style: theme.style(of: state))
      at = frame.put(word, row: row, column: at + 1, style: theme.dim) + 1
    }
  }

  private var laneTitle: SafeText { "Lanes \(SafeText(run.graph.name).string)" }

  private var laneFacts: [SafeText] {
    var facts: [SafeText] = []
    // Nothing of it is left once all is done, and "0:00" would say that it took no time.
    if let critical = outlook.critical, !outlook.path.isEmpty, critical.totalSeconds > 0 {
      let length = outlook.isGuess ? "" : "\(Figures.duration(critical.totalSeconds)) "
      facts.append("crit \(length)\(String(glyphs.critical))")
    }
    if lanes.rows.count < run.taskCount {
      facts.append("\(String(run.taskCount)) tasks in \(String(lanes.rows.count)) rows")
    }
    return facts
  }
}
