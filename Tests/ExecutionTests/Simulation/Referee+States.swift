import Model

// I16: states change only from where they are, and for a reason.
extension Referee {
  mutating func enter(_ fact: Fact.TaskStateChanged) {
    let index = fact.task.index
    let row = rows[index]
    expect(
      isOpening || isAllowed(fact, row), "I16 transitions",
      "t\(index) goes from \(row.state) to \(fact.state) (\(fact.reason ?? ""))")
    if fact.state.isActive {
      expect(row.live?.isStarted == true, "I16 only what lives is active", "t\(index)")
    }
    if fact.state.hasEnded || fact.state == .blocked || fact.state == .backoff {
      expect(row.live == nil, "I16 what lives has not ended", "t\(index) \(fact.state)")
    }
    if !isOpening { expectCause(fact, row) }
    if fact.state == .done { becomeDone(index) }
    if case .retry = request, row.state.hasEnded || row.state == .backoff { rows[index].begin() }
    rows[index].state = fact.state
    rows[index].reason = fact.reason
    rows[index].untilSeconds = fact.untilSeconds
    rows[index].ended = nil
  }

  private mutating func becomeDone(_ index: Int) {
    let isProved = rows[index].ended?.isSuccess == true
    rows[index].proof = isProved ? rows[index].seen : rows[index].proof
    rows[index].isDoneByPerson = !isProved
    if isProved {
      rows[index].begin()
      rows[index].allFailures = []
      rows[index].exhaustions = 0
    }
  }

  private func isAllowed(_ fact: Fact.TaskStateChanged, _ row: Row) -> Bool {
    let isBegunAgain = if case .retry = request { true } else { false }
    let isSkipped = if case .skip = request { true } else { false }
    switch row.state {
    case .done: return isBegunAgain || isExpended(fact)
    case .failed, .cancelled: return isBegunAgain || isSkipped
    case .skipped: return !fact.state.isActive
    case .blocked, .held, .waiting, .backoff: return !fact.state.isActive
    case .ready, .running, .paused, .verifying: return true
    }
  }

  private func expectCause(_ fact: Fact.TaskStateChanged, _ row: Row) {
    let index = fact.task.index
    switch fact.state {
    case .done:
      let isCalledDone = if case .skip(_, asDone: true) = request { true } else { false }
      expect(
        row.ended?.isSuccess == true || isCalledDone, "I1 only a success is done", "t\(index)")
    case .failed:
      expect(row.ended != nil, "I16 only an attempt fails", "t\(index)")
      expect(mayFail(index, row), "retries are used", "t\(index) failed early")
    case .cancelled: expect(row.ended?.class == .stopped, "I16 only a stop cancels", "t\(index)")
    case .backoff:
      expect(fact.untilSeconds != nil, "a back-off ends", "t\(index)")
      expect(
        (fact.untilSeconds ?? 0) <= elapsed + 300, "a back-off is limited", "t\(index)")
    case .ready:
      expect(canRun(index), "I4 ready when needs say so", "t\(index)")
      if row.state == .backoff {
        let isOver = elapsed >= row.untilSeconds ?? 0
        expect(isOver || request != nil, "a back-off lasts", "t\(index)")
      }
    case .skipped: expectSkip(index)
    default: break
    }
  }

  private func mayFail(_ index: Int, _ row: Row) -> Bool {
    guard let outcome = row.ended else { return false }
    switch outcome.class {
    case .interrupted: return row.interruptions >= 3
    case .exhausted: return row.exhaustions >= 10
    default: break
    }
    let policy = graph.tasks[index].retries
    guard policy.covers(outcome) else { return true }
    switch policy.allowance {
    case .together(let limit): return row.allFailures.count > limit
    case .apart:
      return row.allFailures.count { $0 == outcome.class } > policy.limit(for: outcome.class)
    }
  }

  private func expectSkip(_ index: Int) {
    if case .skip(let tasks, _) = request, tasks.contains(TaskID(index)) { return }
    let states = before[index].map { rows[$0.index].state }
    switch graph.tasks[index].when {
    case .success:
      let isBarred = states.contains { $0.hasEnded && $0 != .done }
      expect(isBarred, "skipped for a reason", "t\(index)")
    case .failure:
      expect(states.allSatisfy { $0 == .done }, "skipped for a reason", "t\(index)")
    case .always: expect(false, "skipped for a reason", "t\(index)")
    }
  }
}

// I1: what a new session keeps and what it begins again.
extension Referee {
  mutating func endOpening() {
    isOpening = false
    for index in rows.indices {
      let live = rows[index].live?.number
      expect(live == nil, "every attempt ends", "t\(index) \(live ?? 0) was interrupted")
    }
    guard session > 1 else { return }
    let changed = changes()
    for index in rows.indices where isSelected[index] && statesBefore[index] == .done {
      guard let isChanged = changed[index], !rows[index].isDoneByPerson else { continue }
      // What the file calls done is done, whatever came of running it all the same.
      if graph.tasks[index].standing == .done || graph.tasks[index].standing == .review { continue }
      let isKept = rows[index].state == .done
      if isChanged { expect(!isKept, "what changed runs again", "t\(index)") }
      if !isKept, !isChanged {
        let isGone = keys(TaskID(index)).contains { !world.holds($0) && !world.isAway($0) }
        expect(isGone, "I1 what is done stays done", "t\(index)")
      }
    }
  }

  /// Whether the definition or an input of a done task is not what its attempt saw; nil is unknown.
  private func changes() -> [Bool?] {
    var changed: [Bool?] = []
    for index in rows.indices {
      guard statesBefore[index] == .done else {
        changed.append(false)
        continue
      }
      guard let proof = rows[index].proof, !rows[index].isDoneByPerson else {
        changed.append(rows[index].proof == nil ? false : nil)
        continue
      }
      let needs = graph.tasks[index].needs.map { changed[$0.task.index] }
      if proof.version != versions[index] || needs.contains(true)
        || proof.inputs != inputs(index)
      {
        changed.append(true)
      } else {
        changed.append(needs.contains(nil) ? nil : false)
      }
    }
    return changed
  }
}
