/// The reverse sweep over equal steps with the fewest forward steps for its slots.
///
/// β(s, r) = C(s + r, s) states are visited with s kept states, the first included, if no step runs
/// more than r times; for β(s, r − 1) < n ≤ β(s, r) states it takes r·n − β(s + 1, r − 1) forward
/// steps, which no schedule undercuts. Each part of the chain is cut where both halves fall into the
/// ranges for which that holds again.
///
/// Griewank and Walther, "Algorithm 799: Revolve", TOMS 2000.
package struct Revolve: Sequence, Sendable {
  package let stateCount: Int
  package let slots: Int

  /// A sweep over states of which at most `slots` are kept at a time.
  package init(states: Int, slots: Int) {
    precondition(states >= 1 && slots >= 1, "a sweep needs a state and a slot for it")
    stateCount = states
    self.slots = slots
  }

  package func makeIterator() -> Actions { Actions(self) }
}

extension Revolve {
  /// β(s, r): the states that s slots serve while no step runs more than r times.
  package static func reach(slots: Int, repetitions: Int) -> Int {
    binomial(slots + repetitions, Swift.min(slots, repetitions))
  }

  /// The least r for which the slots serve the states.
  package static func repetitions(states: Int, slots: Int) -> Int {
    if slots == 1 { return states - 1 }
    var repetitions = 0
    while reach(slots: slots, repetitions: repetitions) < states { repetitions += 1 }
    return repetitions
  }

  /// The least slots whose forward steps are at most `workFactor` times those of one pass.
  package static func leastSlots(states: Int, workFactor: Double) -> Int {
    let most = workFactor * Double(states - 1)
    return (1..<states).firstSorted { Double(forwardSteps(states: states, slots: $0)) <= most }
  }

  /// The forward steps of the whole sweep by formula, without carrying it out.
  package static func forwardSteps(states: Int, slots: Int) -> Int {
    let repetitions = repetitions(states: states, slots: slots)
    if repetitions == 0 { return 0 }
    return repetitions * states - binomial(slots + repetitions, repetitions - 1)
  }
}

extension Revolve {
  /// The sweep action by action, with one entry for each kept state as memory.
  ///
  /// - Complexity: O(min(slots, repetitions)) amortised for each action, at most 11 for 10^6 states.
  package struct Actions: IteratorProtocol, Sendable {
    /// States that are still to be visited from a kept one.
    private struct Part {
      var start: Int
      var end: Int
      var slots: Int
      var repetitions: Int
    }

    private var parts: [Part]
    /// What comes next, the last first.
    private var pending: [SweepAction] = []
    private var working = 0

    init(_ sweep: Revolve) {
      let repetitions = repetitions(states: sweep.stateCount, slots: sweep.slots)
      parts = [
        Part(start: 0, end: sweep.stateCount, slots: sweep.slots, repetitions: repetitions)
      ]
    }

    package mutating func next() -> SweepAction? {
      if pending.isEmpty { plan() }
      return pending.popLast()
    }

    /// Deals with the last part: its only state is visited, or it is cut in two.
    private mutating func plan() {
      guard var part = parts.popLast() else { return }
      var actions = working == part.start ? [] : [SweepAction.load(part.start)]
      working = part.start
      if part.end - part.start == 1 {
        actions += [.visit(part.start), .drop(part.start)]
      } else {
        let cut = part.start + length(&part)
        actions.append(.advance(to: cut))
        working = cut
        parts.append(
          Part(
            start: part.start, end: cut, slots: part.slots, repetitions: part.repetitions))
        actions.append(cut == part.end - 1 ? .visit(cut) : .store(cut))
        if cut < part.end - 1 {
          part.start = cut
          part.slots -= 1
          parts.append(part)
        }
      }
      pending = actions.reversed()
    }

    /// The states of a part in front of the next one that is kept.
    private func length(_ part: inout Part) -> Int {
      let count = part.end - part.start
      guard part.slots > 1 else { return count - 1 }
      while part.repetitions > 1,
        reach(slots: part.slots, repetitions: part.repetitions - 1) >= count
      { part.repetitions -= 1 }
      let behind = reach(slots: part.slots - 1, repetitions: part.repetitions)
      let before = reach(slots: part.slots, repetitions: part.repetitions - 2)
      return Swift.max(1, before, count - behind)
    }
  }
}
