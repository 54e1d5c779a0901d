// The longest fact of a session, read without the coding for the same reason as it is so written.
extension Fact.GraphDefined {
  init(_ json: JSONNodeDecoder) throws {
    let graph = try json["graph"]
    self.init(
      graph: TaskGraph(
        name: try graph["name"].string(), tasks: try graph["tasks"].list { try .init($0) },
        groups: try .init(from: graph["groups"]),
        agent: try graph.optional("agent").map { try .init(from: $0) }),
      fingerprints: try json["fingerprints"].strings())
  }
}

extension TaskGraph.Task {
  /// What a former version did not write has its default, as in its coding.
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      id: TaskID(try json["id"].integer() as UInt32), name: try json["name"].string(),
      action: try TaskGraph.Action(json["action"]))
    title = try json.optional("title")?.string()
    group = try json.optional("group")?.integer()
    environment = try json.optional("environment")?.list { try .init($0) } ?? []
    directory = try json.optional("directory")?.string()
    try readEdges(json)
    try readLimits(json)
    try readRest(json)
  }

  private mutating func readEdges(_ json: JSONNodeDecoder) throws {
    needs = try json.optional("needs")?.list { try .init($0) } ?? []
    after = try json.optional("after")?.list { TaskID(try $0.integer() as UInt32) } ?? []
    outputs = try json.optional("outputs")?.list { try .init($0) } ?? []
  }

  private mutating func readLimits(_ json: JSONNodeDecoder) throws {
    cpus = try json.optional("cpus")?.integer() ?? 1
    memoryBytes = try json.optional("memoryBytes")?.integer()
    memoryGrows = try json.optional("memoryGrows")?.bool() ?? false
    timeoutSeconds = try json.optional("timeoutSeconds")?.number()
    if let seconds = json.optional("graceSeconds") { graceSeconds = try seconds.number() }
    if let policy = json.optional("retries") { retries = try .init(from: policy) }
    var pause = Backoff()
    pause.firstSeconds = try json.optional("backoffSeconds")?.number() ?? pause.firstSeconds
    pause.factor = try json.optional("backoffFactor")?.number() ?? pause.factor
    pause.capSeconds = try json.optional("backoffCapSeconds")?.number() ?? pause.capSeconds
    backoff = pause
    if let own = json.optional("limits") { limits = try .init(from: own) }
    if let own = json.optional("resources") { resources = try .init(from: own) }
  }

  private mutating func readRest(_ json: JSONNodeDecoder) throws {
    tty = try json.optional("tty")?.bool() ?? false
    if let own = json.optional("mayRecompute") { mayRecompute = try own.bool() }
    if let name = json.optional("chain") { chain = try name.string() }
    if let own = json.optional("isolation") { isolation = try own.word() }
    if let own = json.optional("caches") { caches = try own.strings() }
    if let own = json.optional("approval") { approval = try own.word() }
    if let own = json.optional("weight") { weight = try own.number() }
    verify = try json.optional("verify")?.string()
    keep = try json.optional("keep")?.bool()
    exports = try json.optional("exports")?.list { try .init(from: $0) } ?? []
    when = try json.optional("when")?.word() ?? .success
    priority = try json.optional("priority")?.integer() ?? 0
    inputs = try json.optional("inputs")?.strings() ?? []
    isPure = try json.optional("isPure")?.bool() ?? false
    standing = try json.optional("standing")?.word() ?? .pending
    isRemoved = try json.optional("isRemoved")?.bool() ?? false
    line = try json.optional("line")?.integer()
  }
}

extension TaskGraph.Action {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    if let script = json.optional("run") {
      self = .shell(script: try script.string(), interpreter: try json["shell"].strings())
    } else if let arguments = json.optional("exec") {
      self = .exec(arguments: try arguments.strings())
    } else if let words = json.optional("prompt") {
      self = .prompt(try words.string())
    } else {
      // A gate has no key, but it is an object.
      guard json.isObject else { throw json.mismatch(TaskGraph.Action.self) }
      self = .gate
    }
  }
}

extension TaskGraph.Variable {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(try json["name"].string(), try json["value"].string())
  }
}

extension TaskGraph.Need {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      task: TaskID(try json["task"].integer() as UInt32),
      artifact: try json.optional("artifact")?.string(),
      variable: try json["variable"].string(), folder: try json.optional("folder")?.string())
  }
}

extension TaskGraph.Output {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      name: try json["name"].string(),
      expectedBytes: try json.optional("expectedBytes")?.integer())
  }
}
