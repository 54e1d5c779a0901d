import Canvas
import Model
import Planning

extension DashboardState {
  /// Draws the graph from left to right, as much as fits around the selection; lanes until it is laid
  /// out.
  func drawGraph(in rect: Rect, on frame: inout Frame) {
    guard let picture = graph.picture else { return drawLanes(in: rect, on: &frame) }
    drawBorder(.chart, rect, title: graphTitle, facts: graphFacts(picture), on: &frame)
    let room = graphRoom(rect)
    guard room.rows > 0, room.columns > 8 else { return }
    frame.put(graphCanvas(picture, room), at: room)
    if room.endRow < rect.inside.endRow {
      drawBelowGraph(picture, room, rect.inside, on: &frame)
    }
  }

  /// The cells for chips and lines; the rows below them tell of the selection.
  func graphRoom(_ rect: Rect) -> Rect {
    let inside = rect.inside
    let (room, _) = inside.split(top: inside.rows - graphFootRows(inside))
    return room
  }

  private func graphFootRows(_ inside: Rect) -> Int {
    inside.rows >= 16 ? 4 : inside.rows >= 12 ? 2 : 0
  }

  /// A frame of its own clips what lies half outside.
  private func graphCanvas(_ picture: GraphPicture, _ room: Rect) -> Frame {
    var canvas = Frame(size: Size(columns: room.columns, rows: room.rows))
    let origin = graphOrigin(picture, room)
    let window = Rect(
      row: -origin.row, column: -origin.column, rows: room.rows, columns: room.columns)
    drawLines(picture, window, on: &canvas)
    for chip in picture.layout.nodes(in: window) {
      draw(chip, of: picture, window, on: &canvas)
    }
    return canvas
  }

  /// Where the drawing's first cell lies on the canvas: small ones stand in the middle.
  private func graphOrigin(_ picture: GraphPicture, _ room: Rect) -> (row: Int, column: Int) {
    let size = picture.layout.size
    let row = size.rows < room.rows ? (room.rows - size.rows) / 2 : -graph.top
    let column = size.columns < room.columns ? (room.columns - size.columns) / 2 : -graph.left
    return (row, column)
  }

  /// The item whose chip lies at a cell of the pane.
  func graphItem(row: Int, column: Int, in rect: Rect) -> Item? {
    guard let picture = graph.picture else { return nil }
    let room = graphRoom(rect)
    guard (room.row..<room.endRow).contains(row), (room.column..<room.endColumn).contains(column)
    else { return nil }
    let origin = graphOrigin(picture, room)
    let cell = Rect(
      row: row - room.row - origin.row, column: column - room.column - origin.column, rows: 1,
      columns: 1)
    return picture.layout.nodes(in: cell).first.map { picture.items[$0] }
  }
}

// MARK: Lines and chips

extension DashboardState {
  private func drawLines(_ picture: GraphPicture, _ window: Rect, on canvas: inout Frame) {
    let heavy = picture.edges(along: outlook.path)
    for cell in picture.layout.lines(in: window, isHeavy: heavy.contains) {
      let isHeavy = !cell.heavyArms.isEmpty
      let glyph = cell.isArrow ? glyphs.folded : glyphs.line(cell.arms, heavy: cell.heavyArms)
      canvas[cell.row - window.row, cell.column - window.column] = Cell(
        glyph, style: isHeavy ? theme.strong : theme.border)
    }
  }

  private func draw(
    _ chip: Int, of picture: GraphPicture, _ window: Rect, on canvas: inout Frame
  ) {
    var rect = picture.layout.rect(of: chip)
    rect.row -= window.row
    rect.column -= window.column
    if picture.stubs.indices.contains(chip) {
      rect = drawStubs(picture.stubs[chip], rect, on: &canvas)
    }
    let item = picture.items[chip]
    let figures = figures(of: item)
    let isSelected = chip == selectedChip
    let style = chipStyle(item, figures, isSelected: isSelected)
    let middle = Rect(
      row: rect.row + rect.rows / 2, column: rect.column, rows: 1, columns: rect.columns)
    drawChipRow(
      figures, name: picture.names[chip], isPlain: picture.zoom == .names, middle, style,
      isSelected: isSelected, on: &canvas)
    if picture.zoom == .cards {
      drawCard(figures, rect, on: &canvas)
    } else if figures.count != nil {
      drawChipHistogram(figures, rect, row: rect.endRow, on: &canvas)
    }
  }

  private func chipStyle(_ item: Item, _ figures: RowFigures, isSelected: Bool) -> Style {
    if !filter.isEmpty, !letsThrough(item) { return theme.dim }
    var style = theme.style(of: figures.state)
    if isSelected { style.attributes.insert(.reverse) }
    return style
  }

  private func drawChipRow(
    _ figures: RowFigures, name: SafeText, isPlain: Bool, _ rect: Rect, _ style: Style,
    isSelected: Bool, on canvas: inout Frame
  ) {
    let (start, end) = chipEnds(isSelected: isSelected)
    let edge = isSelected ? theme.focus : theme.border
    canvas[rect.row, rect.column] = Cell(start, style: edge)
    canvas[rect.row, rect.endColumn - 1] = Cell(end, style: edge)
    let columns = rect.columns - 2
    canvas.fill(
      Rect(row: rect.row, column: rect.column + 1, rows: 1, columns: columns), style: style)
    let sign = figures.count == nil ? glyphs.sign(of: figures.state) : glyphs.group
    canvas[rect.row, rect.column + 1] = Cell(sign, style: style)
    let nameEnd = canvas.put(
      name.clipped(to: columns - 1, mark: glyphs.cut), row: rect.row, column: rect.column + 2,
      style: style)
    // The name is worth more than the percentage.
    let percent = chipPercent(figures)
    guard !isPlain, nameEnd + percent.columns < rect.endColumn - 1 else { return }
    canvas.put(percent, row: rect.row, endingAt: rect.endColumn - 1, style: style)
  }

  /// Nothing where the sign says as much, and no more than fits.
  private func chipPercent(_ figures: RowFigures) -> SafeText {
    if figures.state.isWaitingItsTurn || figures.percent == "-" { return "" }
    return figures.percent == "late" ? "99+" : figures.percent
  }

  /// The selection is told by shape, too.
  private func chipEnds(isSelected: Bool) -> (Character, Character) {
    guard isSelected else { return ("[", "]") }
    return glyphs.isASCII ? (">", "<") : ("▐", "▌")
  }

  /// Time and memory above the chip, the bar below it.
  private func drawCard(_ figures: RowFigures, _ rect: Rect, on canvas: inout Frame) {
    canvas.line(
      row: rect.endRow - 1, column: rect.column + 1, columns: rect.columns - 2,
      share: figures.share,
      glyphs: glyphs, style: theme.style(of: figures.state), emptyStyle: theme.dim)
    guard figures.count == nil else {
      return drawChipHistogram(figures, rect, row: rect.row, on: &canvas)
    }
    let time: SafeText = figures.time == "-" ? "" : figures.time
    let memory: SafeText = figures.memory == "-" ? "" : figures.memory
    canvas.put(time, row: rect.row, column: rect.column + 1, style: theme.dim)
    canvas.put(memory, row: rect.row, endingAt: rect.endColumn - 1, style: theme.dim)
  }

  /// Below a group's chip the layout keeps a row free of chips, not of lines.
  private func drawChipHistogram(
    _ figures: RowFigures, _ rect: Rect, row: Int, on canvas: inout Frame
  ) {
    var shown = figures.histogram[...]
    while shown.reduce(0, { $0 + $1.text.columns }) > rect.columns - 2, !shown.isEmpty {
      shown.removeLast()
    }
    var at = rect.column + 1
    for part in shown where canvas[row, at] == .blank {
      at = canvas.put(part.text, row: row, column: at, style: theme.style(of: part.state))
    }
  }

  /// Counts what a focus leaves out, on the side where it would stand; returns the chip's own cells.
  private func drawStubs(_ stub: ChipGraph.Stub, _ rect: Rect, on canvas: inout Frame) -> Rect {
    let before = GraphPicture.columns(of: stub.needs)
    let after = GraphPicture.columns(of: stub.feeds)
    if before > 0 {
      canvas.put(
        "\(String(stub.needs))<", row: rect.row, endingAt: rect.column + before, style: theme.dim)
      canvas.put("+", row: rect.row, column: rect.column, style: theme.dim)
    }
    if after > 0 {
      canvas.put(
        ">+\(String(stub.feeds))", row: rect.row, column: rect.endColumn - after, style: theme.dim)
    }
    return Rect(
      row: rect.row, column: rect.column + before, rows: rect.rows,
      columns: rect.columns - before - after)
  }
}

// MARK: Around it

extension DashboardState {
  private var graphTitle: SafeText {
    let path = graph.focuses.suffix(3).map { name(of: $0).clipped(to: 16).string }
    return SafeText((["Graph " + SafeText(run.graph.name).string] + path).joined(separator: " / "))
  }

  private func graphFacts(_ picture: GraphPicture) -> [SafeText] {
    var facts: [SafeText] = []
    if let critical = outlook.critical, !outlook.path.isEmpty, critical.totalSeconds > 0 {
      let length = outlook.isGuess ? "" : "\(Figures.duration(critical.totalSeconds)) "
      facts.append("crit \(length)\(String(glyphs.critical))")
    }
    let how = graph.zoom == nil ? " auto" : ""
    facts.append(
      "zoom \(String(picture.zoom.rawValue))/\(String(GraphZoom.allCases.count))\(how)")
    if picture.items.count < run.taskCount {
      facts.append("\(String(run.taskCount)) tasks in \(String(picture.items.count)) chips")
    }
    if graph.wanted != nil { facts.append("drawing") }
    return facts
  }

  /// What the selection needs and feeds, the map, and the signs.
  private func drawBelowGraph(
    _ picture: GraphPicture, _ room: Rect, _ inside: Rect, on frame: inout Frame
  ) {
    let rest = inside.endRow - room.endRow
    let isCut = !picture.fits(room.size)
    guard rest >= 4, isCut, inside.columns >= 50 else {
      return drawNeighbours(row: inside.endRow - 2, inside, on: &frame)
    }
    let columns = min(24, inside.columns / 4)
    let map = Rect(row: inside.endRow - 4, column: inside.column, rows: 4, columns: columns + 2)
    drawMinimap(picture, map, window: room, on: &frame)
    var beside = inside
    beside.column += columns + 2
    beside.columns -= columns + 2
    drawNeighbours(row: inside.endRow - 3, beside, on: &frame)
  }
}

extension TaskState {
  /// Nothing of it is done: "-" for a percentage says less than the sign.
  fileprivate var isWaitingItsTurn: Bool { self == .blocked || self == .ready }
}
