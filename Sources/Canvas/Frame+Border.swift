extension Rect {
  /// The space inside a border.
  package var inside: Rect {
    Rect(row: row + 1, column: column + 1, rows: rows - 2, columns: columns - 2)
  }

  package var size: Size { Size(columns: columns, rows: rows) }
  package var endRow: Int { row + rows }
  package var endColumn: Int { column + columns }

  /// Splits into an upper part of so many rows and the rest.
  package func split(top: Int) -> (Rect, Rect) {
    let part = max(0, min(top, rows))
    return (
      Rect(row: row, column: column, rows: part, columns: columns),
      Rect(row: row + part, column: column, rows: rows - part, columns: columns)
    )
  }

  /// Splits into a left part of so many columns and the rest.
  package func split(left: Int) -> (Rect, Rect) {
    let part = max(0, min(left, columns))
    return (
      Rect(row: row, column: column, rows: rows, columns: part),
      Rect(row: row, column: column + part, rows: rows, columns: columns - part)
    )
  }
}

extension Frame {
  package var bounds: Rect { Rect(row: 0, column: 0, rows: size.rows, columns: size.columns) }

  /// Draws a border with a title set into its upper edge at the left and facts at the right.
  ///
  /// Facts that do not fit beside the title are left out, from the first on: the last is the most
  /// important one.
  package mutating func border(
    _ rect: Rect, title: SafeText, facts: [SafeText] = [], glyphs: Glyphs,
    style: Style = Style(attributes: .dim), titleStyle: Style = Style()
  ) {
    guard rect.rows >= 2, rect.columns >= 2 else { return }
    edges(rect, glyphs.border, style)
    let title = title.clipped(to: rect.columns - 6, mark: glyphs.cut)
    var end = rect.column + 1
    if !title.isEmpty {
      end = put(" \(title) ", row: rect.row, column: rect.column + 2, style: titleStyle)
    }
    let line = factLine(facts, room: rect.endColumn - end - 4, glyphs)
    if !line.isEmpty {
      put(" \(line) ", row: rect.row, endingAt: rect.endColumn - 2, style: titleStyle)
    }
  }

  private func factLine(_ facts: [SafeText], room: Int, _ glyphs: Glyphs) -> SafeText {
    let separator: SafeText = " \(String(glyphs.border.vertical)) "
    var line = SafeText()
    for fact in facts.reversed() where !fact.isEmpty {
      let longer = line.isEmpty ? fact : fact + separator + line
      guard longer.columns <= room else { break }
      line = longer
    }
    return line
  }

  private mutating func edges(_ rect: Rect, _ border: Glyphs.Border, _ style: Style) {
    let across = Rect(row: rect.row, column: rect.column, rows: 1, columns: rect.columns)
    fill(across, with: border.horizontal, style: style)
    fill(
      Rect(row: rect.endRow - 1, column: rect.column, rows: 1, columns: rect.columns),
      with: border.horizontal, style: style)
    for row in (rect.row + 1)..<(rect.endRow - 1) {
      self[row, rect.column] = Cell(border.vertical, style: style)
      self[row, rect.endColumn - 1] = Cell(border.vertical, style: style)
    }
    self[rect.row, rect.column] = Cell(border.topLeft, style: style)
    self[rect.row, rect.endColumn - 1] = Cell(border.topRight, style: style)
    self[rect.endRow - 1, rect.column] = Cell(border.bottomLeft, style: style)
    self[rect.endRow - 1, rect.endColumn - 1] = Cell(border.bottomRight, style: style)
  }
}
