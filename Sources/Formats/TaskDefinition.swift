import Model

/// One entry of `tasks`: a task, or the pattern of a matrix of them.
struct TaskDefinition {
  struct Axis {
    var key: String
    var values: [String]
  }

  /// A need or an `after` as it is written.
  struct Reference {
    var text: String
    /// The name that the map form gives.
    var alias: String?
    var position: Position
  }

  var name: String
  var position: Position
  /// All that instances share; what holds a `$key` is filled in by `instance(_:)`.
  var template: TaskGraph.Task
  var axes: [Axis] = []
  var needs: [Reference] = []
  var after: [Reference] = []
  var group: (name: String, position: Position)?
  /// One an export of the template.
  var exportPositions: [Position] = []
  var parameters: [TaskGraph.Variable]

  var isMatrix: Bool { !axes.isEmpty }

  /// How many tasks it makes; at most `CairnFile.maximumInstances`.
  var count: Int { axes.reduce(1) { $0 * $1.values.count } }

  static let keys = Fields.Keys(
    known: TaskGraph.Task.sharedKeys.union([
      "run", "exec", "shell", "prompt", "needs", "after", "matrix", "env", "dir", "output",
      "outputs", "verify", "keep", "export", "when", "priority", "group", "inputs", "pure",
      "recompute", "chain",
    ]),
    notBuilt: [
      "progress", "secrets", "parent",
    ],
    hints: ["loans": "it stands at the top: loans: on"])

  init(_ entry: Value.Entry, defaults: TaskDefaults) throws(FormatProblem) {
    name = entry.name
    position = entry.position
    parameters = defaults.parameters
    template = defaults.template
    template.line = entry.position.line
    if let fault = name.faultAsName {
      throw FormatProblem(at: position, "task \(name.quoted): \(fault)")
    }
    guard let map = entry.value.map else {
      throw FormatProblem(
        at: entry.value.position,
        "task \(name.quoted): expected a map such as { run: … }, found \(entry.value.found)")
    }
    let fields = try Fields(map, of: .task(name), keys: Self.keys)
    template.action = try action(fields, defaults)
    axes = try matrix(fields["matrix"])
    try readEnvironment(fields)
    try readReferences(fields)
    try template.readLimits(fields)
    try template.readRest(fields)
    if let field = fields["caches"], template.isolation != .worktree {
      throw field.problem("only a worktree keeps caches", hint: "isolate: worktree")
    }
    template.outputs = try outputs(fields, defaults.output)
    try readExports(fields["export"])
    if let field = fields["group"] { group = (try field.name(), field.value.position) }
  }

  private func action(
    _ fields: Fields, _ defaults: TaskDefaults
  ) throws(FormatProblem) -> TaskGraph.Action {
    let given = ["run", "exec", "prompt"].filter { fields[$0] != nil }
    guard let kind = given.first, let field = fields[kind] else {
      throw FormatProblem(
        at: position, "task \(name.quoted) has nothing to do: expected run, exec or prompt")
    }
    if given.count > 1 {
      throw FormatProblem(
        at: fields.position(of: given[1]),
        "task \(name.quoted) has both \(given[0].quoted) and \(given[1].quoted)")
    }
    let shell = fields["shell"]
    if let shell, kind != "run" { throw shell.problem("\(kind.quoted) uses no shell") }
    switch kind {
    case "run":
      return .shell(
        script: try field.words(), interpreter: try shell?.interpreter() ?? defaults.interpreter)
    case "exec": return .exec(arguments: try field.command())
    default: return .prompt(try field.words())
    }
  }
}

extension TaskDefinition {
  private mutating func readEnvironment(_ fields: Fields) throws(FormatProblem) {
    try template.environment.merge(fields["env"])
    for axis in axes where template.environment.contains(where: { $0.name == axis.key }) {
      throw FormatProblem(
        at: fields.position(of: "matrix"),
        "\(axis.key.quoted) of the matrix of task \(name.quoted) is also in \"env\" or \"params\"")
    }
  }

  private mutating func readReferences(_ fields: Fields) throws(FormatProblem) {
    for field in try fields["after"]?.list() ?? [] {
      after.append(Reference(text: try field.words(), position: field.value.position))
    }
    guard let field = fields["needs"] else { return }
    if field.value.map != nil {
      needs = try aliases(field)
    } else {
      guard field.value.list != nil else { throw field.expected("a list or a map") }
      for item in try field.list() {
        if item.value.map != nil {
          needs += try aliases(item)
        } else {
          needs.append(Reference(text: try item.words(), position: item.value.position))
        }
      }
    }
  }

  private func aliases(_ field: Field) throws(FormatProblem) -> [Reference] {
    var references: [Reference] = []
    for entry in try field.entries() {
      if let fault = entry.name.faultAsName {
        throw FormatProblem(at: entry.position, "\(field.subject): \(fault)")
      }
      let target = Field(key: field.key, owner: field.owner, value: entry.value)
      references.append(
        Reference(
          text: try target.words(), alias: entry.name, position: entry.value.position))
    }
    return references
  }

  private func outputs(
    _ fields: Fields, _ standard: TaskDefaults.Output
  ) throws(FormatProblem) -> [TaskGraph.Output] {
    guard let several = fields["outputs"] else {
      return switch try fields["output"]?.output() ?? standard {
      case .none: []
      case .artifact(let bytes): [TaskGraph.Output(name: "out", expectedBytes: bytes)]
      }
    }
    if let one = fields["output"] { throw one.problem("excludes \"outputs\"") }
    var outputs: [TaskGraph.Output] = []
    var variables: [String: String] = [:]
    for entry in try several.entries() {
      if let fault = entry.name.faultAsName {
        throw several.problem(fault, at: entry.position)
      }
      if let other = variables.updateValue(entry.name, forKey: entry.name.asVariable) {
        throw several.problem(
          "\(other.quoted) and \(entry.name.quoted) are both CAIRN_OUT_\(entry.name.asVariable)",
          at: entry.position)
      }
      let size = Field(key: entry.name, owner: .task(name), value: entry.value)
      outputs.append(
        TaskGraph.Output(
          name: entry.name, expectedBytes: entry.value.isNull ? nil : try size.bytes()))
    }
    return outputs
  }

  private mutating func readExports(_ field: Field?) throws(FormatProblem) {
    guard let field else { return }
    let names = template.outputs.map(\.name)
    guard let first = names.first else { throw field.problem("the task has no artifact") }
    guard let map = field.value.map else {
      guard field.value.text != nil else { throw field.expected("a path or a map") }
      guard names.count == 1 else {
        throw field.problem("the task has several artifacts", hint: "name them: { \(first): path }")
      }
      template.exports = [TaskGraph.Export(artifact: first, path: try field.pathInside())]
      exportPositions = [field.value.position]
      return
    }
    for entry in map {
      guard names.contains(entry.name) else {
        throw field.problem(
          "the task has no artifact \(entry.name.quoted)",
          hint: Suggestion.hint(for: entry.name, in: names), at: entry.position)
      }
      let path = Field(key: field.key, owner: field.owner, value: entry.value)
      template.exports.append(
        TaskGraph.Export(artifact: entry.name, path: try path.pathInside()))
      exportPositions.append(entry.value.position)
    }
  }
}

extension TaskGraph.Task {
  /// Reads the keys that only tasks have and that stand for themselves.
  fileprivate mutating func readRest(_ fields: Fields) throws(FormatProblem) {
    directory = try fields["dir"]?.relativePath()
    if let field = fields["verify"] { verify = try field.words() }
    keep = try fields["keep"]?.flag()
    if let field = fields["when"] { when = try field.word(TaskGraph.Condition.self) }
    if let field = fields["priority"] { priority = try field.integer(in: -1_000_000...1_000_000) }
    if let field = fields["inputs"] { inputs = try field.texts() }
    if let field = fields["chain"] { chain = try field.name() }
    if let field = fields["pure"] { isPure = try field.flag() }
    if let field = fields["recompute"] {
      mayRecompute = try field.word(Recomputing.self) != .never
    }
  }
}

/// What `recompute` of a task may say; by default a pure task may run again.
private enum Recomputing: String, CaseIterable { case never }
