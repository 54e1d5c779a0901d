import Canvas
import Testing

@testable import Dashboard

/// What layouts look like, as text.
@Suite("Graph pictures")
struct GraphPictureTests {
  @Test("show a diamond")
  func diamond() throws {
    try expectGolden(GraphLayout(.diamond).picture, "layout-diamond")
  }

  @Test("show three stages of 24 shards", arguments: [1, 2])
  func shards(pitch: Int) throws {
    try expectGolden(GraphLayout(.shards(24, rowPitch: pitch)).picture, "layout-shards-\(pitch)")
  }

  @Test("show a hundred tasks in stages")
  func staged() throws {
    let shape = GraphShape.staged(nodes: 100, seed: 1, width: 6)
    try expectGolden(GraphLayout(shape, effort: 1_000_000).picture, "layout-staged-100")
  }

  @Test("show cards with a heavy path")
  func cards() throws {
    let edges: [(Int, Int)] = [
      (0, 1), (0, 2), (0, 3), (2, 4), (2, 5), (2, 6), (4, 7), (5, 8), (7, 9), (8, 9), (6, 9),
      (3, 10), (10, 11), (11, 9), (1, 4), (0, 9),
    ]
    let shape = GraphShape(
      widths: Array(repeating: 8, count: 12), edges: edges.map { GraphShape.Edge($0.0, $0.1) },
      rowPitch: 4, chipRows: 3)
    try expectGolden(
      GraphLayout(shape).picture { [2, 11, 12, 13].contains($0) }, "layout-cards")
  }
}
