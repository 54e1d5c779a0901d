package import Canvas

/// A drawing of a graph in character cells, from left to right in ranks.
///
/// The framework is that of Sugiyama, Tagawa and Toda 1981: ranks, order within ranks, rows, lines.
/// The same shape always gives the same layout. Rows and columns count from 0 at the top left.
package struct GraphLayout: Sendable, Equatable {
  package let shape: GraphShape
  /// Columns and rows of the whole drawing.
  package private(set) var size = Size(columns: 0, rows: 0)
  /// The nodes of each rank from top to bottom.
  package let ranks: [[Int]]
  /// Crossings of edges in the layered drawing, long edges cut into pieces included.
  package let crossings: Int
  /// Indices of edges that are left out: past 100,000 bends, the longest.
  package var undrawn: [Int] { graph.undrawn }
  let graph: RankedGraph
  /// Where each node's or bend's lines run.
  let rows: [Int]
  /// The gutter behind each rank.
  let gutters: [Gutter]
  /// The first column of each rank, and of its gutter.
  private(set) var lefts: [Int] = []
  private(set) var rights: [Int] = []

  /// - Throws: `CancellationError` when the surrounding task is cancelled.
  /// - Complexity: Near linear in nodes and edges, up to a fixed effort for fewer crossings.
  package init(_ shape: GraphShape) throws(CancellationError) {
    try self.init(shape, effort: nil)
  }

  init(_ shape: GraphShape, effort: Int?) throws(CancellationError) {
    var graph = RankedGraph(shape, ranks: Layering(shape).ranks)
    var search = OrderSearch(graph)
    try search.run(effort: effort ?? OrderSearch.effort(graph))
    graph.order = search.order
    try self.init(shape, graph)
  }

  /// Rows are kept for nodes and bends that have one from before.
  init(
    _ shape: GraphShape, _ graph: RankedGraph, kept: [Int?]? = nil
  ) throws(CancellationError) {
    self.shape = shape
    self.graph = graph
    crossings = graph.crossings
    ranks = graph.order.map { nodes in nodes.filter { !graph.isBend($0) } }
    let assignment = try RowAssignment(graph, shape, kept: kept)
    rows = assignment.rows
    var gutters: [Gutter] = []
    for rank in graph.order.indices {
      try stopIfCancelled()
      gutters.append(
        GutterRouter.route(
          graph, links: graph.gutters[rank], rows: assignment.rows, height: assignment.height))
    }
    self.gutters = gutters
    measure()
  }

  private mutating func measure() {
    var column = 0
    for (rank, nodes) in ranks.enumerated() {
      lefts.append(column)
      column += nodes.map { shape.widths[$0] }.max() ?? 1
      rights.append(column)
      if rank + 1 < ranks.count { column += gutters[rank].columns }
    }
    let below = shape.chipRows / 2
    let last = ranks.joined().map { rows[$0] + below }.max() ?? -1
    let lines = gutters.flatMap { $0.routes.map(\.rows.upperBound) }.max() ?? -1
    size = Size(columns: column, rows: max(last, lines) + 1)
  }
}

extension GraphLayout {
  package func rank(of node: Int) -> Int { graph.ranks[node] }

  /// Where the node's chip lies.
  package func rect(of node: Int) -> Rect {
    Rect(
      row: rows[node] - (shape.chipRows - 1) / 2, column: lefts[graph.ranks[node]],
      rows: shape.chipRows, columns: shape.widths[node])
  }

  /// The nodes with a chip in the window, rank by rank.
  ///
  /// - Complexity: O(ranks of the window × log n + found).
  package func nodes(in window: Rect) -> [Int] {
    ranks(in: window).flatMap { rank in
      visible(ranks[rank], window).filter {
        let rect = rect(of: $0)
        return rect.column < window.column + window.columns
          && rect.column + rect.columns > window.column
      }
    }
  }

  /// The ranks whose columns, gutter included, meet the window.
  func ranks(in window: Rect) -> Range<Int> {
    guard window.columns > 0, window.rows > 0 else { return 0..<0 }
    let first = lefts.partitioningIndex { $0 > window.column }
    let end = lefts.partitioningIndex { $0 >= window.column + window.columns }
    return max(0, first - 1)..<max(0, first - 1, end)
  }

  /// What of a column of nodes is within the window's rows.
  func visible(_ nodes: [Int], _ window: Rect) -> ArraySlice<Int> {
    let (above, below) = ((shape.chipRows - 1) / 2, shape.chipRows / 2)
    let first = nodes.partitioningIndex { rows[$0] + below >= window.row }
    let end = nodes.partitioningIndex { rows[$0] - above >= window.row + window.rows }
    return nodes[first..<max(first, end)]
  }
}

extension Array {
  /// The first index whose element is in the second part, where the array is parted in two.
  fileprivate func partitioningIndex(_ isInSecond: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isInSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
