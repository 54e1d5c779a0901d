import Canvas

/// Goes down the rows with the lanes that are open.
///
/// Only so many lanes have a place of their own; of those beyond, only the number matters, so that a
/// row costs the same however many edges pass it by.
struct LaneSweep {
  private enum Lane: Hashable {
    /// To one row.
    case edge(to: Int)
    /// From one row to several more.
    case source(Int)
    /// From several rows to this one.
    case sink(Int)
  }

  private let nodes: LaneNodes
  private let spineNext: [Int: Int]
  private let spine: Set<Int>
  private let isCritical: Bool
  private var lanes: [Lane?] = Array(repeating: nil, count: Lanes.maximumLanes)
  /// Lanes without a place; several edges may lead to one row.
  private var beyond: [Lane: Int] = [:]
  private var beyondCount = 0
  /// Dependents that a shared lane still leads to, by its source.
  private var left: [Int: Int] = [:]
  private(set) var width = 0
  /// The row's drawing: which arms each lane has, and which lanes it joins.
  private var vertical: [Glyphs.Arms] = []
  private var joined: [Int] = []

  init(_ nodes: LaneNodes, spine: [Int], isCritical: Bool) {
    self.nodes = nodes
    self.spine = Set(spine)
    spineNext = Dictionary(
      zip(spine, spine.dropFirst()).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    self.isCritical = isCritical && !spine.isEmpty
  }

  mutating func place(_ node: Int) -> Lanes.Row {
    vertical = lanes.map { $0 == nil ? [] : [.up, .down] }
    joined = []
    let isHeavyAbove = isCritical && lanes[0] != nil
    let lane = arrive(node)
    let passing = beyondCount
    leave(node, from: lane)
    let row = draw(node, lane, isHeavyAbove, hidden: max(passing, beyondCount))
    if let last = vertical.lastIndex(where: { !$0.isEmpty }) { width = max(width, last + 1) }
    width = max(width, min(lane + 1, Lanes.maximumLanes))
    return row
  }

  /// Ends the lanes that lead to the row and returns the lane where its node stands.
  private mutating func arrive(_ node: Int) -> Int {
    for source in nodes.sharedNeeds[node] where spineNext[source] != node { take(from: source) }
    let ended = lanes.indices.filter { lanes[$0] == .edge(to: node) || lanes[$0] == .sink(node) }
    let hadBeyond = close(.edge(to: node)) + close(.sink(node)) > 0
    let lane: Int
    if spine.contains(node) {
      lane = 0
    } else if let own = ended.first(where: { $0 > 0 || spine.isEmpty }) {
      lane = own
    } else {
      lane = hadBeyond ? Lanes.maximumLanes : free(after: joined.first ?? -1)
    }
    for index in ended {
      lanes[index] = nil
      vertical[index] = .up
      if index != lane { joined.append(index) }
    }
    return lane
  }

  /// Lets a shared lane reach one more of its rows.
  private mutating func take(from source: Int) {
    let rest = left[source, default: 1] - 1
    left[source] = rest
    guard let index = lanes.firstIndex(of: .source(source)) else {
      if rest == 0 { _ = close(.source(source)) }
      return
    }
    joined.append(index)
    guard rest == 0 else { return }
    lanes[index] = nil
    vertical[index] = .up
  }

  private mutating func close(_ lane: Lane) -> Int {
    guard let count = beyond.removeValue(forKey: lane) else { return 0 }
    beyondCount -= count
    return count
  }

  /// Opens the lanes that lead away from the row.
  private mutating func leave(_ node: Int, from lane: Int) {
    var isTaken = lane >= Lanes.maximumLanes
    if let next = spineNext[node] {
      lanes[0] = .edge(to: next)
      vertical[0].insert(.down)
      isTaken = true
    }
    let rest = nodes.dependents[node].filter { $0 != spineNext[node] }
    if nodes.dependents[node].count >= Lanes.sharedFrom {
      left[node] = rest.count
      open(.source(node), lane, &isTaken)
      return
    }
    for next in rest {
      if nodes.needs[next] >= Lanes.sharedFrom {
        joinSink(next, lane)
      } else {
        open(.edge(to: next), lane, &isTaken)
      }
    }
  }

  private mutating func open(_ kind: Lane, _ lane: Int, _ isTaken: inout Bool) {
    guard isTaken else {
      isTaken = true
      lanes[lane] = kind
      vertical[lane].insert(.down)
      return
    }
    openBeside(kind, lane)
  }

  private mutating func joinSink(_ target: Int, _ lane: Int) {
    if let index = lanes.firstIndex(of: .sink(target)) {
      joined.append(index)
    } else if beyond[.sink(target)] == nil {
      openBeside(.sink(target), lane)
    }
  }

  private mutating func openBeside(_ kind: Lane, _ lane: Int) {
    let index = free(after: lane)
    guard index < Lanes.maximumLanes else {
      beyond[kind, default: 0] += 1
      beyondCount += 1
      return
    }
    lanes[index] = kind
    vertical[index] = .down
    joined.append(index)
  }

  /// The nearest lane to the right that this row does not use, else one to the left, else none that
  /// has a place; column 0 belongs to the spine.
  private func free(after lane: Int) -> Int {
    let first = spine.isEmpty ? 0 : 1
    let isFree = { (index: Int) in lanes[index] == nil && vertical[index].isEmpty && index != lane }
    let right = max(lane + 1, first)..<max(lane + 1, first, Lanes.maximumLanes)
    if let index = right.first(where: { $0 < Lanes.maximumLanes && isFree($0) }) { return index }
    return (first..<Lanes.maximumLanes).first(where: isFree) ?? Lanes.maximumLanes
  }

  private func draw(_ node: Int, _ lane: Int, _ isHeavyAbove: Bool, hidden: Int) -> Lanes.Row {
    var cells = Array(repeating: Glyphs.Arms(), count: 2 * Lanes.maximumLanes)
    for (index, arms) in vertical.enumerated() { cells[2 * index] = arms }
    let shownLane = min(lane, Lanes.maximumLanes)
    for end in joined {
      let (low, high) = (2 * min(shownLane, end), 2 * max(shownLane, end))
      for at in (low + 1)..<max(low + 1, high) where at < cells.count {
        let isCrossed = at % 2 == 0 && !vertical[at / 2].isEmpty && !joined.contains(at / 2)
        if !isCrossed { cells[at].formUnion([.left, .right]) }
      }
      cells[2 * end].insert(end < lane ? .right : .left)
    }
    while let last = cells.last, last.isEmpty, cells.count > 2 * (lane + 1) { cells.removeLast() }
    let used = vertical.indices.filter { !vertical[$0].isEmpty || $0 == lane }
    return Lanes.Row(
      item: nodes.items[node], lane: lane, cells: cells,
      used: used.reduce(0) { $0 | 1 << UInt8($1) }, hidden: hidden, isHeavyAbove: isHeavyAbove,
      isHeavyBelow: isCritical && lanes[0] != nil)
  }
}

extension [Int] {
  var sortedWithoutRepeats: [Int] {
    guard count > 1 else { return self }
    var result: [Int] = []
    for value in sorted() where result.last != value { result.append(value) }
    return result
  }
}
