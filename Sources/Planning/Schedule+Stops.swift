package import Model

// When the session stops by itself though there is more to do.
extension Schedule {
  /// Counts what the rules need.
  struct StopCounts: Sendable {
    /// Tasks that the session has begun; kept only where a rule counts them.
    var begun: Set<TaskID> = []
    var failuresInRow = 0
    var usage = AgentUsage()
    /// In elapsed seconds of the run.
    var endSeconds: Double?
  }

  /// The session begins now; its time counts from here.
  package mutating func beginSession(at seconds: Double) {
    stopCounts.endSeconds = options.stops.seconds.map { seconds + $0 }
  }

  /// Whether the session may begin the task; what it has begun it may begin again.
  func mayBegin(_ task: TaskID) -> Bool {
    guard let limit = options.stops.tasks, graph[task].action != .gate else { return true }
    return stopCounts.begun.contains(task) || stopCounts.begun.count < limit
  }

  mutating func noteBegun(_ task: TaskID) {
    guard options.stops.tasks != nil, graph[task].action != .gate else { return }
    stopCounts.begun.insert(task)
  }

  /// All that the session may begin has been begun, and has ended.
  mutating func stopIfSpent() {
    guard drainReason == nil, let limit = options.stops.tasks, stopCounts.begun.count >= limit,
      stopCounts.begun.allSatisfy({ rows[$0.index].state.hasEnded }), !hasReadyGate
    else { return }
    drain(reason: "\(limit) task\(limit == 1 ? " has" : "s have") been worked on, as asked")
  }

  /// A parent that only verifies belongs to what was begun.
  private var hasReadyGate: Bool {
    graph.tasks.contains { task in
      task.action == .gate
        && (rows[task.id.index].state == .ready || rows[task.id.index].isAdmitted)
    }
  }

  mutating func stopIfAsked(_ event: StopRules.Event, _ task: TaskID) {
    guard options.stops.until == event else { return }
    let words = event == .failed ? "has failed" : "waits for a person"
    drain(reason: "\(graph[task].name) \(words), as asked")
  }

  mutating func noteFailure(_ task: TaskID) {
    stopCounts.failuresInRow += 1
    stopIfAsked(.failed, task)
    guard let limit = options.stops.failuresInRow, stopCounts.failuresInRow >= limit else { return }
    drain(reason: "\(limit) tasks in a row have failed, as asked")
  }

  mutating func noteSuccess() { stopCounts.failuresInRow = 0 }

  /// An attempt of an agent has ended and used this.
  package mutating func spend(_ usage: AgentUsage) {
    stopCounts.usage = stopCounts.usage + usage
    let spent = stopCounts.usage
    if let limit = options.stops.turns, spent.turns >= limit {
      drain(reason: "agents took \(spent.turns) turns of \(limit), as asked")
    }
    if let limit = options.stops.costDollars, let cost = spent.costDollars, cost >= limit {
      drain(reason: "agents cost $\(Self.cents(cost)) of $\(Self.cents(limit)), as asked")
    }
  }

  private static func cents(_ dollars: Double) -> String {
    let cents = (dollars * 100).rounded()
    guard cents < 1e15 else { return "\(dollars)" }
    let whole = Int(cents)
    return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
  }

  mutating func stopIfLate() {
    guard let end = stopCounts.endSeconds, now >= end, drainReason == nil else { return }
    drain(reason: "its time is up, as asked")
  }
}
