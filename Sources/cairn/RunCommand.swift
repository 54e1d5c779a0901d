import ArgumentParser
import Dashboard
import Formats
import Foundation
import Model
import Planning
import Project
import Terminal

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Start a new run of the graph.",
    discussion: "With task names: those tasks and all they need.")

  @OptionGroup var project: ProjectArguments
  @OptionGroup var parameters: ParameterOptions
  @OptionGroup var options: RunOptions
  @OptionGroup var look: LookOptions

  @Option(help: "This task alone, on the artifacts of the last run; repeatable.")
  var only: [String] = []
  @Option(help: "This task and its dependents, on the artifacts of the last run; repeatable.")
  var from: [String] = []
  @Flag(help: "Start anew, though the last run is unfinished.")
  var fresh = false
  @Flag(help: "Print what would run, in order, and run nothing.")
  var dryRun = false

  func run() async throws {
    try look.check(for: options.mode)
    var loaded = try LoadedProject(
      project.location(), parameters: parameters.values(), tag: parameters.tag)
    try options.stops.choose(for: &loaded)
    loaded.takesExternal = options.take
    try loaded.requireCommands()
    loaded.warnings.forEach(News.say)
    var config = try options.config(for: loaded)
    config.selection = try selection()
    try options.requireFit(of: loaded, config)
    if dryRun { return try DryRun(loaded, config).lines().forEach(News.result) }
    try Consent.ask(for: loaded, isTrusted: options.trust)
    let keeper = try ProjectKeeper(
      loaded.location, repairs: options.repair, durability: loaded.durability)
    (keeper.lost + keeper.settled).forEach(News.say)
    let resumes = try shouldResume(keeper)
    let session = try BudgetText.explained(loaded.graph) {
      try resumes
        ? RunSession.resume(
          loaded, keeper: keeper, config: config, cairn: Cairn.version,
          lastAct: TerminalLoop.rescue())
        : RunSession.begin(
          loaded, keeper: keeper, config: config, cairn: Cairn.version,
          lastAct: TerminalLoop.rescue())
    }
    options.tell(session, config)
    try await RunPresentation(session, at: loaded.location, options: options, look: look).present()
  }

  private func selection() throws -> RunConfig.Selection? {
    let given = [!project.names.isEmpty, !only.isEmpty, !from.isEmpty].count { $0 }
    guard given <= 1 else {
      throw ProjectProblem(.usage, "task names, --only and --from exclude one another")
    }
    if !only.isEmpty { return .only(only) }
    if !from.isEmpty { return .from(from) }
    return project.names.isEmpty ? nil : .targets(project.names)
  }

  /// Asks what to do about an unfinished run; without a terminal nothing is guessed.
  private func shouldResume(_ keeper: ProjectKeeper) throws -> Bool {
    guard !fresh, only.isEmpty, from.isEmpty, let last = keeper.last, last.standing.isUnfinished
    else { return false }
    let done = last.state.counts[.done]
    let text =
      "run \(last.number) is unfinished (\(last.standing.rawValue), \(done) of "
      + "\(last.state.taskCount) tasks done)"
    guard isatty(STDIN_FILENO) == 1, case .dashboard = options.mode else {
      throw ProjectProblem(
        .unfinished, text + "; `cairn resume` goes on with it, `cairn run --fresh` starts anew")
    }
    switch Question.ask(text + ". [r]esume it, start [f]resh, or [q]uit?", answers: "rfq") {
    case "r": return true
    case "f": return false
    default: throw ProjectProblem(.unfinished, "nothing was started")
    }
  }
}

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with the last run.",
    discussion: """
      Reads the file again. Done tasks whose definition and inputs are unchanged stay done; changed \
      ones and their dependents run again; failed ones are tried again.
      """)

  @OptionGroup var project: ProjectArguments
  @OptionGroup var parameters: ParameterOptions
  @OptionGroup var options: RunOptions
  @OptionGroup var look: LookOptions

  func run() async throws {
    try look.check(for: options.mode)
    var loaded = try LoadedProject(
      project.location(), parameters: parameters.values(), tag: parameters.tag)
    try options.stops.choose(for: &loaded)
    loaded.takesExternal = options.take
    try loaded.requireCommands()
    loaded.warnings.forEach(News.say)
    guard project.names.isEmpty else {
      throw ProjectProblem(.usage, "resume takes no task names; `cairn run TASK` does")
    }
    try Consent.ask(for: loaded, isTrusted: options.trust)
    let keeper = try ProjectKeeper(
      loaded.location, repairs: options.repair, durability: loaded.durability)
    (keeper.lost + keeper.settled).forEach(News.say)
    var config = try options.config(for: loaded)
    config.selection = keeper.last?.state.opened?.config.selection
    try options.requireFit(of: loaded, config)
    let session = try BudgetText.explained(loaded.graph) {
      try RunSession.resume(
        loaded, keeper: keeper, config: config, cairn: Cairn.version,
        lastAct: TerminalLoop.rescue())
    }
    options.tell(session, config)
    try await RunPresentation(session, at: loaded.location, options: options, look: look).present()
  }
}

/// What `run` and `resume` have in common.
struct RunOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Most tasks that run at once; the cores by default.")
  var jobs: Int?
  @Option(help: "Most memory that running tasks may declare together, as 4GiB.")
  var memory: String?
  @Option(name: ResourceOption.name, help: ResourceOption.help)
  var resource: [String] = []
  @Option(help: "Most bytes that may lie in the workspace, as 2GiB.")
  var budget: String?
  @Flag(help: "Start held: s steps, c continues.")
  var step = false
  @Flag(help: "Event lines instead of the dashboard.")
  var plain = false
  @Flag(help: "Facts as JSON, one a line.")
  var json = false
  @Flag(help: "Admit nothing more once a task has failed for good.")
  var failFast = false
  @Flag(help: "Say first what runs, what does not, and why.")
  var explain = false
  @Flag(help: "Go on without a terminal once it has hung up; `cairn attach` looks at the run.")
  var keepRunning = false
  @Flag(help: "Let the project's agent act without asking.")
  var trust = false
  @Flag(help: "Work on tasks, too, that the Task Master file shows in progress.")
  var take = false
  @Flag(help: "Save what can be read of a damaged journal; the damaged file is kept.")
  var repair = false
  @Option(help: "Seed of the back-offs' jitter.")
  var seed: UInt64 = 1
  @OptionGroup var stops: StopOptions

  var mode: OutputMode { OutputMode.choose(plain: plain, json: json) }

  func config(for loaded: LoadedProject) throws -> RunConfig {
    if let jobs, !(1...10_000).contains(jobs) {
      throw ProjectProblem(.usage, "--jobs \(jobs): expected 1 to 10000")
    }
    var config = RunConfig(
      jobs: jobs ?? loaded.jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: try memoryBytes() ?? loaded.memoryBytes,
      resources: try ResourceOption.counts(resource, over: loaded.resources),
      workspace: try workspace(loaded), failFast: failFast, startsHeld: step, seed: seed,
      retryBudget: loaded.retryBudget, reuseTarget: loaded.reuseTarget ?? 0.8)
    config.stops = try stops.rules(over: loaded.stops)
    config.isAttended = mode == .dashboard ? true : nil
    return config
  }

  /// Says the plan of a run that was given a limit, where no dashboard shows it.
  func tell(_ session: RunSession, _ config: RunConfig) {
    guard mode != .dashboard, config.workspace?.isDefault == false, let plan = session.plan else {
      return
    }
    PlanNews.lines(plan).forEach(News.say)
  }

  /// A task that the budget can never admit is refused before anything runs.
  ///
  /// Cores that nobody named are no budget: what asks for more of them than there are gets them all.
  func requireFit(of loaded: LoadedProject, _ config: RunConfig) throws {
    let limits = BudgetLimits(
      jobs: jobs ?? loaded.jobs, memoryBytes: config.memoryBytes,
      resources: config.resources ?? [:])
    let selected: Set<TaskID>?
    do { selected = try loaded.graph.selected(by: config.selection) } catch {
      throw loaded.problem(error)
    }
    try BudgetText.requireFit(of: loaded.graph, selected, within: limits)
  }

  /// What nobody limits is limited all the same: a full disk helps nobody.
  private func workspace(_ loaded: LoadedProject) throws -> WorkspaceBudget {
    let asked = try bytes(budget, of: "--budget") ?? loaded.workspaceBytes
    let free = Fact.Host.current(folder: loaded.location.root).diskFreeBytes
    if let asked, asked > free {
      News.say(
        "the budget of \(Figures.bytes(asked)) is more than the \(Figures.bytes(free)) that are free "
          + "on this disk")
    }
    return WorkspaceBudget(
      bytes: asked ?? max(1, min(WorkspaceBudget.standardBytes, free / 2)), isDefault: asked == nil,
      spillPath: loaded.spill?.path, spillBytes: loaded.spill?.limitBytes ?? 0)
  }

  private func memoryBytes() throws -> Int64? { try bytes(memory, of: "--memory") }

  private func bytes(_ text: String?, of option: String) throws -> Int64? {
    guard let text else { return nil }
    guard let bytes = SizeText.bytes(text), bytes > 0 else {
      throw ProjectProblem(.usage, "\(option) \(text): expected a size, as 512MiB or 4GiB")
    }
    return bytes
  }
}
