extension Frame {
  /// Draws a thin bar, as in `━━━━━━━···`; `share` outside 0 to 1 is clamped, nil is empty.
  package mutating func line(
    row: Int, column: Int, columns: Int, share: Double?, glyphs: Glyphs, style: Style,
    emptyStyle: Style = Style(attributes: .dim), empty: Character? = nil
  ) {
    let full = filled(share, of: columns)
    for index in 0..<max(0, columns) {
      self[row, column + index] =
        index < full
        ? Cell(glyphs.lineFull, style: style)
        : Cell(empty ?? glyphs.lineEmpty, style: emptyStyle)
    }
  }

  /// Draws a thick bar between its end marks, with steps of an eighth and a tick at `tick`.
  package mutating func bar(
    row: Int, column: Int, columns: Int, share: Double?, tick: Double? = nil, glyphs: Glyphs,
    style: Style, emptyStyle: Style = Style(attributes: .dim)
  ) {
    let room = columns - 2
    guard room > 0 else { return }
    self[row, column] = Cell(glyphs.barStart, style: emptyStyle)
    self[row, column + columns - 1] = Cell(glyphs.barEnd, style: emptyStyle)
    let steps = glyphs.eighths.count
    let units = Int((clamped(share) * Double(room * steps)).rounded(.down))
    for index in 0..<room {
      let part = min(steps, units - index * steps)
      self[row, column + 1 + index] =
        part > 0
        ? Cell(glyphs.eighths[part - 1], style: style) : Cell(glyphs.barEmpty, style: emptyStyle)
    }
    guard let tick, tick.isFinite, tick >= 0, tick <= 1 else { return }
    let at = min(room - 1, Int(tick * Double(room)))
    self[row, column + 1 + at] = Cell(glyphs.tick, style: Style(attributes: .bold))
  }

  /// Draws the newest values as columns of eighths, right-aligned; the largest is full.
  package mutating func sparkline(
    _ values: [Double], row: Int, column: Int, columns: Int, glyphs: Glyphs, style: Style
  ) {
    let shown = values.suffix(max(0, columns))
    let top = shown.max() ?? 0
    guard top > 0 else { return }
    let steps = glyphs.spark.count
    for (index, value) in shown.enumerated() {
      let level = min(steps - 1, max(0, Int(value / top * Double(steps) - 0.000_1)))
      self[row, column + columns - shown.count + index] = Cell(glyphs.spark[level], style: style)
    }
  }

  private func filled(_ share: Double?, of columns: Int) -> Int {
    Int((clamped(share) * Double(columns)).rounded(.down))
  }

  private func clamped(_ share: Double?) -> Double {
    guard let share, share.isFinite else { return 0 }
    return min(1, max(0, share))
  }
}
