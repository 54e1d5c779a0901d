/// What a move does to the footprints, and whether it is kept.
extension LocalSearch {
  /// Measures a window with the moved steps in front of the others, or behind; keeps it if it is good.
  mutating func settle(_ window: Range<Int>, movedFirst: Bool) -> Bool {
    write(window, movedFirst: movedFirst)
    let before = footprint.excess(over: bound, window)
    let allowance = Int64(Double(bound) * warmth())
    guard let after = measure(window, limit: before + allowance) else { return false }
    keep(window)
    excess += after - before
    if excess == 0 { celebrate() }
    return true
  }

  /// How much worse a move may make it, as a share of the peak: little mostly, seldom much.
  mutating func warmth() -> Double {
    let draw = Double(random.next() >> 11) * 0x1p-53
    return draw * draw * draw * Self.heats[restarts % Self.heats.count]
  }

  mutating func write(_ window: Range<Int>, movedFirst: Bool) {
    var front = movedFirst ? 0 : window.count - moved.count
    var rest = movedFirst ? moved.count : 0
    for place in window {
      let step = order[place]
      if stepTurn[Int(step)] == turn {
        draft[front] = step
        front += 1
      } else {
        draft[rest] = step
        rest += 1
      }
    }
  }

  /// The excess of the draft, or nil as soon as it is over a limit.
  mutating func measure(_ window: Range<Int>, limit: Int64) -> Int64? {
    var sum: Int64 = 0
    let end = Int32(window.upperBound)
    var live = liveBehind(window.upperBound)
    for index in stride(from: window.count - 1, through: 0, by: -1) {
      let step = Int(draft[index])
      for input in flow.inputs.range(step) {
        let artifact = Int(flow.inputs.items[input])
        guard last[artifact] < end, artifactTurn[artifact] != turn else { continue }
        artifactTurn[artifact] = turn
        live += flow.bytes[artifact]
      }
      let use = live + flow.scratchBytes[step]
      draftUse[index] = use
      if use > bound {
        sum += use - bound
        if sum > limit { return nil }
      }
      live -= flow.outBytes[step]
    }
    return sum
  }

  /// What lies there behind the steps in front of a position.
  func liveBehind(_ place: Int) -> Int64 {
    guard place < flow.count else { return 0 }
    let step = Int(order[place])
    return footprint[place] - flow.startBytes(step)
  }

  mutating func keep(_ window: Range<Int>) {
    turn += 1
    let end = Int32(window.upperBound)
    for index in stride(from: window.count - 1, through: 0, by: -1) {
      let step = Int(draft[index])
      let place = Int32(window.lowerBound + index)
      order[Int(place)] = draft[index]
      position[step] = place
      for input in flow.inputs.range(step) {
        let artifact = Int(flow.inputs.items[input])
        guard last[artifact] < end, artifactTurn[artifact] != turn else { continue }
        artifactTurn[artifact] = turn
        last[artifact] = place
      }
    }
    footprint.replace(from: window.lowerBound, with: draftUse, count: window.count)
  }

  mutating func celebrate() {
    best = order
    bestPeak = footprint.maximum
    failures = 0
    want()
  }
}
