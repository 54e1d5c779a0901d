import Canvas
import Model

/// Draws the segments of one row, the earlier first.
///
/// Starts and ends are told to an eighth of a cell: a block that begins inside its cell is the block
/// of what is in front of it, reversed. Where one attempt follows another at once, an eighth of the cell
/// stays blank between them (in ASCII, `|`).
struct TimelineBar {
  let axis: TimeAxis
  let row: Int
  /// Of the axis' left edge.
  let column: Int
  let glyphs: Glyphs
  let theme: Theme
  /// Cell in which the last attempt ended, from the left edge.
  private var lastCell = -2

  init(_ axis: TimeAxis, row: Int, column: Int, glyphs: Glyphs, theme: Theme) {
    self.axis = axis
    self.row = row
    self.column = column
    self.glyphs = glyphs
    self.theme = theme
  }

  mutating func draw(_ segments: [TimelineSegment], on frame: inout Frame) {
    for segment in segments where segment.endSeconds >= axis.startSeconds {
      guard segment.startSeconds <= axis.endSeconds else { continue }
      switch segment.kind {
      case .succeeded, .failed, .running: drawAttempt(segment, on: &frame)
      case .paused: fill(segment, glyphs.paused, theme.paused, on: &frame)
      case .backoff: fill(segment, glyphs.betweenAttempts, theme.paused, on: &frame)
      case .group(let state): drawGroup(segment, state, on: &frame)
      case .predicted(let isCritical): drawPredicted(segment, isCritical, on: &frame)
      }
    }
  }

  private func style(of kind: TimelineSegment.Kind) -> Style {
    switch kind {
    case .succeeded: theme.done
    case .failed: theme.failed
    case .running: theme.running
    default: theme.text
    }
  }

  private mutating func drawAttempt(_ segment: TimelineSegment, on frame: inout Frame) {
    let parts = glyphs.eighths.count
    let style = style(of: segment.kind)
    var from = max(0, axis.position(of: segment.startSeconds, parts: parts))
    let to = min(
      axis.columns * parts, max(from + 1, axis.position(of: segment.endSeconds, parts: parts)))
    guard from < to else { return }
    let last = (to - 1) / parts
    // Several in one cell: the first keeps it, but a failure is never hidden.
    if from / parts <= lastCell { from = min((lastCell + 1) * parts, to) }
    let isTouching = from % parts == 0 && from / parts == lastCell + 1
    var cell = from / parts
    while cell <= last, from < to {
      let low = max(0, from - cell * parts)
      let high = min(parts, to - cell * parts)
      set(cell, block(low, high, isFirst: isTouching && cell == from / parts, style), on: &frame)
      cell += 1
    }
    write(segment, from: (from + parts - 1) / parts, to: last, style, on: &frame)
    if segment.kind == .failed { set(last, Cell(glyphs.failed, style: style), on: &frame) }
    lastCell = max(lastCell, last)
  }

  /// The parts of a cell from `low` to `high`, of which the first is left out where one bar follows another.
  private func block(_ low: Int, _ high: Int, isFirst: Bool, _ style: Style) -> Cell {
    let parts = glyphs.eighths.count
    guard parts > 1 else { return Cell(isFirst ? "|" : glyphs.eighths[0], style: style) }
    let low = isFirst && high == parts ? max(1, low) : low
    guard low > 0 else { return Cell(glyphs.eighths[high - 1], style: style) }
    guard high == parts else { return Cell(glyphs.eighths[high - low - 1], style: style) }
    return Cell(glyphs.eighths[low - 1], style: style.reversed)
  }

  /// Puts the label into a bar that leaves a cell on both sides of it.
  private func write(
    _ segment: TimelineSegment, from first: Int, to last: Int, _ style: Style,
    on frame: inout Frame
  ) {
    let room = last - first - 1
    guard room >= 1, !segment.label.isEmpty else { return }
    guard room >= min(3, segment.label.columns) else { return }
    frame.put(
      segment.label.clipped(to: room, mark: glyphs.cut), row: row, column: column + first + 1,
      style: style.reversed)
  }

  private func drawPredicted(
    _ segment: TimelineSegment, _ isCritical: Bool, on frame: inout Frame
  ) {
    let glyph = isCritical ? glyphs.predictedCritical : glyphs.predicted
    let style = isCritical ? theme.strong : theme.dim
    for cell in cells(of: segment) where cell > lastCell {
      set(cell, Cell(glyph, style: style), on: &frame)
    }
  }

  private func drawGroup(_ segment: TimelineSegment, _ state: TaskState, on frame: inout Frame) {
    fill(segment, glyphs.lineFull, theme.style(of: state), on: &frame)
  }

  private func fill(
    _ segment: TimelineSegment, _ glyph: Character, _ style: Style, on frame: inout Frame
  ) {
    for cell in cells(of: segment) { set(cell, Cell(glyph, style: style), on: &frame) }
  }

  /// Whole cells, at least one.
  private func cells(of segment: TimelineSegment) -> Range<Int> {
    let from = max(0, axis.position(of: segment.startSeconds, parts: 1))
    let to = max(from + 1, axis.position(of: segment.endSeconds, parts: 1))
    return min(from, axis.columns)..<min(to, axis.columns)
  }

  private func set(_ cell: Int, _ value: Cell, on frame: inout Frame) {
    guard 0..<axis.columns ~= cell else { return }
    frame[row, column + cell] = value
  }
}

extension Style {
  /// Text and ground changed places.
  var reversed: Style {
    var style = self
    style.attributes.formSymmetricDifference(.reverse)
    return style
  }
}

extension Glyphs {
  /// What is expected to run.
  var predicted: Character { isASCII ? "-" : "░" }
  /// What is expected to run and nothing else can make up for.
  var predictedCritical: Character { isASCII ? ":" : "▒" }
  /// The pause before the next attempt.
  var betweenAttempts: Character { isASCII ? backoff : "╌" }
}
