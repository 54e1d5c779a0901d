/// A task that was due, as the autonomy score counts it.
package struct AutonomyUnit: Sendable, Equatable {
  package var task: TaskID
  /// As the task ended; one that has not although its run has closed is not delivered.
  package var state: TaskState
  /// Heaviest act of a person that it is charged with, 0 to 1.
  package var severity: Double
  /// What charges it most was done to the whole run.
  package var runAct: String?
  /// Seconds of its attempts, verification included.
  package var busySeconds: Double
  /// Its part of the run's time (`AutonomyMeter`), so that the units of a run add up to it.
  package var busyShareSeconds = 0.0
  package var blockedShareSeconds = 0.0
  /// What went wrong by itself.
  package var incidents: Int
  /// When it ended, in elapsed seconds of the run.
  package var endSeconds: Double

  package var isDelivered: Bool { state == .done }
  package var credit: Double { isDelivered ? 1 - severity : 0 }
  /// Incidents that were got over without a person.
  package var recoveries: Int { isDelivered && severity == 0 ? incidents : 0 }
}

/// What the score of a run is made of; a pure function of its facts.
package struct AutonomyTally: Sendable, Equatable {
  /// In the order of the graph.
  package private(set) var units: [AutonomyUnit] = []
  /// Tasks that are done and too short to count (`AutonomyUnit.noOpSeconds`).
  package private(set) var tooShort = 0
  /// Time in which one of the units had an attempt; holds of the run are outside.
  package private(set) var busySeconds = 0.0
  /// `AutonomyMeter.blockedSeconds`.
  package private(set) var blockedSeconds = 0.0
  /// Incidents of no task, and those of them that nobody had to see to.
  package private(set) var overruns = 0
  package private(set) var recoveredOverruns = 0

  package init() {}

  /// - Complexity: O(tasks + attempts · (log attempts + acts on the whole run)).
  package init(_ state: RunState) {
    let meter = state.autonomy
    blockedSeconds = meter.blockedSeconds
    overruns = meter.overruns
    recoveredOverruns = meter.acts.isEmpty ? overruns : 0
    for (index, status) in state.tasks.enumerated() where !state.graph.tasks[index].isRemoved {
      add(status, TaskID(index), in: state)
    }
    busySeconds = meter.seconds(coveredBy: units.flatMap { state.spans(of: $0.task) })
    for act in meter.acts { charge(act, in: state) }
    shareTime(in: state)
  }

  private mutating func add(_ status: TaskStatus, _ task: TaskID, in state: RunState) {
    guard status.state.hasEnded || state.closed != nil, status.wasDue else { return }
    let incidents =
      status.attempts.count(where: \.isIncident) + (state.autonomy.lostArtifacts[task] ?? 0)
    let busy = status.busySeconds
    if incidents == 0, status.isNoOp(busy), state.graph.tasks[task.index].outputs.isEmpty {
      tooShort += 1
      return
    }
    units.append(
      AutonomyUnit(
        task: task, state: status.state, severity: status.severity, busySeconds: busy,
        incidents: incidents, endSeconds: status.sinceSeconds))
  }
}

extension AutonomyTally {
  /// Within so many seconds after an act on the whole run, what is due is charged with it too.
  package static let dueSeconds = 60.0
  /// Share of all units that one act on the whole run is charged to, at most.
  package static let maximumRunActShare = 0.1

  /// Charges an act on the whole run to what ran then or was due.
  ///
  /// If these are more than a tenth of all units, each is charged with less, so that together they are
  /// charged with a tenth: picking some would depend on their order, and rounding would let small runs
  /// off.
  private mutating func charge(_ act: AutonomyMeter.RunAct, in state: RunState) {
    let touched = units.indices.filter { state.tasks[units[$0].task.index].isDue(at: act.seconds) }
    guard !touched.isEmpty else { return }
    let most = Self.maximumRunActShare * Double(units.count) / Double(touched.count)
    let severity = act.severity * min(1, most)
    for index in touched where severity > units[index].severity {
      units[index].severity = severity
      units[index].runAct = act.verb
    }
  }

  /// Splits the run's time over its tasks by their own seconds.
  private mutating func shareTime(in state: RunState) {
    let busy = units.reduce(0) { $0 + $1.busySeconds }
    let waited = state.tasks.reduce(0) { $0 + state.waitingSeconds(of: $1) }
    for index in units.indices {
      let unit = units[index]
      if busy > 0 { units[index].busyShareSeconds = busySeconds * unit.busySeconds / busy }
      let own = state.waitingSeconds(of: state.tasks[unit.task.index])
      if waited > 0 { units[index].blockedShareSeconds = blockedSeconds * own / waited }
    }
  }
}

extension AutonomyUnit {
  /// A task that ran shorter and left no artifact is no unit of work.
  package static let noOpSeconds = 0.05
}

extension RunState {
  /// Seconds that the task has waited for a person, up to the newest fact.
  func waitingSeconds(of status: TaskStatus) -> Double {
    status.waitingSeconds
      + (status.state == .waiting ? max(0, elapsedSeconds - status.sinceSeconds) : 0)
  }

  /// When attempts of the task lived; a pause shortens its attempt.
  fileprivate func spans(of task: TaskID) -> [AutonomyMeter.Span] {
    tasks[task.index].attempts.map {
      AutonomyMeter.Span(
        from: $0.startSeconds, to: ($0.endSeconds ?? elapsedSeconds) - $0.pausedSeconds)
    }
  }
}

extension TaskStatus {
  /// Seconds in which the task's attempts ran or were verified; pauses are outside.
  fileprivate var busySeconds: Double {
    attempts.reduce(0) { $0 + ($1.phases.map { $0.run + $0.verify } ?? 0) }
  }

  /// Something was done for it, or only a person's act was missing.
  fileprivate var wasDue: Bool {
    !attempts.isEmpty || severity > 0 || waitingSeconds > 0 || state == .waiting
  }

  /// Whether the task did too little to count: nothing went wrong with it, and nobody was waited for.
  ///
  /// Acts do not matter: what changed nothing by itself is changed by none, and a no-op that became a
  /// unit by being touched could raise the score of a bad run.
  fileprivate func isNoOp(_ busySeconds: Double) -> Bool {
    state == .done && busySeconds < AutonomyUnit.noOpSeconds && waitingSeconds == 0
      && !attempts.isEmpty && attempts.allSatisfy { $0.outcome?.isSuccess == true }
  }

  /// Whether an attempt ran then, or began soon after.
  fileprivate func isDue(at seconds: Double) -> Bool {
    attempts.contains {
      $0.startSeconds <= seconds + AutonomyTally.dueSeconds
        && $0.endSeconds ?? .infinity >= seconds
    }
  }
}

extension AttemptRecord {
  /// Something went wrong that no person asked for.
  ///
  /// What a person stopped is charged as an act instead, be it a task or the run.
  fileprivate var isIncident: Bool {
    guard let outcome else { return false }
    switch outcome.class {
    case .success, .stopped: return false
    // Nobody saw its end: Cairn died. A run that is drained knows how long its attempts ran.
    case .interrupted: return outcome.status == nil && (phases ?? Phases()) == Phases()
    default: return true
    }
  }
}
