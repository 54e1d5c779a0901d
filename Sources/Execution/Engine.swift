package import Model
package import Planning

/// Carries out a run: the only thing in it that acts.
///
/// Holds the pure `Schedule` and the fold of the facts, and brings them together with processes,
/// files and the journal. In one turn, without a suspension: what happened outside is taken from the
/// inbox, the schedule says what follows, the facts get the next numbers, one append makes them
/// durable, then readers are woken and effects (signals, jobs on the disk) begin.
///
/// Processes start before their fact is durable, because the fact names the pid. What a crash leaves
/// between the two is found by the run's token.
package actor Engine {
  let context: EngineContext
  let config: RunConfig
  let executor: any Executor
  let store: any FactStore
  let artifacts: any ArtifactStore
  let logs: any LogStore
  let clock: any RunClock
  package nonisolated let opening: EngineOpening
  let lanes: EngineLanes
  let inbox = EngineInbox()
  private let serial: any SerialExecutor
  /// Where it runs, when that is where processes end too.
  private let thread: (any TurnThread)?
  /// Number of this session in the run.
  let session: Int

  /// As the run has it now.
  var graph: TaskGraph
  /// Definitions of the file that tasks do not follow and of which that was said, by their fingerprints.
  var toldDefinitions: [TaskID: String] = [:]
  var schedule: Schedule
  /// The fold of all facts, those of this turn among them.
  var history: RunHistory
  var log: EngineLog
  /// Facts of this turn that are not durable yet.
  var pending: [Fact] = []
  /// Facts in front of them that are durable and that nobody sees yet.
  var saved: [Fact] = []
  /// From when on the next facts are shown at once, in elapsed seconds.
  var nextGroupSeconds = 0.0
  /// Somebody waits for the facts of this turn.
  var isUrgent = false
  /// Number of the newest fact of which a checkpoint was taken.
  var checkpointed: Int
  var stall: EngineStall?
  /// Without a reserve: what happens is recorded, nothing is admitted.
  var isTight = false
  /// When to look for room again, in elapsed seconds.
  var nextRoomSeconds = 0.0
  var effects: [Effect] = []
  /// Attempts that were admitted in this turn and need nothing but to be started.
  var launches: [(AttemptPlace, EnginePreparation)] = []
  /// An attempt ended while the turn's processes were started, so something may follow from it.
  var goesOn = false
  var attempts: [TaskID: EngineAttempt] = [:]
  var retention: EngineRetention
  /// What the session begins with, until it has been recorded.
  var firstPlan: Plan?
  /// Artifacts that were found damaged and have readers still; they are lost when those have ended.
  var damaged: Set<RunState.ArtifactKey> = []
  /// What lies on the spill file system, and the log has in the workspace.
  var spilledUnsaid: [RunState.ArtifactKey] = []
  var compressedUnsaid = ArtifactTable<Int64>()
  var samples: [TaskID: Signals.TaskSample] = [:]
  /// The hold was part of a freeze of everything, and ends with it.
  var isHeldByFreeze = false

  /// Elapsed seconds of this turn.
  var now: Double
  /// Clock and elapsed seconds when the session opened.
  private var originSeconds = 0.0
  private let baseSeconds: Double
  /// Elapsed seconds of the wake-up that is under way.
  private var armedSeconds: Double?
  var nextSampleSeconds: Double?
  /// Attempts that stand still because the workspace has no room for what they write, the oldest first.
  var standing: [TaskID] = []
  /// Attempts that are over but for their merge, and the one that is being merged.
  var waitingMerges: [TaskID] = []
  var merging: TaskID?
  /// Footprint and growing artifacts were past the budget when they were measured last.
  var isOverBudget = false
  /// No plan fits what is left, and that has been said.
  var isUnplanned = false
  var isSampling = false
  /// When what is being measured now was begun, and how long that took the last time.
  var meteringSeconds: Double?
  var meteredSeconds = 0.0
  /// What is under way and only the end of the run waits for.
  var chores = 0
  /// nil: nothing is lent.
  var policy: StorePolicy?
  /// The one that is open.
  var loan: EngineLoan?
  var isLookingForLoan = false

  private var isOpen = false
  /// Somebody wants the end of the session, whether or not it can be recorded.
  var isStopAsked = false
  var ending: Result<Fact.RunClosed, JournalProblem>?
  var bells: [Int: CheckedContinuation<Void, Never>] = [:]
  var nextBell = 0
  /// Who waits for the end of the session.
  var enders: [CheckedContinuation<Void, Never>] = []

  enum Effect: Sendable {
    case signal(StartedProcess, Int32)
    case job(lane: Int, @Sendable () -> Void)
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    serial.asUnownedSerialExecutor()
  }

  /// Prepares a session; nothing happens before `run()`.
  ///
  /// - Parameters:
  ///   - graph: As the file says it, in its own numbering.
  ///   - fingerprints: Definitions, one a task of `graph`.
  ///   - config: How the session runs.
  ///   - history: Earlier sessions of the run; nil for a new one.
  ///   - context: The world around the run.
  ///   - executor: Starts processes.
  ///   - store: Makes facts durable.
  ///   - artifacts: The workspace.
  ///   - logs: Reads logs and writes prompts.
  ///   - clock: Tells the time and wakes.
  ///   - thread: Where the engine runs; nil is a queue of its own.
  ///   - source: Where the graph came from, for people.
  /// - Throws: `UnknownSelection` when `config.selection` names what the graph has not.
  package init(
    graph: TaskGraph, fingerprints: [String], config: RunConfig, history: RunHistory? = nil,
    context: EngineContext, executor: any Executor, store: any FactStore,
    artifacts: any ArtifactStore, logs: any LogStore, clock: any RunClock,
    thread: (any TurnThread)? = nil, source: String = ""
  ) throws(UnknownSelection) {
    self.init(
      opening: try EngineOpening(
        graph: graph, fingerprints: fingerprints, config: config, history: history, source: source,
        trustsReview: context.trustsReview, combine: context.combine,
        holds: { artifacts.holds($0, artifact: $1) }),
      config: config, context: context, executor: executor, store: store, artifacts: artifacts,
      logs: logs, clock: clock, thread: thread)
  }

  /// The same for who has looked already at what the session begins with, as to plan it.
  package init(
    opening: EngineOpening, config: RunConfig, context: EngineContext, executor: any Executor,
    store: any FactStore, artifacts: any ArtifactStore, logs: any LogStore, clock: any RunClock,
    thread: (any TurnThread)? = nil
  ) {
    self.opening = opening
    self.context = context
    self.config = config
    self.executor = executor
    self.store = store
    self.artifacts = artifacts
    self.logs = logs
    self.clock = clock
    self.thread = thread
    serial = thread?.serialExecutor ?? EngineQueue()
    self.history = opening.history
    graph = opening.graph
    schedule = opening.schedule
    lanes = EngineLanes(
      count: min(context.limits.lanes, config.jobs), driver: context.driver)
    log = EngineLog(limit: context.limits.factsInMemory, last: opening.history.state.sequence)
    session = opening.history.state.session + 1
    checkpointed = opening.history.state.sequence
    baseSeconds = opening.history.state.elapsedSeconds
    now = baseSeconds
    if context.lends {
      let limits = context.limits
      policy = StorePolicy(
        leastBytes: Int64(limits.loanBytes), pace: limits.loanPace, from: baseSeconds)
    }
    let schedule = opening.schedule
    let done = opening.graph.tasks.map(\.id).filter { schedule[$0].state == .done }
    retention = EngineRetention(opening.graph, done: Set(done))
    thread?.setTurnEnd { [weak self] in self?.assumeIsolated { $0.drain() } }
  }
}

extension Engine {
  var state: RunState { history.state }

  /// The fold of all durable facts.
  ///
  /// - Complexity: O(facts of this session) while some cannot be made durable, else O(1).
  package var snapshot: RunState {
    isUrgent = true
    commit()
    // The fold of the engine is ahead of the journal then, and nothing is taken out of a fold again.
    return log.last == history.state.sequence ? history.state : durableState
  }

  /// What the next session can go on from.
  package var checkpoint: RunHistory.Checkpoint { history.checkpoint }

  /// How the session ended; nil while it goes on.
  package var closed: Fact.RunClosed? { try? ending?.get() }

  /// Opens the session, runs until nothing can be brought on any more, and returns how it ended.
  ///
  /// A cancelled task stops the run as a person would.
  ///
  /// - Throws: `JournalProblem` when facts cannot be made durable; all processes were killed then.
  package func run() async throws(JournalProblem) -> Fact.RunClosed {
    open()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if ending == nil { enders.append(continuation) } else { continuation.resume() }
      }
    } onCancel: {
      post(.cancelled)
    }
    guard let ending else { preconditionFailure("the run ended without an ending") }
    return try ending.get()
  }

  /// Records how the session begins and starts what can start; `run` calls it.
  package func open() {
    guard !isOpen else { return }
    isOpen = true
    originSeconds = clock.seconds
    schedule.beginSession(at: now)
    _ = store.takeReserve()
    record(
      .runOpened(
        Fact.RunOpened(
          run: context.run, cairn: context.version, host: context.host, config: config,
          isResumed: session > 1, token: context.token, hidesSlots: context.hidesSlots,
          watchesSlots: context.watchesSlots)))
    for fact in opening.facts() { record(fact) }
    if let branch = context.branch { record(.branchOpened(branch)) }
    tellMoved()
    tellWorktrees()
    if let firstPlan { record(.planAdopted(Fact.PlanAdopted(firstPlan))) }
    firstPlan = nil
    for notice in context.notices { record(.notice(notice)) }
    for key in retention.free() { drop(key) }
    if let tidies = context.tidies { chore(lane: 0, tidies) }
    proceed()
  }

  /// Deals with all that has happened outside.
  ///
  /// Called by itself; a driver of virtual time calls it before it moves the clock.
  package func drain() {
    while ending == nil {
      let new = inbox.take()
      guard !new.isEmpty else { return }
      readClock()
      guard let events = wait(new) else { continue }
      for event in events { handle(event) }
      proceed()
    }
  }

  nonisolated func post(_ event: EngineInbox.Event) {
    guard inbox.add(event), context.driver == nil else { return }
    // On the engine's own thread the end of the turn drains.
    if thread?.askTurnEnd() == true { return }
    Task { await self.drain() }
  }

  func handle(_ event: EngineInbox.Event) {
    switch event {
    case .prepared(let task, let number, let result): prepared(task, number, result)
    case .exited(let task, let number, let exit): exited(task, number, exit)
    case .finished(let task, let number, let finish): finished(task, number, finish)
    case .dropped(let key, let problem): dropped(key, problem)
    case .moved(let move, let result): moved(move, result)
    case .planned(let proposal): planned(proposal)
    case .looked(let answers): looked(answers)
    case .returned(let end): returned(end)
    case .sampled(let new, let endless): sampled(new, endless: endless)
    case .metered(let grown): metered(grown)
    case .cooled(let slot, let problem): cooled(slot, problem)
    case .tidied(let notices): tidied(notices)
    case .trespassed(let trespass): trespassed(trespass)
    case .asked(let process, let words): asked(process, words)
    case .shown(let task, let number, let files): shown(task, number, files: files)
    case .woke(let seconds): now = max(now, seconds)
    case .cancelled: stopByCancellation()
    }
  }

  var isLive: Bool { isOpen && ending == nil }

  func readClock() { now = max(now, baseSeconds + clock.seconds - originSeconds) }

  /// Ends a turn: time, changes, admissions, the end of the run, durability, effects, wake-up.
  ///
  /// Nothing starts before that is durable from which it follows. That it has started is not, until the
  /// next commit: a process whose fact was lost is found by the run's token.
  func proceed() {
    repeat {
      goesOn = false
      schedule.advance(to: now)
      expire()
      makeRoomIfDue()
      announce()
      keepToPlan()
      letStandingGoOn()
      mergeNext()
      if hasRoom { admit() }
      lendIfDue()
      closeIfOver()
      commit()
      guard ending == nil, stall == nil else { return }
      begin()
      launch()
    } while goesOn || !effects.isEmpty || schedule.isPlanDue || schedule.isDropDue
    arm()
  }

  private func launch() {
    let launches = launches
    self.launches.removeAll(keepingCapacity: true)
    for (place, preparation) in launches {
      prepared(place.task.id, place.attempt, .success(preparation))
    }
  }

  private func begin() {
    let effects = effects
    self.effects.removeAll(keepingCapacity: true)
    for effect in effects {
      switch effect {
      case .signal(let process, let number): executor.signal(process, number)
      case .job(let lane, let job): lanes.run(lane, job)
      }
    }
  }

  /// Asks for a wake-up at the next moment at which time alone brings something on.
  ///
  /// Facts about what was started wait a little for those of the next turn, so that a task costs one
  /// commit and not two.
  private func arm() {
    var next = min(schedule.nextWakeSeconds ?? .infinity, nextSampleSeconds ?? .infinity)
    next = min(next, nextMeterSeconds ?? .infinity, nextLoanSeconds ?? .infinity)
    for attempt in attempts.values { next = min(next, attempt.nextWakeSeconds ?? .infinity) }
    if !saved.isEmpty { next = min(next, nextGroupSeconds) }
    if !pending.isEmpty {
      if context.limits.commitDelaySeconds == 0 { commit() }
      next = min(next, now + context.limits.commitDelaySeconds)
    }
    if let armed = armedSeconds, armed <= now { armedSeconds = nil }
    guard ending == nil, stall == nil, next < armedSeconds ?? .infinity else { return }
    armedSeconds = next
    let moment = next
    clock.wake(at: originSeconds + next - baseSeconds) { [weak self] in
      // Not what the clock reads then: rounding may show it earlier, and nobody would wake again.
      self?.post(.woke(moment))
    }
  }

  func end(_ result: Result<Fact.RunClosed, JournalProblem>) {
    ending = result
    _ = store.releaseReserve()
    ring()
    for continuation in enders { continuation.resume() }
    enders = []
  }

  private func closeIfOver() {
    guard attempts.isEmpty, let closing = schedule.closing() else { return }
    if closing.ending == .done {
      let schedule = schedule
      let free = retention.freeAtEnd { schedule.isSelected($0) && schedule[$0].state.hasEnded }
      for key in free { drop(key) }
    }
    guard retention.dropping.isEmpty, chores == 0 else { return }
    tellBranch()
    record(.runClosed(closing))
    commit()
    if ending == nil, stall == nil { end(.success(closing)) }
  }
}
