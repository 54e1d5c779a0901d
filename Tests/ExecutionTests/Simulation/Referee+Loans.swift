import Model

// Loans: one at a time, of what can be had again and nobody reads; until it is back nobody touches it.
extension Referee {
  mutating func lend(_ fact: Fact.ArtifactLent) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    expect(story.budget?.lends == true, "only who may lends", "\(fact)")
    expect(lent == nil, "one loan at a time", "\(fact)")
    expect(artifacts[key] != nil, "only what is there is lent", "\(fact)")
    expect(fact.digest == digests[key], "what is lent is what was sealed", "\(fact)")
    expect(fact.reason != nil, "a loan has a reason", "\(fact)")
    let canBeHad = graph[key.task].isRecomputable || spilled[key] != nil
    expect(canBeHad && graph[key.task].keep != true, "what is lent can be had again", "\(fact)")
    for (index, row) in rows.enumerated() where row.live != nil {
      let isFree = !takes(TaskID(index), key) && TaskID(index) != key.task
      expect(isFree, "nobody reads what is lent", "\(fact): t\(index)")
    }
    lent = key
  }

  mutating func takeBack(_ fact: Fact.ArtifactReference) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    expect(lent == key, "only what is lent is given back", "\(fact)")
    expect(world.holds(key), "what is given back is there", "\(fact)")
    lent = nil
  }

  /// Its copy takes its place.
  mutating func failLoan(_ key: RunState.ArtifactKey) {
    expect(spilled[key] != nil, "what is lent has a copy or is lost", "\(key)")
    lent = nil
    remove(key)
  }

  /// All that comes first was done when the task was admitted, and some of it is made again by now, of
  /// which the task takes nothing.
  func comesBehindLost(_ index: Int) -> Bool {
    story.budget?.lends == true
      && before[index].allSatisfy { need in
        let isTaken = graph.tasks[index].needs.contains { $0.task == need }
        return rows[need.index].state == .done || !isTaken && rows[need.index].proof != nil
      }
  }

  /// Asked in front of each fact.
  func expectLoanKept(_ kind: Fact.Kind) {
    guard let lent else { return }
    switch kind {
    case .taskAdmitted(let admitted):
      let isFree = !takes(admitted.task, lent) && admitted.task != lent.task
      expect(isFree, "nobody reads what is lent", "\(kind)")
    case .artifactSealed(let sealed):
      expect(
        RunState.ArtifactKey(task: sealed.task, name: sealed.artifact) != lent,
        "nobody makes what is lent", "\(kind)")
    case .artifactSpilled(let gone), .artifactRestored(let gone), .artifactExpanded(let gone):
      expect(
        RunState.ArtifactKey(task: gone.task, name: gone.artifact) != lent,
        "nobody moves what is lent", "\(kind)")
    case .artifactCompressed(let gone):
      expect(
        RunState.ArtifactKey(task: gone.task, name: gone.artifact) != lent,
        "nobody moves what is lent", "\(kind)")
    default: break
    }
  }
}
