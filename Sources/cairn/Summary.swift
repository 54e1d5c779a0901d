import Dashboard
import Model
import Project

/// A run in a few lines, for the normal screen after the dashboard and for `cairn status`.
enum Summary {
  static func lines(
    _ state: RunState, standing: RunStanding, signals: Signals? = nil
  ) -> [String] {
    let elapsed = max(state.elapsedSeconds, signals?.elapsedSeconds ?? 0)
    let failed = state.graph.tasks.filter { !$0.isRemoved && state[$0.id].state == .failed }
    var lines = [
      "run \(state.run)  \(state.graph.name)  \(standing.rawValue)"
        + (state.closed.map { "  \($0.reason)" } ?? ""),
      "  tasks     \(counts(state.counts))",
      "  elapsed   \(Figures.duration(elapsed)) in \(counted(state.session, "session"))",
      "  workspace \(Figures.bytes(state.footprintBytes)) now, peak \(Figures.bytes(state.peakBytes)), "
        + "\(Figures.bytes(state.reuse.askedBytes)) asked for",
      "  reuse     \(reuse(state))",
      "  autonomy  \(AutonomyReport(state).line)",
    ]
    if let signals { lines += running(state, signals, elapsed) }
    lines += failed.prefix(5).map { task in
      "  failed    \(task.name): \(state[task.id].reason ?? "no reason recorded")"
        + "; `cairn logs \(task.name)`"
    }
    if failed.count > 5 { lines.append("  failed    and \(failed.count - 5) more") }
    if let next = next(state, standing) { lines.append("  next      \(next)") }
    return lines
  }

  /// What to type next; nil where nothing is left to do, or where the reason has said it.
  private static func next(_ state: RunState, _ standing: RunStanding) -> String? {
    guard standing.isUnfinished || standing == .failed else { return nil }
    return state.closed?.reason.contains("`cairn resume") == true ? nil : "cairn resume"
  }

  /// What runs now, the longest first.
  private static func running(_ state: RunState, _ signals: Signals, _ now: Double) -> [String] {
    let active = state.graph.tasks.filter { state[$0.id].state.isActive }.sorted {
      (state[$0.id].lastAttempt?.startSeconds ?? 0) < (state[$1.id].lastAttempt?.startSeconds ?? 0)
    }
    let rows = active.prefix(shownActive).map { task in
      let start = state[task.id].lastAttempt?.startSeconds ?? now
      let memory = signals.tasks[task.id].map { "  \(Figures.bytes($0.residentBytes))" } ?? ""
      return "  \(state[task.id].state.rawValue)   \(task.name)"
        + "  \(Figures.duration(max(0, now - start)))\(memory)"
    }
    let rest = active.count - rows.count
    return rest > 0 ? rows + ["  running   and \(rest) more"] : rows
  }

  private static let shownActive = 8

  /// As in `3: 2 done, 1 failed`.
  static func counts(_ counts: TaskCounts) -> String {
    let parts = TaskState.allCases.reversed().compactMap { kind -> String? in
      let count = counts[kind]
      return count > 0 ? "\(count) \(kind.rawValue)" : nil
    }
    return "\(counts.total): " + parts.joined(separator: ", ")
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func reuse(_ state: RunState) -> String {
    guard let factor = state.reuse.factor, let best = state.reuse.bestFactor else {
      return "n/a: nothing was asked for"
    }
    return
      "ρ \(Figures.hundredths(factor)) of at most \(Figures.hundredths(best)) for this schedule"
  }

}

/// An attempt in one line, for `cairn show`.
enum AttemptText {
  static func line(_ attempt: AttemptRecord) -> String {
    guard let outcome = attempt.outcome else { return "running since \(since(attempt))" }
    var parts = [outcome.message ?? outcome.class.rawValue]
    if let end = attempt.endSeconds {
      parts.append("after \(Figures.duration(end - attempt.startSeconds - attempt.pausedSeconds))")
    }
    if let usage = attempt.usage, let peak = Figures.peak(usage) {
      parts.append("peak memory \(peak)")
      parts.append("cpu \(Figures.duration(usage.userSeconds + usage.systemSeconds))")
    }
    return parts.joined(separator: ", ")
  }

  private static func since(_ attempt: AttemptRecord) -> String {
    "\(Figures.duration(attempt.startSeconds)) of the run"
  }
}
