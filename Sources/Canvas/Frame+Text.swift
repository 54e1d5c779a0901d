extension Frame {
  /// Puts text at a cell and returns the column behind it.
  ///
  /// What does not fit into `columns` (or the frame) is cut without a mark; a wide glyph that would
  /// be cut in half is left out. A wide glyph that is half overwritten is blanked.
  @discardableResult
  package mutating func put(
    _ text: SafeText, row: Int, column: Int, style: Style = Style(), columns: Int = .max
  ) -> Int {
    var at = column
    var room = columns
    for glyph in text.glyphs {
      guard glyph.columns <= room, at < size.columns else { break }
      put(glyph, row: row, column: at, style: style)
      at += glyph.columns
      room -= glyph.columns
    }
    return at
  }

  private mutating func put(_ glyph: SafeText.Glyph, row: Int, column: Int, style: Style) {
    guard column + glyph.columns <= size.columns else { return }
    set(Cell(glyph.character, style: style), row: row, column: column)
    guard glyph.columns == 2 else { return }
    set(Cell(" ", style: style, isContinuation: true), row: row, column: column + 1)
  }

  private mutating func set(_ cell: Cell, row: Int, column: Int) {
    let old = self[row, column]
    if old.isContinuation, !cell.isContinuation { self[row, column - 1].glyph = " " }
    if self[row, column + 1].isContinuation {
      self[row, column + 1] = Cell(" ", style: old.style)
    }
    self[row, column] = cell
  }

  /// Puts text so that it ends in front of `end`, cut from the right to `columns`.
  package mutating func put(
    _ text: SafeText, row: Int, endingAt end: Int, style: Style = Style(), columns: Int = .max
  ) {
    let shown = text.clipped(to: columns)
    put(shown, row: row, column: end - shown.columns, style: style)
  }

  /// Puts a picture into a rectangle; what does not fit is cut.
  package mutating func put(_ picture: Frame, at rect: Rect) {
    for row in 0..<min(rect.rows, picture.size.rows) {
      for column in 0..<min(rect.columns, picture.size.columns) {
        var cell = picture[row, column]
        // Its left half was cut away.
        if column == 0, cell.isContinuation { cell = .blank }
        set(cell, row: rect.row + row, column: rect.column + column)
      }
    }
  }

  /// Repeats one glyph of width 1.
  package mutating func fill(_ rect: Rect, with glyph: Character = " ", style: Style = Style()) {
    for row in rect.row..<(rect.row + rect.rows) {
      for column in rect.column..<(rect.column + rect.columns) {
        set(Cell(glyph, style: style), row: row, column: column)
      }
    }
  }

  /// Changes the style of cells and leaves their glyphs.
  package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
    for row in rect.row..<(rect.row + rect.rows) {
      for column in rect.column..<(rect.column + rect.columns) { change(&self[row, column].style) }
    }
  }
}

extension Frame {
  /// The rows as lines, without trailing blanks.
  package var text: String {
    lines { row in String(cells(in: row).filter { !$0.isContinuation }.map(\.glyph)) }
  }

  /// One letter a cell for its style, `.` for the plain one; the legend follows the picture.
  ///
  /// Letters are given in the order of the first appearance, so that a golden shows a change of colour
  /// where it happened.
  package var styleText: String {
    var letters: [Style: Character] = [Style(): "."]
    var legend: [String] = []
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let picture = lines { row in
      String(
        cells(in: row).map { cell in
          if let letter = letters[cell.style] { return letter }
          let letter = legend.count < alphabet.count ? alphabet[legend.count] : "?"
          letters[cell.style] = letter
          legend.append("\(letter) \(cell.style)")
          return letter
        })
    }
    return ([picture] + legend).joined(separator: "\n")
  }

  package func cells(in row: Int) -> ArraySlice<Cell> {
    cells[(row * size.columns)..<((row + 1) * size.columns)]
  }

  private func lines(_ line: (Int) -> String) -> String {
    (0..<size.rows).map { row in
      var text = line(row)
      while text.last == " " { text.removeLast() }
      return text
    }.joined(separator: "\n")
  }
}

extension Style: CustomStringConvertible {
  package var description: String {
    var words: [String] = []
    if foreground != .standard { words.append("\(foreground)") }
    if background != .standard { words.append("on \(background)") }
    let names: [(Attributes, String)] = [
      (.bold, "bold"), (.dim, "dim"), (.reverse, "reverse"), (.underline, "underline"),
      (.italic, "italic"),
    ]
    words += names.filter { attributes.contains($0.0) }.map(\.1)
    return words.isEmpty ? "plain" : words.joined(separator: " ")
  }
}

extension Color: CustomStringConvertible {
  package var description: String {
    switch self {
    case .standard: "standard"
    case .palette(let index): "palette-\(index)"
    case .rgb(let red, let green, let blue): "rgb-\(red)-\(green)-\(blue)"
    }
  }
}
