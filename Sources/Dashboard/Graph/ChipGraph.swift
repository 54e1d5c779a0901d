import Model

/// The chips of one level of zoom and who waits for whom.
///
/// Acyclic: twins and chains can be merged without making a cycle, and of groups `LaneNodes` unfolds
/// those that cannot.
struct ChipGraph: Sendable, Equatable {
  /// Passes in which twins and chains of twins and chains are merged.
  private static let maximumPasses = 8
  /// A finished beginning becomes one chip from so many chips on, in a graph of so many.
  private static let finishedChips = (least: 8, among: 40)

  private(set) var items: [Item]
  private(set) var members: [[TaskID]]
  /// One row a chip, sorted.
  private(set) var dependents: [[Int]]
  private(set) var predecessors: [[Int]]
  private let mergesGroups: Bool

  /// `fold` tells how far each group is unfolded, and tasks that are `alone` are taken in by no cluster,
  /// though by a folded group.
  ///
  /// - Complexity: O(tasks + edges), a few times.
  init(_ run: RunState, tree: GroupTree, zoom: GraphZoom, fold: (Int) -> Fold, alone: Set<TaskID>) {
    let nodes = LaneNodes(run, tree: tree) { group in
      zoom.showsEveryTask ? .open : zoom == .overview ? .closed : fold(group)
    }
    mergesGroups = zoom == .overview
    items = nodes.items
    dependents = nodes.dependents
    predecessors = ChipGraph.inverted(nodes.dependents)
    members = nodes.members
    guard let least = zoom.leastCluster else { return }
    if zoom == .clusters { mergeFinished(run, alone) }
    var passes = zoom == .overview ? Self.maximumPasses : 1
    while passes > 0 {
      let count = items.count
      merge(twins(least, alone), as: .twins)
      merge(chains(least, alone), as: .chain)
      passes = items.count < count ? passes - 1 : 0
    }
  }

  private static func inverted(_ rows: [[Int]]) -> [[Int]] {
    var inverted = rows.map { _ in [Int]() }
    for (index, row) in rows.enumerated() { for next in row { inverted[next].append(index) } }
    return inverted
  }
}

// MARK: What can be one chip

extension ChipGraph {
  private func mayMerge(_ chip: Int, _ alone: Set<TaskID>) -> Bool {
    switch items[chip] {
    case .task(let task): !alone.contains(task)
    case .group: mergesGroups
    case .cluster: true
    }
  }

  /// Chips with the same needs and the same dependents, of which there are some.
  private func twins(_ least: Int, _ alone: Set<TaskID>) -> [[Int]] {
    struct Neighbours: Hashable {
      var needs: [Int]
      var feeds: [Int]
    }
    var sets: [Neighbours: [Int]] = [:]
    for chip in items.indices where mayMerge(chip, alone) {
      let neighbours = Neighbours(needs: predecessors[chip], feeds: dependents[chip])
      guard !neighbours.needs.isEmpty || !neighbours.feeds.isEmpty else { continue }
      sets[neighbours, default: []].append(chip)
    }
    return sets.values.filter { $0.count >= least }
  }

  /// Longest paths on which each chip has one need and one dependent within the path.
  private func chains(_ least: Int, _ alone: Set<TaskID>) -> [[Int]] {
    let leads = items.indices.map { chip -> Int? in
      guard mayMerge(chip, alone), dependents[chip].count == 1, let next = dependents[chip].first,
        predecessors[next].count == 1, mayMerge(next, alone)
      else { return nil }
      return next
    }
    let isLed = Set(leads.compactMap { $0 })
    return items.indices.filter { leads[$0] != nil && !isLed.contains($0) }.compactMap { start in
      let chain = Array(sequence(first: start) { leads[$0] })
      return chain.count >= least ? chain : nil
    }
  }

  private mutating func mergeFinished(_ run: RunState, _ alone: Set<TaskID>) {
    guard items.count >= Self.finishedChips.among else { return }
    var isFinished = items.indices.map { chip in
      mayMerge(chip, alone) && members[chip].allSatisfy { run[$0].state == .done }
    }
    for chip in order where isFinished[chip] {
      isFinished[chip] = predecessors[chip].allSatisfy { isFinished[$0] }
    }
    let finished = items.indices.filter { isFinished[$0] }
    if finished.count >= Self.finishedChips.least { merge([finished], as: .finished) }
  }

  /// Each chip behind its needs.
  private var order: [Int] {
    var open = predecessors.map(\.count)
    var order = items.indices.filter { open[$0] == 0 }
    var next = 0
    while next < order.count {
      for dependent in dependents[order[next]] {
        open[dependent] -= 1
        if open[dependent] == 0 { order.append(dependent) }
      }
      next += 1
    }
    return order
  }
}

// MARK: Merging

extension ChipGraph {
  /// Makes one chip of each set; it stands where the first of the set stood.
  private mutating func merge(_ sets: [[Int]], as kind: Cluster.Kind) {
    guard !sets.isEmpty else { return }
    var leader = Array(items.indices)
    for set in sets {
      guard let first = set.min() else { continue }
      items[first] = .cluster(cluster(of: set, kind))
      members[first] = set.flatMap { members[$0] }
      for chip in set { leader[chip] = first }
    }
    renumber(leader)
  }

  private func cluster(of set: [Int], _ kind: Cluster.Kind) -> Cluster {
    let isPlain = set.allSatisfy { if case .task = items[$0] { true } else { false } }
    let tasks = set.flatMap { members[$0] }
    return Cluster(
      kind: isPlain || kind == .finished ? kind : .bundle,
      tasks: kind == .chain ? tasks : tasks.sorted())
  }

  private mutating func renumber(_ leader: [Int]) {
    let kept = items.indices.filter { leader[$0] == $0 }
    var number = Array(repeating: -1, count: items.count)
    for (new, old) in kept.enumerated() { number[old] = new }
    var rows = kept.map { _ in Set<Int>() }
    for (chip, row) in dependents.enumerated() {
      let from = number[leader[chip]]
      for next in row where leader[next] != leader[chip] { rows[from].insert(number[leader[next]]) }
    }
    items = kept.map { items[$0] }
    members = kept.map { members[$0] }
    dependents = rows.map { $0.sorted() }
    predecessors = Self.inverted(dependents)
  }
}

// MARK: A part of it

extension ChipGraph {
  /// Needs and dependents of a chip that a focus leaves out.
  struct Stub: Sendable, Equatable {
    var needs = 0
    var feeds = 0
  }

  /// Leaves the chips that are at most `hops` needs or dependents away from the given one; the
  /// nearest, at most `limit`.
  ///
  /// Furnas, "Generalized fisheye views", 1986: what is far counts less.
  ///
  /// - Returns: What was left out, one row a chip that stays.
  mutating func focus(on chip: Int, hops: Int, limit: Int) -> [Stub] {
    var near = [chip]
    near += reach(from: chip, hops, dependents) + reach(from: chip, hops, predecessors)
    let kept = Array(Set(near.prefix(limit))).sorted()
    var number = Array(repeating: -1, count: items.count)
    for (new, old) in kept.enumerated() { number[old] = new }
    let stubs = kept.map { old in
      Stub(
        needs: predecessors[old].count { number[$0] < 0 },
        feeds: dependents[old].count { number[$0] < 0 })
    }
    let rows = kept.map { old in dependents[old].map { number[$0] }.filter { $0 >= 0 } }
    items = kept.map { items[$0] }
    members = kept.map { members[$0] }
    dependents = rows
    predecessors = Self.inverted(rows)
    return stubs
  }

  /// The nearest first.
  private func reach(from chip: Int, _ hops: Int, _ rows: [[Int]]) -> [Int] {
    var seen: Set = [chip]
    var found: [Int] = []
    var ring = [chip]
    for _ in 0..<hops {
      ring = ring.flatMap { rows[$0] }.filter { seen.insert($0).inserted }
      found += ring
    }
    return found
  }
}
