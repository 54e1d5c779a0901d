package import Model
import Planning

extension Engine {
  package func send(_ request: Request, by actor: Actor) async -> Answer {
    answer(request, by: actor)
  }

  /// The same for whoever is on the engine's executor already.
  package func answer(_ request: Request, by actor: Actor) -> Answer {
    guard isLive else {
      return .refused(reason: "the run has ended; `cairn resume` goes on with it")
    }
    readClock()
    if let answer = answerWithoutRoom(request) { return answer }
    let answer = carryOut(request, by: actor)
    isUrgent = true
    proceed()
    if case .failure(let problem) = ending { return .refused(reason: problem.description) }
    return answer
  }

  /// What is refused changes nothing; what is accepted is in the log in front of what it causes.
  private func carryOut(_ request: Request, by actor: Actor) -> Answer {
    announce()
    do throws(Schedule.Refusal) {
      let facts = try perform(request, by: actor)
      let told = try toldForm(of: request)
      record(.requestMade(Fact.RequestMade(actor: actor, request: told)))
      for fact in facts { record(fact) }
      return .accepted
    } catch {
      record(
        .requestRefused(
          Fact.RequestRefused(
            actor: actor, request: request.withoutText, reason: error.description)))
      return .refused(reason: error.description)
    }
  }

  /// The request as the log may know it: what is typed where nobody sees it is not told.
  private func toldForm(of request: Request) throws(Schedule.Refusal) -> Request {
    guard case .answer(let task, let text) = request else { return request }
    return try answer(task, text)
  }

  func stopByCancellation() {
    let actor = Actor(kind: .cairn, name: "cairn", source: "cancellation")
    _ = carryOut(.cancelRun, by: actor)
  }

  private func perform(
    _ request: Request, by actor: Actor
  ) throws(Schedule.Refusal) -> [Fact.Kind] {
    let name = actor.name
    switch request {
    case .pause(let tasks): try pause(tasks, by: name)
    case .resume(let tasks): try thaw(tasks)
    case .hold:
      guard !schedule.isHeld else { throw Schedule.Refusal("the run is held already") }
      return hold("held by \(name)")
    case .continue:
      guard schedule.isHeld else { throw Schedule.Refusal("the run is not held") }
      return unhold("continued by \(name)")
    case .step(let task):
      return try stepping(by: name) { schedule throws(Schedule.Refusal) in
        try schedule.step(task)
      }
    case .stepWave:
      return try stepping(by: name) { schedule throws(Schedule.Refusal) in
        try schedule.stepWave()
      }
    case .freezeAll: return freezeAll(by: name)
    case .thawAll: return thawAll(by: name)
    case .stop(let tasks): try stop(tasks, by: name)
    case .signal(let tasks, let number): try signal(tasks, number, by: name)
    case .retry(let tasks, let downstream): try retry(tasks, downstream: downstream, by: name)
    case .skip(let tasks, let asDone): try skip(tasks, asDone: asDone, by: name)
    case .approve(let tasks): try approve(tasks)
    case .reject(let tasks, let words): try reject(tasks, words: words, by: name)
    case .answer: break
    case .cancelRun:
      isStopAsked = true
      endAll("the run was stopped by \(name)", isImmediate: false)
    case .killRun:
      isStopAsked = true
      endAll("the run was killed by \(name)", isImmediate: true)
      loan?.leash.cut()
    }
    return []
  }
}

// Hold and step.
extension Engine {
  private func hold(_ reason: String) -> [Fact.Kind] {
    guard !schedule.isHeld else { return [] }
    schedule.hold()
    isHeldByFreeze = false
    return [.runHeld(Fact.Remark(reason))]
  }

  private func unhold(_ reason: String) -> [Fact.Kind] {
    guard schedule.isHeld else { return [] }
    schedule.continue()
    isHeldByFreeze = false
    return [.runContinued(Fact.Remark(reason))]
  }

  private func stepping(
    by name: String, _ step: (inout Schedule) throws(Schedule.Refusal) -> Void
  ) throws(Schedule.Refusal) -> [Fact.Kind] {
    let wasHeld = schedule.isHeld
    var stepped = schedule
    try step(&stepped)
    schedule = stepped
    isHeldByFreeze = false
    return wasHeld ? [] : [.runHeld(Fact.Remark("stepped by \(name)"))]
  }

  private func freezeAll(by name: String) -> [Fact.Kind] {
    let facts = hold("frozen by \(name)")
    if !facts.isEmpty { isHeldByFreeze = true }
    for task in attempts.keys.sorted() where objection(toFreezing: task) == nil {
      freeze(task, reason: "frozen by \(name)")
    }
    return facts
  }

  /// Ends a hold only where the freeze began it.
  private func thawAll(by name: String) -> [Fact.Kind] {
    for task in attempts.keys.sorted() where attempts[task]?.isFrozen == true { thaw(task) }
    return isHeldByFreeze ? unhold("thawed by \(name)") : []
  }
}

// Pause and resume.
extension Engine {
  private func pause(_ tasks: [TaskID], by name: String) throws(Schedule.Refusal) {
    let active = tasks.filter { attempts[$0] != nil }
    let objections = active.map { objection(toFreezing: $0) }
    let free = zip(active, objections).filter { $0.1 == nil }.map(\.0)
    let rest = tasks.filter { attempts[$0] == nil }
    do throws(Schedule.Refusal) {
      if !rest.isEmpty || active.isEmpty { try schedule.hold(rest, reason: "held by \(name)") }
    } catch {
      if free.isEmpty { throw error }
    }
    if free.isEmpty, rest.isEmpty, let first = objections.first, let first {
      throw Schedule.Refusal(first)
    }
    for task in free { freeze(task, reason: "paused by \(name)") }
  }

  private func thaw(_ tasks: [TaskID]) throws(Schedule.Refusal) {
    let frozen = tasks.filter { attempts[$0]?.isFrozen == true }
    let rest = tasks.filter { attempts[$0] == nil }
    do throws(Schedule.Refusal) {
      if !rest.isEmpty { try schedule.release(rest) }
    } catch {
      if frozen.isEmpty { throw error }
    }
    if frozen.isEmpty, rest.isEmpty { throw Schedule.Refusal("nothing of this is paused") }
    for task in frozen { thaw(task) }
  }

  private func objection(toFreezing task: TaskID) -> String? {
    guard let attempt = attempts[task] else { return "\(graph[task].name) does not run" }
    let name = attempt.place.task.name
    if attempt.isFrozen { return "\(name) is paused already" }
    if attempt.stage == .parked { return "\(name) waits for you and does not run" }
    if attempt.stage == .sealing { return "\(name) has ended and is being sealed" }
    return attempt.fate == nil ? nil : "\(name) is being ended"
  }

  /// An attempt whose process has not started yet is frozen as soon as it has.
  func freeze(_ task: TaskID, reason: String) {
    guard var attempt = attempts[task] else { return }
    attempt.freeze(at: now)
    attempts[task] = attempt
    guard let process = attempt.process else { return }
    effects.append(.signal(process, 19))
    schedule.froze(task, reason: reason, at: now)
  }

  func thaw(_ task: TaskID) {
    guard var attempt = attempts[task] else { return }
    attempt.thaw(at: now)
    attempts[task] = attempt
    guard let process = attempt.process else { return }
    effects.append(.signal(process, 18))
    tellQuestion(of: task)
  }
}

// Ends and beginnings.
extension Engine {
  private func stop(_ tasks: [TaskID], by name: String) throws(Schedule.Refusal) {
    let active = tasks.filter { attempts[$0].map { $0.stage != .sealing } ?? false }
    guard !active.isEmpty else { throw Schedule.Refusal("nothing of this runs") }
    for task in active { end(task, Outcome(.stopped, message: "stopped by \(name)")) }
  }

  private func signal(
    _ tasks: [TaskID], _ number: Int32, by name: String
  ) throws(Schedule.Refusal) {
    guard (1...64).contains(number) else {
      throw Schedule.Refusal("there is no signal \(number)")
    }
    if number == 19 { return try pause(tasks.filter { attempts[$0] != nil }, by: name) }
    if number == 18 { return try thaw(tasks.filter { attempts[$0] != nil }) }
    let processes = tasks.compactMap { attempts[$0]?.process }
    guard !processes.isEmpty else { throw Schedule.Refusal("nothing of this runs") }
    for process in processes { effects.append(.signal(process, number)) }
  }

  private func endAll(_ reason: String, isImmediate: Bool) {
    schedule.drain(reason: reason)
    for task in attempts.keys.sorted() {
      end(task, Outcome(.interrupted, message: reason), isImmediate: isImmediate)
    }
  }

  private func skip(
    _ tasks: [TaskID], asDone: Bool, by name: String
  ) throws(Schedule.Refusal) {
    for task in tasks where asDone && graph.tasks.indices.contains(task.index) {
      for output in graph[task].outputs where !artifacts.holds(graph[task], artifact: output.name) {
        throw Schedule.Refusal("\(graph[task].name) has no artifact \(output.name)")
      }
    }
    try schedule.skip(
      tasks, asDone: asDone, reason: "\(asDone ? "called done" : "skipped") by \(name)")
  }

  private func retry(
    _ tasks: [TaskID], downstream: Bool, by name: String
  ) throws(Schedule.Refusal) {
    let chosen = try schedule.retrySet(tasks, downstream: downstream)
    let dropped = producersOfDroppedInputs(of: chosen)
    if let (task, reader) = dropped.first(where: { !graph[$0.producer].isRecomputable }) {
      throw Schedule.Refusal(
        "\(graph[reader].name) needs \(graph[task].name), whose artifact was dropped, "
          + "and that one is not pure")
    }
    let recomputes = Set(dropped.map(\.producer))
    let begun = (chosen + recomputes).sorted()
    // The deletion would take what the new attempt makes.
    if let task = begun.first(where: { isLosing($0) }) {
      throw Schedule.Refusal("an artifact of \(graph[task].name) is being deleted: ask again")
    }
    schedule.reset(begun, recomputes: recomputes, note: "retried by \(name)")
  }

  private func isLosing(_ task: TaskID) -> Bool {
    graph[task].outputs.contains {
      retention.dropping.contains(RunState.ArtifactKey(task: task, name: $0.name))
    }
  }

  /// Returns the done tasks that have to bring back what the given ones read, and for whom.
  func producersOfDroppedInputs(of tasks: [TaskID]) -> [(producer: TaskID, reader: TaskID)] {
    var found: [(producer: TaskID, reader: TaskID)] = []
    var known = Set(tasks)
    var stack = tasks
    while let task = stack.popLast() {
      for key in graph[task].needs.flatMap({ graph.artifacts(of: $0) }) where isDropped(key) {
        guard known.insert(key.task).inserted else { continue }
        found.append((key.task, task))
        stack.append(key.task)
      }
    }
    return found
  }

  /// Was made in this run and is gone, or is about to go.
  private func isDropped(_ key: RunState.ArtifactKey) -> Bool {
    guard schedule[key.task].state == .done, history.digests[key] != nil else { return false }
    if history.state.spilled[key] != nil || history.state.compressed[key] != nil { return false }
    return history.state.artifacts[key] == nil || retention.dropping.contains(key)
  }
}
