/// A dataflow seen from its beginning or from its end, so that every method works from both.
///
/// Run backwards, an artifact appears with the first of its consumers and goes with its producer, and
/// each step has the footprint that it has forwards. So an order of one view, reversed, is an order of
/// the other with the same peak; but a greedy choice from the end is a different choice.
struct DirectedFlow: Sendable {
  let isReversed: Bool
  let scratchBytes: [Int64]
  let bytes: [Int64]
  let before: IndexRows
  let after: IndexRows
  /// By step: artifacts that are there once it runs, and those that need it to go away.
  let makes: IndexRows
  let takes: IndexRows
  /// By artifact: the first of the makers brings it, the last of the takers ends it.
  let makers: IndexRows
  let takers: IndexRows
  /// By step: Σ of `makes`, and of `takes`.
  let makesBytes: [Int64]
  let takesBytes: [Int64]

  init(_ flow: Dataflow, isReversed: Bool = false) {
    var producers = IndexRows()
    for producer in flow.producer { producers.append(CollectionOfOne(Int(producer))) }
    self.isReversed = isReversed
    scratchBytes = flow.scratchBytes
    bytes = flow.bytes
    before = isReversed ? flow.successors : flow.predecessors
    after = isReversed ? flow.predecessors : flow.successors
    makes = isReversed ? flow.inputs : flow.outputs
    takes = isReversed ? flow.outputs : flow.inputs
    makers = isReversed ? flow.consumers : producers
    takers = isReversed ? producers : flow.consumers
    makesBytes = isReversed ? flow.inBytes : flow.outBytes
    takesBytes = isReversed ? flow.outBytes : flow.inBytes
  }

  var count: Int { scratchBytes.count }

  /// The bytes that step v needs whatever else is there.
  func ownBytes(_ step: Int) -> Int64 {
    makesBytes[step] + takesBytes[step] + scratchBytes[step]
  }

  /// An order of this view as an order of the dataflow.
  func forwards(_ order: [Int32]) -> [Int32] { isReversed ? order.reversed() : order }

  /// The order in which a queue of ready steps runs them; initially by number.
  ///
  /// Kahn, "Topological sorting of large networks", 1962.
  ///
  /// - Complexity: O(steps + edges).
  func topologicalOrder() -> [Int32] {
    var open = openCounts(before)
    var order: [Int32] = []
    order.reserveCapacity(count)
    for step in 0..<count where open[step] == 0 { order.append(Int32(step)) }
    var next = 0
    while next < order.count {
      for index in after.range(Int(order[next])) {
        let follower = after.items[index]
        open[Int(follower)] -= 1
        if open[Int(follower)] == 0 { order.append(follower) }
      }
      next += 1
    }
    return order
  }

  /// By step: the longest chain of steps in front of it.
  ///
  /// - Complexity: O(steps + edges).
  func levels(_ topological: [Int32]) -> [Int32] {
    var level = Array(repeating: Int32(0), count: count)
    for step in topological.lazy.map({ Int($0) }) {
      for index in after.range(step) {
        let follower = Int(after.items[index])
        level[follower] = max(level[follower], level[step] + 1)
      }
    }
    return level
  }
}

/// The entries of each row.
func openCounts(_ rows: IndexRows) -> [Int32] {
  (0..<rows.count).map { Int32(rows.count($0)) }
}

/// Where each step stands in an order.
func positions(_ order: [Int32]) -> [Int32] {
  var position = Array(repeating: Int32(0), count: order.count)
  for (place, step) in order.enumerated() { position[Int(step)] = Int32(place) }
  return position
}

extension IndexRows {
  /// Where in `items` a row lies: loops over it without a slice, which would count references.
  @inline(__always) func range(_ row: Int) -> Range<Int> {
    Int(starts[row])..<Int(starts[row + 1])
  }
}
