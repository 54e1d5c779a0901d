/// Evictions chosen on one sequence of moves, until it fits or no candidate is left.
struct EvictionRound {
  /// What is tried first at a position above the budget.
  enum Preference: CaseIterable {
    /// Spills while there is room; recomputes only behind them.
    case spill
    /// Whichever takes fewer seconds.
    case cheapest
    /// Spills what cannot be made again; recomputes everything else.
    case recompute
  }

  private enum Means {
    case spill
    case recompute(RecomputeCone)
  }

  private struct Candidate {
    let gap: Int
    let bytes: Int64
    let seconds: Double
    /// Positions above the budget inside the gap.
    let relieved: Int
    let means: Means

    /// Seconds for each byte and position relieved; what is free goes by its bytes.
    func score(_ excess: Int64) -> Double {
      (seconds + 1e-9) / (Double(min(bytes, excess)) * Double(max(relieved, 1)))
    }
  }

  let flow: Dataflow
  let plan: MovePlan
  let options: EvictionPlanner.Options
  let preference: Preference
  private(set) var edits: MoveEdits
  private var tree: FootprintTree
  private var overloaded: OverloadedPlaces
  private var gaps: IdleGaps
  private var residency: Residency
  /// By gap: evicted in this round, and needed by a recompute that was chosen in this round.
  private var away: [Bool]
  private var isPinned: [Bool]
  /// By move: a recompute in front of it was chosen in this round, so its footprint is not exact.
  private var hasCone: [Bool]
  private var wasSpilled: [Int]
  private var spilledBytes: Int64
  private var recomputedSeconds: Double

  init(
    _ plan: MovePlan, of flow: Dataflow, options: EvictionPlanner.Options, preference: Preference
  ) {
    self.flow = flow
    self.plan = plan
    self.options = options
    self.preference = preference
    edits = MoveEdits(plan.moves)
    let profile = plan.flow.profile(plan.order)
    tree = FootprintTree(profile)
    overloaded = OverloadedPlaces(profile, budgetBytes: options.budgetBytes)
    gaps = IdleGaps(plan.flow)
    residency = Residency(plan, artifactCount: flow.artifactCount)
    wasSpilled = residency.spilledAt
    away = Array(repeating: false, count: gaps.ends.count)
    isPinned = away
    hasCone = Array(repeating: false, count: plan.moves.count)
    spilledBytes = plan.cost.spilledBytes
    recomputedSeconds = plan.cost.recomputedSeconds
  }
}

extension EvictionRound {
  var fits: Bool { tree.maximum <= options.budgetBytes }

  /// The step at the worst position, or the one behind it if that is a spill or a restore.
  var worstStep: Int { Self.step(of: plan, flow: flow, at: tree.firstOfMaximum) }

  static func step(of plan: MovePlan, flow: Dataflow, at place: Int? = nil) -> Int {
    let profile = plan.flow.profile(plan.order)
    let worst = place ?? profile.firstIndex(of: profile.max() ?? 0) ?? 0
    for move in plan.moves[worst...] {
      if case .run(let step) = move { return Int(step) }
    }
    return 0
  }

  /// Evicts around the worst position until none is above the budget or one cannot be relieved.
  mutating func relieve() {
    while !fits {
      let place = tree.firstOfMaximum
      relieve(place)
      if tree[place] > options.budgetBytes { return }
    }
  }

  private mutating func relieve(_ place: Int) {
    let around = gaps.around(place)
    for pass in passes where excess(place) > 0 {
      relieve(place, by: around.compactMap { candidate($0, pass) })
    }
  }

  private func excess(_ place: Int) -> Int64 { tree[place] - options.budgetBytes }

  /// Evicts by score.
  ///
  /// Scores only rise as the excess falls, so the best one is found by looking at the end of a sorted
  /// list again and putting it back if it has fallen behind the next.
  private mutating func relieve(_ place: Int, by candidates: [Candidate]) {
    var excess = excess(place)
    var queue = candidates.map { (score: $0.score(excess), candidate: $0) }
    queue.sort {
      $1.score < $0.score || ($1.score == $0.score && $1.candidate.gap < $0.candidate.gap)
    }
    while excess > 0, let (score, best) = queue.popLast() {
      let current = best.score(excess)
      if current > score, let next = queue.last, next.score < current {
        let index = queue.firstSorted { $0.score < current }
        queue.insert((current, best), at: index)
      } else {
        evict(best)
        excess = self.excess(place)
      }
    }
  }

  private enum Pass { case spillOnly, recomputeOnly, either, spillImpure }

  private var passes: [Pass] {
    guard options.spillLimitBytes > 0 else { return [.recomputeOnly] }
    return switch preference {
    case .spill: [.spillOnly, .recomputeOnly]
    case .cheapest: [.either]
    case .recompute: [.spillImpure, .recomputeOnly, .spillOnly]
    }
  }

  private func candidate(_ gap: Int, _ pass: Pass) -> Candidate? {
    if away[gap] || isPinned[gap] { return nil }
    return switch pass {
    case .spillOnly: spill(gap)
    case .recomputeOnly: recompute(gap)
    case .spillImpure: isPure(gap) ? nil : spill(gap)
    case .either:
      [spill(gap), recompute(gap)].compactMap(\.self).min { $0.seconds < $1.seconds }
    }
  }

  private func isPure(_ gap: Int) -> Bool { options.isPure[Int(flow.producer[artifact(gap)])] }

  private func artifact(_ gap: Int) -> Int { Int(plan.stays[Int(gaps.stays[gap])]) }

  private func endsInSpill(_ gap: Int) -> Bool {
    plan.moves[Int(gaps.ends[gap])] == .spill(Int32(artifact(gap)))
  }

  private func spill(_ gap: Int) -> Candidate? {
    let artifact = artifact(gap)
    let bytes = flow.bytes[artifact]
    let isWritten = residency.spilledAt[artifact] < .max
    guard options.maySpill(artifact), isWritten || fitsSpill(bytes) else { return nil }
    let transfers = (isWritten ? 0 : 1) + (endsInSpill(gap) ? 0 : 1)
    return candidate(
      gap, seconds: Double(transfers) * options.transferSeconds(bytes), means: .spill)
  }

  private func fitsSpill(_ bytes: Int64) -> Bool { bytes <= options.spillLimitBytes - spilledBytes }

  private func recompute(_ gap: Int) -> Candidate? {
    let place = Int(gaps.ends[gap])
    guard isPure(gap), !hasCone[place], !endsInSpill(gap), let cone = cone(gap),
      recomputedSeconds + cone.seconds <= secondsLimit
    else { return nil }
    let artifact = artifact(gap)
    let before = tree[place] - plan.flow.startBytes(place) - flow.bytes[artifact]
    let peak = search.peakBytes(of: cone, for: artifact)
    guard before + peak <= options.budgetBytes else { return nil }
    return candidate(gap, seconds: cone.seconds + cone.transferSeconds, means: .recompute(cone))
  }

  private var secondsLimit: Double { (options.workCap - 1) * flow.totalSeconds }

  private var search: ConeSearch {
    ConeSearch(flow: flow, options: options, residency: residency, away: away)
  }

  private func cone(_ gap: Int) -> RecomputeCone? {
    search.cone(of: artifact(gap), before: Int(gaps.ends[gap]))
  }

  private func candidate(_ gap: Int, seconds: Double, means: Means) -> Candidate {
    Candidate(
      gap: gap, bytes: flow.bytes[artifact(gap)], seconds: seconds,
      relieved: overloaded.count(in: gaps.inside(gap)), means: means)
  }
}

extension EvictionRound {
  /// Carries out a candidate, unless one taken before it stands against that.
  private mutating func evict(_ candidate: Candidate) {
    guard !isPinned[candidate.gap] else { return }
    switch candidate.means {
    case .spill:
      guard spill(candidate.gap) != nil else { return }
      spillAway(candidate.gap)
    case .recompute:
      guard case .recompute(let cone)? = recompute(candidate.gap)?.means else { return }
      recompute(candidate.gap, by: cone)
    }
    take(candidate.gap, bytes: candidate.bytes)
  }

  private mutating func take(_ gap: Int, bytes: Int64) {
    away[gap] = true
    gaps.take(gap)
    tree.add(-bytes, to: gaps.inside(gap))
    overloaded.lower(gaps.inside(gap), by: bytes)
  }

  private mutating func spillAway(_ gap: Int) {
    let artifact = artifact(gap)
    let start = Int(gaps.starts[gap])
    if residency.spilledAt[artifact] == .max { spilledBytes += flow.bytes[artifact] }
    residency.spilledAt[artifact] = min(residency.spilledAt[artifact], start)
    if !endsInSpill(gap) {
      edits.insert([.restore(Int32(artifact))], before: Int(gaps.ends[gap]))
    }
  }

  private mutating func recompute(_ gap: Int, by cone: RecomputeCone) {
    let place = Int(gaps.ends[gap])
    edits.insert(cone.moves, before: place)
    hasCone[place] = true
    recomputedSeconds += cone.seconds
    for pin in cone.pins {
      isPinned[pin] = true
      gaps.take(pin)
    }
  }

  /// The moves with this round's evictions.
  func editedMoves() -> [PlanMove] {
    var edits = edits
    for artifact in 0..<flow.artifactCount {
      let (now, past) = (residency.spilledAt[artifact], wasSpilled[artifact])
      guard now < past else { continue }
      edits.insert(.spill(Int32(artifact)), behind: now)
      if past < .max { edits.remove(past) }
    }
    return edits.applied()
  }
}
