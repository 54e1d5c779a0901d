import HeapModule
package import Model

extension Schedule {
  /// Admits nothing more, but for steps.
  package mutating func hold() { isHeld = true }

  /// Admits again; what was stepped and did not fit yet goes on like all others.
  package mutating func `continue`() {
    isHeld = false
    while let entry = granted.popMax() { ready.insert(entry) }
  }

  /// Admits nothing any more, whatever is asked: the session ends when nothing is active.
  package mutating func drain(reason: String) {
    drainReason = drainReason ?? reason
  }

  /// Lets one ready task through a held run: the given one if it is ready, else the next.
  package mutating func step(_ task: TaskID?) throws(Refusal) {
    if let task, rows.indices.contains(task.index), rows[task.index].state == .ready,
      !rows[task.index].isAdmitted
    {
      isHeld = true
      return granted.insert(entry(task))
    }
    for entry in waiting.takeAll() { ready.insert(entry) }
    while let entry = ready.popMax() {
      guard isValid(entry) else { continue }
      isHeld = true
      return granted.insert(entry)
    }
    throw Refusal("nothing is ready")
  }

  /// Lets all that are ready now through a held run.
  package mutating func stepWave() throws(Refusal) {
    let entries = (ready.unordered + waiting.takeAll()).filter { isValid($0) }
    guard !entries.isEmpty else { throw Refusal("nothing is ready") }
    isHeld = true
    ready = Heap()
    for entry in entries { granted.insert(entry) }
  }

  /// Holds tasks that have neither started nor ended.
  package mutating func hold(_ tasks: [TaskID], reason: String) throws(Refusal) {
    let chosen = try choose(tasks) { task in
      if isActive(task) { return "is running" }
      if rows[task.index].state.hasEnded { return "has ended" }
      return rows[task.index].hold == nil ? nil : "is held already"
    }
    for task in chosen {
      rows[task.index].hold = .person(reason)
      evaluate(task)
    }
    postpone(chosen)
    propagate()
  }

  /// Releases held tasks, those that the file set aside among them.
  package mutating func release(_ tasks: [TaskID]) throws(Refusal) {
    let chosen = try choose(tasks) { task in
      switch rows[task.index].hold {
      case nil: "is not held"
      case .aside(let reason, canRelease: false): reason
      default: nil
      }
    }
    if progress?.lacks(chosen) == true { needsPlan = true }
    for task in chosen {
      rows[task.index].hold = nil
      evaluate(task)
    }
    propagate()
  }

  /// Ends tasks without running them.
  package mutating func skip(_ tasks: [TaskID], asDone: Bool, reason: String) throws(Refusal) {
    let chosen = try choose(tasks) { task in
      let row = rows[task.index]
      if row.isAdmitted { return "is running: stop it first" }
      if row.state == .done { return "is done" }
      if row.state == .skipped, !row.isOvertaken, !asDone { return "is skipped already" }
      return asDone ? objectionOfUser(of: task) : nil
    }
    for task in chosen {
      if rows[task.index].hold?.canRelease ?? false { rows[task.index].hold = nil }
      rows[task.index].backoff = nil
      rows[task.index].isOvertaken = false
      if asDone { needsPlan = progress != nil } else { leaving.append(task) }
      enter(task, asDone ? .done : .skipped, reason)
      settle(task, asDone ? .success : .failure)
    }
    propagate()
  }
}

extension Schedule {
  /// Returns the tasks that a retry would run again, in file order; `downstream` adds the dependents
  /// that have ended, directly or not.
  package func retrySet(_ tasks: [TaskID], downstream: Bool) throws(Refusal) -> [TaskID] {
    let asked = Set(tasks)
    let chosen = try choose(tasks) { task in refusalOfRetry(task, among: asked) }
    guard downstream else { return chosen }
    let reached = links.descendants(of: chosen).subtracting(chosen).filter {
      rows[$0.index].isSelected
    }
    if let user = reached.sorted().first(where: { rows[$0.index].isAdmitted }) {
      throw Refusal("\(graph[user].name) is running")
    }
    let ended = reached.filter { rows[$0.index].state.hasEnded && !rows[$0.index].isOvertaken }
    return (chosen + ended).sorted()
  }

  /// Starts tasks over, with all their retries; `recomputes` are those among them that only bring
  /// back artifacts.
  package mutating func reset(_ tasks: [TaskID], recomputes: Set<TaskID> = [], note: String? = nil)
  {
    if progress?.lacks(tasks) == true { needsPlan = true }
    for task in tasks {
      startAnew(task)
      rows[task.index].backoff = nil
      rows[task.index].isOvertaken = false
      if case .undecided = rows[task.index].hold { rows[task.index].hold = nil }
      approved.remove(task)
      if rows[task.index].hold == nil { rows[task.index].hold = gate(of: task).map { .gate($0) } }
      rows[task.index].isRecompute = recomputes.contains(task)
      rows[task.index].note = note
      if rows[task.index].state.hasEnded {
        tally.move(from: rows[task.index].state, to: .blocked)
        rows[task.index].state = .blocked
        rows[task.index].isReset = true
      }
      settle(task, .open)
    }
    for task in tasks { evaluate(task) }
    propagate()
  }

  private func refusalOfRetry(_ task: TaskID, among asked: Set<TaskID>) -> String? {
    let row = rows[task.index]
    if row.isAdmitted { return "is running" }
    let waits = row.state == .backoff || row.state == .waiting
    guard row.state.hasEnded || waits else { return "has not run yet" }
    let needs = links.predecessors[task.index]
    let failed = needs.filter { rows[$0.index].settlement == .failure }
    if graph[task].when == .success, let need = failed.first, asked.isDisjoint(with: failed) {
      return "needs \(graph[need].name), which \(Self.fate(rows[need.index].state))"
    }
    if row.isOvertaken, failed.isEmpty { return "none of its needs failed" }
    return objectionOfUser(of: task)
  }

  /// A task that runs because of how this one ended, be it by way of those that were skipped for it.
  private func objectionOfUser(of task: TaskID) -> String? {
    var stack = [task]
    var seen: Set<TaskID> = []
    while let next = stack.popLast() {
      for user in links.dependents[next.index] where seen.insert(user).inserted {
        if rows[user.index].isAdmitted { return "is used by \(graph[user].name), which runs" }
        if rows[user.index].isOvertaken { stack.append(user) }
      }
    }
    return nil
  }

  /// Returns those of the tasks that nothing speaks against, or throws what speaks against the first.
  func choose(
    _ tasks: [TaskID], _ objection: (TaskID) -> String?
  ) throws(Refusal) -> [TaskID] {
    guard !tasks.isEmpty else { throw Refusal("no task is named") }
    var chosen: [TaskID] = []
    var first: String?
    for task in Set(tasks).sorted() {
      guard rows.indices.contains(task.index), !graph[task].isRemoved else {
        first = first ?? "there is no task \(task)"
        continue
      }
      let name = graph[task].name
      let words = rows[task.index].isSelected ? objection(task) : "is not part of this run"
      if let words { first = first ?? "\(name) \(words)" } else { chosen.append(task) }
    }
    if chosen.isEmpty { throw Refusal(first ?? "nothing to do") }
    return chosen
  }
}
