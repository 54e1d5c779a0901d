package import Canvas

extension GraphLayout {
  /// A cell of a line.
  package struct LineCell: Sendable, Equatable {
    package var row: Int
    package var column: Int
    /// All arms, heavy ones included.
    package var arms: Glyphs.Arms
    package var heavyArms: Glyphs.Arms
    /// The cell before a target's chip.
    package var isArrow: Bool
    /// In a bus, where edges that share neither source nor target run together: how many.
    package var bus: Int?
  }

  /// Returns the cells of lines in the window, row by row; only those are worked out.
  ///
  /// Where lines cross, the vertical one is whole and the horizontal one is broken, but a heavy line
  /// is never broken by a light one. Edges are named by their indices in `shape.edges`.
  package func lines(in window: Rect, isHeavy: (Int) -> Bool) -> [LineCell] {
    var raster = LineRaster(window)
    for rank in ranks(in: window) {
      drawBends(of: rank, isHeavy, &raster)
      drawGutter(after: rank, isHeavy, &raster)
    }
    return raster.cells()
  }

  /// Long edges on their way across a rank.
  private func drawBends(of rank: Int, _ isHeavy: (Int) -> Bool, _ raster: inout LineRaster) {
    for node in visible(graph.order[rank], raster.window) where graph.isBend(node) {
      let isHeavy = isAnyHeavy(graph.bendLinks[node - graph.realCount], isHeavy)
      raster.run(rows[node], lefts[rank], rights[rank], isHeavy)
    }
  }

  private func isAnyHeavy(_ link: Int, _ isHeavy: (Int) -> Bool) -> Bool {
    graph.edges(of: link).contains(where: isHeavy)
  }

  private func drawGutter(after rank: Int, _ isHeavy: (Int) -> Bool, _ raster: inout LineRaster) {
    let gutter = gutters[rank]
    for route in gutter.routes where raster.meets(route.rows) {
      let link = graph.links[route.link]
      let isHeavy = isAnyHeavy(route.link, isHeavy)
      let start = graph.isBend(link.from) ? rights[rank] : lefts[rank] + shape.widths[link.from]
      let end = rights[rank] + gutter.columns
      draw(route, from: start, tracks: rights[rank] + 1, to: end, isHeavy, &raster)
      if !graph.isBend(link.to) { raster.markArrow(route.rowTo, end - 1) }
    }
    if let bus = gutter.bus { raster.markBus(rights[rank] + 1 + bus, gutter.busCount) }
  }

  private func draw(
    _ route: Gutter.Route, from start: Int, tracks: Int, to end: Int, _ isHeavy: Bool,
    _ raster: inout LineRaster
  ) {
    guard let track = route.track else { return raster.run(route.rowFrom, start, end, isHeavy) }
    let column = tracks + track
    raster.run(route.rowFrom, start, column, isHeavy)
    guard let detour = route.detour else {
      raster.turn(column, route.rowFrom, route.rowTo, isHeavy)
      return raster.run(route.rowTo, column + 1, end, isHeavy)
    }
    let last = tracks + detour.track
    raster.turn(column, route.rowFrom, detour.row, isHeavy)
    raster.run(detour.row, column + 1, last, isHeavy)
    raster.turn(last, detour.row, route.rowTo, isHeavy)
    raster.run(route.rowTo, last + 1, end, isHeavy)
  }
}

/// The arms of the lines in each cell of a window.
private struct LineRaster {
  /// What passes straight from left to right is kept apart: it may only be crossing.
  private struct Layers {
    var passing: Glyphs.Arms = []
    var others: Glyphs.Arms = []

    var isEmpty: Bool { passing.isEmpty && others.isEmpty }

    /// A vertical line is not broken by what crosses it.
    var arms: Glyphs.Arms {
      others.isEmpty || !others.isSubset(of: vertical) ? passing.union(others) : others
    }
  }

  private struct Point {
    var light = Layers()
    var heavy = Layers()
    var isArrow = false
    var bus: Int?
  }

  let window: Rect
  private var points: [Point]

  init(_ window: Rect) {
    self.window = window
    points = Array(repeating: Point(), count: window.rows * window.columns)
  }

  private var columns: Range<Int> { window.column..<(window.column + window.columns) }
  private var rows: Range<Int> { window.row..<(window.row + window.rows) }

  private func index(_ row: Int, _ column: Int) -> Int {
    (row - window.row) * window.columns + column - window.column
  }

  func meets(_ span: ClosedRange<Int>) -> Bool { rows.overlaps(span) }

  /// A horizontal line up to before the end.
  mutating func run(_ row: Int, _ start: Int, _ end: Int, _ isHeavy: Bool) {
    guard rows.contains(row) else { return }
    for column in (start..<max(start, end)).clamped(to: columns) {
      if isHeavy {
        points[index(row, column)].heavy.passing = horizontal
      } else {
        points[index(row, column)].light.passing = horizontal
      }
    }
  }

  /// A vertical line, entered from the left in one row and left to the right in another.
  mutating func turn(_ column: Int, _ from: Int, _ to: Int, _ isHeavy: Bool) {
    guard columns.contains(column) else { return }
    let span = from == to ? from..<from : min(from, to) + 1..<max(from, to)
    for row in span.clamped(to: rows) { add(vertical, row, column, isHeavy) }
    add([.left, to > from ? .down : .up], from, column, isHeavy)
    add([.right, to > from ? .up : .down], to, column, isHeavy)
  }

  private mutating func add(_ arms: Glyphs.Arms, _ row: Int, _ column: Int, _ isHeavy: Bool) {
    guard rows.contains(row) else { return }
    if isHeavy {
      points[index(row, column)].heavy.others.formUnion(arms)
    } else {
      points[index(row, column)].light.others.formUnion(arms)
    }
  }

  mutating func markArrow(_ row: Int, _ column: Int) {
    guard rows.contains(row), columns.contains(column) else { return }
    points[index(row, column)].isArrow = true
  }

  mutating func markBus(_ column: Int, _ count: Int) {
    guard columns.contains(column) else { return }
    for row in rows {
      let point = points[index(row, column)]
      if !point.light.others.union(point.heavy.others).isEmpty {
        points[index(row, column)].bus = count
      }
    }
  }

  func cells() -> [GraphLayout.LineCell] {
    points.indices.compactMap { index in
      let point = points[index]
      guard !point.light.isEmpty || !point.heavy.isEmpty else { return nil }
      let heavy = point.heavy.arms
      let light = isCrossing(heavy, point.light.arms) ? [] : point.light.arms
      return GraphLayout.LineCell(
        row: window.row + index / window.columns,
        column: window.column + index % window.columns,
        arms: light.union(heavy), heavyArms: heavy, isArrow: point.isArrow, bus: point.bus)
    }
  }

  private func isCrossing(_ heavy: Glyphs.Arms, _ light: Glyphs.Arms) -> Bool {
    (heavy == horizontal && light == vertical) || (heavy == vertical && light == horizontal)
  }
}

private let horizontal: Glyphs.Arms = [.left, .right]
private let vertical: Glyphs.Arms = [.up, .down]
