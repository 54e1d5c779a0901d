/// Checkpoints of a chain whose length is not known, in a fixed number of slots.
///
/// Every d-th state is kept; when the slots are full, every other one is dropped and d doubles. The
/// distance is then never more than twice the least one possible; the limit for cleverer rules is
/// ln 4 ≈ 1.39, which was not worth its code.
///
/// Bringmann et al., "Online Checkpointing with Improved Worst-Case Guarantees", 2013.
package struct DoublingCheckpoints: Sendable, Equatable {
  package let slots: Int
  package private(set) var distance = 1
  /// The kept states, sorted.
  package private(set) var kept: [Int] = []
  /// The states seen so far.
  package private(set) var stateCount = 0

  package init(slots: Int) {
    precondition(slots >= 2, "dropping every other one takes two")
    self.slots = slots
  }

  /// Takes note of the next state; returns whether it is to be kept, and what is dropped for it.
  ///
  /// - Complexity: O(1) amortised.
  package mutating func append() -> (isKept: Bool, dropped: [Int]) {
    let state = stateCount
    stateCount += 1
    guard state % distance == 0 else { return (false, []) }
    var dropped: [Int] = []
    if kept.count == slots {
      distance *= 2
      dropped = kept.filter { $0 % distance != 0 }
      kept.removeAll { $0 % distance != 0 }
      guard state % distance == 0 else { return (false, dropped) }
    }
    kept.append(state)
    return (true, dropped)
  }
}
