@testable import Execution
import Model
import Planning
import Project

/// Plays a story: the real engine, session after session, in a world that does what the story says.
final class Player {
  let story: Story
  let journal: SimulatedJournal
  private let disk: SimulatedDisk
  private var referee: Referee
  private var asks: ArraySlice<Story.Ask>
  private var shocks: ArraySlice<Story.Shock>
  private var crashes: ArraySlice<Story.Crash>
  private var seconds = 0.0
  private var wallShift = 0.0
  private var session = 0
  private var turns = 0
  /// Turns in a row that told nothing new; samples alone go on for ever.
  private var quietTurns = 0
  private var versions: [Int]
  private var processes: SimulatedProcesses?
  /// Virtual time at which somebody stopped the run.
  private var stopSeconds: Double?
  /// Somebody wanted the session's end, whether or not it could be recorded.
  private var isStopAsked = false
  /// Limit of the workspace, once it is known what the first plan needs.
  private var budgetBytes: Int64?

  static let maximumTurns = 3_000
  static let maximumSessions = 12
  static let patience = 500
  static let ana = Actor(kind: .person, name: "ana", source: "test")
  private static let thread = PlayerThread()

  init(_ story: Story) {
    self.story = story
    journal = SimulatedJournal(story)
    let disk = SimulatedDisk(story)
    self.disk = disk
    let graph = story.graph
    referee = Referee(
      story,
      world: Referee.World(
        end: { _ in nil }, holds: { disk.holds(graph[$0.task], artifact: $0.name) },
        isAway: {
          disk.isAway(graph[$0.task], artifact: $0.name)
            || disk.compressedBytes(graph[$0.task], artifact: $0.name) != nil
        }))
    asks = story.asks[...]
    shocks = story.shocks[...]
    crashes = story.crashes[...]
    versions = story.graph.tasks.map { _ in 0 }
  }

  /// Plays to the end and returns what went against the rules, the first first.
  func play() throws -> [Referee.Violation] {
    while referee.violations.isEmpty, session < Self.maximumSessions {
      let isOver = try playSession()
      if isOver { break }
    }
    return referee.violations
  }

  /// Returns whether the run has come to where nothing but an edit would bring it on.
  private func playSession() throws -> Bool {
    session += 1
    if journal.facts.isEmpty { referee = Referee(story, world: referee.world) }
    for task in story.edits[session] ?? [] { versions[task.index] += 1 }
    for task in story.losses[session] ?? [] { disk.lose(task) }
    referee.versions = versions
    stopSeconds = nil
    isStopAsked = false
    let time = SimulatedTime(story, session: session, seconds: seconds, wallShift: wallShift)
    let processes = SimulatedProcesses(story, time: time, earlier: self.processes)
    self.processes = processes
    referee.world.end = { processes.end(of: $0) }
    journal.begin(crashes.popFirst(), time)
    settleLoans()
    let engine = try engine(time, processes)
    engine.assumeIsolated { engine in
      engine.open()
      engine.drain()
    }
    look(engine, processes)
    while referee.violations.isEmpty, journal.fault == nil, referee.closed == nil,
      !engine.hasFailed
    {
      step(engine, time)
      look(engine, processes)
    }
    finish(engine, time, processes)
    seconds = time.seconds
    wallShift = time.wallShift
    guard journal.fault == nil, let closed = referee.closed else { return false }
    return closed.ending != .stopped && session > story.crashes.count
  }

  /// What whoever opens the project does in front of all else.
  private func settleLoans() {
    let state = RunHistory(journal.facts).state
    let kinds = state.lent.keys.map { key -> Fact.Kind in
      let reference = Fact.ArtifactReference(
        task: key.task, artifact: key.name, bytes: state.artifacts[key]?.bytes ?? 0)
      return referee.world.holds(key) ? .artifactReturned(reference) : .artifactLost(reference)
    }
    journal.tell(kinds)
    for batch in journal.newBatches() { referee.watch(batch) }
  }

  private func finish(
    _ engine: Engine, _ time: SimulatedTime, _ processes: SimulatedProcesses
  ) {
    if journal.fault == .journalError, referee.violations.isEmpty {
      // An error behind a full disk is met at the next try.
      for _ in 0..<Self.patience where !engine.hasFailed && time.next != nil {
        time.ring(isWhole: true)
        engine.assumeIsolated { $0.drain() }
      }
      referee.expect(engine.hasFailed, "a journal that cannot ends the session", "")
    }
    if engine.hasFailed {
      referee.expect(
        processes.living.isEmpty, "an end without a journal kills all", "\(processes.living)")
      referee.expect(
        isStopAsked || journal.fault != nil, "a full disk ends nothing that nobody stopped", "")
    }
    processes.die()
    time.die()
    // What died in the middle of its turn was not seen by the drain of the missing inputs.
    _ = disk.takeMissing()
    _ = disk.takeUnproved()
  }

  private func engine(_ time: SimulatedTime, _ processes: SimulatedProcesses) throws -> Engine {
    var limits = EngineContext.Limits()
    limits.outputBytes = 10_000
    limits.sampleSeconds = 10
    // What grows is looked at as seldom: these processes write nothing before they seal.
    limits.meterSeconds = 10
    limits.meterLeastSeconds = 10
    limits.commitDelaySeconds = story.commitDelaySeconds
    limits.groupCommitSeconds = story.groupCommitSeconds
    let facts = journal.facts
    let combine: @Sendable ([String]) -> String = { $0.joined(separator: "+") }
    let opening = try EngineOpening(
      graph: story.graph,
      fingerprints: versions.enumerated().map { "v\($1) of t\($0)" }, config: story.config,
      history: facts.isEmpty ? nil : RunHistory(facts), combine: combine,
      holds: { [disk] in
        disk.holds($0, artifact: $1) || disk.isAway($0, artifact: $1)
          || disk.compressedBytes($0, artifact: $1) != nil
      })
    let (planned, config) = try plan(opening)
    // Stories are short: what lies still is lent whenever somebody asks.
    limits.loanBytes = 4_096
    limits.loanPace.seconds = 0.5
    limits.loanPace.leases = 2
    limits.loanPace.freeShare = 1
    var context = EngineContext(
      run: 1, root: "/project",
      host: Fact.Host(name: "host", cores: 2, memoryBytes: 0, diskFreeBytes: 0),
      version: "test", token: "token", environment: [], limits: limits, driver: time,
      combine: combine)
    context.lends = story.budget?.lends == true
    let engine = Engine(
      opening: opening, config: config, context: context, executor: processes, store: journal,
      artifacts: disk, logs: disk, clock: time, thread: Self.thread)
    if let planned {
      engine.assumeIsolated { $0.follow(planned.plan, of: planned.subject) }
    }
    return engine
  }

  /// Plans a session; who is refused asks for as much as is needed.
  private func plan(
    _ opening: EngineOpening
  ) throws -> (planned: RunPlanning.Planned?, config: RunConfig) {
    var config = story.config
    guard let budget = story.budget else { return (nil, config) }
    config.workspace = WorkspaceBudget(
      bytes: budgetBytes ?? .max / 4, isDefault: budget.isDefault,
      spillPath: budget.canSpill ? "/away" : nil, spillBytes: budget.canSpill ? 1 << 40 : 0)
    if budgetBytes == nil {
      let peak = try planned(opening, config)?.plan.peakBytes ?? 0
      config.workspace?.bytes = Int64(Double(peak) * budget.factor)
    }
    while true {
      do throws(Planner.Infeasible) {
        let planned = try planned(opening, config)
        budgetBytes = config.workspace?.bytes
        return (planned, config)
      } catch {
        config.workspace?.bytes = error.neededBytes
      }
    }
  }

  private func planned(
    _ opening: EngineOpening, _ config: RunConfig
  ) throws(Planner.Infeasible) -> RunPlanning.Planned? {
    try RunPlanning(config, effort: .again)?.plan(
      opening, earlier: story.earlierRuns, isAway: { [disk] in disk.isAway($0, artifact: $1) },
      compressedBytes: { [disk] in disk.compressedBytes($0, artifact: $1) })
  }
}

extension Player {
  /// Brings about what comes next: a shock, a request or an alarm.
  private func step(_ engine: Engine, _ time: SimulatedTime) {
    turns += 1
    referee.expect(turns < Self.maximumTurns, "a run ends", "after \(turns) turns")
    let next = time.next ?? .infinity
    let ask = asks.first?.seconds ?? .infinity
    let shock = shocks.first?.seconds ?? .infinity
    if shock <= min(ask, next), shock < .infinity {
      strike(time)
    } else if ask <= next, let first = asks.popFirst() {
      time.move(to: first.seconds)
      send(first.request, to: engine, time)
    } else if time.next != nil, quietTurns < Self.patience {
      time.ring(isWhole: story.dice.roll(.order, turns) < 0.5)
    } else {
      settle(engine, time)
    }
    engine.assumeIsolated { $0.drain() }
  }

  private func strike(_ time: SimulatedTime) {
    guard let shock = shocks.popFirst() else { return }
    time.move(to: shock.seconds)
    time.move(to: time.seconds + shock.forth)
    time.shift(wall: shock.wall)
  }

  private func send(_ request: Request, to engine: Engine, _ time: SimulatedTime) {
    let answer = engine.assumeIsolated { $0.answer(request, by: Self.ana) }
    if request == .cancelRun || request == .killRun { isStopAsked = true }
    guard answer == .accepted else { return }
    switch request {
    case .cancelRun, .killRun: stopSeconds = stopSeconds ?? time.seconds
    default: break
    }
  }

  /// Nothing moves any more: the run must be waiting for a person, who now lets everything go on.
  private func settle(_ engine: Engine, _ time: SimulatedTime) {
    referee.expect(
      referee.waitsForPerson, "rule 3 no deadlock",
      "nothing moves: \(referee.rows.map(\.state))")
    let tasks = referee.rows.indices.filter {
      let state = referee.rows[$0].state
      return state == .paused || (state == .held && !referee.waitsAside($0))
    }.map { TaskID($0) }
    send(.thawAll, to: engine, time)
    if !tasks.isEmpty { send(.resume(tasks), to: engine, time) }
    send(.continue, to: engine, time)
  }

  /// Checks all that has become durable since the last time, and what lies around the engine.
  private func look(_ engine: Engine, _ processes: SimulatedProcesses) {
    let batches = journal.newBatches()
    quietTurns = batches.isEmpty ? quietTurns + 1 : 0
    for batch in batches { referee.watch(batch) }
    guard journal.fault == nil else { return }
    for missing in disk.takeMissing() { mind(missing) }
    let unproved = disk.takeUnproved()
    referee.expect(unproved.isEmpty, "what is lent or proved stays where it is", "\(unproved)")
    // A look at the fold commits what waits; most turns go on without.
    if story.commitDelaySeconds == 0 || story.dice.roll(.order, turns, 1) < 0.2 {
      let (state, isWhole) = engine.assumeIsolated { ($0.snapshot, $0.saved.isEmpty) }
      for batch in journal.newBatches() { referee.watch(batch) }
      guard journal.fault == nil else { return }
      // On a full disk some facts are durable that nobody sees.
      if isWhole { referee.compare(state) }
    }
    referee.inspect(processes, isStalled: engine.isStalled)
    guard referee.closed != nil, let stopSeconds, story.shocks.isEmpty else { return }
    referee.expect(
      referee.elapsed <= 1e9 && (self.processes?.now ?? 0) - stopSeconds <= Self.longestStopSeconds,
      "I13 a stop is bounded", "it took \((self.processes?.now ?? 0) - stopSeconds) s")
  }

  /// TERM, the grace, KILL, the latest exit, and the slowest of a preparation, a seal and a drop.
  private static let longestStopSeconds =
    EngineContext.Limits().graceSeconds + SimulatedProcesses.latestExitSeconds
    + 3 * SimulatedTime.slowestJobSeconds + 1

  /// A task that waits for successes finds what it needs, unless somebody called a need done.
  private func mind(_ missing: SimulatedDisk.Missing) {
    let need = referee.rows[missing.input.task.index]
    let waitsForSuccess = story.graph[missing.task].when == .success
    referee.expect(
      !waitsForSuccess || need.proof == nil || need.isDoneByPerson, "inputs are there",
      "\(missing)")
  }
}

extension Engine {
  /// Nothing can be recorded now.
  fileprivate nonisolated var isStalled: Bool { assumeIsolated { $0.stall != nil } }

  /// The session is over, and that could not be recorded.
  fileprivate nonisolated var hasFailed: Bool {
    assumeIsolated {
      if case .failure = $0.ending { true } else { false }
    }
  }
}

/// Runs an engine in the player's own turn: nothing of it is ever anywhere else.
final class PlayerThread: SerialExecutor, TurnThread {
  var serialExecutor: any SerialExecutor { self }
  /// The player ends a turn itself.
  func askTurnEnd() -> Bool { true }

  func setTurnEnd(_ body: @escaping @Sendable () -> Void) {}

  func enqueue(_ job: consuming ExecutorJob) {
    UnownedJob(job).runSynchronously(on: asUnownedSerialExecutor())
  }

  func checkIsolated() {}
}
