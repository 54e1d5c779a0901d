/// The row of every node and bend, so that lines run straight and the drawing stays as low as its
/// tallest rank.
///
/// Each rank in turn is placed where the sum of the lengths of its lines is least with the other ranks
/// fixed: an isotonic regression of medians, solved by pooling adjacent violators. Lines between bends
/// pull hardest, as in Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs",
/// 1993. Brandes and Köpf's alignment was rejected here: it straightens by spending height, and rows
/// are what a terminal has least of.
struct RowAssignment {
  private let graph: RankedGraph
  private let shape: GraphShape
  private(set) var rows: [Int]
  private(set) var height: Int
  /// Rows that nodes have from before, and leave only if they are pushed.
  private let kept: [Int?]
  /// Distance of each node from the first of its rank when all are pushed together.
  private let offsets: [Int]
  private var wishes: [Wish] = []
  private var blocks: [Block] = []

  private struct Wish {
    var row: Int
    var weight: Int
  }

  /// Neighbouring nodes pushed together: a range of their rank, of their wishes, and where they go.
  private struct Block {
    var first: Int
    var wishes: Range<Int>
    var row: Int
  }

  private enum Sides { case left, right, both }

  init(
    _ graph: RankedGraph, _ shape: GraphShape, kept: [Int?]?
  ) throws(CancellationError) {
    self.graph = graph
    self.kept = kept ?? Array(repeating: nil, count: graph.ranks.count)
    self.shape = shape
    rows = Array(repeating: 0, count: graph.ranks.count)
    (offsets, height) = Self.pack(graph, shape)
    for (node, row) in self.kept.enumerated() {
      if let row { height = max(height, row + Self.below(node, graph, shape) + 1) }
    }
    center()
    if kept == nil {
      for _ in 0..<2 {
        try sweep(forward: true, .left)
        try sweep(forward: false, .right)
      }
    }
    try sweep(forward: true, .both)
    try sweep(forward: false, .both)
    straighten()
  }

  private mutating func center() {
    for nodes in graph.order {
      guard let last = nodes.last else { continue }
      let room = height - offsets[last] - Self.below(last, graph, shape)
      for node in nodes { rows[node] = kept[node] ?? room / 2 + offsets[node] }
    }
  }

  /// Rows that a chip takes above the row where its edges meet it.
  private static func above(_ node: Int, _ graph: RankedGraph, _ shape: GraphShape) -> Int {
    graph.isBend(node) ? 0 : (shape.chipRows - 1) / 2
  }

  private static func below(_ node: Int, _ graph: RankedGraph, _ shape: GraphShape) -> Int {
    graph.isBend(node) ? 0 : shape.chipRows / 2
  }

  /// Lines may come closer to each other and to chips than chips to chips.
  private static func distance(
    _ upper: Int, _ lower: Int, _ graph: RankedGraph, _ shape: GraphShape
  ) -> Int {
    let gap = shape.rowPitch - shape.chipRows
    let isOfChips = !graph.isBend(upper) && !graph.isBend(lower)
    return below(upper, graph, shape) + 1 + (isOfChips ? gap : gap / 2)
      + above(lower, graph, shape)
  }

  private static func pack(
    _ graph: RankedGraph, _ shape: GraphShape
  ) -> (offsets: [Int], height: Int) {
    var offsets = Array(repeating: 0, count: graph.ranks.count)
    var height = 0
    for nodes in graph.order {
      guard let first = nodes.first, let last = nodes.last else { continue }
      offsets[first] = above(first, graph, shape)
      for (upper, lower) in zip(nodes, nodes.dropFirst()) {
        offsets[lower] = offsets[upper] + distance(upper, lower, graph, shape)
      }
      height = max(height, offsets[last] + below(last, graph, shape) + 1)
    }
    return (offsets, height)
  }
}

// MARK: - Sweeps

extension RowAssignment {
  private mutating func sweep(forward: Bool, _ sides: Sides) throws(CancellationError) {
    for index in graph.order.indices {
      try stopIfCancelled()
      place(graph.order[forward ? index : graph.order.count - 1 - index], sides)
    }
  }

  private mutating func place(_ nodes: [Int], _ sides: Sides) {
    guard let last = nodes.last else { return }
    wishes.removeAll(keepingCapacity: true)
    blocks.removeAll(keepingCapacity: true)
    for (index, node) in nodes.enumerated() {
      let start = wishes.count
      wish(node, sides)
      push(Block(first: index, wishes: start..<wishes.count, row: 0))
    }
    let room = height - offsets[last] - Self.below(last, graph, shape) - 1
    for (index, block) in blocks.enumerated() {
      let end = index + 1 < blocks.count ? blocks[index + 1].first : nodes.count
      let row = min(max(0, block.row), room)
      for node in nodes[block.first..<end] { rows[node] = row + offsets[node] }
    }
  }

  /// Where a node wants to be, less its offset.
  private mutating func wish(_ node: Int, _ sides: Sides) {
    let start = wishes.count
    if let row = kept[node] {
      wishes.append(Wish(row: row - offsets[node], weight: Self.keepingWeight))
      return
    }
    if sides != .right { pull(node, graph.before) }
    if sides != .left { pull(node, graph.after) }
    // Staying breaks ties, and is all that a node wishes that nothing pulls.
    if wishes.count == start || sides == .both {
      wishes.append(Wish(row: rows[node] - offsets[node], weight: 1))
    }
    for index in wishes.indices[start...].dropFirst() {
      var place = index
      while place > start, wishes[place].row < wishes[place - 1].row {
        wishes.swapAt(place, place - 1)
        place -= 1
      }
    }
  }

  /// Against lines, of which the heaviest pulls with 64.
  private static let keepingWeight = 10_000

  private mutating func pull(_ node: Int, _ neighbours: RankedGraph.Neighbours) {
    for slot in neighbours.range(node) {
      let other = neighbours.nodes[slot]
      let ends = (graph.isBend(node) ? 1 : 0) + (graph.isBend(other) ? 1 : 0)
      wishes.append(Wish(row: rows[other] - offsets[node], weight: 16 << ends))
    }
  }

  private mutating func push(_ block: Block) {
    var block = block
    block.row = median(block.wishes)
    while let previous = blocks.last, previous.row > block.row {
      blocks.removeLast()
      let merged = previous.wishes.lowerBound..<block.wishes.upperBound
      wishes[merged].sort { $0.row < $1.row }
      block = Block(first: previous.first, wishes: merged, row: median(merged))
    }
    blocks.append(block)
  }

  /// The weighted median; the middle between two.
  private func median(_ range: Range<Int>) -> Int {
    let total = wishes[range].reduce(0) { $0 + $1.weight }
    var sum = 0
    for index in range {
      sum += wishes[index].weight
      if 2 * sum == total, index + 1 < range.upperBound {
        return (wishes[index].row + wishes[index + 1].row) >> 1
      }
      if 2 * sum >= total { return wishes[index].row }
    }
    return 0
  }
}

// MARK: - Bends

extension RowAssignment {
  /// A bend counts like a line that is this many rows longer.
  private static let bendCost = 2

  /// Moves single nodes to the row of a neighbour where that saves bends.
  private mutating func straighten() {
    for nodes in graph.order + graph.order.reversed() {
      for index in nodes.indices where kept[nodes[index]] == nil {
        let node = nodes[index]
        let least =
          index > 0
          ? rows[nodes[index - 1]] + offsets[node] - offsets[nodes[index - 1]] : offsets[nodes[0]]
        let most =
          index + 1 < nodes.count
          ? rows[nodes[index + 1]] + offsets[node] - offsets[nodes[index + 1]]
          : height - 1 - Self.below(node, graph, shape)
        rows[node] = bestRow(node, least...max(least, most))
      }
    }
  }

  private func bestRow(_ node: Int, _ range: ClosedRange<Int>) -> Int {
    var (best, least) = (rows[node], cost(node, at: rows[node]))
    for neighbours in [graph.before, graph.after] {
      for slot in neighbours.range(node) {
        let row = rows[neighbours.nodes[slot]]
        guard range.contains(row) else { continue }
        let cost = cost(node, at: row)
        if cost < least { (best, least) = (row, cost) }
      }
    }
    return best
  }

  private func cost(_ node: Int, at row: Int) -> Int {
    var sum = 0
    for neighbours in [graph.before, graph.after] {
      for slot in neighbours.range(node) {
        let other = neighbours.nodes[slot]
        let ends = (graph.isBend(node) ? 1 : 0) + (graph.isBend(other) ? 1 : 0)
        let length = abs(rows[other] - row)
        sum += (length + (length == 0 ? 0 : Self.bendCost)) << ends
      }
    }
    return sum
  }
}
