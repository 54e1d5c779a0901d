import Model
import Planning

// What tasks did in worktrees is merged one attempt after the other, in the order of the plan.
extension Engine {
  /// Lets an attempt wait for its turn; only what is to be merged has one.
  func queueMerge(_ task: TaskID) { waitingMerges.append(task) }

  /// Begins the next merge, if its turn has come.
  ///
  /// It waits for attempts that come earlier and run. It does not for one that stands still: that may
  /// wait for the very room that this one holds.
  func mergeNext() {
    guard merging == nil, !waitingMerges.isEmpty else { return }
    let turns = turns(of: attempts.keys.filter { graph[$0].isolation == .worktree })
    guard let next = waitingMerges.min(by: { turns[$0, default: 0] < turns[$1, default: 0] })
    else { return }
    let isEarlier = attempts.contains { task, attempt in
      turns[task].map { $0 < turns[next, default: 0] } ?? false && !attempt.isFrozen
        && attempt.fate == nil && attempt.leave == nil
    }
    guard !isEarlier else { return }
    waitingMerges.removeAll { $0 == next }
    merging = next
    if let attempt = attempts[next] { finish(attempt.place, isSuccess: true) }
  }

  /// The place of each task in the plan, else in the file.
  ///
  /// - Complexity: O(moves of the plan).
  private func turns(of tasks: [TaskID]) -> [TaskID: Int] {
    let wanted = Set(tasks)
    var turns = Dictionary(uniqueKeysWithValues: tasks.map { ($0, $0.index) })
    let moves = history.state.plan?.order ?? []
    let last = graph.tasks.count
    // What the plan does not have comes behind it.
    if !moves.isEmpty { for task in tasks { turns[task] = last + moves.count + task.index } }
    for (turn, move) in moves.enumerated().reversed() {
      if case .run(let task) = move, wanted.contains(task) { turns[task] = turn }
    }
    return turns
  }

  /// What the branch has come to, for people; nil where it has nothing that a checkout has not.
  func tellBranch() {
    guard let branch = history.state.branch, branch.commits > 0 else { return }
    let count = "\(branch.commits) commit\(branch.commits == 1 ? "" : "s")"
    record(.notice(Fact.Notice(.branchReady, "\(count); `\(branch.command)` takes them over")))
  }
}

extension EngineFinish {
  /// Seals nothing that could not be merged, and merges nothing that could not be sealed.
  mutating func merge(
    _ place: AttemptPlace, in artifacts: any ArtifactStore
  ) throws(WorkspaceProblem) {
    let merge = try Patience.carryOut { () throws(WorkspaceProblem) in try artifacts.merge(place) }
    switch merge {
    case .conflict(let words): conflict = words
    case .ready(let fact):
      try seal(place, in: artifacts)
      try artifacts.advance(to: fact)
      merged = fact
    }
  }
}
