import Model

// Who carries out prompts, and when a session stops by itself.
extension CairnFileReader {
  /// Longest regular expression, in bytes.
  private static let maximumPattern = 1_000

  private static let agentKeys = Fields.Keys(
    known: [
      "use", "command", "prompt", "model", "args", "name", "output", "tty", "env", "dir", "asks",
      "limits",
    ],
    hints: [
      "approve": "it stands at the top, in \"defaults\" or in a task",
      "retries": "it stands in \"defaults\" or in a task",
    ])

  /// `agent: claude`, or a map that says more.
  func agent() throws(FormatProblem) -> TaskGraph.Agent? {
    guard let field = fields["agent"] else { return nil }
    if field.value.text != nil { return try template(field).agent() }
    let fields = try Fields(field.entries(), of: .section("agent"), keys: Self.agentKeys)
    var agent = try program(fields, field)
    if let channel = fields["prompt"] {
      agent.prompt = try channel.word(TaskGraph.Agent.Channel.self)
    }
    if let name = fields["name"] { agent.name = try name.name() }
    if let output = fields["output"] {
      let report = try output.word(TaskGraph.Agent.Report.self)
      agent.report = report == .text ? nil : report
    }
    if try fields["tty"]?.flag() == true { agent.tty = true }
    if let folder = fields["dir"] { agent.directory = try folder.relativePath() }
    if let asks = fields["asks"] { agent.asks = try pattern(asks, isTerminal: agent.tty == true) }
    var variables: [TaskGraph.Variable] = []
    try variables.merge(fields["env"])
    if !variables.isEmpty { agent.environment = variables }
    agent.limits = try fields["limits"].map { limits throws(FormatProblem) in try allowance(limits)
    }
    return agent
  }

  private func template(_ field: Field) throws(FormatProblem) -> AgentTemplate {
    let name = try field.words()
    guard let template = AgentTemplate.named(name) else {
      let names = AgentTemplate.all.map(\.name)
      throw field.problem(
        "no agent is ready-made under the name \(name.quoted), expected \(names.alternatives), "
          + "or a map with its \"command\"", hint: Suggestion.hint(for: name, in: names))
    }
    return template
  }

  private func program(_ fields: Fields, _ agent: Field) throws(FormatProblem) -> TaskGraph.Agent {
    let arguments = try fields["args"]?.texts() ?? []
    if let use = fields["use"] {
      if let command = fields["command"] { throw command.problem("excludes \"use\"") }
      return try template(use).agent(model: fields["model"]?.words(), arguments: arguments)
    }
    guard let command = fields["command"] else {
      throw agent.problem("has neither \"command\" nor \"use\"")
    }
    if let model = fields["model"] {
      throw model.problem("needs \"use\": only a ready-made agent's flag for it is known")
    }
    return TaskGraph.Agent(command: try command.command() + arguments)
  }

  private func pattern(_ field: Field, isTerminal: Bool) throws(FormatProblem) -> String {
    let text = try field.words()
    guard isTerminal else { throw field.problem("needs \"tty: true\": it is about a terminal") }
    guard text.utf8.count <= Self.maximumPattern, (try? Regex(text)) != nil else {
      throw field.expected("a regular expression of at most \(Self.maximumPattern) bytes")
    }
    return text
  }

  private func allowance(_ field: Field) throws(FormatProblem) -> TaskGraph.Agent.Limits {
    let fields = try Fields(
      field.entries(), of: .section("limits"),
      keys: Fields.Keys(
        known: ["turns", "tokens", "cost"],
        hints: ["time": "it is \"timeout\", in \"defaults\" or in a task"]))
    return TaskGraph.Agent.Limits(
      turns: try fields["turns"]?.integer(in: 1...StopRules.maximumCount),
      tokens: try fields["tokens"]?.integer(in: 1...Int.max).toInt64,
      costDollars: try fields["cost"]?.decimal(upTo: StopRules.maximumDollars))
  }

  /// When a session stops by itself.
  func stops() throws(FormatProblem) -> StopRules {
    guard let field = fields["stop"] else { return StopRules() }
    let fields = try Fields(
      field.entries(), of: .section("stop"),
      keys: Fields.Keys(known: ["tasks", "hours", "until", "failures", "cost", "turns"]))
    return StopRules(
      tasks: try fields["tasks"]?.integer(in: 1...StopRules.maximumCount),
      seconds: try fields["hours"]?.decimal(upTo: StopRules.maximumHours).fromHours,
      until: try fields["until"]?.word(StopRules.Event.self),
      failuresInRow: try fields["failures"]?.integer(in: 1...StopRules.maximumCount),
      costDollars: try fields["cost"]?.decimal(upTo: StopRules.maximumDollars),
      turns: try fields["turns"]?.integer(in: 1...StopRules.maximumCount))
  }
}

extension Field {
  /// A number above 0, as `2.50`.
  fileprivate func decimal(upTo largest: Double) throws(FormatProblem) -> Double {
    guard case .text(let text, isQuoted: false) = value.content, let number = Double(text),
      number > 0, number <= largest
    else { throw expected("a number above 0, at most \(Int(largest))") }
    return number
  }
}

extension Double {
  fileprivate var fromHours: Double { self * 3_600 }
}

extension Int {
  fileprivate var toInt64: Int64 { Int64(self) }
}
