import Model

// A log is moved to its place when its process has ended; until then another program finds what was
// written in the spool of the attempt's slot.
extension JournalRun {
  /// Newest facts that are looked through for the slot of an attempt.
  private static let factsLookedAt = 4096

  /// The path of the log, or of the spool if the process that writes it is alive.
  func path(of log: LogReference, name: String) -> String {
    let path = layout.log(
      run: run, task: log.task, name: name, attempt: log.attempt, stream: log.stream
    ).path
    guard log.stream == .output || log.stream == .verify, !LogFile.exists(path),
      let slot = slot(writing: log)
    else {
      return path
    }
    let spool = layout.spool(run: run, slot: slot)
    // Moved while we looked: what lies in the spool now is another attempt's.
    return LogFile.exists(spool) && !LogFile.exists(path) ? spool : path
  }

  /// The slot in which the attempt runs whose process writes the log; nil if none does.
  private func slot(writing log: LogReference) -> Int? {
    guard let last = (try? journal.run(run))?.lastSequence,
      let facts = try? journal.facts(
        run: run, after: last - Self.factsLookedAt, limit: Self.factsLookedAt)
    else { return nil }
    var state: TaskState?
    var laterSlots: Set<Int> = []
    for fact in facts.reversed() {
      switch fact.kind {
      case .attemptEnded(let ended) where ended.task == log.task: return nil
      case .taskState(let change) where change.task == log.task: state = state ?? change.state
      case .attemptStarted(let started):
        guard started.task == log.task else {
          laterSlots.insert(started.slot)
          continue
        }
        let isVerifying = state == .verifying
        let isWriting = started.attempt == log.attempt && isVerifying == (log.stream == .verify)
        return isWriting && !laterSlots.contains(started.slot) ? started.slot : nil
      case .runOpened: return nil
      default: break
      }
    }
    return nil
  }
}
