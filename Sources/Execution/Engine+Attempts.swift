import Model
import Planning

// An attempt: prepare (job) → command (process) → verify (process) → seal, export, release (job).
extension Engine {
  func admit() {
    for admission in schedule.admit() {
      let task = graph[admission.task]
      let place = AttemptPlace(
        task: task, attempt: admission.attempt, slot: admission.slot,
        needed: task.needs.map { graph[$0.task] }, digests: digests(of: task),
        expected: admission.kind == .recompute ? expectedDigests(task) : nil)
      attempts[task.id] = EngineAttempt(admission, place: place, at: now)
      policy?.lease()
      record(
        .taskAdmitted(
          Fact.TaskAdmitted(
            task: task.id, attempt: admission.attempt, admission: admission.kind,
            cpus: admission.cpus, memoryBytes: admission.memoryBytes,
            resources: admission.resources)))
      record(
        .slotLeased(
          Fact.SlotLeased(
            slot: place.slot, task: task.id, attempt: admission.attempt,
            keptBytes: admission.keptBytes > 0 ? admission.keptBytes : nil)))
      prepare(place)
    }
  }

  /// What the inputs of a task have to be.
  private func digests(of task: TaskGraph.Task) -> [RunState.ArtifactKey: String] {
    var digests: [RunState.ArtifactKey: String] = [:]
    for key in task.needs.flatMap({ graph.artifacts(of: $0) }) {
      digests[key] = history.digests[key]
    }
    return digests
  }

  /// What a task that is made again has to make; empty where it need not be the same.
  private func expectedDigests(_ task: TaskGraph.Task) -> [String: String] {
    guard task.isPure else { return [:] }
    let pairs = task.outputs.compactMap { output in
      history.digests[RunState.ArtifactKey(task: task.id, name: output.name)]
        .map { (output.name, $0) }
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  private func prepare(_ place: AttemptPlace) {
    let prompt = prompt(place)
    if prompt == nil, let folders = artifacts.prepareNow(place) {
      launches.append((place, EnginePreparation(folders: folders)))
      return
    }
    effects.append(
      .job(lane: place.slot) { [artifacts, logs, weak self] in
        let result = Result { () throws(WorkspaceProblem) in
          try Patience.carryOut { () throws(WorkspaceProblem) in
            EnginePreparation(
              folders: try artifacts.prepare(place), prompt: try prompt?.write(logs))
          }
        }
        self?.post(.prepared(place.task.id, attempt: place.attempt, result))
      })
  }

  private func prompt(_ place: AttemptPlace) -> EnginePrompt? {
    guard case .prompt(let text) = place.task.action else { return nil }
    let before = history.state[place.task.id].attempts.last {
      $0.number < place.attempt && !($0.outcome?.isSuccess ?? true)
    }
    var failures: [(title: String, path: String)] = []
    if let before {
      let number = before.number
      failures.append(
        ("End of attempt \(number), which failed", path(place, number, .output)))
      if before.verification != nil {
        failures.append(("End of its verification", path(place, number, .verify)))
      }
    }
    return EnginePrompt(
      text: text, path: path(place, place.attempt, .prompt),
      words: history.state[place.task.id].words ?? [], failures: failures,
      tailBytes: context.limits.promptTailBytes)
  }

  private func path(
    _ place: AttemptPlace, _ attempt: Int, _ stream: LogReference.Stream
  ) -> String {
    artifacts.log(place.task, attempt: attempt, stream: stream).path
  }

  func prepared(
    _ task: TaskID, _ number: Int, _ result: Result<EnginePreparation, WorkspaceProblem>
  ) {
    guard var attempt = attempts[task], attempt.number == number else { return }
    if let fate = attempt.fate { return conclude(task, fate) }
    switch result {
    case .failure(let problem):
      if let key = problem.damaged { damaged.insert(key) }
      conclude(task, Outcome(problem, orElse: problem.isLasting ? .spawn : .artifact))
    case .success(let preparation):
      for notice in preparation.folders.news { record(.notice(notice)) }
      attempt.folders = preparation.folders
      attempts[task] = attempt
      noteWorktree(preparation.folders.worktreeBytes, of: task)
      start(task, preparation)
    }
  }

  func start(_ task: TaskID, _ preparation: EnginePreparation) {
    guard let attempt = attempts[task] else { return }
    let log = artifacts.log(attempt.place.task, attempt: attempt.number, stream: .output)
    do throws(SpawnProblem) {
      let launch = try launcher(attempt, preparation.folders)
        .command(prompt: preparation.prompt, log: log.path)
      let process = try launch.map { launch throws(SpawnProblem) in try spawn(launch, attempt) }
      started(task, process, log: log.name)
    } catch {
      if postpone(task, .command(preparation), after: error) { return }
      conclude(task, Outcome(error))
    }
  }

  private func launcher(_ attempt: EngineAttempt, _ folders: AttemptFolders) -> EngineLaunch {
    EngineLaunch(
      context: context, agent: graph.agent, place: attempt.place, folders: folders,
      spool: artifacts.spool(attempt.place.slot), memoryBytes: attempt.memoryBytes)
  }

  private func spawn(
    _ launch: Launch, _ attempt: EngineAttempt
  ) throws(SpawnProblem) -> StartedProcess {
    let (task, number) = (attempt.task, attempt.number)
    return try executor.start(launch) { [weak self] exit in
      self?.post(.exited(task, attempt: number, exit))
    }
  }

  private func started(_ task: TaskID, _ process: StartedProcess?, log: String) {
    guard let attempt = attempts[task] else { return }
    let definition = history.state.fingerprints[task.index]
    record(
      .attemptStarted(
        Fact.AttemptStarted(
          task: task, attempt: attempt.number, pid: process?.pid ?? 0,
          startTime: process?.startTime ?? 0, log: log, slot: attempt.place.slot,
          fingerprint: graph.fingerprint(
            of: task, definition: definition, digests: history.digests, combine: context.combine)
        )))
    guard let process else { return succeed(task) }
    schedule.began(task, at: now)
    runs(task, process, .running)
  }

  /// A process of the attempt lives: its time counts from now.
  private func runs(_ task: TaskID, _ process: StartedProcess, _ stage: EngineAttempt.Stage) {
    guard var attempt = attempts[task] else { return }
    let wantsFreeze = attempt.isFrozen
    attempt.enter(stage, at: now)
    attempt.process = process
    attempt.isFrozen = false
    attempt.deadlineSeconds = attempt.place.task.timeoutSeconds.map { now + $0 }
    if isMetered { attempt.meterSeconds = now + context.limits.meterLeastSeconds }
    attempts[task] = attempt
    announce()
    if wantsFreeze { freeze(task, reason: "paused before it started") }
    if nextSampleSeconds == nil { nextSampleSeconds = now + context.limits.sampleSeconds }
  }
}

extension Engine {
  func exited(_ task: TaskID, _ number: Int, _ exit: ProcessExit) {
    guard var attempt = attempts[task], attempt.number == number, attempt.process == exit.process
    else { return }
    settleLog(attempt, exit)
    attempt.usage.add(exit.usage)
    attempt.process = nil
    attempt.question = nil
    attempt.patienceSeconds = nil
    attempts[task] = attempt
    samples[task] = nil
    if attempt.stage == .verifying {
      verified(task, exit)
    } else if var fate = attempt.fate {
      fate.status = exit.status
      conclude(task, fate)
    } else {
      let isSuccess = exit.status.isSuccess && exit.cause == .itself
      isSuccess ? succeed(task) : conclude(task, Outcome(exit))
    }
  }

  /// The command was successful; what remains is to prove it.
  func succeed(_ task: TaskID) {
    guard let attempt = attempts[task] else { return }
    guard let script = attempt.place.task.verify, let folders = attempt.folders else {
      return accept(task, Outcome(.success))
    }
    let log = path(attempt.place, attempt.number, .verify)
    do throws(SpawnProblem) {
      let launch = launcher(attempt, folders).verification(script, log: log)
      let process = try spawn(launch, attempt)
      schedule.beganVerifying(task, at: now)
      runs(task, process, .verifying)
    } catch {
      if postpone(task, .verification, after: error) { return }
      conclude(task, Outcome(error, while: "cannot verify: "))
    }
  }

  private func verified(_ task: TaskID, _ exit: ProcessExit) {
    guard let attempt = attempts[task] else { return }
    record(
      .verifyEnded(
        Fact.VerifyEnded(
          task: task, attempt: attempt.number, status: exit.status,
          seconds: now - attempt.stageSeconds,
          log: artifacts.log(attempt.place.task, attempt: attempt.number, stream: .verify).name)))
    if var fate = attempt.fate {
      fate.status = exit.status
      conclude(task, fate)
    } else if exit.cause != .itself {
      conclude(task, Outcome(exit))
    } else if exit.status.isSuccess {
      accept(task, Outcome(.success, status: exit.status))
    } else {
      conclude(task, Outcome(.verification, status: exit.status))
    }
  }

  /// How the attempt ends is settled, but for its files.
  func conclude(_ task: TaskID, _ outcome: Outcome) {
    guard var attempt = attempts[task] else { return }
    attempt.enter(.sealing, at: now)
    attempt.fate = outcome
    attempts[task] = attempt
    let place = attempt.place
    if place.task.isolation == .worktree, outcome.isSuccess { return queueMerge(task) }
    if artifacts.leavesNothing(place) { return finished(task, place.attempt, EngineFinish()) }
    finish(place, isSuccess: outcome.isSuccess)
  }

  func finish(_ place: AttemptPlace, isSuccess: Bool) {
    let hasRun = attempts[place.task.id]?.folders != nil
    effects.append(
      .job(lane: place.slot) { [artifacts, weak self] in
        let finish = EngineFinish.carryOut(
          place, isSuccess: isSuccess, hasRun: hasRun, in: artifacts)
        self?.post(.finished(place.task.id, attempt: place.attempt, finish))
      })
  }

  func finished(_ task: TaskID, _ number: Int, _ finish: EngineFinish) {
    guard var attempt = attempts[task], attempt.number == number, var outcome = attempt.fate
    else { return }
    attempt.enter(.sealing, at: now)
    for sealed in finish.sealed {
      record(.artifactSealed(sealed))
      let key = RunState.ArtifactKey(task: sealed.task, name: sealed.artifact)
      schedule.sealed(key, bytes: sealed.bytes, compressedBytes: sealed.compressedBytes)
      policy?.arrived(key)
    }
    for exported in finish.exported { record(.artifactExported(exported)) }
    let fresh = history.state.reuse.freshBytes(growingBy: finish.scratchBytes)
    record(
      .slotReleased(
        Fact.SlotReleased(
          slot: attempt.place.slot, task: task, attempt: number, askedBytes: finish.scratchBytes,
          freshBytes: fresh, recycledBytes: finish.scratchBytes - fresh)))
    if let bytes = finish.worktreeBytes { keep(bytes, in: attempt.place.slot, task) }
    if let merged = finish.merged { record(.branchMerged(merged)) }
    if merging == task { merging = nil }
    if let words = finish.conflict { outcome = Outcome(.conflict, message: words) }
    if let problem = finish.problem { outcome = Outcome(problem) }
    if let key = finish.problem?.damaged { damaged.insert(key) }
    record(
      .attemptEnded(
        Fact.AttemptEnded(
          task: task, attempt: number, outcome: outcome, usage: attempt.usage,
          phases: attempt.phases)))
    if let agent = attempt.usage.agent { schedule.spend(agent) }
    attempts[task] = nil
    standing.removeAll { $0 == task }
    schedule.ended(task, outcome, at: now)
    loseDamaged()
    if attempt.hasOutgrown { expectMore(of: attempt) }
    noteExcess()
    hurryPostponed()
    announce()
    goesOn = true
  }
}

extension Outcome {
  fileprivate init(_ exit: ProcessExit) {
    switch (exit.cause, exit.status) {
    case (.outOfMemory, _): self.init(.memory, status: exit.status)
    case (.lost, _): self.init(.lost)
    case (.unstarted(let problem), _): self.init(problem)
    case (.itself, .code): self.init(.exit, status: exit.status)
    case (.itself, .signal): self.init(.signal, status: exit.status)
    }
  }

  /// A damaged input is no fault of the attempt's, which is made again as after an interruption.
  fileprivate init(_ problem: WorkspaceProblem, orElse other: Class = .artifact) {
    self.init(problem.damaged == nil ? other : .interrupted, message: problem.description)
  }

  fileprivate init(_ problem: SpawnProblem, while doing: String = "") {
    self.init(
      problem.isPassing ? .exhausted : .spawn, message: doing + problem.description)
  }
}
