package import Execution
import Foundation
package import Model
package import Planning

/// One session of a run, from the lock to the last fact.
package struct RunSession: Sendable {
  /// Number of the run in its project.
  package let run: Int
  /// The fold of the run's earlier sessions.
  package let earlier: RunState
  private let engine: Engine
  private let executor: ProcessExecutor
  /// Holds the lock and the journal for as long as the session lives.
  private let keeper: ProjectKeeper
  private let token: String
  private let planned: RunPlanning.Planned?
  private let workspace: Workspace
  /// nil where the tasks come from no Task Master file.
  private let follower: TaskFileFollower?

  package var source: any RunSource { engine }

  /// What the session begins with; nil without a limit of the workspace.
  package var plan: Plan? { planned?.plan }

  /// What runs and why, for `--explain`.
  package var explanation: [String] { Explanation(engine.opening, run: run).lines }

  /// Runs to the end of the session and ends what the tasks left behind.
  ///
  /// - Throws: `JournalProblem` when a fact could not be made durable.
  package func drive() async throws -> Fact.RunClosed {
    if let planned { await engine.follow(planned.plan, of: planned.subject) }
    let following = Task { await follower?.follow() }
    let closed: Fact.RunClosed
    do {
      closed = try await engine.run()
    } catch {
      await following.value
      throw error
    }
    _ = Leftovers.end(token: token)
    executor.closeSpools()
    if closed.ending == .done, await engine.snapshot.keptAway.isEmpty {
      workspace.removeSpilled(run: run)
    }
    await following.value
    await tidyUp()
    return closed
  }

  /// Spares the next session the folding, and the disk what nobody reads; nothing depends on it.
  private func tidyUp() async {
    let checkpoint = await engine.checkpoint
    if checkpoint.sequence - earlier.sequence >= Self.checkpointFacts {
      try? keeper.journal.keep(checkpoint, run: run)
    }
    try? keeper.journal.compact()
  }

  /// Fewest facts of a session that are worth a checkpoint.
  private static let checkpointFacts = 2_048

  /// Statuses that could not be written into the file when the run had ended, in lines.
  package func unwritten() async -> [String] { await follower?.remarks() ?? [] }

  /// The fold of all facts so far.
  package func state() async -> RunState { await engine.snapshot }
}

extension RunSession {
  /// Starts a new run.
  ///
  /// `proof` is for measuring what proof costs; no command that runs somebody's project gives it.
  ///
  /// - Throws: `ProjectProblem`, `JournalProblem`, `WorkspaceProblem`.
  package static func begin(
    _ loaded: LoadedProject, keeper: ProjectKeeper, config: RunConfig, cairn: String,
    lastAct: LastAct? = nil, proof: Workspace.Proof = .digests
  ) throws -> RunSession {
    let loaded = loaded.claimed(after: keeper.last?.state)
    try loaded.requireAgent()
    _ = try loaded.selected(by: config.selection)
    let workspace = try Workspace(
      root: loaded.location.root, run: try keeper.journal.nextRun(),
      inherited: try keeper.journal.inheritance(for: config.selection),
      spill: config.workspace?.spill, proof: proof)
    try loaded.requireInputs(of: config.selection, in: workspace)
    let session = try make(
      loaded, keeper: keeper, config: config, run: workspace.run, history: nil,
      workspace: workspace, cairn: cairn, lastAct: lastAct)
    _ = try keeper.journal.newRun(wallTime: SystemClock().wallTime, cairn: cairn)
    if config.selection == nil { _ = workspace.sweepOldRuns(keeping: keeper.kept()) }
    return session
  }

  /// Goes on with the last run.
  ///
  /// - Throws: `ProjectProblem` (`missing`) without a run, `JournalProblem`, `WorkspaceProblem`.
  package static func resume(
    _ loaded: LoadedProject, keeper: ProjectKeeper, config: RunConfig, cairn: String,
    lastAct: LastAct? = nil
  ) throws -> RunSession {
    guard let last = keeper.last else {
      throw ProjectProblem(.missing, "there is no run to resume; `cairn run` starts one")
    }
    let loaded = loaded.claimed(after: last.state).unsaying(last.state)
    try loaded.requireAgent()
    var config = config
    config.selection = last.state.opened?.config.selection
    let workspace = try Workspace(
      root: loaded.location.root, run: last.number,
      inherited: try keeper.journal.inheritance(
        for: config.selection, before: last.number),
      spill: config.workspace?.spill)
    return try make(
      loaded, keeper: keeper, config: config, run: last.number,
      history: last.history, workspace: workspace, cairn: cairn, lastAct: lastAct)
  }

  /// Short enough for the screen, which draws 30 times a second.
  private static let commitDelaySeconds = 0.005
  /// Less than a frame of the dashboard.
  private static let groupCommitSeconds = 0.02

  private static func make(
    _ loaded: LoadedProject, keeper: ProjectKeeper, config: RunConfig, run: Int,
    history: RunHistory?, workspace: Workspace, cairn: String, lastAct: LastAct?
  ) throws -> RunSession {
    try workspace.openSpill()
    let token = UUID().uuidString
    let place = try loaded.repository(for: config.selection, token: token)
    var workspace = workspace
    workspace.branch = try place.map {
      try $0.branch(of: run, in: workspace.layout, earlier: history?.state.branch)
    }
    let fingerprints = try loaded.fingerprints()
    var limits = EngineContext.Limits.fitting
    limits.commitDelaySeconds = Self.commitDelaySeconds
    limits.groupCommitSeconds = Self.groupCommitSeconds
    limits.logCap = LogCap(bytes: loaded.logs.capBytes)
    var context = EngineContext(
      run: run, root: loaded.location.root, host: .current(folder: loaded.location.root),
      version: cairn, token: token, environment: Self.environment(),
      shell: LoadedProject.interpreter, trustsReview: loaded.trustsReview,
      limits: limits, combine: { Fingerprint.combine($0) })
    let (layout, kept) = (workspace.layout, loaded.logs)
    let spared = Set([run] + keeper.resumableRuns)
    context.tidies = {
      layout.sweepLogs(newest: kept.runs, bytes: kept.totalBytes, sparing: spared)
    }
    context.notices = keeper.lost.map {
      Fact.Notice(code: "journal.repaired", text: $0)
    }
    context.branch = workspace.branch?.opened
    context.worktrees = keptWorktrees(layout, loaded)
    context.lends = loaded.lends
    if loaded.lends {
      let lender = Lender(keeper.lock, environment: Self.environment())
      workspace.borrow = { order, seconds, leash throws(WorkspaceProblem) in
        _ = try lender.carryOut(order, within: seconds, on: leash)
      }
    }
    context.notices += [place?.notice].compactMap { $0 }
    do {
      let opening = try EngineOpening(
        graph: loaded.graph, fingerprints: fingerprints, config: config, history: history,
        source: loaded.location.displayName, trustsReview: context.trustsReview,
        combine: context.combine,
        holds: {
          workspace.holds($0, artifact: $1) || workspace.holdsCompressed($0, artifact: $1)
            || workspace.holdsSpilled($0, artifact: $1)
        })
      let planned = try planned(opening, config, loaded, workspace, context.worktrees)
      let executor = try ProcessExecutor(containment: Self.containment(), lastAct: lastAct)
      let slot = try workspace.openSlot(0)
      context.hidesSlots = executor.hideSlots(from: slot) == nil
      if context.hidesSlots == false {
        context.watchesSlots = executor.watchSlots(beside: slot) == nil
      }
      let engine = Engine(
        opening: opening, config: config, context: context, executor: executor,
        store: keeper.journal, artifacts: workspace, logs: LogFiles(), clock: executor.clock,
        thread: executor)
      executor.tellTrespasses { [weak engine] in engine?.tell($0) }
      executor.tellQuestions { [weak engine] in engine?.tellQuestion($0, $1) }
      return RunSession(
        run: run, earlier: history?.state ?? RunState(), engine: engine, executor: executor,
        keeper: keeper, token: context.token, planned: planned, workspace: workspace,
        follower: TaskFileFollower(engine, loaded, earlier: history?.state ?? RunState()))
    } catch let error as UnknownSelection {
      throw loaded.problem(error)
    } catch let error as SpawnProblem {
      throw ProjectProblem(.unavailable, "cannot start processes: \(error)")
    }
  }

  /// The session's plan; a budget that no plan meets is refused (`Planner.Infeasible`) before anything
  /// runs.
  private static func planned(
    _ opening: EngineOpening, _ config: RunConfig, _ loaded: LoadedProject,
    _ workspace: Workspace, _ worktrees: [Int: EngineContext.KeptWorktree]
  ) throws -> RunPlanning.Planned? {
    guard let planning = RunPlanning(config) else { return nil }
    let history = ProjectHistory(loaded.location)
    return try planning.plan(
      opening, earlier: history.earlierRuns(before: .max),
      // With the caches of those that are there: new ones will come to have them too.
      worktreeBytes: try workspace.branch.map {
        max(try $0.worktreeBytes(), worktrees.values.map(\.bytes).max() ?? 0)
      } ?? 0,
      isAway: { !workspace.holds($0, artifact: $1) && workspace.holdsSpilled($0, artifact: $1) },
      compressedBytes: {
        workspace.holds($0, artifact: $1)
          ? nil : workspace.compressedBytes($0, artifact: $1)
      })
  }

  /// Those that are there, with who worked in them as far as the last run tells.
  private static func keptWorktrees(
    _ layout: WorkspaceLayout, _ loaded: LoadedProject
  ) -> [Int: EngineContext.KeptWorktree] {
    let bytes = layout.worktreeBytes()
    guard !bytes.isEmpty else { return [:] }
    let workers = ProjectHistory(loaded.location).lastWorkers()
    return Dictionary(
      uniqueKeysWithValues: bytes.map { slot, bytes in
        (slot, EngineContext.KeptWorktree(bytes: bytes, task: workers[slot]))
      })
  }

  /// What the environment asks for; nil is the best that the machine offers.
  private static func containment() throws -> Containment.Kind? {
    let name = Containment.variable
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
    guard let kind = Containment.Kind(rawValue: value) else {
      let kinds = Containment.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ProjectProblem(.notBuilt, "\(name) is \"\(value)\", which is none of \(kinds)")
    }
    return kind
  }

  /// Our own environment, in a stable order.
  static func environment() -> [String] {
    ProcessInfo.processInfo.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}

extension Journal {
  /// Most runs that are looked back over.
  private static let maximumInheritance = 16

  /// Earlier runs whose artifacts stand in for tasks outside a selection, the newest first.
  ///
  /// A run of a part stands on the runs before it, back to the last one of the whole graph.
  func inheritance(for selection: RunConfig.Selection?, before run: Int = .max) throws
    -> [Workspace.Inheritance]
  {
    guard selection?.needsEarlierRun == true else { return [] }
    var found: [Workspace.Inheritance] = []
    let runs = try runs(before: run, limit: Self.maximumInheritance)
    for record in runs where record.lastSequence > 0 {
      let state = try history(run: record.id).state
      let tasks = state.graph.tasks.filter { !$0.isRemoved }.map { ($0.name, $0.id) }
      found.append(
        Workspace.Inheritance(
          run: record.id, tasks: Dictionary(tasks, uniquingKeysWith: { first, _ in first })))
      if state.opened?.config.selection?.needsEarlierRun != true { break }
    }
    return found
  }
}

extension ProjectKeeper {
  /// The last run, if it can be gone on with.
  var resumableRuns: [Int] {
    guard let last, last.state.closed?.ending != .done else { return [] }
    return [last.number]
  }

  /// Artifacts of the last run that its file asked to keep.
  func kept() -> [ArtifactPlace] {
    guard let last else { return [] }
    return last.state.graph.tasks.filter { $0.keep == true }.flatMap { task in
      task.outputs.map {
        ArtifactPlace(run: last.number, task: task.id, name: task.name, artifact: $0.name)
      }
    }
  }
}

extension RunConfig.Selection {
  /// Builds on artifacts that an earlier run left.
  var needsEarlierRun: Bool {
    switch self {
    case .only, .from: true
    case .targets: false
    }
  }
}

extension WorkspaceBudget {
  var spill: SpillPlace? {
    spillPath.map { SpillPlace(path: $0, limitBytes: spillBytes) }
  }
}
