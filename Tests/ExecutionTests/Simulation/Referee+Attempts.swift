import Execution
import Model

// I1, I3, I4, I5, I7: what attempts may do.
extension Referee {
  mutating func admit(_ fact: Fact.TaskAdmitted) {
    if isOpening { endOpening() }
    let index = fact.task.index
    let row = rows[index]
    expect(row.live == nil, "I3 one live attempt", "t\(index) has one already")
    expect(row.state == .ready, "I16 admitted from ready", "t\(index) is \(row.state)")
    expect(fact.attempt == row.lastAttempt + 1, "I3 attempts are counted", "\(fact)")
    expect(!isTight, "nothing is admitted without room", "t\(index)")
    expect(isSelected[index], "only selected tasks run", "t\(index)")
    expect(!isDrained, "I13 a stopped run starts nothing", "t\(index)")
    let hasFailed = rows.indices.contains { isSelected[$0] && rows[$0].state == .failed }
    expect(!(story.config.failFast && hasFailed), "fail fast", "t\(index)")
    if isHeld {
      expect(permits > 0, "a held run admits steps only", "t\(index)")
      permits -= 1
    }
    expect(canRun(index), "I4 needs come first", "t\(index): \(before[index])")
    let memory = graph.tasks[index].memoryBytes ?? 0
    let grows = graph.tasks[index].memoryGrows && row.lastAttempt > 0
    expect(
      fact.memoryBytes == memory || (grows && fact.memoryBytes > memory),
      "I7 what is asked for is reserved", "\(fact)")
    expect(
      fact.resources ?? [:] == graph.tasks[index].resources, "I7 what is asked for is reserved",
      "\(fact)")
    rows[index].lastAttempt = fact.attempt
    rows[index].live = Live(
      number: fact.attempt, cpus: fact.cpus, memoryBytes: fact.memoryBytes,
      resources: fact.resources ?? [:])
    expectWithinLimits()
  }

  private func expectWithinLimits() {
    let live = rows.compactMap(\.live)
    let cpus = live.reduce(0) { $0 + $1.cpus }
    expect(cpus <= story.config.jobs, "I7 cpus", "\(cpus) of \(story.config.jobs)")
    expect(live.allSatisfy { $0.cpus >= 1 }, "I7 cpus", "an attempt without a cpu")
    let lack = free(of: live).first { $0.value < 0 }
    expect(lack == nil, "I7 named resources", "\(String(describing: lack))")
    guard let limit = story.config.memoryBytes else { return }
    let memory = live.reduce(0) { $0 + $1.memoryBytes }
    expect(memory <= limit, "I7 memory", "\(memory) of \(limit)")
  }

  /// What is free of each named resource while these attempts live.
  func free(of live: [Live]) -> [String: Int] {
    var free: [String: Int] = [:]
    for item in story.config.resources?.items ?? [] { free[item.name] = item.count }
    for item in live.flatMap(\.resources.items) { free[item.name, default: 0] -= item.count }
    return free
  }

  /// The conditions of its needs hold.
  func canRun(_ index: Int) -> Bool {
    let states = before[index].map { rows[$0.index].state }
    let hasAllEnded = states.allSatisfy(\.hasEnded)
    switch graph.tasks[index].when {
    case .success: return states.allSatisfy { $0 == .done }
    case .failure: return hasAllEnded && states.contains { $0 != .done }
    case .always: return hasAllEnded
    }
  }

  private func expectLive(_ task: TaskID, _ attempt: Int, isStarted: Bool? = nil) {
    let live = rows[task.index].live
    expect(live?.number == attempt, "I3 only a live attempt", "\(task) \(attempt)")
    if let isStarted {
      expect(live?.isStarted == isStarted, "I3 an attempt starts once", "\(task) \(attempt)")
    }
  }

  mutating func start(_ fact: Fact.AttemptStarted) {
    expectLive(fact.task, fact.attempt, isStarted: false)
    let isInOrder = canRun(fact.task.index) || comesBehindLost(fact.task.index)
    expect(isInOrder, "I4 needs come first", "\(fact.task) starts")
    expect(slots[fact.slot] == fact.task, "slots", "\(fact.task) starts in slot \(fact.slot)")
    rows[fact.task.index].live?.isStarted = true
    rows[fact.task.index].seen = Proof(
      version: versions[fact.task.index], inputs: inputs(fact.task.index))
  }

  /// The digests of what a task takes, as they are now.
  func inputs(_ index: Int) -> [RunState.ArtifactKey: String] {
    var inputs: [RunState.ArtifactKey: String] = [:]
    for need in graph.tasks[index].needs {
      for key in keys(need.task) where need.artifact == nil || need.artifact == key.name {
        inputs[key] = digests[key] ?? ""
      }
    }
    return inputs
  }

  func keys(_ task: TaskID) -> [RunState.ArtifactKey] {
    graph[task].outputs.map { RunState.ArtifactKey(task: task, name: $0.name) }
  }

  func verify(_ fact: Fact.VerifyEnded) {
    expectLive(fact.task, fact.attempt, isStarted: true)
    let end = end(fact.task, fact.attempt, isVerification: true)
    expect(end?.status == fact.status, "I5 what the kernel said", "verification of \(fact.task)")
  }

  private func end(
    _ task: TaskID, _ attempt: Int, isVerification: Bool
  ) -> SimulatedProcesses.End? {
    world.end(
      SimulatedProcesses.Stage(task: task, attempt: attempt, isVerification: isVerification))
  }

  mutating func end(_ fact: Fact.AttemptEnded) {
    let index = fact.task.index
    expectLive(fact.task, fact.attempt)
    if rows[index].live?.hasSlot == true {
      expect(isOpening, "slots", "\(fact.task) ended and keeps its slot")
    }
    rows[index].live = nil
    if !isOpening {
      expectTruth(fact)
      rows[index].ended = fact.outcome
    }
    count(fact.outcome, index)
    let most = graph.tasks[index].retries.total + 1
    expect(rows[index].failures.count <= most, "retries are limited", "t\(index)")
  }

  private mutating func count(_ outcome: Outcome, _ index: Int) {
    switch outcome.class {
    case .success, .stopped: break
    case .interrupted: rows[index].interruptions += isDrained || isOpening ? 0 : 1
    case .exhausted: rows[index].exhaustions += 1
    default:
      rows[index].failures.append(outcome.class)
      rows[index].allFailures.append(outcome.class)
      rows[index].interruptions = 0
      rows[index].exhaustions = 0
    }
  }

  /// The outcome is what the processes say.
  private func expectTruth(_ fact: Fact.AttemptEnded) {
    let task = graph[fact.task]
    let command = end(fact.task, fact.attempt, isVerification: false)
    let verification = end(fact.task, fact.attempt, isVerification: true)
    switch fact.outcome.class {
    case .success:
      let isProved = task.action == .gate || command?.isSuccess == true
      expect(isProved, "I5 success is exit 0", "\(fact)")
      expect(
        task.verify == nil || verification?.isSuccess == true, "I5 success is verified",
        "\(fact)")
      for key in keys(fact.task) {
        expect(
          artifacts[key]?.attempt == fact.attempt, "success is sealed", "\(key.name) of \(fact)")
      }
    case .exit, .signal:
      expect(fact.outcome.status == command?.status, "I5 what the kernel said", "\(fact)")
    case .lost, .memory:
      let wanted = fact.outcome.class == .lost ? ProcessExit.Cause.lost : .outOfMemory
      let causes = [command?.cause, verification?.cause]
      expect(causes.contains(wanted), "I5 what the kernel said", "\(fact)")
    case .verification:
      expect(fact.outcome.status == verification?.status, "I5 what the kernel said", "\(fact)")
    case .timeout:
      let active = max(command?.activeSeconds ?? 0, verification?.activeSeconds ?? 0)
      // The process may have ended while its end was on its way, and time may have jumped meanwhile.
      let late = SimulatedProcesses.latestExitSeconds + story.shocks.reduce(0) { $0 + $1.forth }
      expect(
        active + late + 1e-6 >= task.timeoutSeconds ?? .infinity, "no false timeout",
        "\(fact) after \(active) s")
    default: break
    }
  }
}

extension SimulatedProcesses.End {
  /// Exit 0, and somebody saw it.
  fileprivate var isSuccess: Bool { status.isSuccess && cause == .itself }
}
