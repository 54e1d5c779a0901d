import Canvas
import Model

/// A drawing of the graph: its chips, where they lie, and the lines between them.
///
/// It holds no state of a task; those are painted on it for each frame.
package struct GraphPicture: Sendable, Equatable {
  package let key: GraphKey
  package let zoom: GraphZoom
  package let items: [Item]
  let names: [SafeText]
  /// Of each chip, what a focus leaves out; empty without a focus.
  let stubs: [ChipGraph.Stub]
  let dependents: [[Int]]
  let predecessors: [[Int]]
  /// One a task: its chip, or -1.
  private let chips: [Int32]
  let layout: GraphLayout
  private let edges: [GraphShape.Edge: Int]

  init(
    _ request: GraphRequest, zoom: GraphZoom, chips: ChipGraph, stubs: [ChipGraph.Stub],
    names: ChipNames
  ) throws(CancellationError) {
    key = request.key
    self.zoom = zoom
    self.stubs = stubs
    items = chips.items
    self.names = names.names
    dependents = chips.dependents
    predecessors = chips.predecessors
    var owner = Array(repeating: Int32(-1), count: request.run.tasks.count)
    for (chip, row) in chips.members.enumerated() {
      for task in row { owner[task.index] = Int32(chip) }
    }
    self.chips = owner
    let widths = zip(names.widths, stubs.isEmpty ? items.map { _ in .init() } : stubs).map {
      $0 + Self.columns(of: $1.needs) + Self.columns(of: $1.feeds)
    }
    let shape = GraphShape(
      widths: widths,
      edges: dependents.enumerated().flatMap { from, row in
        row.map { GraphShape.Edge(from, $0) }
      }, rowPitch: zoom.rowPitch, chipRows: zoom.chipRows)
    layout = try Self.layout(shape, items, after: request.previous, zoom)
    edges = Dictionary(
      layout.shape.edges.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Columns that the count of what is left out takes beside a chip.
  static func columns(of count: Int) -> Int { count == 0 ? 0 : 2 + String(count).count }

  /// What was there stays where it was, if it is all there still.
  private static func layout(
    _ shape: GraphShape, _ items: [Item], after previous: GraphPicture?, _ zoom: GraphZoom
  ) throws(CancellationError) -> GraphLayout {
    guard let previous, previous.zoom == zoom, previous.items.count <= items.count,
      previous.items[...] == items.prefix(previous.items.count)
    else { return try GraphLayout(shape) }
    return try GraphLayout(shape, extending: previous.layout)
  }

  func fits(_ room: Size?) -> Bool {
    guard let room else { return true }
    return layout.size.columns <= room.columns && layout.size.rows <= room.rows
  }
}

extension GraphPicture {
  func chip(of task: TaskID) -> Int? {
    guard chips.indices.contains(task.index), chips[task.index] >= 0 else { return nil }
    return Int(chips[task.index])
  }

  /// Positions in `layout.shape.edges` of those that a path of tasks follows.
  func edges(along path: [TaskID]) -> Set<Int> {
    var found = Set<Int>()
    for (task, next) in zip(path, path.dropFirst()) {
      guard let from = chip(of: task), let to = chip(of: next), from != to,
        let edge = edges[GraphShape.Edge(from, to)]
      else { continue }
      found.insert(edge)
    }
    return found
  }
}
