import Model
import Planning

// What keeps facts durable, and what happens while they cannot be:
//
//   whole ──(append fails)──▶ stalled ──(append works)──▶ tight ──(reserve is back)──▶ whole
//     └────(append fails, works with the reserve's room)────▲
//
// Stalled: nothing can be recorded, what happens outside waits. Tight: facts are recorded in the room
// that the reserve had, nothing is admitted.
extension Engine {
  /// Makes the facts of this turn durable, then visible, the second perhaps together with the next ones.
  func commit() {
    guard !pending.isEmpty || !saved.isEmpty, ending == nil, stall == nil else { return }
    if canWait, save() { return }
    do throws(JournalProblem) {
      try append()
    } catch  where error.code == .passing {
      pause(error)
    } catch {
      fail(error)
    }
  }

  /// Whether readers can wait for the facts of this turn.
  private var canWait: Bool {
    now < nextGroupSeconds && !isUrgent && !isTight && history.state.closed == nil
  }

  private func save() -> Bool {
    guard pending.isEmpty || store.save(pending, run: context.run) else { return false }
    saved += pending
    pending.removeAll(keepingCapacity: true)
    return true
  }

  private func append() throws(JournalProblem) {
    try store.append(pending, run: context.run)
    log.append(saved)
    log.append(pending)
    saved.removeAll(keepingCapacity: true)
    pending.removeAll(keepingCapacity: true)
    isUrgent = false
    nextGroupSeconds = now + context.limits.groupCommitSeconds
    checkpointIfDue()
    ring()
  }

  /// A run that cannot be journaled ends at once: nothing may be shown that is not durable.
  private func fail(_ problem: JournalProblem) {
    for process in attempts.values.compactMap(\.process) { executor.signal(process, 9) }
    pending = []
    effects = []
    stall = nil
    end(.failure(problem))
  }

  /// Puts a checkpoint behind the facts that it covers, off the engine's thread.
  ///
  /// It has a transaction of its own: the facts alone are the truth, a checkpoint only spares reading
  /// them, so no turn waits for its text and none fails because of it.
  private func checkpointIfDue() {
    let sequence = history.state.sequence
    let interval = max(context.limits.checkpointFacts, 4 * graph.tasks.count)
    guard sequence - checkpointed >= interval, history.state.closed == nil else { return }
    checkpointed = sequence
    let (store, run, checkpoint) = (store, context.run, history.checkpoint)
    lanes.run(0) { try? store.keep(checkpoint, run: run) }
  }
}

/// Why nothing can be recorded, and what waits for it.
struct EngineStall: Sendable {
  var problem: JournalProblem
  /// Attempts at recording so far.
  var tries = 0
  /// When the next one is due, in elapsed seconds.
  var retrySeconds: Double
  /// What happened outside meanwhile; bounded as the inbox is.
  var waiting: [EngineInbox.Event] = []
}

// Without room.
extension Engine {
  /// Whether tasks may start: everything is recorded and the reserve is there for bad times.
  var hasRoom: Bool { stall == nil && !isTight }

  private func pause(_ problem: JournalProblem) {
    if history.state.closed == nil {
      record(
        .notice(
          Fact.Notice(
            code: "journal.full",
            text: "\(problem.description): paused, goes on when there is room")))
    }
    isTight = true
    do throws(JournalProblem) {
      guard try !recordsWithReserve() else { return wakeLater(context.limits.retrySeconds) }
    } catch {
      return fail(error)
    }
    // Who has asked for the end gets it, recorded or not.
    guard !isStopAsked else { return fail(problem) }
    stall = EngineStall(problem: problem, retrySeconds: now)
    waitLonger(problem)
  }

  /// - Throws: What will not pass.
  private func recordsWithReserve() throws(JournalProblem) -> Bool {
    guard store.releaseReserve() else { return false }
    do throws(JournalProblem) {
      try append()
      return true
    } catch  where error.code == .passing {
      return false
    }
  }

  private func waitLonger(_ problem: JournalProblem) {
    let limits = context.limits
    let tries = stall?.tries ?? 0
    let delay = min(limits.retrySeconds * Double(1 << min(tries, 16)), limits.retryCapSeconds)
    stall?.problem = problem
    stall?.tries = tries + 1
    stall?.retrySeconds = now + delay
    wakeLater(delay)
  }

  private func wakeLater(_ delay: Double) {
    let moment = now + delay
    nextRoomSeconds = moment
    clock.wake(at: clock.seconds + delay) { [weak self] in self?.post(.woke(moment)) }
  }

  /// Takes what happened while nothing can be recorded, and tries to record again when it is time.
  ///
  /// Returns what waited, once there is room; nil before.
  func wait(_ events: [EngineInbox.Event]) -> [EngineInbox.Event]? {
    guard let stall else { return events }
    var isCancelled = false
    for event in events {
      if case .cancelled = event { isCancelled = true }
      if case .woke(let moment) = event {
        now = max(now, moment)
      } else {
        self.stall?.waiting.append(event)
      }
    }
    guard isCancelled || stall.retrySeconds <= now else { return nil }
    return goOn(orEnd: isCancelled)
  }

  /// Records what is pending if that works now, and returns what waited for it; the last try ends the
  /// session where it does not.
  private func goOn(orEnd isLast: Bool) -> [EngineInbox.Event]? {
    do throws(JournalProblem) {
      try append()
    } catch  where error.code == .passing && !isLast && !isStopAsked {
      endOverdue()
      waitLonger(error)
      return nil
    } catch {
      fail(error)
      return nil
    }
    let waiting = stall?.waiting ?? []
    stall = nil
    wakeLater(context.limits.retrySeconds)
    guard let closed = history.state.closed else { return waiting }
    end(.success(closed))
    return nil
  }

  /// Timeouts and kills are carried out without room too; their facts follow.
  private func endOverdue() {
    expire()
    effects.removeAll { effect in
      guard case .signal(let process, let number) = effect else { return false }
      executor.signal(process, number)
      return true
    }
  }

  /// Lets tasks start again once the reserve is back.
  func makeRoomIfDue() {
    guard isTight, stall == nil, nextRoomSeconds <= now else { return }
    guard store.takeReserve() else { return wakeLater(context.limits.retryCapSeconds) }
    isTight = false
    record(.notice(Fact.Notice(code: "journal.room", text: "there is room again: the run goes on")))
  }

  /// The answer to a request while nothing can be recorded; nil once it can.
  func answerWithoutRoom(_ request: Request) -> Answer? {
    guard let stall else { return nil }
    guard request == .cancelRun || request == .killRun else {
      return .refused(
        reason: "\(stall.problem.description): nothing can be recorded; the run can only be stopped"
      )
    }
    if let events = goOn(orEnd: true) { for event in events { handle(event) } }
    guard case .failure(let problem) = ending else { return nil }
    return .refused(reason: problem.description)
  }
}
