import Model
import Planning

// What time and size do to attempts: timeouts, the kill after a grace, samples, the limit of a log.
extension Engine {
  func expire() {
    for (task, attempt) in due(\.deadlineSeconds) where !hasEndedUnrecorded(attempt) {
      let limit = attempt.place.task.timeoutSeconds ?? 0
      let words = attempt.stage == .verifying ? "verification ran" : "ran"
      attempts[task]?.deadlineSeconds = nil
      end(task, Outcome(.timeout, message: "\(words) longer than \(Self.seconds(limit))"))
    }
    for (task, attempt) in due(\.killSeconds) {
      attempts[task]?.killSeconds = nil
      if let process = attempt.process { effects.append(.signal(process, 9)) }
    }
    giveUpWaiting()
    startPostponed()
    sampleIfDue()
    meterIfDue()
  }

  private func due(
    _ moment: KeyPath<EngineAttempt, Double?>
  ) -> [(key: TaskID, value: EngineAttempt)] {
    attempts.filter { ($0.value[keyPath: moment] ?? .infinity) <= now }.sorted { $0.key < $1.key }
  }

  /// Its process has ended, in time, and only the room to record that is missing.
  private func hasEndedUnrecorded(_ attempt: EngineAttempt) -> Bool {
    stall?.waiting.contains { event in
      guard case .exited(let task, let number, let exit) = event else { return false }
      return task == attempt.task && number == attempt.number && exit.process == attempt.process
    } ?? false
  }

  /// Decides how an attempt ends, and ends it: TERM, a grace, then KILL.
  ///
  /// What was decided before stands. A frozen group is thawed, else TERM would wait with it.
  func end(_ task: TaskID, _ fate: Outcome, isImmediate: Bool = false) {
    guard var attempt = attempts[task], attempt.stage != .sealing else { return }
    attempt.fate = attempt.fate ?? fate
    attempt.patienceSeconds = nil
    if attempt.leave?.isShown == true { return conclude(task, attempt.fate ?? fate) }
    if let process = attempt.process {
      effects.append(.signal(process, isImmediate ? 9 : 15))
      if attempt.isFrozen { effects.append(.signal(process, 18)) }
      attempt.killSeconds =
        isImmediate
        ? nil
        : attempt.killSeconds
          ?? now + (attempt.place.task.graceSeconds ?? context.limits.graceSeconds)
    }
    if attempt.isFrozen { attempt.thaw(at: now) }
    attempt.deadlineSeconds = nil
    attempts[task] = attempt
  }

  private func sampleIfDue() {
    guard let next = nextSampleSeconds, next <= now else { return }
    let running = attempts.sorted { $0.key < $1.key }.compactMap { task, attempt in
      attempt.process.map { EngineSample(task: task, process: $0, log: growingLog(attempt)) }
    }
    nextSampleSeconds = running.isEmpty ? nil : now + context.limits.sampleSeconds
    // One at a time: a disk that cannot keep up must not be asked ever more often.
    guard !running.isEmpty, !isSampling else { return }
    isSampling = true
    let limits = context.limits
    effects.append(
      .job(lane: EngineLanes.watching) { [executor, logs, weak self] in
        let (rows, endless) = EngineSample.take(running, executor, logs, limits)
        self?.post(.sampled(rows, endless: endless))
      })
  }

  /// Where the output of the attempt's process goes now.
  private func growingLog(_ attempt: EngineAttempt) -> String {
    let stream: LogReference.Stream = attempt.stage == .verifying ? .verify : .output
    return artifacts.spool(attempt.place.slot)
      ?? artifacts.log(attempt.place.task, attempt: attempt.number, stream: stream).path
  }

  func sampled(_ new: [TaskID: Signals.TaskSample], endless: [TaskID]) {
    isSampling = false
    samples = new.filter { attempts[$0.key]?.process != nil }
    let limit = context.limits.outputBytes
    for (task, sample) in samples { keepAllowance(task, sample) }
    for task in endless where samples[task] != nil {
      // No grace: it writes on through it.
      end(
        task, Outcome(.output, message: "wrote more than \(ByteText.words(limit))"),
        isImmediate: true)
    }
  }

  private func keepAllowance(_ task: TaskID, _ sample: Signals.TaskSample) {
    guard let limits = graph.agent?.limits, let usage = sample.agent,
      let words = limits.passed(by: usage)
    else { return }
    end(task, Outcome(.allowance, message: words))
  }

  static func seconds(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value)) s" : "\(value) s"
  }
}

extension Engine {
  /// Deletes an artifact that nobody needs any more.
  func drop(_ key: RunState.ArtifactKey) {
    let isThere = history.state.artifacts[key] != nil || history.state.compressed[key] != nil
    guard isThere else { return schedule.gone(key) }
    guard !retention.undroppable.contains(key) else {
      return schedule.gone(key, isDeleted: false)
    }
    guard loan?.holds(key) != true else { loan?.postponedDrops.append(key); return }
    guard retention.dropping.insert(key).inserted else { return }
    schedule.leaves(key)
    let task = graph[key.task]
    effects.append(
      .job(lane: key.task.index) { [artifacts, weak self] in
        let result = Result { () throws(WorkspaceProblem) in
          try artifacts.drop(task, artifact: key.name)
        }
        var problem: WorkspaceProblem?
        if case .failure(let error) = result { problem = error }
        self?.post(.dropped(key, problem))
      })
  }

  func dropped(_ key: RunState.ArtifactKey, _ problem: WorkspaceProblem?) {
    retention.dropping.remove(key)
    let bytes = history.state.known(key)?.bytes ?? 0
    schedule.gone(key, isDeleted: problem == nil)
    if let problem {
      retention.undroppable.insert(key)
      record(
        .notice(
          Fact.Notice(.artifactUndropped, problem.description, task: key.task)))
    } else {
      record(
        .artifactDropped(
          Fact.ArtifactReference(
            task: key.task, artifact: key.name, bytes: bytes, digest: history.digests[key],
            recipe: history.state[key.task].standingAttempt?.fingerprint)))
    }
  }
}
