/// Finds the tracks of a gutter so that no two edges share a cell unless they share a source or a
/// target, or cross.
///
/// A net is all that shares a vertical line: what leaves one source, or what enters one target,
/// whichever is more. Nets that meet get different tracks. Where a source and a target that it does
/// not lead to are in one row, the nets of the source must be left of those of the target; a circle of
/// such claims is cut by a detour through a row in which nothing else runs. Among the orders that
/// remain, a greedy one with few crossings is taken, as for hyperedges in Sander, "Layout of directed
/// hypergraphs with orthogonal hyperedges", 2004; if it needs too many tracks, the first fit
/// (Hashimoto and Stevens, "Wire routing by optimizing channel assignment", 1971).
struct GutterRouter {
  let graph: RankedGraph
  private let rows: [Int]
  var routes: [Gutter.Route] = []
  var nets: [Net] = []
  /// The net of each route, and the one in which its detour ends.
  var netOf: [Int?] = []
  var detourNetOf: [Int?] = []
  private var isRowUsed: [Bool]
  /// Nets by the rows that they enter from the left, and by the rows in which they leave to the right.
  private var enteringNets: [[Int]]
  private var leavingNets: [[Int]]
  /// Nets that enter in each row and are not placed yet.
  var open: [Int]
  /// Nets that are not placed yet.
  private var waiting: [Int] = []
  /// For each net, crossings more if it is placed next than if it is placed last.
  private var scores: [Int] = []

  struct Net {
    /// Rows of lines from the left, and to the right.
    var lefts: [Int] = []
    var rights: [Int] = []
    var span: ClosedRange<Int> = 0...0
    var isPlaced = false
    var isInBus = false

    mutating func measure() {
      let all = lefts + rights
      span = (all.min() ?? 0)...(all.max() ?? 0)
    }
  }

  /// Finds the lines of one gutter in a drawing of so many rows.
  static func route(
    _ graph: RankedGraph, links: ArraySlice<Int>, rows: [Int], height: Int
  ) -> Gutter {
    var router = GutterRouter(graph: graph, rows: rows, height: height)
    router.makeRoutes(links)
    router.makeNets()
    let sequence = router.sequence()
    return router.gutter(sequence)
  }

  private init(graph: RankedGraph, rows: [Int], height: Int) {
    self.graph = graph
    self.rows = rows
    // A detour may run below everything.
    isRowUsed = Array(repeating: false, count: height + 1)
    enteringNets = Array(repeating: [], count: height + 1)
    leavingNets = enteringNets
    open = Array(repeating: 0, count: height + 1)
  }

  private mutating func makeRoutes(_ links: ArraySlice<Int>) {
    for link in links {
      let (from, to) = (rows[graph.links[link].from], rows[graph.links[link].to])
      routes.append(Gutter.Route(link: link, rowFrom: from, rowTo: to))
      isRowUsed[from] = true
      isRowUsed[to] = true
    }
    netOf = Array(repeating: nil, count: routes.count)
    detourNetOf = netOf
  }

  /// A row has at most one node on each side, so that rows name sources and targets here.
  private mutating func makeNets() {
    var leaving = open
    var entering = open
    let bent = routes.indices.filter { routes[$0].rowFrom != routes[$0].rowTo }
    for index in bent {
      leaving[routes[index].rowFrom] += 1
      entering[routes[index].rowTo] += 1
    }
    var netOfSource = [Int?](repeating: nil, count: open.count)
    var netOfTarget = netOfSource
    for index in bent {
      let (from, to) = (routes[index].rowFrom, routes[index].rowTo)
      let isOfTarget = entering[to] > leaving[from]
      let known = isOfTarget ? netOfTarget[to] : netOfSource[from]
      let net = known ?? nets.count
      if known == nil {
        nets.append(isOfTarget ? Net(rights: [to]) : Net(lefts: [from]))
        if isOfTarget { netOfTarget[to] = net } else { netOfSource[from] = net }
      }
      if isOfTarget { nets[net].lefts.append(from) } else { nets[net].rights.append(to) }
      netOf[index] = net
    }
    for net in nets.indices {
      nets[net].measure()
      for row in nets[net].lefts { enteringNets[row].append(net) }
      for row in nets[net].rights { leavingNets[row].append(net) }
    }
  }
}

// MARK: - Order from left to right

extension GutterRouter {
  /// Beyond this many nets there is a bus anyway, and weighing each pair would not pay.
  private static let weighedNets = 32

  private mutating func sequence() -> [Int] {
    var sequence: [Int] = []
    var isInBus = Array(repeating: false, count: open.count)
    for row in open.indices { open[row] = enteringNets[row].count }
    waiting = nets.indices.sorted { sketch($0) < sketch($1) }
    score()
    while !waiting.isEmpty {
      guard let next = best() ?? cut() else { continue }
      nets[next].isPlaced = true
      if nets[next].rights.contains(where: { isInBus[$0] }) { nets[next].isInBus = true }
      for row in nets[next].lefts {
        open[row] -= 1
        if nets[next].isInBus { isInBus[row] = true }
      }
      waiting.removeAll { $0 == next }
      if !scores.isEmpty {
        for net in waiting { scores[net] -= crossings(net, next) - crossings(next, net) }
      }
      sequence.append(next)
    }
    return sequence
  }

  private mutating func score() {
    scores = []
    guard waiting.count <= Self.weighedNets else { return }
    scores = nets.indices.map { net in
      waiting.reduce(0) { $0 + crossings(net, $1) - crossings($1, net) }
    }
  }

  /// Of the nets that no claim holds back, the one that crosses least where it comes next.
  private func best() -> Int? {
    let free = waiting.lazy.filter { net in nets[net].rights.allSatisfy { open[$0] == 0 } }
    return scores.isEmpty ? free.first : free.min { scores[$0] < scores[$1] }
  }

  /// What goes down has the lowest leftmost, what goes up the highest: so they cross least.
  private func sketch(_ net: Int) -> Int {
    let left = nets[net].lefts.first ?? nets[net].span.upperBound
    return left < nets[net].span.upperBound ? -left : left
  }

  /// Crossings with the first net left of the second.
  private func crossings(_ left: Int, _ right: Int) -> Int {
    let (one, two) = (nets[left], nets[right])
    func isInside(_ row: Int, _ span: ClosedRange<Int>) -> Bool {
      row > span.lowerBound && row < span.upperBound
    }
    return two.lefts.count { isInside($0, one.span) }
      + one.rights.count { isInside($0, two.span) }
  }

  /// Cuts a circle of claims; returns the net that had to go to the bus, if there was no free row.
  private mutating func cut() -> Int? {
    func blocked(_ net: Int) -> [Int] { nets[net].rights.filter { open[$0] > 0 } }
    guard let net = waiting.min(by: { blocked($0).count < blocked($1).count }) else { return nil }
    for row in blocked(net) {
      guard let detour = freeRow(near: row) else {
        nets[net].isInBus = true
        return net
      }
      isRowUsed[detour] = true
      open[detour] = turn(row, into: detour)
    }
    score()
    return nil
  }

  private static let detourReach = 6

  private func freeRow(near row: Int) -> Int? {
    for distance in 1...Self.detourReach {
      for candidate in [row + distance, row - distance]
      where isRowUsed.indices.contains(candidate) && !isRowUsed[candidate] {
        return candidate
      }
    }
    return nil
  }

  /// Leads the nets that enter a target through another row, and from there by a net of its own.
  ///
  /// - Returns: How many nets that were.
  private mutating func turn(_ row: Int, into detour: Int) -> Int {
    let last = nets.count
    let turned = leavingNets[row].filter { !nets[$0].isPlaced }
    for net in turned {
      nets[net].rights = nets[net].rights.map { $0 == row ? detour : $0 }
      nets[net].measure()
      // From here on it has a claim in that row, against the last net: it is left of it.
      nets[net].rights.removeAll { $0 == detour }
      nets[net].lefts.append(detour)
    }
    for index in routes.indices where routes[index].rowTo == row {
      guard let net = netOf[index], turned.contains(net) else { continue }
      routes[index].detour = Gutter.Detour(row: detour, track: 0)
      detourNetOf[index] = last
    }
    nets.append(Net(rights: [row, detour], span: min(row, detour)...max(row, detour)))
    waiting.append(last)
    leavingNets[row] = [last]
    return turned.count
  }
}
