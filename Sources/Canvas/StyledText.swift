/// Text, parts of which have a style of their own.
package struct StyledText: Sendable, Equatable {
  /// Columns of the text and their style.
  package struct Run: Sendable, Equatable {
    package var columns: Range<Int>
    package var style: Style

    package init(_ columns: Range<Int>, _ style: Style) {
      self.columns = columns
      self.style = style
    }
  }

  package let text: SafeText
  /// Ascending and apart; what lies between them is plain.
  package let runs: [Run]

  package init(_ text: SafeText = SafeText(), runs: [Run] = []) {
    self.text = text
    self.runs = runs
  }
}

extension Frame {
  /// Lays the styles of a text over what was put of it, from its column `skipped` on.
  package mutating func lay(
    _ runs: [StyledText.Run], skipped: Int, row: Int, column: Int, columns: Int,
    _ change: (inout Style, Style) -> Void = { $0 = $1 }
  ) {
    let shown = skipped..<(skipped + max(0, columns))
    for run in runs where run.columns.overlaps(shown) {
      let part = run.columns.clamped(to: shown)
      let rect = Rect(
        row: row, column: column + part.lowerBound - skipped, rows: 1, columns: part.count)
      restyle(rect) { change(&$0, run.style) }
    }
  }
}
