extension BoundSearch {
  /// Share of the peak below which a gap is not worth another refutation.
  static let gapShare: Int64 = 2_000

  /// LB5: the peak itself first, then whatever lies halfway between what was refuted and what was not.
  ///
  /// What every order below some bytes obeys, every order below fewer does, too: it stays known. A
  /// third of the rest for each: one that cannot be refuted takes all that it is given.
  mutating func raiseByRefutation(
    _ known: Probe, _ families: [[Int]], _ steps: [Int], upTo peakBytes: Int64, limit: Int
  ) {
    var probe = known
    var high = peakBytes
    var target = peakBytes
    while best.bytes < high, probe.spent < limit {
      let before = (probe.precedence, probe.needs.count)
      let effort = max((limit - probe.spent) / 3, 1)
      var refutation = Refutation(
        probe, families: families, steps: steps, below: target, effort: effort)
      let isRefuted = refutation.run()
      probe = refutation.probe
      if isRefuted {
        best.raise(to: target, by: .refuted)
        probe.restore(before.0, needs: before.1)
      } else if let order = refutation.order {
        foundOrder = order
        high = flow.peakBytes(order)
        target = high
        continue
      } else {
        high = target - 1
      }
      if high - best.bytes < peakBytes / Self.gapShare { return }
      target = best.bytes + (high - best.bytes + 1) / 2
    }
  }
}
