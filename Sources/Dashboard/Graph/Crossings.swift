/// Crossings of straight segments between two ranks.
///
/// Barth, Jünger and Mutzel, "Simple and efficient bilayer cross counting", 2002: segments sorted by
/// their ends are counted against an accumulator tree.
package enum Crossings {
  /// A segment by the places of its ends, counted from the top of each rank.
  package struct Segment: Sendable, Equatable {
    package var from: Int
    package var to: Int
    /// How many edges run in it.
    package var weight: Int

    package init(_ from: Int, _ to: Int, weight: Int = 1) {
      self.from = from
      self.to = to
      self.weight = weight
    }
  }

  /// Returns the number of pairs of edges that cross; segments with a common end do not.
  ///
  /// - Complexity: O(n log n).
  package static func count(_ segments: [Segment]) -> Int {
    let last = segments.lazy.map(\.to).max() ?? 0
    return count(sorted: segments.sorted { ($0.from, $0.to) < ($1.from, $1.to) }, last: last)
  }

  /// Counts segments sorted by their `from`, then by their `to`, none of which ends below `last`.
  static func count(sorted: [Segment], last: Int) -> Int {
    guard sorted.count > 1 else { return 0 }
    var first = 1
    while first <= last { first *= 2 }
    var tree = Array(repeating: 0, count: 2 * first)
    var total = 0
    for segment in sorted {
      var place = segment.to + first
      tree[place] += segment.weight
      var below = 0
      while place > 1 {
        if place % 2 == 0 { below += tree[place + 1] }
        place /= 2
        tree[place] += segment.weight
      }
      total += below * segment.weight
    }
    return total
  }

  /// Counts a drawing given by coordinates: each segment by the heights of its ends.
  package static func count(heights segments: [(from: Double, to: Double)]) -> Int {
    let from = places(segments.map(\.from))
    let to = places(segments.map(\.to))
    return count(segments.indices.map { Segment(from[$0], to[$0]) })
  }

  private static func places(_ heights: [Double]) -> [Int] {
    let distinct = Array(Set(heights)).sorted()
    let place = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    return heights.map { place[$0] ?? 0 }
  }
}
