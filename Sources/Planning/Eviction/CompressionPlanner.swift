/// Plans in which artifacts are compressed within the workspace instead of leaving it.
///
/// What `EvictionPlanner` finds is never made worse: of its plan and of one that compresses what it can,
/// the quicker is kept. Where no artifact's compressed size is known the result is its own. A spill that
/// there is room for stays one: there and back it takes less time than a compression, see
/// `CompressionPace`.
///
/// The other plan is a plan of spills in another dataflow. An artifact of s bytes that is known to come
/// to z is two there: one of s − z, which may be spilled, and one of z, which stays. So the footprint
/// between the moves is exact and the proof of `EvictionPlanner.plan` holds for it; what it does not
/// have is that both forms lie there while one is made of the other. Where that is more than the budget
/// has room for, the same is tried with as much less.
package struct CompressionPlanner {
  private let flow: Dataflow
  private let order: [Int32]
  private let options: EvictionPlanner.Options

  /// Budgets that are tried.
  private static let tries = 8

  /// Returns moves whose footprint stays within the budget.
  ///
  /// Parameters, errors and complexity are those of `EvictionPlanner.plan`, `tries` times.
  package static func plan(
    _ flow: Dataflow, order: [Int32], options: EvictionPlanner.Options
  ) -> Result<EvictionPlanner.Outcome, EvictionPlanner.Infeasible> {
    let plain = EvictionPlanner.plan(flow, order: order, options: options)
    guard options.compressedBytes.contains(where: { $0 > 0 }) else { return plain }
    if let known = try? plain.get(), known.extraSeconds == 0 { return plain }
    let planner = CompressionPlanner(flow: flow, order: order, options: options)
    guard let found = planner.compressing() else { return plain }
    guard let known = try? plain.get(), known.extraSeconds <= found.extraSeconds else {
      return .success(found)
    }
    return plain
  }

  private var evictions: EvictionPlanner {
    EvictionPlanner(flow: flow, order: order, options: options)
  }

  private func moves(_ moves: [PlanMove]) -> MovePlan? {
    guard
      let plan = try? MovePlan(
        flow, moves: moves, bytesPerSecond: options.bytesPerSecond,
        compressedBytes: options.compressedBytes),
      plan.cost.spilledBytes <= options.spillLimitBytes
    else { return nil }
    return plan
  }
}

extension CompressionPlanner {
  private func compressing() -> EvictionPlanner.Outcome? {
    let halves = Halves(flow, options)
    if options.spillLimitBytes > 0, let found = compressing(halves, spillsOthers: true) {
      return found
    }
    return compressing(halves, spillsOthers: false)
  }

  private func compressing(_ halves: Halves, spillsOthers: Bool) -> EvictionPlanner.Outcome? {
    var budget = options.budgetBytes
    for _ in 0..<Self.tries {
      guard let moves = halves.moves(order, budget, options, spillsOthers: spillsOthers),
        let plan = self.moves(moves)
      else { return nil }
      let excess = plan.peakBytes - options.budgetBytes
      if excess <= 0 { return evictions.outcome(plan) }
      budget -= excess
    }
    return nil
  }
}

/// A dataflow in which what can be compressed is two artifacts: what that frees, and what stays.
private struct Halves {
  let flow: Dataflow
  /// By artifact of `flow`: the one that it stands for, and whether it is what compressing frees.
  let whole: [Int]
  let isFreed: [Bool]
  let isPinned: [Bool]

  init(_ flow: Dataflow, _ options: EvictionPlanner.Options) {
    var artifacts: [Dataflow.Artifact] = []
    var whole: [Int] = []
    var isFreed: [Bool] = []
    var isPinned: [Bool] = []
    for artifact in 0..<flow.artifactCount {
      let form = options.compressedBytes[artifact]
      let parts = form > 0 ? [flow.bytes[artifact] - form, form] : [flow.bytes[artifact]]
      for (index, bytes) in parts.enumerated() {
        artifacts.append(
          Dataflow.Artifact(
            bytes: bytes, producer: Int(flow.producer[artifact]),
            consumers: flow.consumers[artifact].map { Int($0) }))
        whole.append(artifact)
        isFreed.append(form > 0 && index == 0)
        isPinned.append(index > 0 || !options.maySpill(artifact))
      }
    }
    let steps = (0..<flow.count).map { step in
      Dataflow.Step(
        seconds: flow.seconds[step], scratchBytes: flow.scratchBytes[step],
        after: flow.predecessors[step].map { Int($0) })
    }
    self.flow = Dataflow(steps: steps, artifacts: artifacts)
    self.whole = whole
    self.isFreed = isFreed
    self.isPinned = isPinned
  }

  /// Moves of the whole dataflow within a budget; nil if there are none without making anything again.
  func moves(
    _ order: [Int32], _ budgetBytes: Int64, _ options: EvictionPlanner.Options, spillsOthers: Bool
  ) -> [PlanMove]? {
    var own = options
    own.budgetBytes = budgetBytes
    own.spillLimitBytes = .max / 2
    own.compressedBytes = []
    own.isPure = Array(repeating: false, count: flow.count)
    own.isPinned = isPinned.indices.map { isPinned[$0] || (!isFreed[$0] && !spillsOthers) }
    let planner = EvictionPlanner(flow: flow, order: order, options: own)
    guard let outcome = try? planner.cheapest().get() else { return nil }
    let plan = planner.expand(outcome.moves)
    return CompressedMoves(plan, of: flow, compressing: { isFreed[$0] }).moves.map { move in
      switch move {
      case .run: move
      case .spill(let artifact): .spill(Int32(whole[Int(artifact)]))
      case .restore(let artifact): .restore(Int32(whole[Int(artifact)]))
      case .compress(let artifact): .compress(Int32(whole[Int(artifact)]))
      case .expand(let artifact): .expand(Int32(whole[Int(artifact)]))
      }
    }
  }
}

/// The moves of a plan with artifacts compressed where it spills them.
///
/// A spilled copy stays for the next time, a compressed form does not: whenever the artifact is away
/// again it is compressed again.
private struct CompressedMoves {
  let moves: [PlanMove]

  init(_ plan: MovePlan, of flow: Dataflow, compressing isChosen: (Int) -> Bool) {
    var edits = MoveEdits(plan.moves)
    let residency = Residency(plan, artifactCount: flow.artifactCount)
    for (place, move) in plan.moves.enumerated() {
      switch move {
      case .spill(let artifact) where isChosen(Int(artifact)):
        edits.remove(place)
        edits.insert(.compress(artifact), behind: place)
      case .restore(let artifact) where isChosen(Int(artifact)):
        edits.remove(place)
        edits.insert([.expand(artifact)], before: place)
        Self.compressBefore(place, artifact, plan, residency, &edits)
      case .run, .spill, .restore, .compress, .expand: break
      }
    }
    moves = edits.applied()
  }

  /// Compresses what was restored before this restore, behind its last reader.
  private static func compressBefore(
    _ place: Int, _ artifact: Int32, _ plan: MovePlan, _ residency: Residency,
    _ edits: inout MoveEdits
  ) {
    let row = residency.stays[Int(artifact)]
    let own = row.firstSorted { Int(plan.flow.producer[Int($0)]) >= place }
    guard own > row.startIndex else { return }
    let before = Int(row[own - 1])
    guard let last = plan.flow.consumers[before].last, plan.moves[Int(last)] != .spill(artifact)
    else { return }
    edits.insert(.compress(artifact), behind: Int(last))
  }
}
