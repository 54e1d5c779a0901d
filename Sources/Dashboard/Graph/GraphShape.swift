/// Nodes and edges to be laid out from left to right; nodes are numbered densely from 0.
package struct GraphShape: Sendable, Equatable {
  package struct Edge: Sendable, Hashable {
    package var from: Int
    package var to: Int

    package init(_ from: Int, _ to: Int) {
      self.from = from
      self.to = to
    }
  }

  /// Columns of each node's chip.
  package private(set) var widths: [Int]
  /// Without duplicates, edges to itself, edges to nobody and those that closed a cycle.
  package private(set) var edges: [Edge]
  /// Rows from one chip to the next.
  package private(set) var rowPitch: Int
  /// Rows that a chip takes; edges meet it in its middle row.
  package private(set) var chipRows: Int

  /// Edges that cannot be drawn from left to right are dropped; the others keep their order.
  ///
  /// Folding groups together can close a cycle where the graph had none: of each cycle, the edge
  /// that a depth-first search meets last is left out.
  ///
  /// - Complexity: O(nodes + edges).
  package init(widths: [Int], edges: [Edge], rowPitch: Int = 2, chipRows: Int = 1) {
    self.widths = widths.map { max(1, $0) }
    self.chipRows = max(1, chipRows)
    self.rowPitch = max(rowPitch, self.chipRows)
    var known = Set<Edge>()
    known.reserveCapacity(edges.count)
    let nodes = widths.indices
    self.edges = edges.filter {
      $0.from != $0.to && nodes.contains($0.from) && nodes.contains($0.to)
        && known.insert($0).inserted
    }
    dropClosingEdges()
  }

  private mutating func dropClosingEdges() {
    let leaving = IndexLists(keys: edges.map(\.from), count: widths.count)
    guard topologicalOrder(leaving).count < widths.count else { return }
    let closing = closingEdges(leaving)
    edges = edges.indices.filter { !closing.contains($0) }.map { edges[$0] }
  }

  /// Kahn 1962; shorter than the number of nodes if there is a cycle.
  func topologicalOrder(_ leaving: IndexLists) -> [Int] {
    var missing = Array(repeating: 0, count: widths.count)
    for edge in edges { missing[edge.to] += 1 }
    var order = widths.indices.filter { missing[$0] == 0 }
    order.reserveCapacity(widths.count)
    var next = 0
    while next < order.count {
      for index in leaving[order[next]] {
        let target = edges[index].to
        missing[target] -= 1
        if missing[target] == 0 { order.append(target) }
      }
      next += 1
    }
    return order
  }

  private func closingEdges(_ leaving: IndexLists) -> Set<Int> {
    enum Visit { case new, open, closed }
    var visits = Array(repeating: Visit.new, count: widths.count)
    var closing = Set<Int>()
    for root in widths.indices where visits[root] == .new {
      var path = [(node: root, next: 0)]
      visits[root] = .open
      while let (node, next) = path.last {
        let edgesOut = leaving[node]
        guard next < edgesOut.count else {
          visits[node] = .closed
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let index = edgesOut[edgesOut.startIndex + next]
        switch visits[edges[index].to] {
        case .new:
          visits[edges[index].to] = .open
          path.append((edges[index].to, 0))
        case .open: closing.insert(index)
        case .closed: break
        }
      }
    }
    return closing
  }
}

/// The indices of a list, grouped by a key from 0 to below a count; each group keeps their order.
struct IndexLists: Sendable, Equatable {
  let starts: [Int]
  let items: [Int]

  /// - Complexity: O(keys + count).
  init(keys: [Int], count: Int) {
    var ends = Array(repeating: 0, count: count + 1)
    for key in keys { ends[key + 1] += 1 }
    for key in 0..<count { ends[key + 1] += ends[key] }
    starts = ends
    var items = Array(repeating: 0, count: keys.count)
    for (index, key) in keys.enumerated() {
      items[ends[key]] = index
      ends[key] += 1
    }
    self.items = items
  }

  subscript(key: Int) -> ArraySlice<Int> { items[starts[key]..<starts[key + 1]] }
}
