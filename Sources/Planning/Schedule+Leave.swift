package import Model

// What waits for a person's leave: a command before it runs, an agent's work before it counts, a task
// that failed before it is tried again.
extension Schedule {
  /// A running attempt asks a person something, or what it did waits for leave.
  ///
  /// What is parked has no process any more and gives back what it took of the machine; its slot stays.
  package mutating func waits(
    _ task: TaskID, _ reason: String, isParked: Bool, at seconds: Double
  ) {
    advance(to: seconds)
    if isParked, parked.insert(task).inserted { room.giveBack(claim(task)) }
    enter(task, .waiting, reason)
    stopIfAsked(.waiting, task)
  }

  /// Lets tasks go on that wait for leave and have no attempt.
  package mutating func approve(_ tasks: [TaskID]) throws(Refusal) {
    let chosen = try choose(tasks, objectionToDeciding)
    if progress?.lacks(chosen) == true { needsPlan = true }
    for task in chosen {
      rows[task.index].hold = nil
      approved.insert(task)
      evaluate(task)
    }
    propagate()
  }

  /// Ends them as failed.
  package mutating func reject(_ tasks: [TaskID], reason: String) throws(Refusal) {
    let chosen = try choose(tasks, objectionToDeciding)
    for task in chosen {
      rows[task.index].hold = nil
      end(task, .failed, reason)
    }
    propagate()
  }

  private func objectionToDeciding(_ task: TaskID) -> String? {
    switch rows[task.index].hold {
    case .gate, .undecided: rows[task.index].state == .waiting ? nil : "does not wait for you yet"
    default: "does not wait for you"
    }
  }

  /// Why the task may not begin before somebody has said so; nil if it may.
  func gate(of task: TaskID) -> String? {
    guard options.asksLeave, graph[task].approval == .always, !approved.contains(task) else {
      return nil
    }
    switch graph[task].action {
    case .shell, .exec: return "approve: its command runs then"
    case .prompt, .gate: return nil
    }
  }

  /// What is tried again only with leave waits for it, instead of backing off.
  mutating func asksBeforeRetry(_ task: TaskID, _ outcome: Outcome) -> Bool {
    guard options.asksLeave, graph[task].approval == .onFailure else { return false }
    leaveToPerson(task, outcome, "approve another try: \(outcome.summary)")
    return true
  }
}

extension TaskGraph.Task {
  /// Whether what an agent did counts only when somebody has looked at it.
  package var awaitsLeave: Bool { approval == .always && isPrompt }
}
