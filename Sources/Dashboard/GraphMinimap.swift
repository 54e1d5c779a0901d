import Canvas
import Model

extension DashboardState {
  /// Draws the whole graph small: a dot is a chip, its colour the worst state near it; the border is
  /// heavy beside the rows and below the columns that the pane shows.
  func drawMinimap(_ picture: GraphPicture, _ rect: Rect, window: Rect, on frame: inout Frame) {
    frame.border(
      rect, title: "map", facts: [], glyphs: glyphs, style: theme.border, titleStyle: theme.dim)
    frame.button(.map, rect.inside)
    let map = Minimap(
      picture.layout, states: picture.items.map { state(of: $0) }, in: rect.inside.size)
    let shown = map.cells(
      Rect(row: graph.top, column: graph.left, rows: window.rows, columns: window.columns))
    for row in 0..<map.size.rows {
      for column in 0..<map.size.columns {
        let cell = row * map.size.columns + column
        frame[rect.inside.row + row, rect.inside.column + column] = Cell(
          glyphs.dots(map.dots[cell]),
          style: map.states[cell].map { theme.style(of: $0) } ?? theme.dim)
      }
    }
    drawWindow(shown, on: &frame, around: rect)
  }

  private func drawWindow(_ shown: Rect, on frame: inout Frame, around rect: Rect) {
    let across = Cell(glyphs.line([.left, .right], heavy: [.left, .right]), style: theme.focus)
    for column in shown.column..<shown.endColumn {
      frame[rect.endRow - 1, rect.inside.column + column] = across
    }
    let down = Cell(
      glyphs.isASCII ? glyphs.barFull : glyphs.line([.up, .down], isHeavy: true),
      style: theme.focus)
    for row in shown.row..<shown.endRow {
      for column in [rect.column, rect.endColumn - 1] {
        frame[rect.inside.row + row, column] = down
      }
    }
  }

  private func state(of item: Item) -> TaskState {
    switch item {
    case .task(let task): return run.state(of: task)
    case .group(let group): return listing.tallies[group].state
    case .cluster(let cluster):
      var tally = Tally()
      for task in cluster.tasks { tally.count(run.state(of: task)) }
      return tally.state
    }
  }
}

/// The places of chips, scaled down to 2 × 4 dots a cell.
struct Minimap {
  let size: Size
  private let whole: Size
  /// One a cell, row by row; bits in the order of Unicode's braille patterns.
  private(set) var dots: [UInt8]
  /// The worst state of each cell.
  private(set) var states: [TaskState?]

  init(_ layout: GraphLayout, states chips: [TaskState], in size: Size) {
    self.size = size
    whole = Size(columns: max(1, layout.size.columns), rows: max(1, layout.size.rows))
    dots = Array(repeating: 0, count: size.rows * size.columns)
    states = Array(repeating: nil, count: dots.count)
    guard !dots.isEmpty else { return }
    for (chip, state) in chips.enumerated() {
      let rect = layout.rect(of: chip)
      let row = rect.row * size.rows * 4 / whole.rows
      let column = (rect.column + rect.columns / 2) * size.columns * 2 / whole.columns
      let cell = min(size.rows - 1, row / 4) * size.columns + min(size.columns - 1, column / 2)
      dots[cell] |= Self.bit(row: row % 4, column: column % 2)
      if states[cell].map({ $0.urgency < state.urgency }) ?? true { states[cell] = state }
    }
  }

  /// Unicode Standard, "Braille Patterns": dots 1 to 3 and 7 are the left column.
  private static func bit(row: Int, column: Int) -> UInt8 {
    row == 3 ? (column == 0 ? 0x40 : 0x80) : UInt8(1) << UInt8(row + 3 * column)
  }

  /// The cell of a drawing in the middle of what a cell of a map stands for; may lie outside.
  static func place(row: Int, column: Int, of map: Size, in whole: Size) -> (row: Int, column: Int)
  {
    (
      (2 * row + 1) * whole.rows / max(1, 2 * map.rows),
      (2 * column + 1) * whole.columns / max(1, 2 * map.columns)
    )
  }

  /// The cells that a window of the drawing covers.
  func cells(_ window: Rect) -> Rect {
    let top = window.row * size.rows / whole.rows
    let left = window.column * size.columns / whole.columns
    let end = min(size.rows, (window.endRow * size.rows + whole.rows - 1) / whole.rows)
    let right = min(
      size.columns, (window.endColumn * size.columns + whole.columns - 1) / whole.columns)
    return Rect(row: top, column: left, rows: end - top, columns: right - left)
  }
}

extension TaskState {
  /// Which of the states that share a cell is told.
  fileprivate var urgency: Int {
    switch self {
    case .failed: 5
    case .waiting: 4
    case .paused, .held, .backoff: 3
    case .running, .verifying: 2
    case .ready, .blocked: 1
    case .done, .skipped, .cancelled: 0
    }
  }
}

extension Glyphs {
  /// A braille pattern of the given dots; by their number where there is no Unicode.
  func dots(_ bits: UInt8) -> Character {
    // Some fonts draw the blank pattern as circles.
    if bits == 0 { return " " }
    guard isASCII else { return Character(Unicode.Scalar(0x2800 + UInt32(bits)) ?? " ") }
    return [" ", ".", ":", ":", "#", "#", "#", "#", "#"][bits.nonzeroBitCount]
  }
}
