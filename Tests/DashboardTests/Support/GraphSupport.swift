import Canvas
import Planning

@testable import Dashboard

struct Place: Hashable {
  var row: Int
  var column: Int
}

extension Rect {
  var places: [Place] {
    (row..<row + rows).flatMap { row in
      (column..<column + columns).map { Place(row: row, column: $0) }
    }
  }

  func contains(_ place: Place) -> Bool {
    place.row >= row && place.row < row + rows && place.column >= column
      && place.column < column + columns
  }
}

extension GraphLayout.LineCell {
  var place: Place { Place(row: row, column: column) }
}

extension GraphLayout {
  var whole: Rect { Rect(row: 0, column: 0, rows: size.rows, columns: size.columns) }

  var picture: String { picture { _ in false } }

  func picture(isHeavy: (Int) -> Bool) -> String {
    var rows = Array(
      repeating: Array(repeating: Character(" "), count: size.columns), count: size.rows)
    for cell in lines(in: whole, isHeavy: isHeavy) {
      rows[cell.row][cell.column] =
        cell.isArrow
        ? "▸"
        : cell.bus != nil ? "‖" : Glyphs.unicode.line(cell.arms, heavy: cell.heavyArms)
    }
    for node in shape.widths.indices {
      let rect = rect(of: node)
      let name = Array("[\(node)" + String(repeating: " ", count: rect.columns))
      for place in rect.places {
        rows[place.row][place.column] = name[place.column - rect.column]
        if place.column == rect.column + rect.columns - 1 { rows[place.row][place.column] = "]" }
      }
    }
    return rows.map { row in
      String(row.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}

extension GraphShape {
  static let diamond = GraphShape(
    widths: [6, 6, 6, 6], edges: [Edge(0, 1), Edge(0, 2), Edge(1, 3), Edge(2, 3)])

  static func shards(_ count: Int, rowPitch: Int) -> GraphShape {
    let last = 3 * count + 1
    let edges = (1...count).flatMap {
      [
        Edge(0, $0), Edge($0, $0 + count), Edge($0 + count, $0 + 2 * count),
        Edge($0 + 2 * count, last),
      ]
    }
    return GraphShape(
      widths: Array(repeating: 8, count: last + 1), edges: edges, rowPitch: rowPitch)
  }

  /// Of any size up to 80 nodes, any density, with chips of all sizes.
  static func random(seed: UInt64) -> GraphShape {
    var random = SplitMix64(seed: seed &* 977)
    let count = Int.random(in: 1...80, using: &random)
    let reach = Int.random(in: 1...count, using: &random)
    let edges = (0..<Int.random(in: 0...(2 * count), using: &random)).map { _ in
      let from = Int.random(in: 0..<count, using: &random)
      return Edge(from, min(count - 1, from + .random(in: 1...reach, using: &random)))
    }
    let chipRows = Int.random(in: 1...4, using: &random)
    return GraphShape(
      widths: (0..<count).map { _ in .random(in: 1...9, using: &random) }, edges: edges,
      rowPitch: chipRows + .random(in: 0...2, using: &random), chipRows: chipRows)
  }
}

/// Follows the arms of one edge, drawn heavy, from its source.
struct EdgeWalk {
  let cells: [GraphLayout.LineCell]
  /// Why it does not arrive.
  private(set) var problem: String?

  init(_ layout: GraphLayout, _ edge: Int) {
    let (from, to) = (layout.shape.edges[edge].from, layout.shape.edges[edge].to)
    let (source, target) = (layout.rect(of: from), layout.rect(of: to))
    let window = Rect(
      row: 0, column: source.column, rows: layout.size.rows,
      columns: target.column + target.columns - source.column)
    cells = layout.lines(in: window) { $0 == edge }.filter { !$0.heavyArms.isEmpty }
    let middle = (layout.shape.chipRows - 1) / 2
    problem = walk(
      from: Place(row: source.row + middle, column: source.column + source.columns),
      to: Place(row: target.row + middle, column: target.column))
  }

  private func walk(from start: Place, to end: Place) -> String? {
    let arms = Dictionary(uniqueKeysWithValues: cells.map { ($0.place, $0) })
    var (place, way, steps) = (start, Glyphs.Arms.right, 0)
    while place != end {
      guard let cell = arms[place], steps < cells.count else { return "lost at \(place)" }
      guard cell.heavyArms.contains(way.opposite) else { return "broken at \(place)" }
      let next = cell.heavyArms.subtracting(way.opposite)
      guard let step = next.step else { return "forked at \(place)" }
      if cell.isArrow != (place.row == end.row && place.column == end.column - 1) {
        return "arrow at \(place)"
      }
      (way, steps) = (next, steps + 1)
      place = Place(row: place.row + step.rows, column: place.column + step.columns)
    }
    return steps == cells.count ? nil : "stray cells"
  }
}

extension Glyphs.Arms {
  fileprivate var opposite: Glyphs.Arms {
    switch self {
    case .up: .down
    case .down: .up
    case .left: .right
    default: .left
    }
  }

  /// To the next cell; nil unless it is one arm.
  fileprivate var step: (rows: Int, columns: Int)? {
    switch self {
    case .up: (-1, 0)
    case .down: (1, 0)
    case .left: (0, -1)
    case .right: (0, 1)
    default: nil
    }
  }
}
