/// The order of a forest whose peak is least.
///
/// A subtree's best order is a row of segments, each a hill followed by a valley: hills fall, valleys
/// rise. Siblings are merged by what falls from hill to valley, largest first: Liu, "An application of
/// generalized tree pebbling to sparse matrix factorization", 1987.
///
/// - Complexity: O(steps · log steps) for usual forests; a merge costs its segments.
struct LiuTree: Sendable {
  private struct Segment {
    var hill: Int64
    var valley: Int64
    /// The segment's steps, a linked list.
    var first: Int32
    var last: Int32
  }

  /// A child's segment, as it rises and falls from the valley in front of it.
  private struct Rise {
    var fall: Int64
    var hill: Int64
    var valley: Int64
    var child: Int32
    var segment: Segment
  }

  private let tree: KeptTree
  private let children: IndexRows
  private var next: [Int32]
  private var segments: [[Segment]]
  private var rises: [Rise] = []
  /// Segments that were merged with others.
  private var moves = 0

  /// The best order of the forest.
  static func order(_ tree: KeptTree, topological: [Int32]) -> [Int32] {
    var search = LiuTree(tree)
    for step in topological { search.join(Int(step)) }
    let row = search.merged(tree.parent.count)
    return search.steps(of: row)
  }

  /// The peak of that order; nil if it takes more than so many moves of segments.
  static func peak(_ tree: KeptTree, topological: [Int32], moveLimit: Int) -> Int64? {
    var search = LiuTree(tree)
    for step in topological where search.moves < moveLimit { search.join(Int(step)) }
    guard search.moves < moveLimit else { return nil }
    return search.merged(tree.parent.count).first?.hill ?? 0
  }

  private init(_ tree: KeptTree) {
    self.tree = tree
    let count = tree.parent.count
    var parents = IndexRows()
    for parent in tree.parent { parents.append(CollectionOfOne(parent < 0 ? count : Int(parent))) }
    children = parents.inverted(count: count + 1)
    next = Array(repeating: -1, count: count)
    segments = Array(repeating: [], count: count + 1)
  }

  private mutating func join(_ step: Int) {
    var row = merged(step)
    let live = row.last?.valley ?? 0
    Self.push(
      Segment(
        hill: live + tree.own[step], valley: tree.weight[step], first: Int32(step),
        last: Int32(step)), onto: &row, &next)
    segments[step] = row
  }

  /// The children's segments in their best order, each hill and valley counted from the row's start.
  private mutating func merged(_ step: Int) -> [Segment] {
    let row = children.range(step)
    if row.count == 1 {
      var only: [Segment] = []
      swap(&only, &segments[Int(children.items[row.lowerBound])])
      return only
    }
    collectRises(row)
    moves += rises.count
    rises.sort { ($1.fall, $0.child, $1.hill) < ($0.fall, $1.child, $0.hill) }
    var merged: [Segment] = []
    var live: Int64 = 0
    for rise in rises {
      var segment = rise.segment
      segment.hill = live + rise.hill
      live += rise.valley
      segment.valley = live
      Self.push(segment, onto: &merged, &next)
    }
    return merged
  }

  private mutating func collectRises(_ row: Range<Int>) {
    rises.removeAll(keepingCapacity: true)
    for index in row {
      let child = children.items[index]
      var valley: Int64 = 0
      for segment in segments[Int(child)] {
        rises.append(
          Rise(
            fall: segment.hill - segment.valley, hill: segment.hill - valley,
            valley: segment.valley - valley, child: child, segment: segment))
        valley = segment.valley
      }
      segments[Int(child)] = []
    }
  }

  /// Keeps hills falling and valleys rising.
  private static func push(
    _ segment: Segment, onto row: inout [Segment], _ next: inout [Int32]
  ) {
    var top = segment
    while let below = row.last, top.hill >= below.hill || top.valley <= below.valley {
      next[Int(below.last)] = top.first
      top.first = below.first
      top.hill = max(top.hill, below.hill)
      row.removeLast()
    }
    row.append(top)
  }

  private func steps(of row: [Segment]) -> [Int32] {
    var steps: [Int32] = []
    steps.reserveCapacity(tree.parent.count)
    for segment in row {
      var step = segment.first
      while step != segment.last {
        steps.append(step)
        step = next[Int(step)]
      }
      steps.append(step)
    }
    return steps
  }
}
