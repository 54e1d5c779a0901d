extension BoundSearch {
  /// LB2: the least that any moment holds at which a step may start, and what it starts.
  ///
  /// Proof: when a step starts, the finished steps are a set that holds all that it needs, and neither
  /// it nor what needs it; the least cut is the least that any such set leaves live.
  mutating func raiseByCuts(
    _ probe: inout Probe, _ steps: [Int], upTo peakBytes: Int64, limit: Int
  ) {
    probe.stop(at: limit)
    for step in steps where probe.spent < limit && best.bytes < peakBytes {
      if probe.moments.hasStart(step) { continue }
      let bytes = min(peakBytes, probe.leastBytes(step, enough: peakBytes))
      if bytes > best.bytes {
        best.raise(to: bytes, by: .cut)
        probe.renew(below: bytes + 1)
      }
    }
  }

  /// LB3: the least that is held when the first, or the last, of a set of steps starts.
  ///
  /// Proof: some step of the set is its first; then none of the set is done, and the least cut over
  /// such moments bounds; the least over all that may be first bounds every order. So with the last.
  mutating func raiseBySets(
    _ probe: inout Probe, _ families: [[Int]], upTo peakBytes: Int64, limit: Int
  ) {
    probe.stop(at: limit)
    for family in families {
      for isFirst in [true, false] where probe.spent < limit && best.bytes < peakBytes {
        guard let bytes = leastBytes(&probe, family, isFirst: isFirst, enough: peakBytes) else {
          continue
        }
        best.raise(to: bytes, by: .set)
        probe.renew(below: bytes + 1)
      }
    }
  }

  /// The least bytes over all that may be first, or last; nil if that is no better bound.
  private func leastBytes(
    _ probe: inout Probe, _ family: [Int], isFirst: Bool, enough: Int64
  ) -> Int64? {
    var least = enough
    for step in family {
      let others = family.filter { $0 != step }
      let mustWait = others.contains {
        isFirst ? probe.precedence.precedes($0, step) : probe.precedence.precedes(step, $0)
      }
      if mustWait { continue }
      let done = isFirst ? [] : others
      let open = isFirst ? others : []
      if probe.mayStart(step, done: done, open: open) { return nil }
      least = min(least, probe.leastBytes(step, done: done, open: open, enough: least))
    }
    return least
  }

  /// LB2 where the table of what precedes what would be too large: of the first few steps.
  mutating func raiseBySparseCuts(_ steps: [Int], upTo peakBytes: Int64, effort: Int) {
    var live = LeastLive(flow, precedence: nil)
    live.visitLimit = effort
    for step in steps.prefix(Self.sparseCutLimit) where best.bytes < peakBytes {
      live.setRoles(
        done: Self.reach(from: step, flow.predecessors),
        open: Self.reach(from: step, flow.successors))
      let start = flow.startBytes(step)
      let bytes = live.bytes(enough: peakBytes - start) + start
      best.raise(to: min(bytes, peakBytes), by: .cut)
      if live.visits >= effort { return }
    }
  }

  static let sparseCutLimit = 64

  private static func reach(from step: Int, _ rows: IndexRows) -> [UInt64] {
    var found = Array(repeating: UInt64(0), count: (rows.count + 63) / 64)
    var stack = [step]
    found[step >> 6] |= 1 << (step & 63)
    while let next = stack.popLast() {
      for other in rows[next].lazy.map({ Int($0) })
      where found[other >> 6] >> (other & 63) & 1 == 0 {
        found[other >> 6] |= 1 << (other & 63)
        stack.append(other)
      }
    }
    return found
  }
}
