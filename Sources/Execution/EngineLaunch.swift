import Model

/// Makes the processes of one attempt out of its task.
struct EngineLaunch: Sendable {
  let context: EngineContext
  let agent: TaskGraph.Agent?
  let place: AttemptPlace
  let folders: AttemptFolders
  /// Where the output goes while the process runs, see `Launch.spool`.
  var spool: String?
  /// What was set aside for the attempt, which it may use and no more; nil without a word about it.
  var memoryBytes: Int64?

  /// The task's own command, or nil for a task that is only its verification.
  func command(prompt: EnginePrompt.Written?, log: String) throws(SpawnProblem) -> Launch? {
    switch place.task.action {
    case .gate: nil
    case .exec(let arguments): launch(arguments, log: log)
    case .shell(let script, let interpreter): launch(interpreter + [script], log: log)
    case .prompt: try agentCommand(prompt, log: log)
    }
  }

  func verification(_ script: String, log: String) -> Launch {
    launch(context.shell + [script], log: log)
  }

  private func agentCommand(
    _ prompt: EnginePrompt.Written?, log: String
  ) throws(SpawnProblem) -> Launch {
    guard let agent, let prompt else {
      throw SpawnProblem("task \"\(place.task.name)\" is a prompt, and no agent is configured")
    }
    var launch = try agentLaunch(agent, prompt, log: log)
    launch.environment = agent.environment.map { merged($0) } ?? launch.environment
    if let folder = agent.directory { launch.directory += "/" + folder }
    launch.tty = launch.tty || agent.tty == true
    launch.showsEvents = agent.report == .events
    launch.asks = agent.asks
    return launch
  }

  private func agentLaunch(
    _ agent: TaskGraph.Agent, _ prompt: EnginePrompt.Written, log: String
  ) throws(SpawnProblem) -> Launch {
    switch agent.prompt {
    case .stdin: return launch(agent.command, input: prompt.path, log: log)
    case .file: return launch(agent.command + [prompt.path], log: log)
    case .argument:
      let limit = context.limits.promptArgumentBytes
      guard prompt.text.utf8.count <= limit else {
        throw SpawnProblem(
          "the prompt of task \"\(place.task.name)\" is longer than an argument may be "
            + "(\(limit) bytes): give it by stdin or as a file")
      }
      return launch(agent.command + [prompt.text], log: log)
    }
  }

  private func launch(_ arguments: [String], input: String? = nil, log: String) -> Launch {
    Launch(
      arguments: arguments, environment: environment(), directory: directory, input: input,
      log: log, spool: spool, limits: limits,
      slot: place.task.isolation == .none ? nil : folders.scratch, tty: place.task.tty)
  }

  private var limits: Launch.Limits {
    let limits = place.task.limits
    return Launch.Limits(
      openFiles: limits.openFiles.map(Int64.init), fileBytes: limits.fileSizeBytes,
      cpuSeconds: limits.cpuSeconds.map(Int64.init), memoryBytes: memoryBytes)
  }

  private var directory: String {
    let root = folders.worktree ?? context.root
    guard let directory = place.task.directory else { return root }
    return directory.hasPrefix("/") ? directory : "\(root)/\(directory)"
  }

  /// Later variables win: Cairn's own environment, the task's, and what the run is about.
  func environment() -> [String] { merged([]) }

  /// With the agent's own variables in front of the task's.
  private func merged(_ agent: [TaskGraph.Variable]) -> [String] {
    let own = agent.map { "\($0.name)=\($0.value)" } + EngineEnvironment.entries(of: place.task)
    var inherited = context.inherited.inherited(isPure: place.task.isPure, beside: own)
    // They would lead git out of the worktree.
    if folders.worktree != nil { inherited.removeAll { Git.namesPlace($0) } }
    return inherited + own + variables()
  }

  private func variables() -> [String] {
    let outputs = place.task.outputs.compactMap { output -> String? in
      guard let path = folders.outputs[output.name] else { return nil }
      let suffix = place.task.outputs.count == 1 ? "" : "_\(Self.variable(output.name))"
      return "CAIRN_OUT\(suffix)=\(path)"
    }
    let inputs = folders.inputs.sorted { $0.key < $1.key }.map { "CAIRN_IN_\($0.key)=\($0.value)" }
    return outputs + ["CAIRN_SCRATCH=\(folders.scratch)"] + inputs + [
      "CAIRN_TASK=\(place.task.name)", "CAIRN_ATTEMPT=\(place.attempt)",
      "CAIRN_RUN=\(context.run)", "CAIRN_TOKEN=\(context.token)",
    ]
  }

  /// Upper case, with `_` for what no variable may hold.
  static func variable(_ name: String) -> String {
    String(
      name.uppercased().map { letter in
        letter.isASCII && (letter.isLetter || letter.isNumber) ? letter : "_"
      })
  }
}
