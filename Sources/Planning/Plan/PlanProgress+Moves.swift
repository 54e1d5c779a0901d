import Model

// Moves that are no first run of a task: evictions, what brings back, and recomputes.
extension PlanProgress {
  /// Returns what has to be moved or made again now, because its turn has come.
  ///
  /// What only fills the workspace begins when it is among the next `window` steps; what makes room
  /// begins as soon as it can.
  /// What is lent stays as it is for now.
  mutating func takeMoves(
    window: Int, sparing lent: Set<RunState.ArtifactKey>
  ) -> (store: [StoreMove], recomputes: [TaskID]) {
    guard !moves.isEmpty else { return ([], []) }
    let near = Set(safe.upcoming(window))
    var store: [StoreMove] = []
    var recomputes: [TaskID] = []
    var waiting: [Int32] = []
    for element in moves {
      let step = Int(element)
      let isDue = openBefore[step] == 0
      if let move = plan.storeMove(step) {
        let isTimely = move.isEviction || near.contains(step) && !isThere(move.key)
        if isDue, isTimely, !lent.contains(move.key), start(step: step) {
          store.append(granted(move, step))
          continue
        }
      } else if isDue, near.contains(step), let task = plan.task(step), next[task.index] == element
      {
        recomputes.append(task)
        continue
      }
      waiting.append(element)
    }
    moves = waiting
    return (store, recomputes)
  }

  /// Whether an artifact lies in the workspace, is on its way there or has not gone yet: nothing is
  /// brought back before.
  private func isThere(_ key: RunState.ArtifactKey) -> Bool {
    unneeded.holds(key)
      || stays[key, default: []].contains { stay in
        !plan.isCompressed(stay: stay)
          && (safe.isLive(stay) || safe.stages[Int(plan.moves.flow.producer[stay])] == .running)
      }
  }

  /// With the room that its compressed form has now.
  private func granted(_ move: StoreMove, _ step: Int) -> StoreMove {
    guard case .compress(let key, _) = move, let form = plan.moves.flow.outputs[step].first else {
      return move
    }
    return .compress(key, within: safe.bytes[Int(form)])
  }

  /// A move of the store has been carried out; what it made has so many bytes.
  mutating func finish(_ move: StoreMove, bytes: Int64) {
    let step = plan.moves.moves.indices.first { step in
      safe.stages[step] == .running && plan.storeMove(step)?.isLike(move) == true
    }
    guard let step else { return }
    if case .compress = move, let form = plan.moves.flow.outputs[step].first {
      safe.resize(Int(form), to: max(1, bytes))
    }
    finish(step)
  }

  /// Evictions of what will not be made any more, or comes back for nobody; what brings back what will
  /// not be away; and those that nobody waits for.
  func orphans(of steps: [Int]) -> [Int] {
    var all: [Int] = []
    // That nobody expands it is known only behind its compress.
    while true {
      let more = orphans(of: steps + all, but: Set(all))
      if more.isEmpty { return all }
      all += more
    }
  }

  private func orphans(of steps: [Int], but known: Set<Int>) -> [Int] {
    let flow = plan.moves.flow
    var left = Set(steps)
    func isGone(_ step: Int32) -> Bool {
      left.contains(Int(step)) || safe.stages[Int(step)] == .left
    }
    var orphans: [Int] = []
    for step in moves.lazy.map({ Int($0) })
    where plan.storeMove(step) != nil && !known.contains(step) {
      let hasSource = flow.inputs[step].allSatisfy { !isGone(flow.producer[Int($0)]) }
      let hasCopy = flow.predecessors[step].allSatisfy {
        plan.storeMove(Int($0)) == nil || !isGone($0)
      }
      let isWanted =
        plan.storeMove(step)?.isSpill == true
        || flow.outputs[step].contains { !flow.consumers[Int($0)].allSatisfy(isGone) }
      if hasSource, hasCopy, isWanted { continue }
      orphans.append(step)
      left.insert(step)
    }
    return orphans
  }
}
