/// Betters an order by moves at its peak.
///
/// A move takes the producer of something that lies there at the peak behind it, with all that depends
/// on it, or takes those who still need the thing to before the peak, with all that they need. Only
/// the window of positions between is another then: behind it the same steps have run, so the same
/// artifacts lie there. A window is measured from its end, where the first taker of an artifact that is
/// met is its last one.
///
/// What is made small is not the peak, which most moves leave alone, but the excess: how much the
/// footprints lie above what is wanted, the best peak less one byte, together.
struct LocalSearch: Sendable {
  let flow: Dataflow
  var order: [Int32]
  var position: [Int32]
  /// By artifact: the position of its last taker.
  var last: [Int32]
  var footprint: FootprintTree
  var best: [Int32]
  var bestPeak: Int64
  /// Σ of what lies over `bound`.
  var excess: Int64 = 0
  var bound: Int64 = 0
  var random: SplitMix64
  var failures = 0
  /// By step and by artifact: the turn in which it was last met.
  var stepTurn: [Int32]
  var artifactTurn: [Int32]
  var turn: Int32 = 0
  /// The window as it would be, and its footprints; longer ones are not tried.
  var draft: [Int32]
  var draftUse: [Int64]
  let longestWindow: Int
  var moved: [Int32] = []
  var resident: [Int32] = []
  var weight: [Int64] = []
  var restarts = 0
  static let heats = [0.05, 1, 0.01, 0.2]
  private static let patience = 200
  private static let longestWindow = 20_000

  init(_ flow: Dataflow, from order: [Int32], seed: UInt64) {
    self.flow = flow
    self.order = order
    position = positions(order)
    last = []
    let profile = flow.profile(order)
    footprint = FootprintTree(profile)
    best = order
    bestPeak = profile.max() ?? 0
    random = SplitMix64(seed: seed)
    stepTurn = Array(repeating: 0, count: flow.count)
    artifactTurn = Array(repeating: 0, count: flow.artifactCount)
    longestWindow = min(flow.count, Self.longestWindow)
    draft = Array(repeating: 0, count: longestWindow)
    draftUse = Array(repeating: 0, count: longestWindow)
    last = lastPositions()
    want()
  }

  func lastPositions() -> [Int32] {
    (0..<flow.artifactCount).map { artifact in
      flow.consumers[artifact].reduce(0) { max($0, position[Int($1)]) }
    }
  }

  /// Wants one byte less than the best.
  mutating func want() {
    bound = bestPeak - 1
    excess = footprint.excess(over: bound, 0..<flow.count)
  }

  mutating func restart() {
    order = best
    position = positions(order)
    last = lastPositions()
    footprint = FootprintTree(flow.profile(order))
    failures = 0
    restarts += 1
    want()
  }
}

extension LocalSearch {
  /// Tries so many moves, or fewer when an order of the target's peak is found.
  ///
  /// - Returns: Moves tried.
  mutating func run(moves: Int, target: Int64) -> Int {
    var tried = 0
    while tried < moves, bestPeak > target, let peak = somePeak() {
      survey(peak)
      guard !resident.isEmpty else { break }
      for _ in 0..<8 {
        tried += 1
        if tryMove(at: peak) { break }
        failures += 1
      }
      if failures >= Self.patience { restart() }
    }
    return tried
  }

  /// A position whose footprint is too large.
  mutating func somePeak() -> Int? {
    let start = Int.random(in: 0..<max(1, flow.count), using: &random)
    return footprint.first(over: bound, from: start) ?? footprint.first(over: bound, from: 0)
  }

  /// Lists what lies there at a position, with the running sum of its bytes.
  mutating func survey(_ peak: Int) {
    resident.removeAll(keepingCapacity: true)
    weight.removeAll(keepingCapacity: true)
    var sum: Int64 = 0
    for artifact in 0..<flow.artifactCount
    where last[artifact] >= peak && position[Int(flow.producer[artifact])] <= peak {
      sum += flow.bytes[artifact]
      resident.append(Int32(artifact))
      weight.append(sum)
    }
  }

  /// Something that lies there, by its bytes.
  mutating func someResident() -> Int {
    let draw = Int64.random(in: 0..<(weight.last ?? 1), using: &random)
    var low = 0
    var high = weight.count - 1
    while low < high {
      let middle = (low + high) / 2
      if weight[middle] > draw { high = middle } else { low = middle + 1 }
    }
    return Int(resident[low])
  }

  /// - Returns: Whether the order is another now.
  mutating func tryMove(at peak: Int) -> Bool {
    let artifact = someResident()
    turn += 1
    moved.removeAll(keepingCapacity: true)
    return random.next() & 1 == 0 ? delay(artifact, peak) : advance(artifact, peak)
  }
}
