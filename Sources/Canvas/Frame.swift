/// A picture of the screen: `size.rows` × `size.columns` cells, row by row.
///
/// Panels draw into a frame; the terminal writes the difference to what it shows.
package struct Frame: Sendable, Equatable {
  package let size: Size
  package private(set) var cells: [Cell]
  /// Where a click means a key; oldest first.
  package private(set) var buttons: [Button] = []

  package init(size: Size, filledWith cell: Cell = .blank) {
    self.size = size
    cells = Array(repeating: cell, count: max(0, size.rows * size.columns))
  }

  /// Reads outside the frame are blank, writes outside are dropped.
  package subscript(row: Int, column: Int) -> Cell {
    get { contains(row, column) ? cells[row * size.columns + column] : .blank }
    set { if contains(row, column) { cells[row * size.columns + column] = newValue } }
  }

  package mutating func add(_ button: Button) { buttons.append(button) }

  private func contains(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < size.rows && column >= 0 && column < size.columns
  }
}

package struct Size: Sendable, Hashable {
  package var columns: Int
  package var rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}

package struct Rect: Sendable, Hashable {
  package var row: Int
  package var column: Int
  package var rows: Int
  package var columns: Int

  package init(row: Int, column: Int, rows: Int, columns: Int) {
    self.row = row
    self.column = column
    self.rows = max(0, rows)
    self.columns = max(0, columns)
  }
}

/// One character cell.
package struct Cell: Sendable, Hashable {
  package static let blank = Cell(" ")

  /// One grapheme of width 1 or 2.
  ///
  /// The cell right of a wide one holds `continuation`.
  package var glyph: Character
  package var style: Style
  package var isContinuation: Bool

  package init(_ glyph: Character, style: Style = Style(), isContinuation: Bool = false) {
    self.glyph = glyph
    self.style = style
    self.isContinuation = isContinuation
  }
}

package struct Style: Sendable, Hashable {
  package var foreground: Color = .standard
  package var background: Color = .standard
  package var attributes: Attributes = []

  package init(
    foreground: Color = .standard, background: Color = .standard, attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  package struct Attributes: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let reverse = Attributes(rawValue: 4)
    package static let underline = Attributes(rawValue: 8)
    package static let italic = Attributes(rawValue: 16)
  }
}

/// What a theme asks for; the terminal takes the nearest that it has.
package enum Color: Sendable, Hashable {
  /// The terminal's own foreground or background.
  case standard
  /// 0 to 15, the user's palette.
  case palette(UInt8)
  /// 24 bits; mapped to the 256-colour cube where the terminal has no more.
  case rgb(UInt8, UInt8, UInt8)
}
