/// A set of steps that have run, closed under "comes first", and what lies in the workspace behind it.
struct DownSet: Sendable {
  private(set) var live: Int64 = 0
  private(set) var peak: Int64 = 0
  private(set) var steps: [Int32] = []
  /// By step: who must still run first.
  private(set) var open: [Int32]
  /// By artifact: takers that have not run.
  private(set) var openTakers: [Int32]
  /// By artifact: whether one of its makers has run.
  private(set) var isThere: [Bool]
  private(set) var hasRun: [Bool]

  init(_ flow: DirectedFlow) {
    open = openCounts(flow.before)
    openTakers = openCounts(flow.takers)
    isThere = Array(repeating: false, count: flow.bytes.count)
    hasRun = Array(repeating: false, count: flow.count)
    steps.reserveCapacity(flow.count)
  }

  func isReady(_ step: Int) -> Bool { open[step] == 0 && !hasRun[step] }

  /// The bytes that a step adds when it starts now.
  ///
  /// - Complexity: O(artifacts that the step makes).
  func startBytes(_ step: Int, _ flow: DirectedFlow) -> Int64 {
    guard flow.isReversed else { return flow.makesBytes[step] + flow.scratchBytes[step] }
    var bytes = flow.scratchBytes[step]
    for index in flow.makes.range(step) {
      let artifact = Int(flow.makes.items[index])
      if !isThere[artifact] { bytes += flow.bytes[artifact] }
    }
    return bytes
  }

  /// The bytes that go when a step ends that starts now.
  ///
  /// - Complexity: O(artifacts that the step takes).
  func freedBytes(_ step: Int, _ flow: DirectedFlow) -> Int64 {
    var bytes: Int64 = 0
    for index in flow.takes.range(step) {
      let artifact = Int(flow.takes.items[index])
      if openTakers[artifact] == 1 { bytes += flow.bytes[artifact] }
    }
    return bytes
  }

  /// Runs a ready step.
  ///
  /// - Complexity: O(degree).
  mutating func run(_ step: Int, _ flow: DirectedFlow) {
    for index in flow.makes.range(step) {
      let artifact = Int(flow.makes.items[index])
      if !isThere[artifact] { live += flow.bytes[artifact] }
      isThere[artifact] = true
    }
    peak = max(peak, live + flow.scratchBytes[step])
    for index in flow.takes.range(step) {
      let artifact = Int(flow.takes.items[index])
      openTakers[artifact] -= 1
      if openTakers[artifact] == 0 { live -= flow.bytes[artifact] }
    }
    for index in flow.after.range(step) { open[Int(flow.after.items[index])] -= 1 }
    hasRun[step] = true
    steps.append(Int32(step))
  }
}
