extension OrderSearch {
  /// Weighs nodes of a rank against each other: the inner loop of the search, without bounds checks.
  struct Scales {
    let nodes: UnsafeBufferPointer<Int>
    let position: UnsafeBufferPointer<Int>
    let ends: UnsafeBufferPointer<End>
    let firstEnds: UnsafeBufferPointer<Int>
    private(set) var steps = 0

    init(
      nodes: UnsafeBufferPointer<Int>, position: UnsafeBufferPointer<Int>,
      ends: UnsafeBufferPointer<End>, firstEnds: UnsafeBufferPointer<Int>
    ) {
      self.nodes = nodes
      self.position = position
      self.ends = ends
      self.firstEnds = firstEnds
    }

    /// Nodes are tried at so many places to either side.
    private static let reach = 16
    /// So many crossings more than the least say that there is nothing to find further on.
    private static let patience = 3

    /// Where a node crosses least, and how many crossings that saves.
    mutating func bestPlace(of node: Int, in range: Range<Int>) -> (place: Int, gain: Int) {
      let place = position[node]
      var (best, least, sum) = (place, 0, 0)
      var other = place - 1
      while other >= max(0, place - Self.reach), sum <= least + Self.patience {
        sum += difference(node, nodes[range.lowerBound + other])
        if sum < least { (best, least) = (other, sum) }
        other -= 1
      }
      sum = 0
      other = place + 1
      while other <= min(range.count - 1, place + Self.reach), sum <= least + Self.patience {
        sum -= difference(node, nodes[range.lowerBound + other])
        if sum < least { (best, least) = (other, sum) }
        other += 1
      }
      return (best, -least)
    }

    /// How many crossings more there are with a node at another place of its rank.
    mutating func price(of node: Int, at target: Int, _ start: Int) -> Int {
      let place = position[node]
      var sum = 0
      for other in min(target, place)...max(target, place) where other != place {
        let difference = difference(node, nodes[start + other])
        sum += target < place ? difference : -difference
      }
      return sum
    }

    /// Crossings with the first above the second, less those with the second above the first.
    private mutating func difference(_ upper: Int, _ lower: Int) -> Int {
      var sum = 0
      for side in 0..<2 {
        let uppers = firstEnds[2 * upper + side]..<firstEnds[2 * upper + side + 1]
        let lowers = firstEnds[2 * lower + side]..<firstEnds[2 * lower + side + 1]
        let pairs = uppers.count &* lowers.count
        steps &+= 8 &+ 8 &* min(pairs, Self.pairLimit)
        sum &+= pairs > Self.pairLimit ? merged(uppers, lowers) : compared(uppers, lowers)
      }
      return sum
    }

    private static let pairLimit = 4096

    private func compared(_ uppers: Range<Int>, _ lowers: Range<Int>) -> Int {
      var sum = 0
      for one in uppers {
        let place = position[Int(ends[one].node)]
        var balance = 0
        for other in lowers {
          let way = place &- position[Int(ends[other].node)]
          balance &+= way.signum() &* Int(ends[other].weight)
        }
        sum &+= balance &* Int(ends[one].weight)
      }
      return sum
    }

    /// The same for nodes with very many links: sorts them instead of comparing each pair.
    private func merged(_ uppers: Range<Int>, _ lowers: Range<Int>) -> Int {
      var links: [(place: Int, upper: Int, lower: Int)] = []
      for one in uppers { links.append((position[Int(ends[one].node)], Int(ends[one].weight), 0)) }
      for one in lowers { links.append((position[Int(ends[one].node)], 0, Int(ends[one].weight))) }
      links.sort { $0.place < $1.place }
      var (sum, above, level) = (0, (upper: 0, lower: 0), (upper: 0, lower: 0))
      var place = -1
      for link in links {
        if link.place > place {
          above = (above.upper + level.upper, above.lower + level.lower)
          (place, level) = (link.place, (0, 0))
        }
        sum += link.upper * above.lower - link.lower * above.upper
        level = (level.upper + link.upper, level.lower + link.lower)
      }
      return sum
    }
  }
}
