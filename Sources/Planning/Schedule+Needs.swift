import HeapModule
import Model

extension Schedule {
  enum Verdict { case wait, run, never }

  /// Whether the task may run, by the settlements of its needs.
  func verdict(_ task: TaskID) -> Verdict {
    let row = rows[task.index]
    switch graph[task].when {
    case .success: return row.failedNeeds > 0 ? .never : row.openNeeds > 0 ? .wait : .run
    case .failure: return row.openNeeds > 0 ? .wait : row.failedNeeds > 0 ? .run : .never
    case .always: return row.openNeeds > 0 ? .wait : .run
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
    tally = [:]
    for row in rows where row.isSelected { tally[row.state, default: 0] += 1 }
  }

  /// Brings a task that has neither started nor ended into the state that its needs ask for.
  mutating func evaluate(_ task: TaskID) {
    let row = rows[task.index]
    guard row.isSelected, !row.isAdmitted, !row.state.hasEnded || row.isOvertaken else { return }
    switch verdict(task) {
    case .never:
      let reason = reasonNever(task)
      rows[task.index].isOvertaken = true
      enter(task, .skipped, reason)
      settle(task, .failure)
    case .wait:
      rows[task.index].isOvertaken = false
      settle(task, .open)
      if let hold = row.hold { enter(task, .held, hold.reason) } else { enter(task, .blocked) }
    case .run:
      rows[task.index].isOvertaken = false
      settle(task, .open)
      rest(task)
    }
  }

  /// A task whose needs let it run is held, backs off, or is ready.
  private mutating func rest(_ task: TaskID) {
    let row = rows[task.index]
    if let hold = row.hold {
      enter(task, .held, hold.reason)
    } else if let backoff = row.backoff {
      enter(task, .backoff, backoff.reason)
    } else if row.state != .ready || row.isReset {
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
    dirty.removeAll(keepingCapacity: true)
  }

  mutating func enter(_ task: TaskID, _ state: TaskState, _ reason: String? = nil) {
    let row = rows[task.index]
    let isWaiting = state == .blocked || state == .ready
    let reason = reason ?? (isWaiting ? row.note : nil)
    guard row.isReset || row.state != state || row.reason != reason else { return }
    tally[row.state, default: 0] -= 1
    tally[state, default: 0] += 1
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

extension Schedule.Row {
  fileprivate mutating func count(_ settlement: Schedule.Settlement, _ change: Int) {
    switch settlement {
    case .open: openNeeds += change
    case .failure: failedNeeds += change
    case .success: break
    }
  }
}
