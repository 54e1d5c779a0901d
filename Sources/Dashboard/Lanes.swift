import Canvas
import Model

/// The graph as lanes, as histories of versions are drawn: one task or folded group a row, each
/// behind what it needs.
///
/// A lane leads from a row to one that waits for it. The critical path has column 0 for itself. A row
/// with many dependents shares one lane among them (`├─●`), one with many needs likewise (`●─┤`), so
/// that a wide graph stays narrow. The rows depend on the graph and the folds alone; a change of state
/// never moves one.
struct Lanes: Sendable {
  /// Lanes that are drawn; of more, the number is.
  static let maximumLanes = 8
  /// From more edges on a row shares a lane among them.
  static let sharedFrom = 5

  struct Row: Sendable, Equatable {
    var item: Item
    /// Column of the node; may lie beyond those that are drawn.
    var lane: Int
    /// Two a lane: on the lane, and between it and the next.
    var cells: [Glyphs.Arms]
    /// Lanes that are in use in this row, as bits; those beyond the drawn ones are only counted.
    var used: UInt8
    var hidden: Int
    /// The lane of column 0 goes on above and below this row as the critical path.
    var isHeavyAbove: Bool
    var isHeavyBelow: Bool
  }

  private(set) var rows: [Row] = []
  /// Lanes that the widest row takes, at most `maximumLanes`.
  private(set) var width = 0
  private(set) var hasHidden = false
  private(set) var items: [Item] = []

  init() {}

  /// Lays the rows out; `path` is the critical path, empty while unknown.
  ///
  /// - Complexity: O(tasks + edges) plus the number of lanes for each row.
  init(_ run: RunState, tree: GroupTree, fold: (Int) -> Fold, path: [TaskID]) {
    let nodes = LaneNodes(run, tree: tree, fold: fold)
    var sweep = LaneSweep(nodes, spine: nodes.spine(along: path), isCritical: !path.isEmpty)
    rows = nodes.order.map { sweep.place($0) }
    items = rows.map(\.item)
    width = min(Self.maximumLanes, sweep.width)
    hasHidden = rows.contains { $0.hidden > 0 || $0.lane >= Self.maximumLanes }
  }
}

/// What has a row in the lanes, and who waits for whom.
struct LaneNodes {
  private(set) var items: [Item] = []
  /// The tasks of each, in the order of the graph.
  private(set) var members: [[TaskID]] = []
  private(set) var dependents: [[Int]] = []
  private(set) var needs: [Int] = []
  /// Which of a row's needs lead to it by a lane that they share among their dependents.
  private(set) var sharedNeeds: [[Int]] = []
  /// Positions in `items`, each behind its needs; a chain stays together.
  private(set) var order: [Int] = []
  private var node: [Int] = []

  init(_ run: RunState, tree: GroupTree, fold: (Int) -> Fold) {
    var folded = Set(tree.children.indices.filter { fold($0) != .open })
    // Groups mean nothing to the order of tasks: one may have to run both before and after a task
    // outside. Such a group cannot be one row and is unfolded.
    repeat {
      build(run, tree, folded)
      sort()
      let knots = knots()
      if knots.isEmpty { break }
      folded.subtract(knots)
    } while true
  }

  private mutating func build(_ run: RunState, _ tree: GroupTree, _ folded: Set<Int>) {
    var positions: [Item: Int] = [:]
    items = []
    members = []
    node = run.graph.tasks.map { task in
      guard !task.isRemoved else { return -1 }
      let group = tree.paths[task.id.index].last { folded.contains($0) }
      let item = group.map { Item.group($0) } ?? .task(task.id)
      if let position = positions[item] {
        members[position].append(task.id)
        return position
      }
      positions[item] = items.count
      items.append(item)
      members.append([task.id])
      return items.count - 1
    }
    dependents = Array(repeating: [], count: items.count)
    for (index, row) in run.links.dependents.enumerated() where node[index] >= 0 {
      for next in row where node[next.index] >= 0 && node[next.index] != node[index] {
        dependents[node[index]].append(node[next.index])
      }
    }
    needs = Array(repeating: 0, count: items.count)
    sharedNeeds = Array(repeating: [], count: items.count)
    for index in items.indices {
      dependents[index] = dependents[index].sortedWithoutRepeats
      let isShared = dependents[index].count >= Lanes.sharedFrom
      for next in dependents[index] {
        needs[next] += 1
        if isShared { sharedNeeds[next].append(index) }
      }
    }
  }

  /// Kahn's order with a stack instead of a queue: what a row makes ready comes right behind it.
  private mutating func sort() {
    var open = needs
    order = []
    var stack = Array(items.indices.filter { open[$0] == 0 }.reversed())
    while let next = stack.popLast() {
      order.append(next)
      for dependent in dependents[next].reversed() {
        open[dependent] -= 1
        if open[dependent] == 0 { stack.append(dependent) }
      }
    }
  }

  /// The folded groups that lie on a cycle of rows.
  private func knots() -> [Int] {
    guard order.count < items.count else { return [] }
    var isLeft = items.map { _ in true }
    for index in order { isLeft[index] = false }
    // What only hangs behind a cycle is trimmed away from the other end.
    var open = dependents.map { row in row.count { isLeft[$0] } }
    var needs = items.map { _ in [Int]() }
    for index in items.indices where isLeft[index] {
      for next in dependents[index] { needs[next].append(index) }
    }
    var ends = items.indices.filter { isLeft[$0] && open[$0] == 0 }
    while let end = ends.popLast() {
      isLeft[end] = false
      for need in needs[end] {
        open[need] -= 1
        if open[need] == 0 { ends.append(need) }
      }
    }
    return items.indices.filter { isLeft[$0] }.compactMap {
      if case .group(let group) = items[$0] { group } else { nil }
    }
  }

  /// The rows that keep column 0: the critical path, or the longest chain while there is none.
  func spine(along path: [TaskID]) -> [Int] {
    var spine: [Int] = []
    for task in path where node[task.index] >= 0 && spine.last != node[task.index] {
      spine.append(node[task.index])
    }
    if spine.isEmpty { spine = longestChain() }
    return spine.count > 1 && Set(spine).count == spine.count ? spine : []
  }

  private func longestChain() -> [Int] {
    var ahead = items.map { _ in 1 }
    for index in order.reversed() {
      ahead[index] = 1 + (dependents[index].map { ahead[$0] }.max() ?? 0)
    }
    var chain: [Int] = []
    var candidates = items.indices.filter { needs[$0] == 0 }
    while let next = candidates.max(by: { (ahead[$0], $1) < (ahead[$1], $0) }) {
      chain.append(next)
      candidates = dependents[next]
    }
    return chain
  }
}
