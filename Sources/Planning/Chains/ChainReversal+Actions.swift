extension ChainReversal {
  /// The sweep with the least seconds within some units, at most `unitCount`; nil if nothing fits.
  ///
  /// - Complexity: O(actions).
  package func actions(units: Int) -> [SweepAction]? {
    guard seconds(units: units) != nil else { return nil }
    var script = SweepScript(self)
    if rootKept(units) <= rootStored(units) {
      script.sweepKept(0, blocks.count, units - blocks.units(0))
    } else {
      script.append(.write(0))
      script.append(.drop(0))
      script.sweepStored(0, blocks.count, units)
    }
    return script.actions
  }
}

/// Reads a sweep out of the tables.
private struct SweepScript {
  let reversal: ChainReversal
  private(set) var actions: [SweepAction] = []
  private var working = 0

  init(_ reversal: ChainReversal) { self.reversal = reversal }

  mutating func append(_ action: SweepAction) {
    actions.append(action)
    switch action {
    case .load(let state), .read(let state), .advance(let state): working = state
    case .store, .drop, .visit, .write: break
    }
  }

  private func first(_ block: Int) -> Int { reversal.blocks.states(of: block).lowerBound }

  /// Visits the states of some blocks, the first of which is kept.
  mutating func sweepKept(_ start: Int, _ end: Int, _ units: Int) {
    let (choice, place) = reversal.kept.choice(start, end, units)
    if working != first(start) { append(.load(first(start))) }
    if choice == .leaf {
      return sweepLeaf(start, slots: reversal.blocks.leaves(start)[place].slots)
    }
    go(to: place, end, units, isKept: choice == .keep)
    sweepKept(start, place, units)
  }

  /// Visits the states of some blocks, the first of which is on the store.
  mutating func sweepStored(_ start: Int, _ end: Int, _ units: Int) {
    guard let (choice, place) = reversal.stored?.choice(start, end, units) else { return }
    if working != first(start) { append(.read(first(start))) }
    if choice == .load {
      append(.store(first(start)))
      return sweepKept(start, end, units - reversal.blocks.units(start))
    }
    go(to: place, end, units, isKept: choice == .keep)
    sweepStored(start, place, units)
  }

  /// Advances to a later block and visits everything from there on.
  private mutating func go(to cut: Int, _ end: Int, _ units: Int, isKept: Bool) {
    append(.advance(to: first(cut)))
    if isKept {
      append(.store(first(cut)))
      sweepKept(cut, end, units - reversal.blocks.units(cut))
    } else {
      append(.write(first(cut)))
      sweepStored(cut, end, units)
    }
  }

  private mutating func sweepLeaf(_ block: Int, slots: Int) {
    let states = reversal.blocks.states(of: block)
    for action in Revolve(states: states.count, slots: slots) {
      append(action.shifted(by: states.lowerBound))
    }
  }
}
