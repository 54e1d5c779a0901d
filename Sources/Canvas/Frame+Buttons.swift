/// A part of the picture where a click means something.
package struct Button: Sendable, Hashable {
  package enum Meaning: Sendable, Hashable {
    case key(Key)
    /// The number of something that only the one who drew it knows.
    case item(Int)
  }

  package var place: Rect
  package var meaning: Meaning
}

extension Frame {
  /// Makes these cells of a row a button.
  package mutating func button(_ key: Key, row: Int, column: Int, columns: Int) {
    let place = Rect(row: row, column: column, rows: 1, columns: columns)
    button(.key(key), place)
  }

  /// Makes these cells a button.
  package mutating func button(_ meaning: Button.Meaning, _ place: Rect) {
    add(Button(place: place, meaning: meaning))
  }

  /// Returns what a click at this cell is for: what was drawn last counts.
  package func button(row: Int, column: Int) -> Button? {
    buttons.last { $0.place.contains(row: row, column: column) }
  }

  /// Returns the smallest rectangle that holds every cell but those that still are `blank`; nil without
  /// any.
  package func extent(besides blank: Cell) -> Rect? {
    let drawn = cells.indices.filter { cells[$0] != blank }
    guard let first = drawn.first, let last = drawn.last else { return nil }
    let columns = drawn.map { $0 % size.columns }
    guard let left = columns.min(), let right = columns.max() else { return nil }
    let top = first / size.columns
    return Rect(
      row: top, column: left, rows: last / size.columns - top + 1, columns: right - left + 1)
  }
}
