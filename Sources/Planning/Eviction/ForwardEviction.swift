/// Carries an order out under a budget and evicts whenever a move does not fit.
///
/// What a step takes and is away comes back first: restored if it was spilled, otherwise by running
/// its producer again, for which inputs come back in turn and others are evicted. That reaches
/// budgets at which evictions planned one by one block each other, but sees only the next use of an
/// artifact and so costs more; trimming takes back what it did too much. What is dead is kept until
/// its room is needed, for a recompute may read it.
///
/// After Kirisame et al., "Dynamic Tensor Rematerialization", ICLR 2021.
struct ForwardEviction {
  /// What goes first: the lowest of a cost by size and by distance of the next use.
  enum Rule: CaseIterable {
    case costBySizeAndDistance
    /// The same, with everything beyond the first few steps back counted as free.
    case shallowCostBySizeAndDistance
    case distance
    case costBySize
  }

  /// Nothing can be evicted, a limit is reached, or an input cannot come back.
  private struct Stuck: Error {}

  let flow: Dataflow
  let options: EvictionPlanner.Options
  let rule: Rule
  private var moves: [PlanMove] = []
  private var liveBytes: Int64 = 0
  private var resident: [Int] = []
  /// By artifact: its place in `resident`, or -1; moves under way that need it; on the spill store.
  private var places: [Int]
  private var locks: [Int]
  private var isSpilled: [Bool]
  /// By artifact: the places in the order at which it is taken, and how many of them are past.
  private let uses: IndexRows
  private var pastUses: [Int]
  private var hasRun: [Bool]
  private var now = 0
  private var spilledBytes: Int64 = 0
  private var recomputedSeconds = 0.0
  private var effort = 0
  private let totalSeconds: Double

  /// Costs looked at in one plan: a few tenths of a second.
  private static let effortLimit = 2_000_000
  private static let depthLimit = 400

  private init(
    _ flow: Dataflow, order: [Int32], options: EvictionPlanner.Options, rule: Rule
  ) {
    self.flow = flow
    self.options = options
    self.rule = rule
    totalSeconds = flow.totalSeconds
    var position = Array(repeating: 0, count: flow.count)
    for (place, step) in order.enumerated() { position[Int(step)] = place }
    uses = IndexRows(
      (0..<flow.artifactCount).map { flow.consumers[$0].map { position[Int($0)] }.sorted() })
    places = Array(repeating: -1, count: flow.artifactCount)
    locks = Array(repeating: 0, count: flow.artifactCount)
    pastUses = locks
    isSpilled = Array(repeating: false, count: flow.artifactCount)
    hasRun = Array(repeating: false, count: flow.count)
  }

  /// The moves of an order by one rule; nil if it gets stuck.
  ///
  /// - Complexity: O(evictions · live artifacts), at most `effortLimit`.
  static func moves(
    _ flow: Dataflow, order: [Int32], options: EvictionPlanner.Options, rule: Rule
  ) -> [PlanMove]? {
    var eviction = ForwardEviction(flow, order: order, options: options, rule: rule)
    for (place, step) in order.enumerated() {
      eviction.now = place
      do { try eviction.run(Int(step), wanted: nil, depth: 0) } catch { return nil }
      for input in flow.inputs[Int(step)] { eviction.pastUses[Int(input)] += 1 }
    }
    return eviction.moves
  }
}

extension ForwardEviction {
  /// Runs a step for all that it makes, or again for one artifact.
  private mutating func run(_ step: Int, wanted: Int?, depth: Int) throws(Stuck) {
    guard depth < Self.depthLimit else { throw Stuck() }
    let inputs = flow.inputs[step].map { Int($0) }
    for input in inputs.filter({ places[$0] < 0 }) + inputs.filter({ places[$0] >= 0 }) {
      try bring(input, depth: depth)
    }
    if hasRun[step] { try countAgain(step) }
    hasRun[step] = true
    let outputs = flow.outputs[step].map { Int($0) }
    for output in outputs { locks[output] += 1 }
    let made = outputs.filter { places[$0] < 0 }
    try makeRoom(made.reduce(flow.scratchBytes[step]) { $0 + flow.bytes[$1] })
    moves.append(.run(Int32(step)))
    for output in made where wanted == nil || output == wanted { enter(output) }
    for artifact in outputs + inputs { locks[artifact] -= 1 }
  }

  private mutating func countAgain(_ step: Int) throws(Stuck) {
    recomputedSeconds += flow.seconds[step]
    guard options.isPure[step],
      recomputedSeconds <= (options.workCap - 1) * totalSeconds
    else { throw Stuck() }
  }

  /// Sees to it that an artifact lies in the workspace, and locks it there.
  private mutating func bring(_ artifact: Int, depth: Int) throws(Stuck) {
    if places[artifact] < 0 {
      if isSpilled[artifact] {
        try makeRoom(flow.bytes[artifact])
        moves.append(.restore(Int32(artifact)))
        enter(artifact)
      } else {
        try run(Int(flow.producer[artifact]), wanted: artifact, depth: depth + 1)
      }
    }
    locks[artifact] += 1
  }

  private mutating func enter(_ artifact: Int) {
    places[artifact] = resident.count
    resident.append(artifact)
    liveBytes += flow.bytes[artifact]
  }

  private mutating func leave(_ artifact: Int) {
    let last = resident.removeLast()
    if last != artifact {
      resident[places[artifact]] = last
      places[last] = places[artifact]
    }
    places[artifact] = -1
    liveBytes -= flow.bytes[artifact]
  }

  private mutating func makeRoom(_ bytes: Int64) throws(Stuck) {
    while liveBytes + bytes > options.budgetBytes {
      guard effort < Self.effortLimit, let artifact = victim() else { throw Stuck() }
      if nextUse(artifact) != nil, !isSpilled[artifact], spillSeconds(artifact) <= cost(artifact) {
        moves.append(.spill(Int32(artifact)))
        isSpilled[artifact] = true
        spilledBytes += flow.bytes[artifact]
      }
      leave(artifact)
    }
  }
}

extension ForwardEviction {
  private func nextUse(_ artifact: Int) -> Int? {
    let row = uses[artifact]
    let index = row.startIndex + pastUses[artifact]
    return index < row.endIndex ? Int(row[index]) : nil
  }

  /// The dead first, then by the rule.
  private mutating func victim() -> Int? {
    var best: (score: Double, artifact: Int)?
    for artifact in resident where locks[artifact] == 0 {
      let score = score(artifact)
      if score < .infinity, best.map({ (score, artifact) < $0 }) ?? true {
        best = (score, artifact)
      }
    }
    return best?.artifact
  }

  private mutating func score(_ artifact: Int) -> Double {
    effort += 1
    let bytes = Double(flow.bytes[artifact])
    guard let next = nextUse(artifact) else { return -bytes }
    let cost = cost(artifact)
    let distance = Double(next - now + 1)
    guard cost < .infinity else { return .infinity }
    return switch rule {
    case .costBySizeAndDistance, .shallowCostBySizeAndDistance: cost / (bytes * distance)
    case .distance: 1 / distance
    case .costBySize: cost / bytes
    }
  }

  /// Seconds to bring an artifact back, by spilling it now or by making it again.
  private mutating func cost(_ artifact: Int) -> Double {
    min(spillSeconds(artifact), recomputeSeconds(artifact))
  }

  private func spillSeconds(_ artifact: Int) -> Double {
    let seconds = options.transferSeconds(flow.bytes[artifact])
    if isSpilled[artifact] { return seconds }
    let fits =
      options.maySpill(artifact)
      && flow.bytes[artifact] <= options.spillLimitBytes - spilledBytes
    return fits ? 2 * seconds : .infinity
  }

  private mutating func recomputeSeconds(_ artifact: Int) -> Double {
    var left = 64
    let seconds = recomputeSeconds(artifact, depth: 12, left: &left)
    effort += 64 - left
    return seconds
  }

  private var isShallow: Bool { rule == .shallowCostBySizeAndDistance }

  /// Seconds to make an artifact again as things stand.
  ///
  /// Inputs that are away count once for each way to them, since a tight budget drops them again; what
  /// is too much to look at counts as everything.
  private func recomputeSeconds(_ artifact: Int, depth: Int, left: inout Int) -> Double {
    let step = Int(flow.producer[artifact])
    guard options.isPure[step] else { return .infinity }
    var seconds = flow.seconds[step] + 1e-9
    for input in flow.inputs[step].lazy.map({ Int($0) }) where places[input] < 0 {
      if left == 0 || depth == 0 { return isShallow ? seconds : seconds + totalSeconds }
      left -= 1
      seconds +=
        isSpilled[input]
        ? options.transferSeconds(flow.bytes[input])
        : recomputeSeconds(input, depth: depth - 1, left: &left)
    }
    return seconds
  }
}
