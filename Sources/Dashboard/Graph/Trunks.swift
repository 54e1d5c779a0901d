/// The bends of long edges, shared as far as they can be.
///
/// The long edges of one source leave as one trunk, from which each target branches off one rank before
/// it; those of one target arrive as one trunk. An edge goes with whichever of its ends has more. So a
/// task that needs hundreds of others costs one line, and no two edges share one that do not share an
/// end.
struct Trunks {
  private(set) var bends: [RankedGraph.Bend] = []
  private(set) var bendLinks: [Int] = []
  private(set) var links: [RankedGraph.Link] = []
  private(set) var carried: [Int] = []
  private(set) var undrawn: [Int] = []
  private let shape: GraphShape
  private let ranks: [Int]

  /// More bends make no drawing that anybody could read, but fill memory.
  static let bendLimit = 100_000

  init(_ shape: GraphShape, _ ranks: [Int]) {
    self.shape = shape
    self.ranks = ranks
    let (sources, targets) = share()
    for (node, edges) in sources.enumerated() where !edges.isEmpty { lay(from: node, edges) }
    for (node, edges) in targets.enumerated() where !edges.isEmpty { lay(to: node, edges) }
  }

  private func span(_ edge: Int) -> Int {
    ranks[shape.edges[edge].to] - ranks[shape.edges[edge].from]
  }

  /// Gives each edge to its source or to its target, in the order of the other end's distance.
  private mutating func share() -> (sources: [[Int]], targets: [[Int]]) {
    var sources = Array(repeating: [Int](), count: ranks.count)
    var targets = sources
    var leaving = Array(repeating: 0, count: ranks.count)
    var entering = leaving
    for edge in shape.edges.indices where span(edge) > 1 {
      leaving[shape.edges[edge].from] += 1
      entering[shape.edges[edge].to] += 1
    }
    var room = Self.bendLimit
    for edge in shape.edges.indices.sorted(by: { span($0) < span($1) }) {
      let (from, to) = (shape.edges[edge].from, shape.edges[edge].to)
      let isOfTarget = span(edge) > 1 && entering[to] > leaving[from]
      let known = (isOfTarget ? targets[to] : sources[from]).last.map(span) ?? 1
      guard span(edge) - known <= room else {
        undrawn.append(edge)
        continue
      }
      room -= span(edge) - known
      if isOfTarget { targets[to].append(edge) } else { sources[from].append(edge) }
    }
    return (sources, targets)
  }

  private mutating func lay(from source: Int, _ edges: [Int]) {
    var (last, rank, next) = (source, ranks[source] + 1, carried.count)
    carried += edges
    while next < carried.count {
      while next < carried.count, ranks[shape.edges[carried[next]].to] == rank {
        links.append(.init(from: last, to: shape.edges[carried[next]].to, carried: next..<next + 1))
        next += 1
      }
      guard next < carried.count else { return }
      let bend = addBend(.init(owner: source, isOfTarget: false, rank: rank))
      links.append(.init(from: last, to: bend, carried: next..<carried.count))
      (last, rank) = (bend, rank + 1)
    }
  }

  private mutating func lay(to target: Int, _ edges: [Int]) {
    var (last, rank, next) = (target, ranks[target] - 1, carried.count)
    carried += edges
    while next < carried.count {
      while next < carried.count, ranks[shape.edges[carried[next]].from] == rank {
        links.append(
          .init(from: shape.edges[carried[next]].from, to: last, carried: next..<next + 1))
        next += 1
      }
      guard next < carried.count else { return }
      let bend = addBend(.init(owner: target, isOfTarget: true, rank: rank))
      links.append(.init(from: bend, to: last, carried: next..<carried.count))
      (last, rank) = (bend, rank - 1)
    }
  }

  /// The next link will carry all that passes the bend.
  private mutating func addBend(_ bend: RankedGraph.Bend) -> Int {
    bends.append(bend)
    bendLinks.append(links.count)
    return ranks.count + bends.count - 1
  }
}
