/// The search for an order of each rank with few crossings.
///
/// Sweeps by barycentre and weighted median (Sugiyama 1981; Eades and Wormald 1994) with local moves
/// after each rank: every node is tried at every place of its rank (Matuszewski, Schönfeld and Molitor,
/// "Using sifting for k-layer straightline crossing minimization", 1999), or, in wide ranks, against
/// its neighbours only. The best order is kept. The search is bounded by comparisons, not by time, so
/// that the same graph always gives the same drawing.
struct OrderSearch {
  private let graph: RankedGraph
  private(set) var order: [[Int]]
  private(set) var position: [Int]
  /// Places of the neighbours, sorted, in the slots of `graph.before` and `graph.after`.
  private var before: Side
  private var after: Side
  private var fill: [Int]
  /// Comparisons that are left.
  private(set) var effort: Int

  fileprivate struct Side {
    var places: [Int]
    var weights: [Int]

    init(_ count: Int) {
      places = Array(repeating: 0, count: count)
      weights = places
    }
  }

  /// Comparisons that a search may make; some 40 ms.
  static let effortLimit = 20_000_000

  init(_ graph: RankedGraph, effort: Int = Self.effortLimit) {
    self.graph = graph
    self.effort = effort
    order = graph.order
    position = Array(repeating: 0, count: graph.ranks.count)
    fill = position
    before = Side(graph.before.nodes.count)
    after = Side(graph.after.nodes.count)
    for rank in order.indices { number(rank) }
  }

  private mutating func number(_ rank: Int) {
    for (place, node) in order[rank].enumerated() { position[node] = place }
  }

  /// Finds the places of the neighbours left of a rank.
  private mutating func lookLeft(_ rank: Int) {
    guard rank > 0 else { return }
    for node in order[rank] { fill[node] = graph.before.starts[node] }
    for (place, node) in order[rank - 1].enumerated() {
      for link in graph.after.range(node) {
        let slot = fill[graph.after.nodes[link]]
        before.places[slot] = place
        before.weights[slot] = graph.after.weights[link]
        fill[graph.after.nodes[link]] = slot + 1
      }
    }
  }

  /// Finds the places of the neighbours right of a rank.
  private mutating func lookRight(_ rank: Int) {
    guard rank + 1 < order.count else { return }
    for node in order[rank] { fill[node] = graph.after.starts[node] }
    for (place, node) in order[rank + 1].enumerated() {
      for link in graph.before.range(node) {
        let slot = fill[graph.before.nodes[link]]
        after.places[slot] = place
        after.weights[slot] = graph.before.weights[link]
        fill[graph.before.nodes[link]] = slot + 1
      }
    }
  }

  /// Crossings between the ranks in the present order.
  mutating func crossings() -> Int {
    var (total, segments) = (0, [Crossings.Segment]())
    for rank in order.indices.dropLast() {
      lookRight(rank)
      segments.removeAll(keepingCapacity: true)
      for (place, node) in order[rank].enumerated() {
        for slot in graph.after.range(node) {
          segments.append(.init(place, after.places[slot], weight: after.weights[slot]))
        }
      }
      total += Crossings.count(sorted: segments, last: order[rank + 1].count)
    }
    return total
  }
}

// MARK: - Sweeps

extension OrderSearch {
  /// Finds an order with few crossings and keeps it.
  mutating func run() throws(CancellationError) {
    var best = (order: order, crossings: crossings())
    for start in [Start.leftToRight, .rightToLeft] {
      begin(start)
      try improve(&best)
      if best.crossings == 0 || effort <= 0 { break }
    }
    order = best.order
    for rank in order.indices { number(rank) }
  }

  private static let patience = 4
  private static let roundLimit = 24

  private mutating func improve(
    _ best: inout (order: [[Int]], crossings: Int)
  ) throws(CancellationError) {
    var idle = 0
    for round in 0..<Self.roundLimit where idle < Self.patience && effort > 0 {
      for rank in order.indices.dropFirst() {
        try sort(rank, byLeft: true, asMedian: round % 2 == 1)
      }
      for rank in order.indices.dropLast().reversed() {
        try sort(rank, byLeft: false, asMedian: round % 2 == 1)
      }
      let found = crossings()
      idle += 1
      if found < best.crossings {
        best = (order, found)
        idle = 0
      }
    }
  }

  private enum Start { case leftToRight, rightToLeft }

  /// Orders each rank as a depth-first walk meets its nodes.
  private mutating func begin(_ start: Start) {
    let side = start == .leftToRight ? graph.after : graph.before
    let roots = start == .leftToRight ? Array(order.indices) : order.indices.reversed()
    var isSeen = Array(repeating: false, count: graph.ranks.count)
    var found = Array(repeating: [Int](), count: order.count)
    var waiting: [Int] = []
    for root in roots.flatMap({ graph.order[$0] }) where !isSeen[root] {
      waiting.append(root)
      while let node = waiting.popLast() {
        guard !isSeen[node] else { continue }
        isSeen[node] = true
        found[graph.ranks[node]].append(node)
        for slot in side.range(node).reversed() where !isSeen[side.nodes[slot]] {
          waiting.append(side.nodes[slot])
        }
      }
    }
    order = found
    for rank in order.indices { number(rank) }
  }

  /// Sorts a rank by where its neighbours on one side are; nodes that have none there stay.
  private mutating func sort(
    _ rank: Int, byLeft: Bool, asMedian: Bool
  ) throws(CancellationError) {
    try stopIfCancelled()
    if byLeft { lookLeft(rank) } else { lookRight(rank) }
    let neighbours = byLeft ? graph.before : graph.after
    let side = byLeft ? before : after
    var keyed: [(key: Double, place: Int, node: Int)] = []
    for (place, node) in order[rank].enumerated() where !neighbours.range(node).isEmpty {
      let range = neighbours.range(node)
      keyed.append((side.key(range, asMedian: asMedian), place, node))
    }
    let places = keyed.map(\.place)
    keyed.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    for (place, moved) in zip(places, keyed) { order[rank][place] = moved.node }
    number(rank)
    effort -= order[rank].count
    settle(rank)
  }
}

extension OrderSearch.Side {
  fileprivate func key(_ range: Range<Int>, asMedian: Bool) -> Double {
    asMedian ? median(range) : barycentre(range)
  }

  private func barycentre(_ range: Range<Int>) -> Double {
    var (sum, weight) = (0, 0)
    for slot in range {
      sum += places[slot] * weights[slot]
      weight += weights[slot]
    }
    return Double(sum) / Double(weight)
  }

  private func median(_ range: Range<Int>) -> Double {
    let middle = range.lowerBound + range.count / 2
    guard range.count % 2 == 0 else { return Double(places[middle]) }
    return Double(places[middle - 1] + places[middle]) / 2
  }
}

// MARK: - Local moves

extension OrderSearch {
  /// Ranks up to this width are sifted.
  private static let siftWidth = 64

  /// Moves the nodes of a rank while that takes crossings away.
  private mutating func settle(_ rank: Int) {
    lookLeft(rank)
    lookRight(rank)
    if order[rank].count <= Self.siftWidth { sift(order[rank], rank) } else { exchange(rank) }
  }

  /// Moves only some nodes of each rank.
  mutating func settle(_ newcomers: [[Int]]) throws(CancellationError) {
    for rank in Array(order.indices) + order.indices.reversed() where !newcomers[rank].isEmpty {
      try stopIfCancelled()
      lookLeft(rank)
      lookRight(rank)
      sift(newcomers[rank], rank)
    }
  }

  private mutating func exchange(_ rank: Int) {
    var hasMoved = true
    while hasMoved && effort > 0 {
      hasMoved = false
      for place in order[rank].indices.dropLast() {
        let (upper, lower) = (order[rank][place], order[rank][place + 1])
        if difference(upper, lower) > 0 {
          order[rank].swapAt(place, place + 1)
          hasMoved = true
        }
      }
    }
    number(rank)
  }

  private mutating func sift(_ nodes: [Int], _ rank: Int) {
    for node in nodes {
      guard effort > 0, let place = order[rank].firstIndex(of: node) else { break }
      let target = bestPlace(of: node, at: place, rank)
      guard target != place else { continue }
      order[rank].remove(at: place)
      order[rank].insert(node, at: target)
    }
    number(rank)
  }

  private mutating func bestPlace(of node: Int, at place: Int, _ rank: Int) -> Int {
    var (best, least, sum) = (place, 0, 0)
    for other in stride(from: place - 1, through: 0, by: -1) {
      sum -= difference(order[rank][other], node)
      if sum < least { (best, least) = (other, sum) }
    }
    sum = 0
    for other in (place + 1)..<max(place + 1, order[rank].count) {
      sum -= difference(node, order[rank][other])
      if sum < least { (best, least) = (other, sum) }
    }
    return best
  }

  /// How many crossings more there are with the first above the second than the other way round.
  private mutating func difference(_ upper: Int, _ lower: Int) -> Int {
    effort -= 1
    return before.difference(graph.before.range(upper), graph.before.range(lower))
      + after.difference(graph.after.range(upper), graph.after.range(lower))
  }
}

extension OrderSearch.Side {
  /// Both lists are sorted, so one merge counts the pairs either way.
  fileprivate func difference(_ upper: Range<Int>, _ lower: Range<Int>) -> Int {
    guard !upper.isEmpty, !lower.isEmpty else { return 0 }
    var (above, below, level) = (lower.lowerBound, 0, lower.lowerBound)
    var total = 0
    let all = lower.reduce(0) { $0 + weights[$1] }
    var belowOrLevel = 0
    for slot in upper {
      let place = places[slot]
      while above < lower.upperBound, places[above] < place {
        below += weights[above]
        above += 1
      }
      while level < lower.upperBound, places[level] <= place {
        belowOrLevel += weights[level]
        level += 1
      }
      total += weights[slot] * (below - (all - belowOrLevel))
    }
    return total
  }
}

func stopIfCancelled() throws(CancellationError) {
  if Task.isCancelled { throw CancellationError() }
}
