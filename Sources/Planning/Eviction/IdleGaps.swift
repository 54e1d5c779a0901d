/// The times in which an artifact lies in the workspace and nobody uses it.
///
/// Gap g of a stay reaches from one move that makes or takes it to the next that takes it; they are
/// numbered as the entries of the dataflow's consumers. Those which an artifact could be away in are
/// found by position: a max-tree over their ends, sorted by beginning, gives each in O(log gaps).
struct IdleGaps {
  /// By gap: the moves at its ends, and whose stay it is part of.
  let starts: [Int32]
  let ends: [Int32]
  let stays: [Int32]
  /// Gaps with a move inside, by beginning.
  private let sorted: [Int32]
  private let leafCount: Int
  /// By place in `sorted`: the last end below a node; 0 once a gap is taken.
  private var lastEnd: [Int32]
  private let placeInSorted: [Int32]

  init(_ flow: Dataflow) {
    var starts: [Int32] = []
    var stays: [Int32] = []
    for stay in 0..<flow.artifactCount {
      var last = flow.producer[stay]
      for consumer in flow.consumers[stay] {
        starts.append(last)
        stays.append(Int32(stay))
        last = consumer
      }
    }
    let ends = flow.consumers.items
    let open = (0..<Int32(ends.count)).filter { ends[Int($0)] - starts[Int($0)] > 1 }
    sorted = open.sorted { (starts[Int($0)], $0) < (starts[Int($1)], $1) }
    var places = Array(repeating: Int32(-1), count: ends.count)
    for (place, gap) in sorted.enumerated() { places[Int(gap)] = Int32(place) }
    var leafCount = 1
    while leafCount < sorted.count { leafCount *= 2 }
    lastEnd = Array(repeating: 0, count: 2 * leafCount)
    for (place, gap) in sorted.enumerated() { lastEnd[leafCount + place] = ends[Int(gap)] }
    for node in (1..<leafCount).reversed() {
      lastEnd[node] = max(lastEnd[2 * node], lastEnd[2 * node + 1])
    }
    self.starts = starts
    self.ends = ends
    self.stays = stays
    self.leafCount = leafCount
    placeInSorted = places
  }

  /// Positions inside a gap.
  func inside(_ gap: Int) -> Range<Int> { Int(starts[gap]) + 1..<Int(ends[gap]) }

  /// The gaps with a position inside that have not been taken.
  ///
  /// - Complexity: O(log gaps) each.
  func around(_ place: Int) -> [Int] {
    var found: [Int] = []
    collect(place, below: 1, from: 0, count: leafCount, into: &found)
    return found
  }

  private func collect(
    _ place: Int, below node: Int, from start: Int, count: Int, into found: inout [Int]
  ) {
    guard Int(lastEnd[node]) > place, start < sorted.count,
      starts[Int(sorted[start])] < place
    else { return }
    if count == 1 {
      found.append(Int(sorted[start]))
    } else {
      collect(place, below: 2 * node, from: start, count: count / 2, into: &found)
      collect(place, below: 2 * node + 1, from: start + count / 2, count: count / 2, into: &found)
    }
  }

  /// Leaves a gap out from now on.
  mutating func take(_ gap: Int) {
    guard placeInSorted[gap] >= 0 else { return }
    var node = leafCount + Int(placeInSorted[gap])
    lastEnd[node] = 0
    while node > 1 {
      node /= 2
      lastEnd[node] = max(lastEnd[2 * node], lastEnd[2 * node + 1])
    }
  }
}
