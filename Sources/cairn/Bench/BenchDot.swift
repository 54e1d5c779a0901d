import Dashboard
import Foundation

/// What Graphviz `dot` makes of a graph, cut at its ranks.
struct DotDrawing {
  /// For each rank, the heights at which edges leave it and reach the next.
  private(set) var segments: [[(from: Double, to: Double)]] = []

  private struct Point {
    var x: Double
    var y: Double
  }

  /// - Throws: `BenchProblem` if `dot` failed or wrote what cannot be read.
  init(_ shape: GraphShape, in folder: String) throws {
    try Self.text(shape).write(
      toFile: folder + "/graph.dot", atomically: true, encoding: .utf8)
    _ = try BenchProcess.start(["dot", "-Tplain", "-ograph.plain", "graph.dot"], in: folder).wait()
    let plain = try String(contentsOfFile: folder + "/graph.plain", encoding: .utf8)
    let lines = plain.split(separator: "\n").map { $0.split(separator: " ") }
    let centers = try Self.centers(lines, count: shape.widths.count)
    let columns = Set(centers.map { Self.column($0) }).sorted()
    let ranks = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    segments = Array(repeating: [], count: columns.count)
    for line in lines where line.first == "edge" {
      let (from, to, spline) = try Self.edge(line)
      guard let first = ranks[Self.column(centers[from])],
        let last = ranks[Self.column(centers[to])], first < last
      else { throw BenchProblem(description: "dot drew an edge that does not lead to the right") }
      var height = centers[from].y
      for rank in first + 1...last {
        let x = Double(columns[rank]) / 1000
        let next = rank == last ? centers[to].y : Self.height(of: spline, at: x)
        segments[rank - 1].append((height, next))
        height = next
      }
    }
  }

  /// Nodes of one size, so that all of a rank have the same middle.
  private static func text(_ shape: GraphShape) -> String {
    let head =
      "digraph { rankdir=LR node [shape=box fixedsize=true width=1 height=0.3 label=\"\"]\n"
    return head + shape.widths.indices.map { "\($0)\n" }.joined()
      + shape.edges.map { "\($0.from) -> \($0.to)\n" }.joined() + "}\n"
  }

  private static func column(_ point: Point) -> Int { Int((point.x * 1000).rounded()) }

  private static func centers(_ lines: [[Substring]], count: Int) throws -> [Point] {
    var centers = Array(repeating: Point(x: 0, y: 0), count: count)
    for line in lines where line.first == "node" {
      guard line.count > 3, let node = Int(line[1]), centers.indices.contains(node),
        let x = Double(line[2]), let y = Double(line[3])
      else { throw BenchProblem(description: "cannot read a node that dot wrote") }
      centers[node] = Point(x: x, y: y)
    }
    return centers
  }

  private static func edge(_ words: [Substring]) throws -> (from: Int, to: Int, spline: [Point]) {
    guard words.count > 3, let from = Int(words[1]), let to = Int(words[2]),
      let count = Int(words[3]), words.count >= 4 + 2 * count
    else { throw BenchProblem(description: "cannot read an edge that dot wrote") }
    let numbers = words[4..<4 + 2 * count].compactMap { Double($0) }
    guard numbers.count == 2 * count, count % 3 == 1 else {
      throw BenchProblem(description: "cannot read a spline that dot wrote")
    }
    return (from, to, (0..<count).map { Point(x: numbers[2 * $0], y: numbers[2 * $0 + 1]) })
  }

  /// Bisects the piece of the spline that passes there; from left to right they have no way back.
  private static func height(of spline: [Point], at x: Double) -> Double {
    var first = 0
    while first + 6 < spline.count, spline[first + 3].x < x { first += 3 }
    let piece = spline[first...first + 3]
    var (low, high) = (0.0, 1.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if bezier(piece.map(\.x), middle) < x { low = middle } else { high = middle }
    }
    return bezier(piece.map(\.y), low)
  }

  private static func bezier(_ points: [Double], _ t: Double) -> Double {
    var points = points
    while points.count > 1 {
      points = zip(points, points.dropFirst()).map { $0 * (1 - t) + $1 * t }
    }
    return points[0]
  }
}
