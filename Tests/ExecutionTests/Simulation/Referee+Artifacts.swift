import Model

// Rule 4: what is deleted, and when; slots.
extension Referee {
  mutating func seal(_ fact: Fact.ArtifactSealed) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    let live = rows[fact.task.index].live
    expect(live?.number == fact.attempt, "only a live attempt seals", "\(fact)")
    footprintBytes += fact.bytes - (artifacts[key]?.bytes ?? 0)
    removePacked(key)
    artifacts[key] = Artifact(attempt: fact.attempt, bytes: fact.bytes)
    spilled[key] = nil
    digests[key] = fact.digest
  }

  mutating func drop(_ fact: Fact.ArtifactReference) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    if key == lent { return failLoan(key) }
    expect(
      artifacts[key] != nil || packed[key] != nil, "rule 4 only what is there is dropped",
      "\(fact)")
    expect(mayGo(key), "rule 4 what is kept stays", "\(fact)")
    // A reader that was begun again gets its input made again.
    let isRemade = rows[fact.task.index].state != .done || isExpendable(key)
    for reader in readers[fact.task.index] where takes(reader, key) && isSelected[reader.index] {
      expect(
        isRemade || rows[reader.index].state.hasEnded, "rule 4 nobody needs what is dropped",
        "\(fact) is needed by \(reader), \(rows[reader.index].state)")
    }
    remove(key)
  }

  /// What an attempt made and nothing lets go lies in the workspace or on the spill file system.
  func expectResults() {
    guard story.rates.failingJobs == 0, story.losses.isEmpty else { return }
    for index in rows.indices where rows[index].state == .done && rows[index].proof != nil {
      for key in keys(TaskID(index)) where !mayGo(key) {
        expect(
          artifacts[key] != nil || packed[key] != nil || spilled[key] != nil,
          "rule 4 results are there", "\(key)")
        expect(world.holds(key) || world.isAway(key), "rule 4 results are there", "\(key) is not")
      }
    }
  }

  func takes(_ reader: TaskID, _ key: RunState.ArtifactKey) -> Bool {
    graph[reader].needs.contains {
      $0.task == key.task && ($0.artifact == nil || $0.artifact == key.name)
    }
  }

  mutating func lose(_ fact: Fact.ArtifactReference) {
    let key = RunState.ArtifactKey(task: fact.task, name: fact.artifact)
    expect(!world.holds(key), "only what is gone is lost", "\(fact)")
    spilled[key] = nil
    if key == lent { lent = nil }
    remove(key)
  }

  mutating func remove(_ key: RunState.ArtifactKey) {
    footprintBytes -= artifacts.removeValue(forKey: key)?.bytes ?? 0
    removePacked(key)
  }

  mutating func removePacked(_ key: RunState.ArtifactKey) {
    footprintBytes -= packed.removeValue(forKey: key)?.bytes ?? 0
  }

  mutating func lease(_ fact: Fact.SlotLeased) {
    expect(fact.slot < story.config.jobs, "slots are few", "\(fact.slot)")
    expect(slots[fact.slot] == nil, "slots", "slot \(fact.slot) is leased twice")
    expect(rows[fact.task.index].live?.number == fact.attempt, "slots", "\(fact)")
    slots[fact.slot] = fact.task
    rows[fact.task.index].live?.hasSlot = true
  }

  mutating func release(_ fact: Fact.SlotReleased) {
    expect(slots[fact.slot] == fact.task, "slots", "\(fact)")
    slots[fact.slot] = nil
    rows[fact.task.index].live?.hasSlot = false
  }
}

// What is not in the facts: processes, and the engine's own fold.
extension Referee {
  func compare(_ state: RunState) {
    expect(state.sequence == sequence, "the folds agree", "sequence")
    guard !state.tasks.isEmpty else { return }
    expect(state.isHeld == isHeld, "the folds agree", "hold")
    expect(state.footprintBytes == footprintBytes, "the folds agree", "footprint")
    expect(state.artifacts.count == artifacts.count, "the folds agree", "artifacts")
    compare(state.ledger)
    var counts: [TaskState: Int] = [:]
    for index in rows.indices {
      let status = state.tasks[index]
      let row = rows[index]
      counts[row.state, default: 0] += 1
      expect(status.state == row.state, "the folds agree", "state of t\(index)")
      expect(
        status.attempts.count == row.lastAttempt, "the folds agree", "attempts of t\(index)")
    }
    for wanted in TaskState.allCases {
      let count = counts[wanted] ?? 0
      expect(state.counts[wanted] == count, "the folds agree", "count of \(wanted)")
    }
  }

  /// Every byte has one state, and the states sum to the pool.
  private func compare(_ ledger: StoreLedger) {
    let reading = rows.indices.filter { rows[$0].live != nil }.map { TaskID($0) }
    var sealed: Int64 = 0
    for (key, artifact) in artifacts where reading.contains(where: { takes($0, key) }) {
      sealed += artifact.bytes
    }
    expect(ledger[.sealed] == sealed, "states", "\(sealed) are read, \(ledger[.sealed]) told")
    let lent = lent.flatMap { artifacts[$0]?.bytes } ?? 0
    expect(ledger[.lent] == lent, "states", "\(lent) are lent, not \(ledger[.lent])")
    let dormant = artifacts.values.reduce(0) { $0 + $1.bytes } - sealed - lent
    expect(ledger[.dormant] == dormant, "states", "\(dormant) lie still, not \(ledger[.dormant])")
    let small = packed.values.reduce(0) { $0 + $1.bytes }
    expect(
      ledger[.compressed] == small, "states", "\(small) are small, not \(ledger[.compressed])")
    let away = spilled.filter { artifacts[$0.key] == nil && packed[$0.key] == nil }
      .values.reduce(0) { $0 + $1.bytes }
    expect(ledger[.spilled] == away, "states", "\(away) are away, not \(ledger[.spilled])")
    let pool = (ledger.capacityBytes ?? ledger.takenBytes) + ledger.overBytes
    expect(ledger[.free] + ledger.takenBytes == pool, "states", "they do not sum to \(pool)")
  }

  /// While nothing can be recorded, facts about what was started wait.
  func inspect(_ processes: SimulatedProcesses, isStalled: Bool) {
    let mayWait = isStalled || story.commitDelaySeconds > 0
    for stage in processes.living {
      let live = rows[stage.task.index].live
      let isTold = live?.isStarted == true || mayWait
      expect(live?.number == stage.attempt && isTold, "I3 a process has an attempt", "\(stage)")
    }
    for task in processes.stopped {
      let state = rows[task.index].state
      let isTold = state == .paused || mayWait
      expect(isTold, "only what is paused stands still", "\(task) is \(state)")
    }
    if !isStalled { expectBusy() }
  }

  /// Nothing that is ready and fits waits.
  private func expectBusy() {
    guard !isHeld, !isDrained, !isTight, closed == nil, budgetBytes == nil else { return }
    if story.config.failFast, rows.contains(where: { $0.state == .failed }) { return }
    // After every turn, of which most have nothing ready.
    let waiting = rows.indices.filter { rows[$0].state == .ready && rows[$0].live == nil }
    guard !waiting.isEmpty else { return }
    let live = rows.compactMap(\.live)
    let cpus = story.config.jobs - live.reduce(0) { $0 + $1.cpus }
    let memory = story.config.memoryBytes.map { $0 - live.reduce(0) { $0 + $1.memoryBytes } }
    let free = free(of: live)
    for index in waiting {
      let task = graph.tasks[index]
      if task.memoryGrows { continue }
      let fits =
        min(max(1, task.cpus), story.config.jobs) <= cpus
        && (task.memoryBytes ?? 0) <= memory ?? .max
        && task.resources.items.allSatisfy { $0.count <= free[$0.name] ?? 0 }
      expect(!fits, "what is ready and fits starts", "t\(index)")
    }
  }

  /// What a run that stands still waits for: a person.
  var waitsForPerson: Bool {
    rows.contains { row in
      switch row.state {
      case .ready: isHeld
      case .paused: true
      case .held: row.reason?.hasPrefix("held by") ?? false
      default: false
      }
    }
  }
}
