import HeapModule
import Model

extension Simulation {
  mutating func admit() {
    for admission in schedule.admit() { start(admission) }
  }

  private mutating func start(_ admission: Schedule.Admission) {
    let task = admission.task
    let attempt = Attempt(
      task: task, number: admission.attempt, slot: admission.slot,
      startSeconds: seconds, queueSeconds: seconds - admission.readySeconds,
      durationSeconds: max(0, load.seconds[task.index]), sinceSeconds: seconds,
      makes: graph[task].outputs.map { output in
        let key = RunState.ArtifactKey(task: task, name: output.name)
        return Growth(key: key, bytes: load.sizes[key] ?? output.expectedBytes ?? 0)
      })
    attempts[task] = attempt
    record(
      .taskAdmitted(
        Fact.TaskAdmitted(
          task: task, attempt: attempt.number, admission: admission.kind, cpus: admission.cpus,
          memoryBytes: admission.memoryBytes, resources: admission.resources)))
    record(.slotLeased(Fact.SlotLeased(slot: attempt.slot, task: task, attempt: attempt.number)))
    record(
      .attemptStarted(
        Fact.AttemptStarted(
          task: task, attempt: attempt.number, pid: 0, startTime: 0, log: "", slot: attempt.slot,
          fingerprint: "")))
    schedule.began(task, at: seconds)
    announceChanges()
    setNext(task)
  }

  /// Sets the next event of an attempt: its end, or the moment when an artifact has all it was given.
  private mutating func setNext(_ task: TaskID) {
    guard var attempt = attempts[task] else { return }
    attempt.stamp += 1
    attempts[task] = attempt
    let next = attempt.makes.map { fullSeconds($0, attempt) }.min() ?? attempt.durationSeconds
    let left = max(0, min(next, attempt.durationSeconds) - attempt.ranSeconds)
    add(.attempt(task, stamp: attempt.stamp), in: left)
  }

  mutating func add(_ occasion: Occasion, in delay: Double) {
    eventCount += 1
    events.insert(Event(seconds: seconds + delay, number: eventCount, occasion: occasion))
  }

  /// After how many seconds of its attempt an artifact needs more than it was given.
  private func fullSeconds(_ growth: Growth, _ attempt: Attempt) -> Double {
    guard let granted = schedule.grantedBytes(growth.key), granted < growth.bytes else {
      return .infinity
    }
    return attempt.durationSeconds * Double(granted) / Double(growth.bytes)
  }

  /// What an attempt has made by now.
  func heldBytes(_ attempt: Attempt) -> Int64 {
    let isStanding = standing.contains(attempt.task)
    let ran = attempt.ranSeconds + (isStanding ? 0 : seconds - attempt.sinceSeconds)
    let share = attempt.durationSeconds > 0 ? min(1, ran / attempt.durationSeconds) : 1
    return attempt.makes.reduce(0) { sum, growth in
      let made = Int64(Double(growth.bytes) * share)
      return sum + min(made, schedule.grantedBytes(growth.key) ?? made)
    }
  }

  mutating func happen(_ task: TaskID, _ stamp: Int) {
    guard var attempt = attempts[task], attempt.stamp == stamp else { return }
    attempt.ranSeconds += seconds - attempt.sinceSeconds
    attempt.sinceSeconds = seconds
    attempts[task] = attempt
    if growsFurther(attempt) {
      setNext(task)
    } else if attempts[task]?.makes.contains(where: { needsMore($0, attempt) }) == true {
      standing.append(task)
      schedule.froze(task, reason: "waits for room in the workspace", at: seconds)
      announceChanges()
    } else {
      finish(attempt)
    }
  }

  private func needsMore(_ growth: Growth, _ attempt: Attempt) -> Bool {
    fullSeconds(growth, attempt) <= attempt.ranSeconds + 1e-9
  }

  /// Share by which an artifact grows at a time beyond what it was given.
  private static let growthShare = 0.25

  /// Gives an attempt more for what is full; false if nothing is, or there is no room.
  private mutating func growsFurther(_ attempt: Attempt) -> Bool {
    var hasGrown = false
    for growth in attempt.makes where needsMore(growth, attempt) {
      let granted = schedule.grantedBytes(growth.key) ?? 0
      let wanted = granted + Int64(Double(granted) * Self.growthShare) + 1
      guard schedule.grow(growth.key, to: min(growth.bytes, wanted)) else { return false }
      hasGrown = true
    }
    return hasGrown
  }

  /// Lets those go on that stand still, the oldest first.
  mutating func thaw() {
    for task in standing {
      guard let attempt = attempts[task] else { continue }
      // A new plan may have given it what it stood still for.
      let isFull = attempt.makes.contains { needsMore($0, attempt) }
      guard !isFull || growsFurther(attempt) else { continue }
      standing.removeAll { $0 == task }
      attempts[task]?.sinceSeconds = seconds
      schedule.thawed(task, isVerifying: false, at: seconds)
      announceChanges()
      setNext(task)
    }
  }

  /// Gives up an attempt that stands still, so that others can go on; it begins anew, larger.
  mutating func giveUp(_ task: TaskID) {
    guard let attempt = attempts[task] else { return }
    standing.removeAll { $0 == task }
    for growth in attempt.makes where needsMore(growth, attempt) {
      let granted = schedule.grantedBytes(growth.key) ?? 0
      schedule.expect(growth.key, bytes: granted + granted / 2 + 1)
    }
    end(attempt, Outcome(.exhausted, message: "outgrew the room that the workspace has"))
  }

  private mutating func finish(_ attempt: Attempt) {
    let outcome = fails(attempt) ? Outcome(.exit, status: .code(1)) : Outcome(.success)
    if outcome.isSuccess { seal(attempt) }
    end(attempt, outcome)
  }

  private mutating func end(_ attempt: Attempt, _ outcome: Outcome) {
    attempts[attempt.task] = nil
    record(
      .slotReleased(
        Fact.SlotReleased(
          slot: attempt.slot, task: attempt.task, attempt: attempt.number, askedBytes: 0,
          freshBytes: 0, recycledBytes: 0)))
    record(
      .attemptEnded(
        Fact.AttemptEnded(
          task: attempt.task, attempt: attempt.number, outcome: outcome, usage: Usage(),
          phases: Phases(queue: attempt.queueSeconds, run: seconds - attempt.startSeconds))))
    schedule.ended(attempt.task, outcome, at: seconds)
    announceChanges()
  }

  private mutating func seal(_ attempt: Attempt) {
    for growth in attempt.makes {
      record(
        .artifactSealed(
          Fact.ArtifactSealed(
            task: attempt.task, attempt: attempt.number, artifact: growth.key.name,
            bytes: growth.bytes, files: 1, digest: "")))
      schedule.sealed(growth.key, bytes: growth.bytes)
    }
  }

  /// Depends on seed, task and attempt alone, never on the order of events.
  private func fails(_ attempt: Attempt) -> Bool {
    guard load.failingShare > 0 else { return false }
    var random = SplitMix64(
      seed: load.seed ^ UInt64(attempt.task.rawValue) << 32 ^ UInt64(attempt.number))
    return Double(random.next() >> 11) / Double(1 << 53) < load.failingShare
  }
}
