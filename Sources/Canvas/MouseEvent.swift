/// What the mouse did, and at which cell.
package struct MouseEvent: Sendable, Hashable {
  package enum Button: Int, Sendable, Hashable { case left, middle, right }

  package enum Kind: Sendable, Hashable {
    case press(Button)
    /// Moved while the button is held.
    case drag(Button)
    /// Some button was let go; old reports do not say which.
    case release
    case wheelUp, wheelDown
  }

  package var kind: Kind
  /// From 0; may lie outside the screen, for a report can be older than its size.
  package var row: Int
  package var column: Int

  package init(_ kind: Kind, row: Int, column: Int) {
    self.kind = kind
    self.row = row
    self.column = column
  }
}

/// What of the mouse is ours; the rest is the terminal's, for selecting and copying.
package enum MouseMode: String, Sendable, Hashable, CaseIterable {
  case off
  /// The wheel only: nothing happens by an accidental click.
  case scroll
  case full

  /// The next one round, for a key that switches.
  package var next: MouseMode {
    switch self {
    case .off: .scroll
    case .scroll: .full
    case .full: .off
    }
  }
}

extension Rect {
  package func contains(row: Int, column: Int) -> Bool {
    (self.row..<(self.row + rows)).contains(row)
      && (self.column..<(self.column + columns)).contains(column)
  }
}
