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
    guard drainReason == nil, !hasFailedFast else { return [] }
    var admissions: [Admission] = []
    var passed: [Entry] = []
    while usedCpus < options.jobs, passed.count < Self.maximumLookahead, let entry = nextEntry() {
      if fits(entry.task) { admissions.append(admit(entry.task)) } else { passed.append(entry) }
    }
    for entry in passed { isHeld ? granted.insert(entry) : ready.insert(entry) }
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
      priority: graph[task].priority, ahead: ahead[task.index], task: task,
      stamp: rows[task.index].stamp)
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

  private func cpus(_ task: TaskID) -> Int { min(max(1, graph[task].cpus), options.jobs) }

  private func fits(_ task: TaskID) -> Bool {
    guard usedCpus + cpus(task) <= options.jobs else { return false }
    guard let limit = options.memoryBytes else { return true }
    return usedMemoryBytes + (graph[task].memoryBytes ?? 0) <= limit
  }

  private mutating func admit(_ task: TaskID) -> Admission {
    rows[task.index].isAdmitted = true
    rows[task.index].attempts += 1
    rows[task.index].note = nil
    activeCount += 1
    usedCpus += cpus(task)
    usedMemoryBytes += graph[task].memoryBytes ?? 0
    let attempt = Int(rows[task.index].attempts)
    return Admission(
      task: task, attempt: attempt,
      kind: rows[task.index].isRecompute ? .recompute : attempt == 1 ? .first : .retry,
      cpus: cpus(task), memoryBytes: graph[task].memoryBytes ?? 0,
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
    usedCpus -= cpus(task)
    usedMemoryBytes -= graph[task].memoryBytes ?? 0
    switch outcome.class {
    case .success: succeed(task)
    case .stopped: end(task, .cancelled, outcome.summary)
    case .interrupted: interrupt(task, outcome)
    default: fail(task, outcome)
    }
    propagate()
  }

  private mutating func succeed(_ task: TaskID) {
    rows[task.index].failures = 0
    rows[task.index].interruptions = 0
    rows[task.index].isRecompute = false
    enter(task, .done)
    settle(task, .success)
  }

  private mutating func end(_ task: TaskID, _ state: TaskState, _ reason: String) {
    enter(task, state, reason)
    settle(task, .failure)
  }

  private mutating func fail(_ task: TaskID, _ outcome: Outcome) {
    rows[task.index].failures += 1
    rows[task.index].interruptions = 0
    let failures = Int(rows[task.index].failures)
    guard failures <= graph[task].retries else { return end(task, .failed, outcome.summary) }
    let delay = Self.delay(
      base: graph[task].backoffSeconds, failures: failures, task: task, seed: options.seed)
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

  private mutating func rejoin(_ task: TaskID, _ backoff: Backoff?) {
    rows[task.index].backoff = backoff
    rows[task.index].isReset = true
    evaluate(task)
  }
}

extension Schedule {
  /// Time has passed: back-offs that are over end.
  package mutating func advance(to seconds: Double) {
    now = max(now, seconds)
    while let wake = backoffs.min, wake.seconds <= now {
      _ = backoffs.popMin()
      guard let backoff = rows[wake.task.index].backoff, backoff.untilSeconds <= now else {
        continue
      }
      rows[wake.task.index].backoff = nil
      evaluate(wake.task)
    }
    propagate()
  }

  /// When the next back-off ends, in elapsed seconds.
  package var nextWakeSeconds: Double? { backoffs.min?.seconds }

  package static let maximumBackoffSeconds = 300.0
  /// Share of a delay by which it is made longer or shorter.
  static let jitter = 0.25

  /// Doubles with every failure, up to the cap; the jitter depends on seed, task and failure alone,
  /// never on the order of events.
  static func delay(base: Double, failures: Int, task: TaskID, seed: UInt64) -> Double {
    var delay = min(max(0, base), maximumBackoffSeconds)
    for _ in 1..<max(1, failures) where delay < maximumBackoffSeconds { delay *= 2 }
    var random = SplitMix64(
      seed: seed ^ UInt64(task.rawValue) << 32 ^ UInt64(truncatingIfNeeded: failures))
    let share = Double(random.next() >> 11) / Double(1 << 53)
    return min(delay * (1 - jitter + 2 * jitter * share), maximumBackoffSeconds)
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
    case .spawn: "could not be started"
    case .verification: "verification failed"
    case .artifact: "artifact is missing"
    case .output: "wrote too much output"
    case .stopped: "stopped"
    case .interrupted: "interrupted"
    }
  }
}
