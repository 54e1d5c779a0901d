/// The graph cut into links between neighbouring ranks (Sugiyama, Tagawa and Toda, "Methods for visual
/// understanding of hierarchical system structures", 1981).
///
/// An edge over several ranks passes bends, which are nodes after the real ones. Edges share them in
/// trunks: see `Trunks`. A link weighs as many edges as it carries.
struct RankedGraph: Sendable, Equatable {
  struct Link: Sendable, Equatable {
    var from: Int
    var to: Int
    /// Its edges, as a range of `carried`.
    var carried: Range<Int>

    var weight: Int { carried.count }
  }

  /// Where the trunk of a node crosses a rank.
  struct Bend: Sendable, Hashable {
    var owner: Int
    var isOfTarget: Bool
    var rank: Int
  }

  /// Nodes of the shape; the others are bends.
  let realCount: Int
  /// The bends, the first of which is node `realCount`.
  private(set) var bends: [Bend] = []
  /// For each bend, the link that carries all that passes it.
  private(set) var bendLinks: [Int] = []
  private(set) var ranks: [Int]
  private(set) var links: [Link] = []
  private(set) var before: Neighbours
  private(set) var after: Neighbours
  /// Links by the rank that they leave.
  private(set) var gutters: IndexLists
  /// Indices of edges, trunk by trunk.
  private(set) var carried: [Int]
  /// Edges left out, because there would be too many bends.
  private(set) var undrawn: [Int]
  /// Nodes and bends of each rank from top to bottom.
  var order: [[Int]]

  init(_ shape: GraphShape, ranks realRanks: [Int]) {
    realCount = realRanks.count
    let trunks = Trunks(shape, realRanks)
    (bends, bendLinks, links) = (trunks.bends, trunks.bendLinks, trunks.links)
    (carried, undrawn) = (trunks.carried, trunks.undrawn)
    let allRanks = realRanks + bends.map(\.rank)
    ranks = allRanks
    before = Neighbours(links, of: \.to, at: \.from, count: allRanks.count)
    after = Neighbours(links, of: \.from, at: \.to, count: allRanks.count)
    let rankCount = (allRanks.max() ?? -1) + 1
    gutters = IndexLists(keys: links.map { allRanks[$0.from] }, count: rankCount)
    order = Array(repeating: [], count: rankCount)
    for node in allRanks.indices { order[allRanks[node]].append(node) }
  }

  func isBend(_ node: Int) -> Bool { node >= realCount }

  func edges(of link: Int) -> ArraySlice<Int> { carried[links[link].carried] }

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
}
