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
  private(set) var dependents: [[Int]] = []
  private(set) var needs: [Int] = []
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
    node = run.graph.tasks.map { task in
      guard !task.isRemoved else { return -1 }
      let group = tree.paths[task.id.index].last { folded.contains($0) }
      let item = group.map { Item.group($0) } ?? .task(task.id)
      if let position = positions[item] { return position }
      positions[item] = items.count
      items.append(item)
      return items.count - 1
    }
    dependents = Array(repeating: [], count: items.count)
    needs = Array(repeating: 0, count: items.count)
    var seen = Set<[Int]>()
    for (index, row) in run.links.dependents.enumerated() {
      for next in row {
        let (a, b) = (node[index], node[next.index])
        guard a >= 0, b >= 0, a != b, seen.insert([a, b]).inserted else { continue }
        dependents[a].append(b)
        needs[b] += 1
      }
    }
    for index in dependents.indices { dependents[index].sort() }
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

/// Goes down the rows with the set of lanes that are open.
struct LaneSweep {
  private enum Lane {
    /// To one row.
    case edge(to: Int)
    /// From one row to so many more.
    case source(Int, left: Int)
    /// From several rows to this one.
    case sink(Int)
  }

  private let nodes: LaneNodes
  private let spineNext: [Int: Int]
  private let spine: Set<Int>
  private let isCritical: Bool
  private var lanes: [Lane?] = []
  private(set) var width = 0
  /// The row's drawing: which arms each lane has, and which lanes it joins.
  private var vertical: [Glyphs.Arms] = []
  private var joined: [Int] = []

  init(_ nodes: LaneNodes, spine: [Int], isCritical: Bool) {
    self.nodes = nodes
    self.spine = Set(spine)
    spineNext = Dictionary(
      zip(spine, spine.dropFirst()).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    self.isCritical = isCritical
    if !spine.isEmpty { lanes = [nil] }
  }

  mutating func place(_ node: Int) -> Lanes.Row {
    vertical = lanes.map { $0 == nil ? [] : [.up, .down] }
    joined = []
    let isHeavyAbove = isCritical && lanes.first.map { $0 != nil } ?? false && !spine.isEmpty
    let lane = arrive(node)
    leave(node, from: lane)
    let row = draw(node, lane, isHeavyAbove)
    width = max(width, lanes.count)
    while let last = lanes.indices.last, last > 0, lanes[last] == nil { lanes.removeLast() }
    return row
  }

  /// Ends the lanes that lead to the row and returns the lane where its node stands.
  private mutating func arrive(_ node: Int) -> Int {
    var ended: [Int] = []
    for (index, lane) in lanes.enumerated() {
      switch lane {
      case .edge(to: node)?, .sink(node)?: ended.append(index)
      case .source(let source, let left)? where takesShared(source, node):
        lanes[index] = left > 1 ? .source(source, left: left - 1) : nil
        vertical[index] = left > 1 ? [.up, .down] : .up
        joined.append(index)
      default: break
      }
    }
    let own = spine.contains(node) ? 0 : ended.first { $0 > 0 || spine.isEmpty }
    let lane = own ?? free(after: joined.first ?? -1)
    for index in ended {
      lanes[index] = nil
      vertical[index] = .up
      if index != lane { joined.append(index) }
    }
    return lane
  }

  /// Opens the lanes that lead away from the row.
  private mutating func leave(_ node: Int, from lane: Int) {
    var isTaken = false
    if let next = spineNext[node] {
      lanes[0] = .edge(to: next)
      vertical[0].insert(.down)
      isTaken = true
    }
    let rest = nodes.dependents[node].filter { $0 != spineNext[node] }
    if nodes.dependents[node].count >= Lanes.sharedFrom {
      open(.source(node, left: rest.count), node, lane, &isTaken)
      return
    }
    for next in rest {
      if nodes.needs[next] >= Lanes.sharedFrom {
        joinSink(next, lane)
      } else {
        open(.edge(to: next), node, lane, &isTaken)
      }
    }
  }

  private mutating func open(_ kind: Lane, _ node: Int, _ lane: Int, _ isTaken: inout Bool) {
    if case .source(_, left: 0) = kind { return }
    if !isTaken {
      isTaken = true
      lanes[lane] = kind
      vertical[lane].insert(.down)
      return
    }
    let index = free(after: lane)
    lanes[index] = kind
    vertical[index] = .down
    joined.append(index)
  }

  private mutating func joinSink(_ target: Int, _ lane: Int) {
    for (index, open) in lanes.enumerated() {
      guard case .sink(target)? = open else { continue }
      joined.append(index)
      return
    }
    let index = free(after: lane)
    lanes[index] = .sink(target)
    vertical[index] = .down
    joined.append(index)
  }

  private func takesShared(_ source: Int, _ node: Int) -> Bool {
    spineNext[source] != node && nodes.dependents[source].holdsSorted(node)
  }

  /// The next lane that this row does not use yet; column 0 belongs to the spine.
  private mutating func free(after lane: Int) -> Int {
    var index = max(lane + 1, spine.isEmpty ? 0 : 1)
    while index < lanes.count, lanes[index] != nil || !vertical[index].isEmpty { index += 1 }
    while lanes.count <= index {
      lanes.append(nil)
      vertical.append([])
    }
    return index
  }

  private func draw(_ node: Int, _ lane: Int, _ isHeavyAbove: Bool) -> Lanes.Row {
    let shown = Lanes.maximumLanes
    var cells = Array(repeating: Glyphs.Arms(), count: 2 * min(shown, max(lanes.count, lane + 1)))
    for (index, arms) in vertical.prefix(shown).enumerated() { cells[2 * index] = arms }
    let isJoined = Set(joined)
    for end in joined {
      let (low, high) = (2 * min(lane, end), 2 * max(lane, end))
      for at in (low + 1)..<high where at < cells.count {
        let isCrossed = at % 2 == 0 && !vertical[at / 2].isEmpty && !isJoined.contains(at / 2)
        if !isCrossed { cells[at].formUnion([.left, .right]) }
      }
      if 2 * end < cells.count { cells[2 * end].insert(end < lane ? .right : .left) }
    }
    let used = vertical.indices.filter { !vertical[$0].isEmpty || $0 == lane }
    let isHeavyBelow = isCritical && !spine.isEmpty && lanes[0] != nil
    return Lanes.Row(
      item: nodes.items[node], lane: lane, cells: cells,
      used: used.filter { $0 < shown }.reduce(0) { $0 | 1 << UInt8($1) },
      hidden: used.count { $0 >= shown && $0 != lane },
      isHeavyAbove: isHeavyAbove, isHeavyBelow: isHeavyBelow)
  }
}

extension [Int] {
  /// Binary search; the array is sorted.
  fileprivate func holdsSorted(_ value: Int) -> Bool {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value
  }
}
