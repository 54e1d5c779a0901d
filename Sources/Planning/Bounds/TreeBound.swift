/// LB4: the least peak of any order of a tree, by merging hills and valleys.
///
/// Liu, "An application of generalized tree pebbling to sparse matrix factorization", 1987. A subtree
/// is a list of segments that climb to a hill and fall to a valley, hills falling and valleys rising;
/// the segments of all children run by falling climb (hill − valley).
/// Proof: an order of the graph is one of the tree, and at no step does the tree ask for more.
struct TreeBound {
  private struct Segment {
    var hill: Int64
    var valley: Int64
  }
  /// Segments moved before a tree is given up; a path of many side branches would take the square.
  static let moveLimit = 4_000_000

  private var segments: [[Segment]]
  private var moves = 0
  private var merged: [(climb: Int64, rise: Int64, fall: Int64)] = []

  /// The least peak, or 0 if the tree was given up.
  private(set) var peakBytes: Int64 = 0

  /// - Complexity: O(steps · log degree) where subtrees have few segments; a named limit otherwise.
  init(_ tree: TreeRelaxation) {
    let root = tree.parent.count
    segments = Array(repeating: [], count: root + 1)
    let children = Self.children(of: tree.parent)
    for step in tree.order.lazy.map({ Int($0) }) where moves < Self.moveLimit {
      var own = merge(children[step])
      let below = own.last?.valley ?? 0
      Self.append(
        Segment(hill: below + tree.needed[step], valley: tree.left[step]), to: &own)
      segments[step] = own
    }
    guard moves < Self.moveLimit else { return }
    peakBytes = merge(children[root]).first?.hill ?? 0
  }

  private static func children(of parent: [Int32]) -> IndexRows {
    let root = parent.count
    return IndexRows(parent.lazy.map { [$0 < 0 ? root : Int($0)] }).inverted(count: root + 1)
  }

  private mutating func merge(_ children: ArraySlice<Int32>) -> [Segment] {
    guard let first = children.first else { return [] }
    if children.count == 1 { return take(Int(first)) }
    merged.removeAll(keepingCapacity: true)
    for child in children {
      var below: Int64 = 0
      for segment in take(Int(child)) {
        merged.append(
          (segment.hill - segment.valley, segment.hill - below, segment.valley - below))
        below = segment.valley
      }
    }
    moves += merged.count
    // Climbs fall strictly within a child, so its segments stay in sequence; among children any
    // sequence of equal climbs has the same peak.
    merged.sort { $0.climb > $1.climb }
    return normalised()
  }

  private mutating func take(_ step: Int) -> [Segment] {
    var taken: [Segment] = []
    swap(&taken, &segments[step])
    return taken
  }

  private func normalised() -> [Segment] {
    var result: [Segment] = []
    var floor: Int64 = 0
    for part in merged {
      Self.append(Segment(hill: floor + part.rise, valley: floor + part.fall), to: &result)
      floor += part.fall
    }
    return result
  }

  /// Hills fall strictly, valleys rise strictly.
  private static func append(_ segment: Segment, to list: inout [Segment]) {
    var top = segment
    while let below = list.last, top.hill >= below.hill || top.valley <= below.valley {
      top.hill = max(top.hill, below.hill)
      list.removeLast()
    }
    list.append(top)
  }
}

extension TreeBound {
  /// The best of a few trees, by successors and by predecessors.
  ///
  /// - Complexity: O(edges + uses + steps · log degree).
  static func best(_ flow: Dataflow, order: [Int32]) -> Int64 {
    var level = Array(repeating: Int32(0), count: flow.count)
    for step in order {
      for next in flow.successors[Int(step)] {
        level[Int(next)] = max(level[Int(next)], level[Int(step)] + 1)
      }
    }
    var best: Int64 = 0
    for choice in TreeRelaxation.Choice.allCases {
      let ahead = TreeRelaxation(flow, level: level, order: order, towardsSuccessors: choice)
      let back = TreeRelaxation(flow, level: level, order: order, towardsPredecessors: choice)
      best = max(best, TreeBound(ahead).peakBytes, TreeBound(back).peakBytes)
    }
    return best
  }
}
