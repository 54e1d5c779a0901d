/// The graph cut into links between neighbouring ranks.
///
/// An edge over several ranks passes bends, which are nodes after the real ones. Edges of one source
/// share their bends: they leave as one trunk, from which each target branches off one rank before it
/// (Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
/// 1981, with hyperedges). A link weighs as many edges as it carries.
struct RankedGraph: Sendable, Equatable {
  struct Link: Sendable, Equatable {
    var from: Int
    var to: Int
    var weight: Int
  }

  struct Bend: Sendable, Hashable {
    var source: Int
    var rank: Int
  }

  /// Nodes of the shape; the others are bends.
  let realCount: Int
  /// The bends, the first of which is node `realCount`.
  private(set) var bends: [Bend] = []
  private(set) var ranks: [Int]
  private(set) var links: [Link] = []
  private(set) var before: Neighbours
  private(set) var after: Neighbours
  /// Links by the rank that they leave.
  private(set) var gutters: IndexLists
  /// The edges of each link, as indices into `carried`.
  private(set) var edgeLists: IndexLists
  private(set) var carried: [Int]
  /// Nodes and bends of each rank from top to bottom.
  var order: [[Int]]

  init(_ shape: GraphShape, ranks realRanks: [Int]) {
    realCount = realRanks.count
    ranks = realRanks
    let leaving = IndexLists(keys: shape.edges.map(\.from), count: realCount)
    var trunks = Trunks()
    for node in 0..<realCount where !leaving[node].isEmpty {
      trunks.lay(from: node, leaving[node], shape, realRanks, firstBend: realCount)
    }
    (bends, links) = (trunks.bends, trunks.links)
    ranks += bends.map(\.rank)
    let count = ranks.count
    before = Neighbours(links, of: \.to, at: \.from, count: count)
    after = Neighbours(links, of: \.from, at: \.to, count: count)
    let rankCount = (ranks.max() ?? -1) + 1
    let allRanks = ranks
    gutters = IndexLists(keys: links.map { allRanks[$0.from] }, count: rankCount)
    edgeLists = IndexLists(keys: trunks.pairs.map(\.link), count: links.count)
    carried = trunks.pairs.map(\.edge)
    order = Array(repeating: [], count: rankCount)
    for node in ranks.indices { order[ranks[node]].append(node) }
  }

  func isBend(_ node: Int) -> Bool { node >= realCount }

  func edges(of link: Int) -> some Sequence<Int> {
    edgeLists[link].lazy.map { carried[$0] }
  }

  /// Of the drawing in its present order.
  var crossings: Int {
    var position = Array(repeating: 0, count: ranks.count)
    for nodes in order { for (index, node) in nodes.enumerated() { position[node] = index } }
    return order.indices.dropLast().reduce(0) { sum, rank in
      sum
        + Crossings.count(
          gutters[rank].map {
            Crossings.Segment(
              position[links[$0].from], position[links[$0].to], weight: links[$0].weight)
          })
    }
  }
}

extension RankedGraph {
  /// Who is on one side of each node, and over what weight.
  struct Neighbours: Sendable, Equatable {
    let starts: [Int]
    let nodes: [Int]
    let weights: [Int]

    init(
      _ links: [Link], of owner: KeyPath<Link, Int>, at other: KeyPath<Link, Int>, count: Int
    ) {
      let lists = IndexLists(keys: links.map { $0[keyPath: owner] }, count: count)
      starts = lists.starts
      nodes = lists.items.map { links[$0][keyPath: other] }
      weights = lists.items.map { links[$0].weight }
    }

    func range(_ node: Int) -> Range<Int> { starts[node]..<starts[node + 1] }
  }

  /// Bends and links, as they are laid source by source.
  private struct Trunks {
    var bends: [Bend] = []
    var links: [Link] = []
    var pairs: [(link: Int, edge: Int)] = []

    mutating func lay(
      from source: Int, _ edges: ArraySlice<Int>, _ shape: GraphShape, _ ranks: [Int],
      firstBend: Int
    ) {
      let byRank = edges.sorted { ranks[shape.edges[$0].to] < ranks[shape.edges[$1].to] }
      var (last, rank, next) = (source, ranks[source], 0)
      while next < byRank.count {
        while next < byRank.count, ranks[shape.edges[byRank[next]].to] == rank + 1 {
          pairs.append((links.count, byRank[next]))
          links.append(Link(from: last, to: shape.edges[byRank[next]].to, weight: 1))
          next += 1
        }
        guard next < byRank.count else { return }
        rank += 1
        let bend = firstBend + bends.count
        bends.append(Bend(source: source, rank: rank))
        for edge in byRank[next...] { pairs.append((links.count, edge)) }
        links.append(Link(from: last, to: bend, weight: byRank.count - next))
        last = bend
      }
    }
  }
}
