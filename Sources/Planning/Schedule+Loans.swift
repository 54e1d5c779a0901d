package import Model

// Loans: nobody who reads or makes what is lent, or what is proved in it, starts before it is given
// back, and no move of the plan touches it.
extension Schedule {
  /// Bytes of the budget that nothing needed takes, for the rest goes when it is asked to; nil without a
  /// plan.
  package var freeBytes: Int64? { progress.map { $0.safe.budgetBytes - $0.safe.usedBytes } }

  /// Whether the plan has done for now what it can do: none is searched for, and nothing is on its way.
  package var isSettled: Bool {
    !needsPlan && !isSearching && storeMoves == 0 && drainReason == nil && !hasFailedFast
  }

  /// The artifacts that lie still and that somebody will read, or that are what the run is for.
  ///
  /// `run` is the fold of the facts so far, `leaving` what is being deleted or is to be.
  ///
  /// - Complexity: O(artifacts + their readers).
  package func dormant(
    in run: RunState, but leaving: Set<RunState.ArtifactKey>
  ) -> [StorePolicy.Dormant] {
    run.artifacts.map { key, artifact in dormant(key, artifact.bytes, run, leaving) }
      .compactMap { $0 }
  }

  private func dormant(
    _ key: RunState.ArtifactKey, _ bytes: Int64, _ run: RunState,
    _ leaving: Set<RunState.ArtifactKey>
  ) -> StorePolicy.Dormant? {
    let row = rows[key.task.index]
    guard row.state == .done, !row.isAdmitted, !leaving.contains(key), run.lent[key] == nil else {
      return nil
    }
    let readers = links.dependents[key.task.index].filter { graph.takes(key, by: $0) }
    guard !readers.contains(where: { rows[$0.index].isAdmitted }) else { return nil }
    let open = readers.filter { rows[$0.index].isSelected && !rows[$0.index].state.hasEnded }
    let task = graph[key.task]
    guard !open.isEmpty || readers.isEmpty || task.keep == true else { return nil }
    return StorePolicy.Dormant(
      key: key, bytes: bytes,
      canBeHad: task.keep != true && (task.isRecomputable || run.spilled[key] != nil),
      distance: open.map { distance(to: $0) }.min() ?? .infinity)
  }

  private func distance(to reader: TaskID) -> Double {
    progress?.urgency(of: reader).map { -$0 } ?? .infinity
  }

  package mutating func lend(_ loan: StorePolicy.Loan) {
    precondition(lent.isEmpty, "one loan at a time")
    lent = Set(loan.proved + [loan.lent])
    let readers = links.dependents[loan.lent.task.index].filter { graph.takes(loan.lent, by: $0) }
    barred = Set(readers + lent.map(\.task))
  }

  package mutating func endLoan() {
    lent = []
    barred = []
  }
}
