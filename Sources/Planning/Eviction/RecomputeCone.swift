/// The moves that make an artifact again just before it is used.
///
/// Inputs that lie in the workspace are read there, inputs on the spill file system are restored, all
/// others are made again in turn, at most `depthLimit` steps back and `moveLimit` moves in all.
struct RecomputeCone {
  var moves: [PlanMove] = []
  /// Of steps that run again, and of restores.
  var seconds = 0.0
  var transferSeconds = 0.0
  /// Gaps through which the cone's inputs have to stay.
  var pins: [Int] = []

  static let depthLimit = 12
  static let moveLimit = 64
}

/// Looks for the cone of an artifact in a plan.
struct ConeSearch {
  let flow: Dataflow
  let options: EvictionPlanner.Options
  let residency: Residency
  /// By gap: whether its artifact will be away.
  let away: [Bool]

  /// Returns the cheapest way known to make an artifact again before a move; nil if there is none.
  func cone(of artifact: Int, before place: Int) -> RecomputeCone? {
    var cone = RecomputeCone()
    return make(artifact, before: place, depth: 0, in: &cone) ? cone : nil
  }

  private func make(
    _ artifact: Int, before place: Int, depth: Int, in cone: inout RecomputeCone
  ) -> Bool {
    let step = Int(flow.producer[artifact])
    guard options.isPure[step], depth < RecomputeCone.depthLimit,
      cone.moves.count < RecomputeCone.moveLimit
    else { return false }
    for input in flow.inputs[step] {
      guard bring(Int(input), before: place, depth: depth, in: &cone) else { return false }
    }
    cone.moves.append(.run(Int32(step)))
    cone.seconds += flow.seconds[step]
    return true
  }

  private func bring(
    _ input: Int, before place: Int, depth: Int, in cone: inout RecomputeCone
  ) -> Bool {
    if let gap = residency.gap(of: input, before: place), !away[gap] {
      cone.pins.append(gap)
      return true
    }
    let run = PlanMove.run(flow.producer[input])
    let restore = PlanMove.restore(Int32(input))
    if cone.moves.contains(run) || cone.moves.contains(restore) { return true }
    guard residency.spilledAt[input] < place else {
      return make(input, before: place, depth: depth + 1, in: &cone)
    }
    cone.moves.append(restore)
    cone.transferSeconds += options.transferSeconds(flow.bytes[input])
    return true
  }

  /// The most bytes that a cone's moves hold beyond what lies in the workspace before it.
  ///
  /// Everything that the cone makes and still uses is held to its last reader, and what it is for to
  /// the end; other outputs are scratch.
  ///
  /// - Complexity: O(moves² · degree), at most 64 moves.
  func peakBytes(of cone: RecomputeCone, for target: Int) -> Int64 {
    var live: Int64 = 0
    var peak: Int64 = 0
    for (place, move) in cone.moves.enumerated() {
      var start: Int64 = 0
      for artifact in made(by: move) {
        start += flow.bytes[artifact]
        if artifact == target || isRead(artifact, behind: place, in: cone) {
          live += flow.bytes[artifact]
          start -= flow.bytes[artifact]
        }
      }
      if case .run(let step) = move { start += flow.scratchBytes[Int(step)] }
      peak = max(peak, live + start)
      live -= freed(behind: place, in: cone, target: target)
    }
    return peak
  }

  private func made(by move: PlanMove) -> [Int] {
    switch move {
    case .run(let step): flow.outputs[Int(step)].map { Int($0) }
    case .restore(let artifact), .spill(let artifact), .compress(let artifact),
      .expand(let artifact):
      [Int(artifact)]
    }
  }

  private func isRead(_ artifact: Int, behind place: Int, in cone: RecomputeCone) -> Bool {
    cone.moves[(place + 1)...].contains { move in
      guard case .run(let step) = move else { return false }
      return flow.inputs[Int(step)].contains(Int32(artifact))
    }
  }

  private func freed(behind place: Int, in cone: RecomputeCone, target: Int) -> Int64 {
    guard case .run(let step) = cone.moves[place] else { return 0 }
    return flow.inputs[Int(step)].reduce(0) { bytes, input in
      let isMade = cone.moves[..<place].contains { made(by: $0).contains(Int(input)) }
      let isDone = input != target && !isRead(Int(input), behind: place, in: cone)
      return isMade && isDone ? bytes + flow.bytes[Int(input)] : bytes
    }
  }
}
