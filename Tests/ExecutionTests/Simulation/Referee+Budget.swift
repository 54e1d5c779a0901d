import Model

// Rule 3: the footprint never passes the budget.
extension Referee {
  /// What lies there, and what the attempts that run will have made, fits.
  func expectRoom() {
    guard let budgetBytes, story.budget?.noise == 0 else { return }
    var bytes = footprintBytes
    for (index, row) in rows.enumerated() {
      guard let live = row.live else { continue }
      for output in graph.tasks[index].outputs {
        let key = RunState.ArtifactKey(task: TaskID(index), name: output.name)
        guard artifacts[key]?.attempt != live.number else { continue }
        bytes += story.bytes(output, task: TaskID(index), attempt: live.number)
      }
    }
    expect(bytes <= budgetBytes, "rule 3 the budget holds", "\(bytes) of \(budgetBytes)")
  }

  mutating func spill(_ fact: Fact.ArtifactReference) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    guard let artifact = artifacts[key] else {
      return expect(false, "only what is there is spilled", "\(fact)")
    }
    spilled[key] = artifact
    remove(key)
  }

  mutating func restore(_ fact: Fact.ArtifactReference) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    guard let artifact = spilled[key] else {
      return expect(false, "only what was spilled is restored", "\(fact)")
    }
    expect(artifacts[key] == nil, "only what is away is restored", "\(fact)")
    expect(artifact.bytes == fact.bytes, "what is restored is what was spilled", "\(fact)")
    artifacts[key] = artifact
    footprintBytes += artifact.bytes
  }

  mutating func compress(_ fact: Fact.ArtifactCompressed) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    guard let artifact = artifacts[key] else {
      return expect(false, "only what is there is compressed", "\(fact)")
    }
    expect(artifact.bytes == fact.wholeBytes, "what is compressed is what was made", "\(fact)")
    // Both lie there for a moment.
    footprintBytes += fact.bytes
    expectRoom()
    remove(key)
    packed[key] = (artifact, fact.bytes)
  }

  mutating func expand(_ fact: Fact.ArtifactReference) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    guard let whole = packed[key]?.whole else {
      return expect(false, "only what was compressed is expanded", "\(fact)")
    }
    expect(whole.bytes == fact.bytes, "what is expanded is what was compressed", "\(fact)")
    footprintBytes += whole.bytes
    expectRoom()
    artifacts[key] = whole
    removePacked(key)
  }

  /// A done task runs again for what was dropped, or will be before it has run, or for what was lost,
  /// and cannot where what it needs has failed meanwhile.
  func isExpended(_ fact: Fact.TaskStateChanged) -> Bool {
    let isAgain = fact.state == .ready || fact.state == .blocked || fact.state == .held
    let isGone = keys(fact.task).contains { artifacts[$0] == nil }
    return isAgain
      ? isGone || keys(fact.task).contains(where: isExpendable) : fact.state == .skipped && isGone
  }

  /// Somebody but the user may have it dropped before its readers are done: it can be made again.
  func isExpendable(_ key: RunState.ArtifactKey) -> Bool {
    budgetBytes != nil && graph[key.task].isRecomputable
  }

  /// Without a budget only what the user gave up goes; with one also what all its readers are done with,
  /// and what its task, which runs again, made before.
  func mayGo(_ key: RunState.ArtifactKey) -> Bool {
    let task = graph[key.task]
    let isExported = task.exports.contains { $0.artifact == key.name }
    if task.keep == false || (task.keep == nil && isExported) { return true }
    if budgetBytes != nil, rows[key.task.index].state != .done { return true }
    let isRead = readers[key.task.index].contains { takes($0, key) }
    return budgetBytes != nil && task.keep == nil && isRead
  }
}
