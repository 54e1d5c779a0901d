import Planning

extension Dataflow {
  /// A random graph whose steps mostly hand things to the next few, sometimes far on.
  static func random(steps count: Int, using random: inout SplitMix64) -> Dataflow {
    var steps: [Step] = []
    var artifacts: [Artifact] = []
    for step in 0..<count {
      let scratch = Int.random(in: 0..<3, using: &random) == 0
      steps.append(
        Step(
          seconds: Double(Int.random(in: 1...30, using: &random)) / 10,
          scratchBytes: scratch ? Int64.random(in: 0...10, using: &random) : 0))
      for _ in 0..<Int.random(in: 1...2, using: &random) where step < count - 1 {
        artifacts.append(
          Artifact(
            bytes: Int64.random(in: 0...20, using: &random), producer: step,
            consumers: readers(behind: step, of: count, using: &random)))
      }
    }
    return Dataflow(steps: steps, artifacts: artifacts)
  }

  private static func readers(
    behind step: Int, of count: Int, using random: inout SplitMix64
  ) -> [Int] {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in
      let isNear = Bool.random(using: &random)
      let last = isNear ? min(step + 3, count - 1) : count - 1
      return Int.random(in: (step + 1)...last, using: &random)
    }
  }
}
