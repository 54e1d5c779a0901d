/// The lines between two ranks: each leaves its node to the right, runs up or down in a track, and
/// enters its target from the left.
struct Gutter: Sendable, Equatable {
  struct Route: Sendable, Equatable {
    /// Index into the graph's links.
    var link: Int
    var rowFrom: Int
    var rowTo: Int
    /// The column, counted from the first track, in which it changes its row; none if straight.
    var track: Int?
    /// Where the way to the target's row was taken: it runs in another row, and changes once more.
    var detour: Detour?

    /// The rows that it touches.
    var rows: ClosedRange<Int> {
      let middle = detour?.row ?? rowTo
      return min(rowFrom, rowTo, middle)...max(rowFrom, rowTo, middle)
    }
  }

  struct Detour: Sendable, Equatable {
    var row: Int
    var track: Int
  }

  var routes: [Route]
  /// Columns with lines that change their row.
  var tracks: Int
  /// The track that holds what found no track of its own.
  var bus: Int?
  /// Edges in the bus.
  var busCount = 0

  /// One cell to leave, one for the arrow, and never so little that ranks touch.
  var columns: Int { max(Self.leastColumns, tracks + 2) }

  static let leastColumns = 4
  /// With more tracks than this, the last becomes a bus.
  static let trackLimit = 8
}

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
  private let graph: RankedGraph
  private let rows: [Int]
  private var routes: [Gutter.Route] = []
  private var nets: [Net] = []
  /// The net of each route, and the one in which its detour ends.
  private var netOf: [Int?] = []
  private var detourNetOf: [Int?] = []
  private var isRowUsed: [Bool]
  /// Nets by the rows that they enter from the left, and by the rows in which they leave to the right.
  private var enteringNets: [Int: [Int]] = [:]
  private var leavingNets: [Int: [Int]] = [:]

  private struct Net {
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
    var leaving: [Int: Int] = [:]
    var entering: [Int: Int] = [:]
    let bent = routes.indices.filter { routes[$0].rowFrom != routes[$0].rowTo }
    for index in bent {
      leaving[routes[index].rowFrom, default: 0] += 1
      entering[routes[index].rowTo, default: 0] += 1
    }
    var netOfSource: [Int: Int] = [:]
    var netOfTarget: [Int: Int] = [:]
    for index in bent {
      let (from, to) = (routes[index].rowFrom, routes[index].rowTo)
      let isOfTarget = entering[to, default: 0] > leaving[from, default: 0]
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
      for row in nets[net].lefts { enteringNets[row, default: []].append(net) }
      for row in nets[net].rights { leavingNets[row, default: []].append(net) }
    }
  }
}

// MARK: - Order from left to right

extension GutterRouter {
  /// Beyond this many nets there is a bus anyway, and weighing each pair would not pay.
  private static let weighedNets = 48

  private mutating func sequence() -> [Int] {
    var sequence: [Int] = []
    var open = enteringNets.mapValues(\.count)
    var busRows = Set<Int>()
    while sequence.count < nets.count {
      let waiting = nets.indices.filter { !nets[$0].isPlaced }
      let free = waiting.filter { net in nets[net].rights.allSatisfy { open[$0, default: 0] == 0 } }
      guard let next = best(of: free, among: waiting) ?? cut(waiting, &open) else { continue }
      nets[next].isPlaced = true
      if nets[next].rights.contains(where: busRows.contains) { nets[next].isInBus = true }
      for row in nets[next].lefts {
        open[row, default: 0] -= 1
        if nets[next].isInBus { busRows.insert(row) }
      }
      sequence.append(next)
    }
    return sequence
  }

  private func best(of free: [Int], among waiting: [Int]) -> Int? {
    guard waiting.count <= Self.weighedNets else {
      return free.min { sketch($0) < sketch($1) }
    }
    return free.map { net in
      (net, waiting.reduce(0) { $0 + crossings(net, $1) - crossings($1, net) })
    }.min { $0.1 < $1.1 }?.0
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
  private mutating func cut(_ waiting: [Int], _ open: inout [Int: Int]) -> Int? {
    func blocked(_ net: Int) -> [Int] { nets[net].rights.filter { open[$0, default: 0] > 0 } }
    guard let net = waiting.min(by: { blocked($0).count < blocked($1).count }) else { return nil }
    for row in blocked(net) {
      guard let detour = freeRow(near: row) else {
        nets[net].isInBus = true
        return net
      }
      isRowUsed[detour] = true
      open[detour] = turn(row, into: detour)
    }
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
    let turned = leavingNets[row, default: []].filter { !nets[$0].isPlaced }
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
    leavingNets[row] = [last]
    return turned.count
  }
}

// MARK: - Tracks

extension GutterRouter {
  private func gutter(_ sequence: [Int]) -> Gutter {
    let hasBus = nets.contains(where: \.isInBus)
    var tracks = hasBus ? nil : inOrder(sequence)
    if tracks == nil, !hasBus { tracks = firstFit(sequence, limit: Gutter.trackLimit) }
    if let tracks { return gutter(tracks: tracks, bus: nil) }
    let some = firstFit(sequence, limit: Gutter.trackLimit - 1, allowsBus: true) ?? [:]
    let bus = (some.values.max() ?? -1) + 1
    return gutter(tracks: some, bus: bus)
  }

  private func gutter(tracks: [Int: Int], bus: Int?) -> Gutter {
    var routes = routes
    var busCount = 0
    for index in routes.indices {
      guard let net = netOf[index] else { continue }
      routes[index].track = tracks[net] ?? bus
      let last = detourNetOf[index]
      if let last, let track = tracks[last] ?? bus { routes[index].detour?.track = track }
      // Within the bus there is nothing to go around.
      if routes[index].detour?.track == routes[index].track { routes[index].detour = nil }
      if tracks[net] == nil || last.map({ tracks[$0] == nil }) ?? false {
        busCount += graph.links[routes[index].link].weight
      }
    }
    let count = bus.map { $0 + 1 } ?? (tracks.values.max() ?? -1) + 1
    return Gutter(routes: routes, tracks: count, bus: bus, busCount: busCount)
  }

  /// Every net right of those before it that it meets; nil if that takes too many tracks.
  private func inOrder(_ sequence: [Int]) -> [Int: Int]? {
    var tracks: [Int: Int] = [:]
    for (index, net) in sequence.enumerated() {
      let met = sequence[..<index].lazy.filter { nets[$0].span.overlaps(nets[net].span) }
      let track = (met.compactMap { tracks[$0] }.max() ?? -1) + 1
      guard track < Gutter.trackLimit else { return nil }
      tracks[net] = track
    }
    return tracks
  }

  /// Every net in the first track where it meets nobody and breaks no claim.
  private func firstFit(
    _ sequence: [Int], limit: Int, allowsBus: Bool = false
  ) -> [Int: Int]? {
    var tracks: [Int: Int] = [:]
    var spans = Array(repeating: [ClosedRange<Int>](), count: limit)
    /// The last track of a net that enters in a row; the limit stands for the bus.
    var lastTrack: [Int: Int] = [:]
    for net in sequence {
      let first = (nets[net].rights.compactMap { lastTrack[$0] }.max() ?? -1) + 1
      let track = (first..<max(first, limit)).first { track in
        !spans[track].contains { $0.overlaps(nets[net].span) }
      }
      let isInBus = nets[net].isInBus || track == nil
      if isInBus, !allowsBus { return nil }
      if let track, !isInBus {
        tracks[net] = track
        spans[track].append(nets[net].span)
      }
      for row in nets[net].lefts {
        lastTrack[row] = max(lastTrack[row] ?? -1, isInBus ? limit : track ?? limit)
      }
    }
    return tracks
  }
}
