import HeapModule
package import Model

extension Schedule {
  /// Ready tasks that are looked at behind one that does not fit, so that a large task does not
  /// leave the machine idle.
  package static let maximumLookahead = 32

  /// Returns leave for all attempts that fit now: by priority, then the longest remaining path,
  /// then file order.
  ///
  /// - Complexity: O((admitted + lookahead) · log tasks).
  package mutating func admit() -> [Admission] {
    foundNoRoom = false
    guard drainReason == nil, !hasFailedFast else { return [] }
    var admissions: [Admission] = []
    var passed: [Entry] = []
    let lookahead = progress == nil ? Self.maximumLookahead : Self.plannedLookahead
    offerWaiting(lookahead)
    while !room.isFull, passed.count < lookahead, let entry = nextEntry() {
      // It is not put back: the session begins no more.
      guard mayBegin(entry.task) else { continue }
      let claim = claim(entry.task)
      if let resource = room.shortage(of: claim), !isHeld {
        waiting.insert(entry, for: resource)
      } else if room.fits(claim), takeRoom(entry.task) {
        admissions.append(admit(entry.task, claim))
      } else {
        passed.append(entry)
      }
    }
    for entry in passed { isHeld ? granted.insert(entry) : ready.insert(entry) }
    admissions += admitUpcoming()
    foundNoRoom = admissions.isEmpty && !passed.isEmpty
    lookForWayOut()
    return admissions
  }

  /// What stands next in the plan may lie behind many that there is no room for.
  private mutating func admitUpcoming() -> [Admission] {
    guard progress != nil, !isHeld, !room.isFull else { return [] }
    var admissions: [Admission] = []
    for task in progress?.upcoming(Self.plannedLookahead) ?? [] where !room.isFull {
      guard rows[task.index].state == .ready, !rows[task.index].isAdmitted, mayBegin(task) else {
        continue
      }
      let claim = claim(task)
      if room.fits(claim), takeRoom(task) { admissions.append(admit(task, claim)) }
    }
    return admissions
  }

  package var hasFailedFast: Bool { options.failFast && tally[.failed] > 0 }

  mutating func offer(_ task: TaskID) {
    ready.insert(entry(task))
  }

  /// Makes the only entry that counts for a ready task; older ones of it are void.
  mutating func entry(_ task: TaskID) -> Entry {
    rows[task.index].stamp += 1
    return Entry(
      priority: graph[task].priority, ahead: progress?.urgency(of: task) ?? ahead[task.index],
      task: task,
      stamp: rows[task.index].stamp)
  }

  /// Lets the first of those that wait for a named resource be looked at again, if any of it is free.
  private mutating func offerWaiting(_ count: Int) {
    guard !waiting.isEmpty, !isHeld, !room.isFull else { return }
    var queues = waiting
    waiting = ResourceQueues()
    for entry in queues.takeFirst(count, within: room, where: { isValid($0) }) {
      ready.insert(entry)
    }
    waiting = queues
  }

  private mutating func nextEntry() -> Entry? {
    while let entry = isHeld ? granted.popMax() : ready.popMax() {
      if isValid(entry) { return entry }
    }
    return nil
  }

  func isValid(_ entry: Entry) -> Bool {
    let index = entry.task.index
    return rows[index].stamp == entry.stamp && rows[index].state == .ready
      && !rows[index].isAdmitted
  }

  /// What the attempt of the task takes that runs or comes next.
  func claim(_ task: TaskID) -> Claim {
    room.claim(of: graph[task], misses: setbacks[task]?.misses ?? 0)
  }

  private mutating func admit(_ task: TaskID, _ claim: Claim) -> Admission {
    rows[task.index].isAdmitted = true
    rows[task.index].attempts += 1
    rows[task.index].note = nil
    activeCount += 1
    noteBegun(task)
    room.take(claim)
    let attempt = Int(rows[task.index].attempts)
    let (slot, keptBytes) = slots.take(task)
    noteKept()
    return Admission(
      task: task, attempt: attempt,
      kind: rows[task.index].isRecompute ? .recompute : attempt == 1 ? .first : .retry,
      cpus: claim.cores, memoryBytes: claim.memoryBytes, resources: claim.resources,
      slot: slot, keptBytes: keptBytes,
      readySeconds: rows[task.index].readySeconds)
  }
}

extension Schedule {
  /// The command of an admitted attempt runs.
  package mutating func began(_ task: TaskID, at seconds: Double) {
    advance(to: seconds)
    enter(task, .running)
  }

  package mutating func beganVerifying(_ task: TaskID, at seconds: Double) {
    advance(to: seconds)
    enter(task, .verifying)
  }

  package mutating func froze(_ task: TaskID, reason: String, at seconds: Double) {
    advance(to: seconds)
    enter(task, .paused, reason)
  }

  package mutating func thawed(_ task: TaskID, isVerifying: Bool, at seconds: Double) {
    advance(to: seconds)
    enter(task, isVerifying ? .verifying : .running)
  }

  /// An admitted attempt has ended, and all that it held is free.
  package mutating func ended(_ task: TaskID, _ outcome: Outcome, at seconds: Double) {
    precondition(rows[task.index].isAdmitted, "\(task) ended but was not admitted")
    advance(to: seconds)
    rows[task.index].isAdmitted = false
    activeCount -= 1
    if parked.remove(task) == nil { room.giveBack(claim(task)) }
    slots.give(from: task)
    noteKept()
    switch outcome.class {
    case .success: succeed(task)
    case .stopped: end(task, .cancelled, outcome.summary)
    case .interrupted: interrupt(task, outcome)
    case .exhausted: wait(task, outcome)
    case .conflict, .question: leaveToPerson(task, outcome, outcome.summary)
    case .rejected: end(task, .failed, outcome.summary)
    case .revised: beRevised(task)
    default: fail(task, outcome)
    }
    if !overruled.isEmpty { heedFile(task) }
    propagate()
    stopIfSpent()
  }

  private mutating func succeed(_ task: TaskID) {
    startAnew(task)
    rows[task.index].isRecompute = false
    progress?.finish(task)
    noteSuccess()
    enter(task, .done)
    settle(task, .success)
  }

  /// Gives a task all its retries.
  mutating func startAnew(_ task: TaskID) {
    rows[task.index].interruptions = 0
    guard let old = setbacks[task] else { return }
    setbacks[task] = Setbacks(misses: old.misses)
  }

  mutating func end(_ task: TaskID, _ state: TaskState, _ reason: String) {
    leaving.append(task)
    enter(task, state, reason)
    settle(task, .failure)
    if state == .failed { noteFailure(task) }
  }

  private mutating func fail(_ task: TaskID, _ outcome: Outcome) {
    rows[task.index].interruptions = 0
    setbacks[task, default: Setbacks()].add(outcome.class)
    let failures = setbacks[task, default: Setbacks()]
    guard failures.leaveRetry(of: graph[task].retries, after: outcome) else {
      return end(task, .failed, outcome.summary)
    }
    if asksBeforeRetry(task, outcome) { return }
    guard takeRetry() else {
      return end(task, .failed, "\(outcome.summary); the run has no retry left")
    }
    backOff(task, graph[task].backoff, failures: failures.total, outcome)
  }

  /// Takes a retry out of the run's budget; says once that none is left.
  private mutating func takeRetry() -> Bool {
    guard let budget = options.retryBudget else { return true }
    usedRetries += 1
    if usedRetries == budget + 1 {
      notices.append(Fact.Notice(.retriesSpent, "all \(budget) retries of the run are used up"))
    }
    return usedRetries <= budget
  }

  /// Waits for what the system lacks; uses up no retry, but has a limit of its own.
  private mutating func wait(_ task: TaskID, _ outcome: Outcome) {
    setbacks[task, default: Setbacks()].exhaustions += 1
    let count = setbacks[task]?.exhaustions ?? 0
    guard count < Self.maximumExhaustions else {
      return end(task, .failed, "\(outcome.summary), \(count) times in a row")
    }
    backOff(task, Self.exhaustionBackoff, failures: count, outcome)
  }

  private mutating func backOff(
    _ task: TaskID, _ backoff: Backoff, failures: Int, _ outcome: Outcome
  ) {
    let delay = Self.delay(backoff, failures: failures, task: task, seed: options.seed)
    rejoin(task, .until(seconds: now + delay, reason: outcome.summary))
    backoffs.insert(Wake(seconds: now + delay, task: task))
  }

  /// Uses up no retry; while the run drains it was no fault of the task and is not counted at all.
  private mutating func interrupt(_ task: TaskID, _ outcome: Outcome) {
    if drainReason == nil { rows[task.index].interruptions += 1 }
    guard rows[task.index].interruptions < Self.maximumInterruptions else {
      return end(task, .failed, "interrupted \(rows[task.index].interruptions) times in a row")
    }
    rows[task.index].note = outcome.summary
    rejoin(task, nil)
  }

  /// Waits for somebody's decision, and uses up no retry.
  mutating func leaveToPerson(_ task: TaskID, _ outcome: Outcome, _ reason: String) {
    rows[task.index].interruptions = 0
    rows[task.index].hold = .undecided(reason)
    rejoin(task, nil)
    postpone([task])
  }

  /// Is tried again with what a person said, and uses up no retry.
  private mutating func beRevised(_ task: TaskID) {
    rows[task.index].interruptions = 0
    rows[task.index].note = "told what to change"
    rejoin(task, nil)
  }

  private mutating func rejoin(_ task: TaskID, _ backoff: Delay?) {
    rows[task.index].backoff = backoff
    rows[task.index].isReset = true
    progress?.retry(task)
    evaluate(task)
  }
}

extension Schedule {
  /// Time has passed: back-offs that are over end.
  package mutating func advance(to seconds: Double) {
    now = max(now, seconds)
    foundNoRoom = false
    while let wake = backoffs.min, wake.seconds <= now {
      _ = backoffs.popMin()
      guard let backoff = rows[wake.task.index].backoff, backoff.untilSeconds <= now else {
        continue
      }
      rows[wake.task.index].backoff = nil
      evaluate(wake.task)
    }
    propagate()
    stopIfLate()
  }

  /// When the next back-off or the session's time ends, in elapsed seconds.
  package var nextWakeSeconds: Double? {
    let end = drainReason == nil ? stopCounts.endSeconds : nil
    return [backoffs.min?.seconds, end].compactMap { $0 }.min()
  }

  /// Share of a delay by which it is made longer or shorter.
  static let jitter = 0.25

  /// Grows with every failure, up to the cap; the jitter depends on seed, task and failure alone,
  /// never on the order of events.
  static func delay(
    _ backoff: Backoff, failures: Int, task: TaskID, seed: UInt64
  ) -> Double {
    var random = SplitMix64(
      seed: seed ^ UInt64(task.rawValue) << 32 ^ UInt64(truncatingIfNeeded: failures))
    let share = Double(random.next() >> 11) / Double(1 << 53)
    let delay = backoff.seconds(afterFailures: failures) * (1 - jitter + 2 * jitter * share)
    return min(delay, max(0, backoff.capSeconds))
  }
}

/// What went wrong with a task.
struct Setbacks: Sendable {
  /// Attempts of the whole run that failed by themselves.
  private(set) var misses = 0
  /// Those since the task last began anew.
  private(set) var total = 0
  private var counts: [Outcome.Class: Int] = [:]
  /// Starts in a row for which the system had no room.
  var exhaustions = 0

  init(misses: Int = 0) { self.misses = misses }

  mutating func add(_ class: Outcome.Class) {
    misses += 1
    total += 1
    counts[`class`, default: 0] += 1
    exhaustions = 0
  }

  /// Whether the policy has a retry for the newest of these failures.
  func leaveRetry(of policy: RetryPolicy, after outcome: Outcome) -> Bool {
    guard policy.covers(outcome) else { return false }
    let count =
      switch policy.allowance {
      case .together: total
      case .apart: counts[outcome.class, default: 0]
      }
    return count <= policy.limit(for: outcome.class)
  }
}

extension Outcome {
  /// In a few words, without an escape sequence that a message may hold.
  package var summary: String {
    if let message { return message }
    return switch status {
    case .code(let code): "\(words), exit \(code)"
    case .signal(let number): "\(words), signal \(number)"
    case nil: words
    }
  }

  private var words: String {
    switch self.class {
    case .success: "succeeded"
    case .exit, .signal: "failed"
    case .timeout: "timed out"
    case .memory: "ran out of memory"
    case .lost: "was lost"
    case .spawn: "could not be started"
    case .verification: "verification failed"
    case .exhausted: "the system had no room to start it"
    case .artifact: "artifact is missing"
    case .output: "wrote too much output"
    case .conflict: "conflicts with what others did"
    case .question: "asked a person"
    case .rejected: "rejected"
    case .revised: "told what to change"
    case .allowance: "used more than its agent may"
    case .stopped: "stopped"
    case .interrupted: "interrupted"
    }
  }
}
