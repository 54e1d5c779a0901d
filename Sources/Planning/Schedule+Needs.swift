import HeapModule
import Model

extension Schedule {
  enum Verdict { case wait, run, never }

  /// Whether the task may run, by the settlements of its needs.
  func verdict(_ task: TaskID) -> Verdict {
    let (open, failed) = (rows[task.index].openNeeds, rows[task.index].failedNeeds)
    switch graph[task].when {
    case .success: return failed > 0 ? .never : open > 0 ? .wait : .run
    case .failure: return open > 0 ? .wait : failed > 0 ? .run : .never
    case .always: return open > 0 ? .wait : .run
    }
  }

  mutating func countNeeds() {
    for index in rows.indices {
      for need in links.predecessors[index] {
        switch rows[need.index].settlement {
        case .open: rows[index].openNeeds += 1
        case .failure: rows[index].failedNeeds += 1
        case .success: break
        }
      }
    }
    tally = TaskCounts()
    for row in rows where row.isSelected { tally[row.state] += 1 }
  }

  /// Brings a task that has neither started nor ended into the state that its needs ask for.
  mutating func evaluate(_ task: TaskID) {
    guard canChange(task) else { return }
    let verdict = verdict(task)
    if rows[task.index].isOvertaken, verdict != .never { needsPlan = progress != nil }
    switch verdict {
    case .never:
      let reason = reasonNever(task)
      leaving.append(task)
      rows[task.index].isOvertaken = true
      enter(task, .skipped, reason)
      settle(task, .failure)
    case .wait:
      rows[task.index].isOvertaken = false
      settle(task, .open)
      if let hold = rows[task.index].hold, !hold.isGate {
        enter(task, hold.state, hold.reason)
      } else {
        enter(task, .blocked)
      }
    case .run:
      rows[task.index].isOvertaken = false
      settle(task, .open)
      rest(task)
    }
  }

  private func canChange(_ task: TaskID) -> Bool {
    guard rows[task.index].isSelected, !rows[task.index].isAdmitted else { return false }
    return !rows[task.index].state.hasEnded || rows[task.index].isOvertaken
  }

  /// A task whose needs let it run is held, backs off, or is ready.
  private mutating func rest(_ task: TaskID) {
    if let hold = rows[task.index].hold {
      enter(task, hold.state, hold.reason)
      if hold.state == .waiting { stopIfAsked(.waiting, task) }
    } else if let backoff = rows[task.index].backoff {
      enter(task, .backoff, backoff.reason)
    } else if rows[task.index].state != .ready || rows[task.index].isReset {
      rows[task.index].readySeconds = now
      offer(task)
      enter(task, .ready)
    }
  }

  /// Tells the dependents what has become of a task.
  mutating func settle(_ task: TaskID, _ settlement: Settlement) {
    let old = rows[task.index].settlement
    guard old != settlement else { return }
    rows[task.index].settlement = settlement
    for dependent in links.dependents[task.index] {
      rows[dependent.index].count(old, -1)
      rows[dependent.index].count(settlement, 1)
      dirty.append(dependent)
    }
  }

  /// Evaluates all whose needs have changed, and what follows from that.
  mutating func propagate() {
    var next = 0
    while next < dirty.count {
      evaluate(dirty[next])
      next += 1
    }
    if next > 0 { dirty.removeAll(keepingCapacity: true) }
    leavePlan()
  }

  mutating func enter(_ task: TaskID, _ state: TaskState, _ reason: String? = nil) {
    let old = rows[task.index].state
    let isWaiting = state == .blocked || state == .ready
    let reason = reason ?? (isWaiting ? rows[task.index].note : nil)
    guard rows[task.index].isReset || old != state || rows[task.index].reason != reason else {
      return
    }
    tally.move(from: old, to: state)
    rows[task.index].state = state
    rows[task.index].reason = reason
    rows[task.index].isReset = false
    changes.append(self[task])
  }

  private func reasonNever(_ task: TaskID) -> String {
    guard graph[task].when == .success else { return "none of its needs failed" }
    let needs = links.predecessors[task.index]
    guard let need = needs.first(where: { rows[$0.index].settlement == .failure }) else {
      return "a need failed"
    }
    return "needs \(graph[need].name), which \(Self.fate(rows[need.index].state))"
  }

  static func fate(_ state: TaskState) -> String {
    switch state {
    case .skipped: "was skipped"
    case .cancelled: "was stopped"
    default: state.rawValue
    }
  }
}

extension Schedule.Hold {
  fileprivate var isGate: Bool {
    if case .gate = self { true } else { false }
  }
}

extension Schedule.Row {
  fileprivate mutating func count(_ settlement: Schedule.Settlement, _ change: Int32) {
    switch settlement {
    case .open: openNeeds += change
    case .failure: failedNeeds += change
    case .success: break
    }
  }
}
