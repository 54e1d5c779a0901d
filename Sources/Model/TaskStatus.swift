/// What the log says of one task.
package struct TaskStatus: Sendable, Equatable, Codable {
  package private(set) var state: TaskState = .blocked
  package private(set) var reason: String?
  /// When the state was entered, in elapsed seconds of the run.
  package private(set) var sinceSeconds = 0.0
  /// End of a back-off, in elapsed seconds of the run.
  package private(set) var untilSeconds: Double?
  /// Oldest first.
  package private(set) var attempts: [AttemptRecord] = []
  /// Admissions so far, those that never started among them.
  package private(set) var admissions = 0
  /// Heaviest act of a person on this task (`Request.severity`), and what it was.
  package private(set) var severity = 0.0
  package private(set) var interventions: [String] = []
  /// What people told its agent, the oldest first, at most `maximumWords`; nil where nobody did.
  package private(set) var words: [String]?
  /// Seconds in which the task waited for a person.
  package private(set) var waitingSeconds = 0.0

  package init() {}

  package var lastAttempt: AttemptRecord? { attempts.last }

  /// A process of the task lives, be it that it waits for a person.
  package var isLive: Bool {
    state.isActive || state == .waiting && lastAttempt.map { $0.outcome == nil } ?? false
  }

  /// In front of the words of a question, in the reason of a task that asks on its terminal.
  package static let asks = "asks: "

  /// Waits for an answer on its terminal.
  package var isAsking: Bool {
    state == .waiting && isLive && reason?.hasPrefix(Self.asks) == true
  }

  /// An attempt is under way, be it that it asks something meanwhile.
  package var isRunning: Bool { state.isActive || isAsking }

  /// The attempt whose artifacts stand: the newest that succeeded.
  package var standingAttempt: AttemptRecord? {
    attempts.last { $0.outcome?.isSuccess == true }
  }
}

/// One try at a task, as the log tells it.
package struct AttemptRecord: Sendable, Equatable, Codable {
  package var number: Int
  package var admission: Fact.TaskAdmitted.Admission
  package var session: Int
  package var pid: Int32?
  package var startTime: UInt64?
  package var log: String?
  package var slot: Int?
  package var fingerprint: String?
  /// Elapsed seconds of the run.
  package var startSeconds: Double
  package var endSeconds: Double?
  /// Frozen between the two, but for a pause that goes on.
  package var pausedSeconds = 0.0
  package var outcome: Outcome?
  package var usage: Usage?
  package var phases: Phases?
  private var boxedVerification: Verification?

  init(
    number: Int, admission: Fact.TaskAdmitted.Admission, session: Int, startSeconds: Double
  ) {
    self.number = number
    self.admission = admission
    self.session = session
    self.startSeconds = startSeconds
  }

  /// Few attempts are verified, and a record of each stays in memory.
  private indirect enum Verification: Sendable, Equatable, Codable {
    case ended(Fact.VerifyEnded)
  }

  package var verification: Fact.VerifyEnded? {
    get {
      guard case .ended(let fact) = boxedVerification else { return nil }
      return fact
    }
    set { boxedVerification = newValue.map { .ended($0) } }
  }
}

extension TaskStatus {
  mutating func apply(_ fact: Fact) {
    switch fact.kind {
    case .taskAdmitted(let admitted): admit(admitted, fact)
    case .attemptStarted(let started): start(started, fact)
    case .attemptEnded(let ended): end(ended, fact)
    case .verifyEnded(let verified):
      guard let last = attempts.indices.last else { return }
      attempts[last].verification = verified
    case .taskState(let change): enter(change, fact)
    default: break
    }
  }

  private mutating func enter(_ change: Fact.TaskStateChanged, _ fact: Fact) {
    let spent = max(0, fact.elapsedSeconds - sinceSeconds)
    if state == .waiting { waitingSeconds += spent }
    if state == .paused, let last = attempts.indices.last { attempts[last].pausedSeconds += spent }
    if state == .failed, !change.state.hasEnded { tryAgain(in: fact.session) }
    if state != change.state { sinceSeconds = fact.elapsedSeconds }
    state = change.state
    reason = change.reason
    untilSeconds = change.untilSeconds
  }

  private mutating func admit(_ admitted: Fact.TaskAdmitted, _ fact: Fact) {
    admissions += 1
    attempts.append(
      AttemptRecord(
        number: admitted.attempt, admission: admitted.admission, session: fact.session,
        startSeconds: fact.elapsedSeconds))
  }

  private mutating func start(_ started: Fact.AttemptStarted, _ fact: Fact) {
    guard let last = attempts.indices.last else { return }
    attempts[last].pid = started.pid
    attempts[last].startTime = started.startTime
    attempts[last].log = started.log
    attempts[last].slot = started.slot
    attempts[last].fingerprint = started.fingerprint
    attempts[last].startSeconds = fact.elapsedSeconds
  }

  private mutating func end(_ ended: Fact.AttemptEnded, _ fact: Fact) {
    guard let last = attempts.indices.last else { return }
    attempts[last].outcome = ended.outcome
    attempts[last].usage = ended.usage
    attempts[last].phases = ended.phases
    attempts[last].endSeconds = fact.elapsedSeconds
  }

  /// Sayings that are kept of a task.
  package static let maximumWords = 8

  mutating func charge(_ request: Request) {
    charge(request.verb, request.severity)
    guard case .reject(_, let said?) = request else { return }
    words = ((words ?? []) + [said]).suffix(Self.maximumWords)
  }

  private mutating func charge(_ act: String, _ weight: Double) {
    guard weight > 0 else { return }
    severity = max(severity, weight)
    interventions.append(act)
  }

  /// A new session tries again what had failed for good in an earlier one: somebody's `cairn resume`
  /// did what a retry does, and weighs as much.
  private mutating func tryAgain(in session: Int) {
    guard let last = attempts.last, session > last.session, interventions.last != "retry" else {
      return
    }
    charge("resume", Request.retry([], downstream: false).severity)
  }
}
