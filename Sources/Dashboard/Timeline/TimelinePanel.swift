import Canvas
import Model
import Planning

extension DashboardState {
  /// Draws what ran when, what runs and what is expected to: one row a task or a worker slot.
  ///
  /// Only the rows that show are made.
  func drawTimeline(in rect: Rect, on frame: inout Frame) {
    drawBorder(.chart, rect, title: timelineTitle, facts: timelineFacts, on: &frame)
    let inside = rect.inside
    guard inside.rows > 0, inside.columns > 16 else { return }
    let parts = TimelineParts(rect)
    let axis = timeline.axis(columns: parts.columns, now: timelineEnd, isRunning: isRunning)
    drawStrip(parts, axis, on: &frame)
    drawAxis(parts, axis, on: &frame)
    let count = timelineRowCount
    let selected = timeline.rows == .tasks ? position(in: listing.items) : nil
    let top = Self.top(timeline.top, showing: selected, of: count, rows: parts.rows)
    for index in top..<max(top, min(count, top + parts.rows)) {
      let line = parts.firstRow + index - top
      drawTimelineRow(index, line, parts, axis, isSelected: index == selected, on: &frame)
    }
    if count == 0 {
      frame.put(
        run.opened == nil ? "waiting for the run to open" : "nothing to show",
        row: parts.firstRow, column: inside.column + 3, style: theme.dim,
        columns: inside.columns - 4)
    }
    if let row = parts.legendRow { drawTimelineLegend(row: row, inside, on: &frame) }
  }

  /// Rows of tasks or slots that fit.
  func timelineRoom(_ rect: Rect) -> Int { TimelineParts(rect).rows }

  /// Line of the screen on which the first of them stands.
  func timelineFirstRow(_ rect: Rect) -> Int { TimelineParts(rect).firstRow }

  var timelineRowCount: Int { timeline.rows == .tasks ? listing.rows.count : slotCount }

  func timelineTop(rows: Int) -> Int {
    let selected = timeline.rows == .tasks ? position(in: listing.items) : nil
    return Self.top(timeline.top, showing: selected, of: timelineRowCount, rows: rows)
  }

  private func drawTimelineRow(
    _ index: Int, _ line: Int, _ parts: TimelineParts, _ axis: TimeAxis, isSelected: Bool,
    on frame: inout Frame
  ) {
    let segments: [TimelineSegment]
    if timeline.rows == .tasks {
      let row = listing.rows[index]
      drawTimelineName(row, line, parts, isSelected: isSelected, on: &frame)
      segments = self.segments(of: row.item)
    } else {
      frame.put(
        "slot \(String(index))", row: line, column: parts.nameColumn + 3, style: theme.text,
        columns: parts.nameColumns - 4)
      segments = self.segments(ofSlot: index, axis)
    }
    drawGrid(line, parts, axis, on: &frame)
    var bar = TimelineBar(axis, row: line, column: parts.column, glyphs: glyphs, theme: theme)
    bar.draw(segments, on: &frame)
    drawNow(line, parts, axis, on: &frame)
  }

  private func drawTimelineName(
    _ row: Listing.Row, _ line: Int, _ parts: TimelineParts, isSelected: Bool,
    on frame: inout Frame
  ) {
    let at = parts.nameColumn
    let state: TaskState
    var words = name(of: row.item)
    var sign: Character
    switch row.item {
    case .task(let task):
      state = run[task].state
      sign = glyphs.sign(of: state)
    case .cluster: return
    case .group(let group):
      state = listing.tallies[group].state
      sign = fold(of: group) == .closed ? glyphs.folded : glyphs.unfolded
      words = words + " \(String(glyphs.times))\(String(listing.members(of: group).count))"
    }
    if isSelected { frame[line, at] = Cell(glyphs.selection, style: theme.focus) }
    frame[line, at + 1] = Cell(sign, style: theme.style(of: state))
    let indent = min(2 * row.depth, parts.nameColumns / 4)
    let isFocused = isSelected && focus == .chart
    frame.put(
      words.clipped(to: parts.nameColumns - 4 - indent, mark: glyphs.cut), row: line,
      column: at + 3 + indent, style: isFocused ? theme.selected : theme.style(of: state))
  }

  private func drawGrid(
    _ line: Int, _ parts: TimelineParts, _ axis: TimeAxis, on frame: inout Frame
  ) {
    for tick in axis.ticks {
      frame[line, parts.column + tick.column] = Cell("·", style: theme.border)
    }
  }

  /// A line through all rows, behind what has run.
  private func drawNow(
    _ line: Int, _ parts: TimelineParts, _ axis: TimeAxis, on frame: inout Frame
  ) {
    guard isRunning, let at = axis.column(of: now) else { return }
    let glyph = frame[line, parts.column + at].glyph
    guard [" ", "·", glyphs.predicted, glyphs.predictedCritical].contains(glyph) else { return }
    frame[line, parts.column + at] = Cell(glyphs.tick, style: theme.focus)
  }
}

// MARK: What frames the rows

extension DashboardState {
  private func drawAxis(_ parts: TimelineParts, _ axis: TimeAxis, on frame: inout Frame) {
    let row = parts.axisRow
    frame.put(
      timeline.rows == .tasks ? "task" : "slot", row: row, column: parts.nameColumn + 3,
      style: theme.dim)
    let present = isRunning ? axis.column(of: now) : nil
    for tick in axis.ticks {
      let label = SafeText(tick.label)
      let range = tick.column...(tick.column + label.columns)
      guard tick.column + label.columns <= parts.columns,
        present.map({ !range.overlaps($0 - 1...$0 + 3) }) ?? true
      else { continue }
      frame.put(label, row: row, column: parts.column + tick.column, style: theme.dim)
    }
    guard let present else { return }
    let start = min(present, parts.columns - 3)
    frame.put("now", row: row, column: parts.column + start, style: theme.focus, columns: 3)
  }

  /// The footprint above the time at which it lay there; a full column is the peak.
  private func drawStrip(_ parts: TimelineParts, _ axis: TimeAxis, on frame: inout Frame) {
    guard parts.stripRows > 0 else { return }
    let words = ["footprint", "peak \(Figures.shortBytes(run.peakBytes))"]
    for (line, word) in words.suffix(parts.stripRows).enumerated() {
      frame.put(
        SafeText(word), row: parts.stripRow + line, column: parts.nameColumn + 3,
        style: theme.dim, columns: parts.nameColumns - 4)
    }
    let levels = glyphs.spark.count
    let maxima = timeline.footprint.maxima(axis, until: timelineEnd)
    for (column, bytes) in maxima.enumerated() {
      guard let bytes, bytes > 0, run.peakBytes > 0 else { continue }
      let share = min(1, Double(bytes) / Double(run.peakBytes))
      let height = max(1, Int((share * Double(levels * parts.stripRows)).rounded()))
      for line in 0..<parts.stripRows {
        let level = min(levels, height - line * levels)
        guard level > 0 else { break }
        frame[parts.stripRow + parts.stripRows - 1 - line, parts.column + column] = Cell(
          glyphs.spark[level - 1], style: theme.gauge)
      }
    }
  }

  private func drawTimelineLegend(row: Int, _ inside: Rect, on frame: inout Frame) {
    let end = inside.endColumn - 1
    var at = inside.column + 1
    let block = glyphs.eighths[glyphs.eighths.count - 1]
    let signs: [(Character, String, Style)] = [
      (block, "ran", theme.done), (block, "runs", theme.running),
      (glyphs.failed, "failed", theme.failed), (glyphs.paused, "paused", theme.paused),
      (glyphs.betweenAttempts, "back-off", theme.paused), (glyphs.predicted, "expected", theme.dim),
      (glyphs.predictedCritical, "expected, crit", theme.strong), (glyphs.tick, "now", theme.focus),
    ]
    for (glyph, word, style) in signs where at + word.count + 2 <= end {
      frame[row, at] = Cell(glyph, style: style)
      at = frame.put(SafeText(word), row: row, column: at + 2, style: theme.dim) + 2
    }
  }

  private var timelineTitle: SafeText { "Timeline \(SafeText(run.graph.name).string)" }

  private var timelineFacts: [SafeText] {
    var facts: [SafeText] = []
    if isRunning, timeline.prediction == nil, case .unknown(let reason) = outlook.forecast {
      facts.append("nothing expected: \(reason.words)")
    }
    facts.append(timeline.rows == .tasks ? "by task" : "by slot")
    if let span = timeline.spanSeconds {
      facts.append("\(TimeAxis.label(span, step: span < 5 ? 0.1 : 1)) across")
      if timeline.startSeconds == nil { facts.append("follow") }
    }
    return facts
  }
}

/// Where the parts of the pane lie.
private struct TimelineParts {
  var nameColumn: Int
  var nameColumns: Int
  /// Left edge of the axis, and its width.
  var column: Int
  var columns: Int
  var stripRow: Int
  var stripRows: Int
  var axisRow: Int
  var firstRow: Int
  var rows: Int
  var legendRow: Int?

  init(_ rect: Rect) {
    let inside = rect.inside
    nameColumn = inside.column
    nameColumns = min(30, max(12, inside.columns / 4))
    column = nameColumn + nameColumns
    columns = max(0, inside.endColumn - column)
    stripRow = inside.row
    stripRows = inside.rows >= 14 ? 2 : inside.rows >= 7 ? 1 : 0
    axisRow = inside.row + stripRows
    firstRow = axisRow + 1
    let hasLegend = inside.rows >= 10
    legendRow = hasLegend ? inside.endRow - 1 : nil
    rows = max(0, inside.rows - stripRows - 1 - (hasLegend ? 1 : 0))
  }
}
