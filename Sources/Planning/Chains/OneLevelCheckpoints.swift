/// Checkpoints at equal distances.
///
/// With k kept states a reverse sweep over n states holds k + ⌈n / k⌉ − 1 at a time and takes less
/// than two passes: least for k = √n. `Revolve` needs far fewer states for the same work; equal
/// distances are what random access wants, where n / k kept states bring any state within k − 1
/// steps, and their sum is least for k = √n too.
///
/// Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
package struct OneLevelCheckpoints: Sendable, Equatable {
  package let stateCount: Int
  /// Steps from one kept state to the next.
  package let distance: Int

  /// Keeps every `distance`-th state; about √states of them if nil.
  package init(states: Int, distance: Int? = nil) {
    precondition(states >= 1, "a chain has a state")
    stateCount = states
    let root = (1...states).first { $0 * $0 >= states } ?? 1
    self.distance = distance ?? (states + root - 1) / root
  }
}

extension OneLevelCheckpoints {
  package var kept: StrideTo<Int> { stride(from: 0, to: stateCount, by: distance) }

  /// The most states held at a time in a reverse sweep, fewer if the last segment is short.
  package var slots: Int {
    (stateCount + distance - 1) / distance + Swift.min(distance, stateCount) - 1
  }

  /// The kept state from which a state is made, and the steps from there.
  package func access(_ state: Int) -> (from: Int, steps: Int) {
    (state - state % distance, state % distance)
  }

  /// Visits all states from the last to the first, a segment at a time.
  package var sweep: some Sequence<SweepAction> { kept.reversed().lazy.flatMap(actions) }

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
