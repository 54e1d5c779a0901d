import Canvas
import Planning
import Testing

@testable import Dashboard

/// Laws of the layered layout over random graphs.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Graph layout")
struct GraphLayoutTests {
  static let seeds: Range<UInt64> = 0..<(Soak.isOn ? 200 : 20)

  @Test("leads every edge to a later rank and keeps chips apart", arguments: seeds)
  func placesChips(seed: UInt64) throws {
    let layout = try GraphLayout(.random(seed: seed), effort: 100_000)
    for edge in layout.shape.edges {
      #expect(layout.rank(of: edge.from) < layout.rank(of: edge.to))
    }
    #expect(layout.ranks.joined().sorted() == Array(layout.shape.widths.indices))
    var taken = Set<Place>()
    for node in layout.shape.widths.indices {
      for place in layout.rect(of: node).places {
        #expect(taken.insert(place).inserted, "two chips at \(place)")
        #expect(layout.whole.contains(place), "a chip at \(place) outside")
      }
    }
  }

  @Test("draws each edge from its source to its target", arguments: seeds)
  func connects(seed: UInt64) throws {
    let layout = try GraphLayout(.random(seed: seed), effort: 100_000)
    for edge in layout.shape.edges.indices {
      let problem = EdgeWalk(layout, edge).problem
      #expect(problem == nil, "edge \(edge): \(problem ?? "")")
    }
  }

  @Test(
    "shares cells only between edges of one source or target, but for crossings", arguments: seeds)
  func keepsEdgesApart(seed: UInt64) throws {
    let layout = try GraphLayout(.random(seed: seed), effort: 100_000)
    var users: [Place: [(edge: Int, arms: Glyphs.Arms)]] = [:]
    for edge in layout.shape.edges.indices {
      for cell in EdgeWalk(layout, edge).cells where cell.bus == nil {
        users[cell.place, default: []].append((edge, cell.heavyArms))
      }
    }
    for (place, users) in users {
      for (index, one) in users.enumerated() {
        for other in users[..<index] where !mayShare(one, other, layout.shape) {
          Issue.record("edges \(one.edge) and \(other.edge) share \(place)")
        }
      }
    }
  }

  private typealias Use = (edge: Int, arms: Glyphs.Arms)

  private func mayShare(_ one: Use, _ other: Use, _ shape: GraphShape) -> Bool {
    let (first, second) = (shape.edges[one.edge], shape.edges[other.edge])
    return first.from == second.from || first.to == second.to
      || Set([one.arms, other.arms]) == [[.left, .right], [.up, .down]]
  }

  @Test("leads no line through a chip", arguments: seeds)
  func avoidsChips(seed: UInt64) throws {
    let layout = try GraphLayout(.random(seed: seed), effort: 100_000)
    let chips = Set(layout.shape.widths.indices.flatMap { layout.rect(of: $0).places })
    for cell in layout.lines(in: layout.whole, isHeavy: { _ in false }) {
      #expect(!chips.contains(cell.place), "a line through the chip at \(cell.place)")
      #expect(layout.whole.contains(cell.place))
    }
  }

  @Test("shows the same through a window as in whole", arguments: seeds)
  func windows(seed: UInt64) throws {
    let layout = try GraphLayout(.random(seed: seed), effort: 100_000)
    let all = layout.lines(in: layout.whole) { $0 % 3 == 0 }
    var random = SplitMix64(seed: seed)
    for _ in 0..<20 {
      let window = Rect(
        row: .random(in: -3...layout.size.rows, using: &random),
        column: .random(in: -3...layout.size.columns, using: &random),
        rows: .random(in: 0...20, using: &random), columns: .random(in: 0...40, using: &random))
      let shown = layout.lines(in: window) { $0 % 3 == 0 }
      #expect(shown == all.filter { window.contains($0.place) })
      let nodes = layout.shape.widths.indices.filter { node in
        layout.rect(of: node).places.contains(where: window.contains)
      }
      #expect(layout.nodes(in: window).sorted() == nodes)
    }
  }

  @Test("keeps ranks and order when nodes are added", arguments: seeds)
  func extends(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let shape = GraphShape.random(seed: seed)
    let old = try GraphLayout(shape, effort: 100_000)
    let count = shape.widths.count
    let added = Int.random(in: 1...8, using: &random)
    let edges = (count..<count + added).flatMap { node in
      (0..<2).map { _ in GraphShape.Edge(.random(in: 0..<node, using: &random), node) }
    }
    let grown = GraphShape(
      widths: shape.widths + Array(repeating: 5, count: added), edges: shape.edges + edges,
      rowPitch: shape.rowPitch, chipRows: shape.chipRows)
    let new = try GraphLayout(grown, extending: old)
    let kept = new.ranks.map { $0.filter { $0 < count } }.filter { !$0.isEmpty }
    #expect(kept == old.ranks)
    #expect(new.ranks.joined().sorted() == Array(grown.widths.indices))
    for (rank, nodes) in new.graph.order.enumerated() {
      // Bends may come and go as edges change trunks.
      guard old.graph.order.indices.contains(rank) else { continue }
      guard nodes == old.graph.order[rank], nodes.allSatisfy({ $0 < count }) else { continue }
      #expect(nodes.map { new.rect(of: $0).row } == nodes.map { old.rect(of: $0).row })
    }
    for edge in grown.edges.indices { #expect(EdgeWalk(new, edge).problem == nil) }
  }

  @Test("lets what needs everything before it cost one line", arguments: [false, true])
  func trunks(isMirrored: Bool) throws {
    let count = 200
    let edges = (1..<count).flatMap {
      [GraphShape.Edge($0 - 1, $0), isMirrored ? .init(0, $0) : .init($0 - 1, count)]
    }
    let layout = try GraphLayout(
      GraphShape(widths: Array(repeating: 4, count: count + 1), edges: edges), effort: 100_000)
    #expect(layout.graph.bends.count < count)
    #expect(layout.size.rows <= 4)
    #expect(layout.undrawn.isEmpty)
  }

  @Test("leaves out the longest edges when there would be too many bends")
  func limitsBends() throws {
    let count = 1000
    let long = (1..<400).map { GraphShape.Edge($0, count - 400 + $0) }
    let edges = long + (1..<count).map { GraphShape.Edge($0 - 1, $0) }
    let shape = GraphShape(widths: Array(repeating: 4, count: count), edges: edges)
    let layout = try GraphLayout(shape, effort: 0)
    #expect(layout.graph.bends.count <= Trunks.bendLimit)
    #expect(layout.undrawn.count == long.count - Trunks.bendLimit / 599)
    #expect(layout.undrawn.allSatisfy { $0 < long.count })
  }

  @Test("stops when its task is cancelled")
  func stops() async {
    let work = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try GraphLayout(.staged(nodes: 50, seed: 1))
    }
    await #expect(throws: CancellationError.self) { try await work.value }
  }

  @Test("lays out nothing, one node and nodes without edges", arguments: [0, 1, 5])
  func small(count: Int) throws {
    let layout = try GraphLayout(
      GraphShape(widths: Array(repeating: 4, count: count), edges: [], rowPitch: 1))
    #expect(layout.size == Size(columns: count == 0 ? 0 : 4, rows: count))
    #expect(layout.lines(in: layout.whole) { _ in false }.isEmpty)
  }

  @Test("drops edges that cannot be drawn, and of a circle only one")
  func drops() {
    let edges: [(Int, Int)] = [(0, 1), (1, 1), (0, 1), (1, 2), (2, 0), (2, 9), (2, 3)]
    let shape = GraphShape(
      widths: [4, 4, 4, 4], edges: edges.map { GraphShape.Edge($0.0, $0.1) })
    #expect(shape.edges == [(0, 1), (1, 2), (2, 3)].map { GraphShape.Edge($0.0, $0.1) })
  }

  @Test("moves what nothing needs early to where it is needed")
  func promotes() throws {
    let edges = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 3)].map { GraphShape.Edge($0.0, $0.1) }
    let layout = try GraphLayout(
      GraphShape(widths: Array(repeating: 4, count: 6), edges: edges))
    #expect(layout.ranks.map { $0.sorted() } == [[0], [1, 4], [2, 5], [3]])
  }
}

@Suite("Crossings")
struct CrossingTests {
  @Test("are as many as pairs that cross", arguments: 0..<20)
  func bruteForce(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let segments = (0..<Int.random(in: 0...60, using: &random)).map { _ in
      Crossings.Segment(
        .random(in: 0..<12, using: &random), .random(in: 0..<9, using: &random),
        weight: .random(in: 1...3, using: &random))
    }
    var expected = 0
    for (index, one) in segments.enumerated() {
      for other in segments[..<index] where (one.from - other.from) * (one.to - other.to) < 0 {
        expected += one.weight * other.weight
      }
    }
    #expect(Crossings.count(segments) == expected)
    let heights = segments.flatMap { segment in
      Array(
        repeating: (from: Double(segment.from) / 7, to: Double(segment.to) * 3 - 5),
        count: segment.weight)
    }
    #expect(Crossings.count(heights: heights) == expected)
  }

  @Test("of a layout are those of its segments", arguments: 0..<5)
  func ofSegments(seed: Int) throws {
    let layout = try GraphLayout(.staged(nodes: 60, seed: UInt64(seed)), effort: 100_000)
    let segments = layout.segments
    #expect(segments.reduce(0) { $0 + Crossings.count(heights: $1) } == layout.crossings)
    let spans = layout.shape.edges.map { layout.rank(of: $0.to) - layout.rank(of: $0.from) }
    #expect(segments.reduce(0) { $0 + $1.count } == spans.reduce(0, +))
  }

  @Test("grow fewer with effort, and are the same each time")
  func effort() throws {
    let shape = GraphShape.staged(nodes: 120, seed: 3)
    let none = try GraphLayout(shape, effort: 0)
    let some = try GraphLayout(shape, effort: 300_000)
    #expect(some.crossings < none.crossings / 2)
    #expect(try GraphLayout(shape, effort: 300_000) == some)
  }

  @Test("of a layout are those of its ranks", arguments: 0..<5)
  func ofLayout(seed: Int) throws {
    let layout = try GraphLayout(.staged(nodes: 60, seed: UInt64(seed)), effort: 100_000)
    var expected = 0
    for rank in layout.graph.order.indices {
      let links = layout.graph.gutters[rank].map { layout.graph.links[$0] }
      for (index, one) in links.enumerated() {
        for other in links[..<index] {
          let from = layout.rows[one.from] - layout.rows[other.from]
          let to = layout.rows[one.to] - layout.rows[other.to]
          if from * to < 0 { expected += one.weight * other.weight }
        }
      }
    }
    #expect(layout.crossings == expected)
  }
}
