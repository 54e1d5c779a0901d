import Planning

/// Checkpoints at equal distances, which `Revolve` is measured against.
///
/// With k kept states a reverse sweep over n states holds k + ⌈n / k⌉ − 1 at a time and takes less
/// than two passes: least for k = √n. `Revolve` needs far fewer states for the same work.
///
/// Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
struct OneLevelCheckpoints {
  let stateCount: Int
  /// Steps from one kept state to the next.
  let distance: Int

  /// Keeps about √states of them.
  init(states: Int) {
    precondition(states >= 1, "a chain has a state")
    stateCount = states
    let root = (1...states).first { $0 * $0 >= states } ?? 1
    distance = (states + root - 1) / root
  }
}

extension OneLevelCheckpoints {
  var kept: StrideTo<Int> { stride(from: 0, to: stateCount, by: distance) }

  /// The most states held at a time in a reverse sweep, fewer if the last segment is short.
  var slots: Int {
    (stateCount + distance - 1) / distance + Swift.min(distance, stateCount) - 1
  }

  /// Visits all states from the last to the first, a segment at a time.
  var sweep: some Sequence<SweepAction> { kept.reversed().lazy.flatMap(actions) }

  private func actions(from start: Int) -> [SweepAction] {
    let states = start..<Swift.min(start + distance, stateCount)
    var actions: [SweepAction] = []
    if states.upperBound == stateCount {
      for state in kept.dropFirst() { actions += [.advance(to: state), .store(state)] }
    }
    actions.append(.load(start))
    for state in states.dropFirst() { actions += [.advance(to: state), .store(state)] }
    for state in states.reversed() { actions += [.load(state), .visit(state), .drop(state)] }
    return actions
  }
}
