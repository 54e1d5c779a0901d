import Model

/// Reads the top level of a Cairn file; one value per load.
struct CairnFileReader {
  let fields: Fields
  let options: LoadOptions

  static let keys = Fields.Keys(
    known: [
      "name", "params", "budget", "reuse", "defaults", "tasks", "agent", "verify", "from", "tag",
      "trust", "logs", "durability", "spill", "isolate", "loans", "approve", "stop",
    ],
    notBuilt: [
      "include", "parent", "secrets", "progress",
    ],
    hints: [
      "chain": "it stands in a task: tasks: { a: { chain: name } }",
      "resources": "what there is stands in the budget: budget: { resources: { gpu: 2 } }",
    ])

  init(_ root: Value, options: LoadOptions) throws(FormatProblem) {
    guard let entries = root.map else {
      throw FormatProblem(
        at: root.position, "expected a map with \"tasks\", found \(root.found)")
    }
    fields = try Fields(entries, of: .file, keys: Self.keys)
    self.options = options
  }

  func load() throws(FormatProblem) -> LoadedFile {
    let name = try fields["name"]?.name() ?? options.defaultName
    let agent = try agent()
    let verify = try fields["verify"]?.words()
    let defaults = try TaskDefaults(
      fields["defaults"], isolation: fields["isolate"]?.word(TaskGraph.Isolation.self) ?? .slot,
      approval: fields["approve"]?.word(TaskGraph.Approval.self) ?? .never,
      parameters: parameters(), options: options)
    var file = LoadedFile(graph: TaskGraph(name: name, agent: agent))
    try readBudget(into: &file)
    try readLogs(into: &file)
    file.spill = try spill()
    if let field = fields["durability"] { file.durability = try field.word(Durability.self) }
    file.lends = try fields["loans"]?.word(Switch.self) == .on
    file.stops = try stops()
    file.reuseTarget = try fields["reuse"]?.share()
    if let from = fields["from"] {
      file.taskMaster = try taskMaster(from, agent, verify, defaults)
    } else {
      try checkNoTaskMasterKeys(hasAgent: agent != nil)
      let definitions = try definitions(defaults, verify: verify, hasAgent: agent != nil)
      file.graph = try GraphAssembly.graph(of: definitions, name: name, agent: agent)
    }
    return file
  }

  private enum Switch: String, CaseIterable { case on, off }

  private func readBudget(into file: inout LoadedFile) throws(FormatProblem) {
    guard let budget = fields["budget"] else { return }
    let keys = Fields.Keys(known: ["workspace", "jobs", "memory", "resources", "retries"])
    let fields = try Fields(budget.entries(), of: .section("budget"), keys: keys)
    file.workspaceBytes = try fields["workspace"]?.positiveBytes()
    file.jobs = try fields["jobs"]?.integer(in: 1...CairnFile.maximumJobs)
    file.memoryBytes = try fields["memory"]?.positiveBytes()
    file.resources = try fields["resources"]?.resources() ?? [:]
    file.retryBudget = try fields["retries"]?.integer(in: 0...CairnFile.maximumRetryBudget)
  }

  private func readLogs(into file: inout LoadedFile) throws(FormatProblem) {
    guard let logs = fields["logs"] else { return }
    let fields = try Fields(
      logs.entries(), of: .section("logs"), keys: Fields.Keys(known: ["cap", "keep", "bytes"]))
    if let field = fields["cap"] {
      file.logs.capBytes = try field.bytes(atLeast: CairnFile.minimumLogCapBytes)
    }
    if let field = fields["keep"] {
      file.logs.runs = try field.integer(in: 1...CairnFile.maximumKeptRuns)
    }
    if let field = fields["bytes"] {
      file.logs.totalBytes = try field.bytes(atLeast: CairnFile.minimumLogCapBytes)
    }
  }

  private func spill() throws(FormatProblem) -> LoadedFile.Spill? {
    guard let spill = fields["spill"] else { return nil }
    let fields = try Fields(
      spill.entries(), of: .section("spill"), keys: Fields.Keys(known: ["path", "limit"]))
    guard let path = fields["path"] else { throw spill.problem("has no \"path\"") }
    guard let limit = fields["limit"] else { throw spill.problem("has no \"limit\"") }
    return LoadedFile.Spill(path: try path.words(), limitBytes: try limit.positiveBytes())
  }

  private func parameters() throws(FormatProblem) -> [TaskGraph.Variable] {
    var variables: [TaskGraph.Variable] = []
    for entry in try fields["params"]?.entries() ?? [] {
      try entry.checkVariableName(of: "params", isStrict: true)
      let field = Field(key: entry.name, owner: .section("params"), value: entry.value)
      let written = try field.text()
      variables.append(TaskGraph.Variable(entry.name, options.parameters[entry.name] ?? written))
    }
    let declared = variables.map(\.name)
    for name in options.parameters.keys.sorted() where !declared.contains(name) {
      throw FormatProblem(
        message: "--set \(name.withVisibleControls): no such key in \"params\"",
        hint: Suggestion.hint(for: name, in: declared), code: .usage)
    }
    return variables
  }
}

extension CairnFileReader {
  private func taskMaster(
    _ from: Field, _ agent: TaskGraph.Agent?, _ verify: String?, _ defaults: TaskDefaults
  ) throws(FormatProblem) -> TaskMasterReference {
    guard from.value.text == "task-master" else { throw from.expected("task-master") }
    if let position = fields.position(of: "tasks") {
      throw FormatProblem(at: position, "\"tasks\" and \"from\" exclude each other")
    }
    var template = defaults.template
    template.verify = verify
    return TaskMasterReference(
      tag: try fields["tag"]?.words(), trust: try fields["trust"]?.flag() ?? false, agent: agent,
      template: template)
  }

  private func checkNoTaskMasterKeys(hasAgent: Bool) throws(FormatProblem) {
    for key in ["tag", "trust"] {
      if let position = fields.position(of: key) {
        throw FormatProblem(at: position, "\(key.quoted) needs \"from: task-master\"")
      }
    }
    if let position = fields.position(of: "verify"), !hasAgent {
      throw FormatProblem(
        at: position, "\"verify\" at the top checks prompts and needs an \"agent\"",
        hint: "give each task its own")
    }
  }

  private func definitions(
    _ defaults: TaskDefaults, verify: String?, hasAgent: Bool
  ) throws(FormatProblem) -> [TaskDefinition] {
    guard let tasks = fields["tasks"] else {
      throw FormatProblem(message: "no \"tasks\"")
    }
    if tasks.value.isNull { throw tasks.problem("no task is defined") }
    var definitions: [TaskDefinition] = []
    for entry in try tasks.entries() {
      var definition = try TaskDefinition(entry, defaults: defaults)
      if case .prompt = definition.template.action {
        guard hasAgent else {
          throw FormatProblem(
            at: definition.position,
            "task \(definition.name.quoted) has a prompt and the file no \"agent\"")
        }
        if definition.template.verify == nil { definition.template.verify = verify }
      }
      definitions.append(definition)
    }
    guard !definitions.isEmpty else { throw tasks.problem("no task is defined") }
    return definitions
  }
}
