import Model

/// What tasks start from: `params` and `defaults`.
struct TaskDefaults {
  enum Output {
    case none
    case artifact(expectedBytes: Int64?)
  }

  /// Carries `defaults` and the variables every task sees; its name and action mean nothing.
  var template = TaskGraph.Task(id: TaskID(0), name: "", action: .gate)
  var output = Output.artifact(expectedBytes: nil)
  var interpreter: [String]
  var parameters: [TaskGraph.Variable]

  static let keys = Fields.Keys(
    known: TaskGraph.Task.sharedKeys.union(["output", "shell", "env"]),
    notBuilt: TaskDefinition.keys.notBuilt)

  init(
    _ field: Field?, isolation: TaskGraph.Isolation, approval: TaskGraph.Approval,
    parameters: [TaskGraph.Variable],
    options: LoadOptions
  ) throws(FormatProblem) {
    self.parameters = parameters
    interpreter = options.defaultInterpreter
    template.environment = parameters
    template.isolation = isolation
    template.approval = approval
    guard let field else { return }
    let fields = try Fields(field.entries(), of: .section("defaults"), keys: Self.keys)
    try template.readLimits(fields)
    if let shell = try fields["shell"]?.interpreter() { interpreter = shell }
    if let output = try fields["output"]?.output() { self.output = output }
    try template.environment.merge(fields["env"])
  }
}

extension Field {
  func output() throws(FormatProblem) -> TaskDefaults.Output {
    value.text == "none" ? .none : .artifact(expectedBytes: try bytes())
  }

  /// An argument vector, or words; a shell's name alone stands for the shell with its usual flags.
  func interpreter() throws(FormatProblem) -> [String] {
    if value.list != nil { return try command() }
    let words = try words().split(separator: " ").map(String.init)
    return switch words {
    case ["bash"]: ["bash", "-euo", "pipefail", "-c"]
    case ["sh"]: ["sh", "-eu", "-c"]
    case let words where words.count == 1: words + ["-c"]
    default: words
    }
  }
}

extension [TaskGraph.Variable] {
  /// Adds the variables of an `env` map; a name that is there keeps its place and gets the new value.
  mutating func merge(_ field: Field?) throws(FormatProblem) {
    for entry in try field?.entries() ?? [] {
      try entry.checkVariableName(of: "env", isStrict: false)
      let field = Field(key: entry.name, owner: .section("env"), value: entry.value)
      set(entry.name, try field.text())
    }
  }

  mutating func set(_ name: String, _ value: String) {
    if let index = firstIndex(where: { $0.name == name }) {
      self[index].value = value
    } else {
      append(TaskGraph.Variable(name, value))
    }
  }
}
