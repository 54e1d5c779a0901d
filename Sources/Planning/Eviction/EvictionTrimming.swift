extension EvictionPlanner {
  /// Takes back the evictions that the budget has room for in the end, the dearest first.
  ///
  /// - Complexity: O(rounds · moves · log moves), at most 16 rounds.
  func trimmed(_ plan: MovePlan) -> MovePlan {
    var plan = plan
    for _ in 0..<16 {
      var trimming = EvictionTrimming(plan, of: flow, options: options)
      trimming.takeBack()
      if trimming.edits.isEmpty { break }
      plan = expand(trimming.edits.applied())
    }
    return plan
  }
}

/// Restores and recomputes of one sequence of moves that an artifact's staying can replace.
///
/// Without a move, each artifact that it made stays from its last use before; if a spill ended that
/// stay, the spill goes too or moves behind the uses that the move was for.
private struct EvictionTrimming {
  let flow: Dataflow
  let plan: MovePlan
  let options: EvictionPlanner.Options
  private(set) var edits: MoveEdits
  private var tree: FootprintTree
  private let residency: Residency
  /// By move: what it makes that is read, as stays of the plan.
  private let made: IndexRows
  /// By stay: the move that made the instance before; -1 for the first.
  private let madeBefore: [Int]
  /// By artifact: its restores, and whether it was touched already.
  private var restores: [Int]
  private var isLocked: [Bool]

  init(_ plan: MovePlan, of flow: Dataflow, options: EvictionPlanner.Options) {
    self.flow = flow
    self.plan = plan
    self.options = options
    edits = MoveEdits(plan.moves)
    tree = FootprintTree(plan.flow.profile(plan.order))
    residency = Residency(plan, artifactCount: flow.artifactCount)
    made = plan.flow.outputs
    restores = Array(repeating: 0, count: flow.artifactCount)
    isLocked = Array(repeating: false, count: flow.artifactCount)
    var last = Array(repeating: -1, count: flow.artifactCount)
    var before = Array(repeating: -1, count: plan.stays.count)
    for (place, move) in plan.moves.enumerated() {
      for stay in made[place] { before[Int(stay)] = last[Int(plan.stays[Int(stay)])] }
      switch move {
      case .run(let step): for artifact in flow.outputs[Int(step)] { last[Int(artifact)] = place }
      case .restore(let artifact):
        last[Int(artifact)] = place
        restores[Int(artifact)] += 1
      case .spill, .compress, .expand: break
      }
    }
    madeBefore = before
  }

  mutating func takeBack() {
    var hasRun = Array(repeating: false, count: flow.count)
    var evictions: [(seconds: Double, place: Int)] = []
    for (place, move) in plan.moves.enumerated() {
      switch move {
      case .run(let step) where hasRun[Int(step)]:
        evictions.append((flow.seconds[Int(step)], place))
      case .run(let step): hasRun[Int(step)] = true
      case .restore(let artifact):
        evictions.append((options.transferSeconds(flow.bytes[Int(artifact)]), place))
      case .spill(let artifact):
        if restores[Int(artifact)] == 0 { edits.remove(place) }
      // Compressions are chosen behind all trimming.
      case .compress, .expand: break
      }
    }
    for eviction in evictions.sorted(by: { ($1.seconds, $0.place) < ($0.seconds, $1.place) }) {
      takeBack(eviction.place)
    }
  }

  private mutating func takeBack(_ place: Int) {
    let stays = made[place].map { Int($0) }
    let touched = artifacts(madeBy: plan.moves[place])
    guard !touched.contains(where: { isLocked[$0] }), makeRoom(stays, until: place) else { return }
    edits.remove(place)
    for stay in stays { moveSpill(infront: stay) }
    for artifact in touched { isLocked[artifact] = true }
  }

  private func artifacts(madeBy move: PlanMove) -> [Int] {
    switch move {
    case .run(let step): flow.outputs[Int(step)].map { Int($0) }
    case .restore(let artifact), .spill(let artifact), .compress(let artifact),
      .expand(let artifact):
      [Int(artifact)]
    }
  }

  /// Lets the stays begin earlier if that fits, and leaves everything as it was if not.
  private mutating func makeRoom(_ stays: [Int], until place: Int) -> Bool {
    var raised: [(range: Range<Int>, bytes: Int64)] = []
    for stay in stays {
      let range = lastUse(before: stay) + 1..<place
      let bytes = plan.flow.bytes[stay]
      if let highest = tree.maximum(in: range), highest + bytes > options.budgetBytes {
        for (range, bytes) in raised { tree.add(-bytes, to: range) }
        return false
      }
      raised.append((range, bytes))
      tree.add(bytes, to: range)
    }
    return true
  }

  /// The last move that takes the instance before a stay, or that makes it if nobody does.
  private func lastUse(before stay: Int) -> Int {
    let maker = madeBefore[stay]
    let row = residency.stays[Int(plan.stays[stay])]
    let next = row.firstSorted { Int(plan.flow.producer[Int($0)]) >= maker }
    guard next < row.endIndex, Int(plan.flow.producer[Int(row[next])]) == maker else {
      return maker
    }
    return plan.flow.consumers[Int(row[next])].last.map { Int($0) } ?? maker
  }

  /// Drops the spill that ended the instance before a stay, or puts it behind the stay.
  private mutating func moveSpill(infront stay: Int) {
    let artifact = plan.stays[stay]
    let end = lastUse(before: stay)
    guard plan.moves[end] == .spill(artifact) else { return }
    edits.remove(end)
    let isRestore = plan.moves[Int(plan.flow.producer[stay])] == .restore(artifact)
    let others = restores[Int(artifact)] - (isRestore ? 1 : 0)
    guard others > 0, let last = plan.flow.consumers[stay].last else { return }
    edits.insert(.spill(artifact), behind: Int(last))
  }
}
