package import Canvas
package import Model
import Planning

/// One line about one fact, for the events panel and for plain output alike.
package struct EventLine: Sendable, Equatable {
  package enum Sign: Sendable, Equatable {
    case state(TaskState)
    /// Somebody asked for something, or the run changed.
    case information
    case warning
  }

  /// As `14:22:05`.
  package var clock: SafeText
  package var sign: Sign
  /// What it is about: a task's name, or `run`.
  package var subject: SafeText
  package var text: SafeText
  /// Where the line leads to.
  package var task: TaskID?

  /// Appends the whole line as it is printed; the subject is padded so that neighbouring lines align.
  package func append(to bytes: inout [UInt8], _ glyphs: Glyphs, subjectColumns: Int) {
    let space = UInt8(ascii: " ")
    clock.append(to: &bytes)
    bytes.append(space)
    bytes.append(contentsOf: glyphs.sign(sign).utf8)
    bytes.append(space)
    subject.append(to: &bytes)
    let gap = max(0, subjectColumns - subject.columns) + 2
    bytes.append(contentsOf: repeatElement(space, count: gap))
    text.append(to: &bytes)
  }

  /// Appends the line in words alone, as a screen reader speaks it: `14:22:05 core: failed: exit 1`.
  package func appendWords(to bytes: inout [UInt8]) {
    let space = UInt8(ascii: " ")
    clock.append(to: &bytes)
    bytes.append(space)
    subject.append(to: &bytes)
    bytes.append(contentsOf: ": ".utf8)
    if let word = signWord, !text.string.hasPrefix(word) {
      bytes.append(contentsOf: "\(word): ".utf8)
    }
    text.append(to: &bytes)
  }

  /// What only the sign says; the other texts say it themselves.
  private var signWord: String? {
    switch sign {
    case .warning: "warning"
    case .state(.failed): "failed"
    case .state(.backoff): "failed for now"
    default: nil
    }
  }
}

extension Glyphs {
  package func sign(_ sign: EventLine.Sign) -> Character {
    switch sign {
    case .state(let state): self.sign(of: state)
    case .information: information
    case .warning: warning
    }
  }

  package func sign(of state: TaskState) -> Character {
    switch state {
    case .blocked: blocked
    case .ready: ready
    case .held: held
    case .waiting: waiting
    case .backoff: backoff
    case .running: running
    case .paused: paused
    case .verifying: verifying
    case .done: done
    case .failed: failed
    case .skipped: skipped
    case .cancelled: cancelled
    }
  }
}

extension EventLine {
  /// Says a fact in one line; nil where it is not news by itself.
  ///
  /// `run` has folded this fact already, and no later one; the offset is east of UTC.
  package init?(_ fact: Fact, in run: RunState, utcOffsetSeconds: Int) {
    guard let (sign, text) = Self.news(fact, run) else { return nil }
    clock = SafeText(Figures.clock(fact.wallTime, offsetSeconds: utcOffsetSeconds))
    self.sign = sign
    self.text = SafeText(text)
    task = fact.kind.task
    if let task, run.graph.tasks.indices.contains(task.index) {
      subject = SafeText(run.graph[task].name)
    } else {
      subject = "run"
    }
  }

  private static func news(_ fact: Fact, _ run: RunState) -> (Sign, String)? {
    switch fact.kind {
    case .attemptStarted(let started):
      (.state(.running), started.attempt > 1 ? "started, attempt \(started.attempt)" : "started")
    case .taskState(let change): news(change, run, fact.elapsedSeconds)
    case .artifactExported(let export):
      (.information, "exported \(export.path), \(Figures.bytes(export.bytes))")
    case .artifactGrew(let grown):
      (
        .information,
        "artifact \(grown.artifact) grew to \(Figures.bytes(grown.bytes)), more than planned"
      )
    case .artifactLost(let lost): (.warning, "artifact \(lost.artifact) is gone")
    case .artifactSpilled(let gone):
      (.information, "artifact \(gone.artifact) spilled, \(Figures.bytes(gone.bytes))")
    case .artifactRestored(let back):
      (.information, "artifact \(back.artifact) restored, \(Figures.bytes(back.bytes))")
    case .slotKept(let kept) where kept.bytes == 0:
      (.information, "worktree of slot \(kept.slot) deleted".with(kept.reason))
    case .artifactCompressed(let fact):
      (
        .information,
        "artifact \(fact.artifact) compressed, \(Figures.bytes(fact.bytes)) instead of "
          + Figures.bytes(fact.wholeBytes)
      )
    case .artifactExpanded(let back):
      (.information, "artifact \(back.artifact) expanded, \(Figures.bytes(back.bytes))")
    case .artifactLent(let loan):
      (
        .information,
        "artifact \(loan.artifact) lent to \(loan.borrower), \(Figures.bytes(loan.bytes))"
          .with(loan.reason)
      )
    case .artifactReturned(let back):
      (.information, "artifact \(back.artifact) given back exactly".with(back.reason))
    case .branchMerged(let merged): (.information, words(merged, run))
    case .notice(let notice): (notice.sign, notice.words)
    case .unknown(let kind): (.warning, "a newer Cairn wrote \(kind), which this one cannot read")
    default: runNews(fact.kind, run)
    }
  }

  private static func words(_ plan: Fact.PlanAdopted) -> String {
    var words = ["planned: peak \(Figures.bytes(plan.peakBytes))"]
    if let budget = plan.budgetBytes { words[0] += " of \(Figures.bytes(budget))" }
    if plan.boundBytes > 0 {
      let gap = Double(plan.peakBytes) / Double(plan.boundBytes) - 1
      if gap < 0 {
        words.append("the best order alone needs \(Figures.bytes(plan.boundBytes)) or more")
      } else {
        words.append(gap > 0 ? "at most \(Figures.percent(gap)) above the least" : "proved least")
      }
    }
    if plan.guesses > 0 { words.append("\(plan.guesses) sizes guessed") }
    if plan.workFactor > 1 { words.append("work ×\(Figures.hundredths(plan.workFactor))") }
    return words.joined(separator: ", ")
  }

  private static func runNews(_ kind: Fact.Kind, _ run: RunState) -> (Sign, String)? {
    switch kind {
    case .runOpened(let opened): (.information, words(opened))
    case .graphDefined: (.information, "\(run.taskCount) tasks")
    case .graphChanged(let change): (.information, words(change))
    case .planAdopted(let plan): (.information, words(plan))
    case .branchOpened(let opened): (.information, words(opened))
    case .requestMade(let made) where made.actor.kind != .cairn:
      (.information, "\(made.actor.name) asked: \(words(made.request, run))")
    case .requestRefused(let refused):
      (.warning, "refused: \(words(refused.request, run)): \(refused.reason)")
    case .runHeld(let remark): (.state(.held), "held: \(remark.reason)")
    case .runContinued(let remark): (.information, "goes on: \(remark.reason)")
    case .runClosed(let closed): (closed.ending.sign, "\(closed.ending.rawValue): \(closed.reason)")
    default: nil
    }
  }

  private static func news(
    _ change: Fact.TaskStateChanged, _ run: RunState, _ now: Double
  ) -> (Sign, String)? {
    let text: String? =
      switch change.state {
      case .done: doneWords(change.task, run)
      case .failed: failureWords(change, run)
      case .backoff: backoffWords(change, run, now)
      case .paused: "paused".with(change.reason)
      case .held: "held".with(change.reason)
      case .waiting: "waits for a person".with(change.reason)
      case .skipped: "skipped".with(change.reason)
      case .cancelled: "cancelled".with(change.reason)
      case .blocked, .ready, .running, .verifying: nil
      }
    return text.map { (.state(change.state), $0) }
  }
}

extension EventLine {
  private static func doneWords(_ task: TaskID, _ run: RunState) -> String {
    guard run.tasks.indices.contains(task.index), let attempt = run[task].lastAttempt,
      attempt.outcome?.isSuccess == true
    else { return "done".with(run.tasks.indices.contains(task.index) ? run[task].reason : nil) }
    var text = "done"
    if let seconds = attempt.seconds { text += " in \(Figures.duration(seconds))" }
    let bytes = run.graph[task].outputs.reduce(Int64(0)) { sum, output in
      sum + (run.artifacts[.init(task: task, name: output.name)]?.bytes ?? 0)
    }
    return bytes > 0 ? "\(text), \(Figures.bytes(bytes))" : text
  }

  private static func failureWords(_ change: Fact.TaskStateChanged, _ run: RunState) -> String {
    guard run.tasks.indices.contains(change.task.index),
      let outcome = run[change.task].lastAttempt?.outcome, !outcome.isSuccess
    else { return "failed".with(change.reason) }
    let limit = run.graph[change.task].retries.limit(for: outcome.class)
    return outcome.words + (limit > 0 ? ", failed for good" : "")
  }

  private static func backoffWords(
    _ change: Fact.TaskStateChanged, _ run: RunState, _ now: Double
  ) -> String {
    guard run.tasks.indices.contains(change.task.index) else { return "retries" }
    let status = run[change.task]
    let outcome = status.lastAttempt?.outcome
    var text = outcome?.words ?? change.reason ?? "failed"
    text += retry(after: outcome, of: status, run.graph[change.task].retries)
    if let until = change.untilSeconds { text += " in \(Figures.shortDuration(until - now))" }
    return text
  }

  /// Which of its retries comes next; none is used up by what the system lacked.
  private static func retry(
    after outcome: Outcome?, of status: TaskStatus, _ policy: RetryPolicy
  ) -> String {
    guard let outcome, outcome.class.isRetryable else { return ", tries again" }
    let used = status.attempts.count { attempt in
      guard let other = attempt.outcome?.class, other.isRetryable else { return false }
      if case .together = policy.allowance { return true }
      return other == outcome.class
    }
    return ", retry \(used)/\(max(used, policy.limit(for: outcome.class)))"
  }

  private static func words(_ opened: Fact.RunOpened) -> String {
    let verb = opened.isResumed ? "resumed" : "opened"
    return "\(verb) as number \(opened.run) on \(opened.host.name), \(opened.config.jobs) jobs"
  }

  private static func words(_ change: Fact.GraphChanged) -> String {
    "the graph changed: \(change.added.count) added, \(change.changed.count) changed, "
      + "\(change.removed.count) removed"
  }

  private static func words(_ request: Request, _ run: RunState) -> String {
    let tasks = request.tasks
    guard let first = tasks.first, run.graph.tasks.indices.contains(first.index) else {
      return request.verb
    }
    let rest = tasks.count > 1 ? " and \(tasks.count - 1) more" : ""
    return "\(request.verb) \(run.graph[first].name)\(rest)"
  }
}

extension Outcome {
  /// How the attempt ended, as in `exit 137` or `signal 9: out of memory`.
  package var words: String {
    let base =
      switch (`class`, status) {
      case (.success, _): "done"
      case (.exit, .code(let code)?): "exit \(code)"
      case (.signal, .signal(let number)?): "signal \(number)"
      case (.timeout, _): "timed out"
      case (.memory, _): "out of memory"
      case (.lost, _): "lost"
      case (.spawn, _): "could not start"
      case (.exhausted, _): "no room to start"
      case (.verification, _): "verification failed"
      case (.artifact, _): "artifact missing"
      case (.output, _): "too much output"
      case (.conflict, _): "conflict"
      case (.question, _): "asked"
      case (.rejected, _): "rejected"
      case (.revised, _): "told"
      case (.allowance, _): "over its allowance"
      case (.stopped, _): "stopped"
      case (.interrupted, _): "interrupted"
      case (.exit, _), (.signal, _): `class`.rawValue
      }
    guard let message, !message.isEmpty else { return base }
    // Of all that can go wrong with files, only the message knows.
    if `class` == .artifact { return message }
    return message.hasPrefix(base) ? message : "\(base): \(message)"
  }
}

extension Fact.RunClosed.Ending {
  fileprivate var sign: EventLine.Sign {
    switch self {
    case .done: .state(.done)
    case .failed: .state(.failed)
    case .stopped, .stalled: .warning
    }
  }
}

extension String {
  /// Appends a reason unless it says the same already.
  func with(_ reason: String?) -> String {
    guard let reason, !reason.isEmpty else { return self }
    return reason.hasPrefix(self) ? reason : "\(self): \(reason)"
  }
}
