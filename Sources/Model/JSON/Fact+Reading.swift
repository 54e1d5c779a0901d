extension JSONText {
  /// Returns the fact that the bytes say, as its coding would, but without the coding for the kinds
  /// that a task brings: a resumed run reads tens of thousands of them before its first task.
  ///
  /// - Throws: As `decode`.
  package static func fact(from bytes: UnsafeRawBufferPointer) throws -> Fact {
    try Fact(JSONNodeDecoder(document: JSONDocument(bytes), node: 0))
  }

  package static func fact(from bytes: [UInt8]) throws -> Fact {
    try bytes.withUnsafeBytes { try fact(from: $0) }
  }
}

extension Fact {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    sequence = try json["sequence"].integer()
    session = try json["session"].integer()
    elapsedSeconds = try json["elapsedSeconds"].number()
    wallTime = try json["wallTime"].integer()
    kind = try Kind(json)
  }
}

// Each reads the fields of one type; a test compares them with the type's own coding.
extension Fact.Kind {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    let name = try json["kind"].string()
    switch name {
    case "task.state": self = .taskState(try .init(json))
    case "attempt.ended": self = .attemptEnded(try .init(json))
    case "attempt.started": self = .attemptStarted(try .init(json))
    case "task.admitted": self = .taskAdmitted(try .init(json))
    case "slot.leased": self = .slotLeased(try .init(json))
    case "slot.released": self = .slotReleased(try .init(json))
    case "artifact.sealed": self = .artifactSealed(try .init(json))
    case "graph.defined": self = .graphDefined(try .init(json))
    default: try self.init(name: name, from: json)
    }
  }
}

extension Fact.TaskStateChanged {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      task: try json.task(), state: try json["state"].word(),
      reason: try json.optional("reason")?.string(),
      untilSeconds: try json.optional("untilSeconds")?.number())
  }
}

extension Fact.TaskAdmitted {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      task: try json.task(), attempt: try json["attempt"].integer(),
      admission: try json["admission"].word(), cpus: try json["cpus"].integer(),
      memoryBytes: try json["memoryBytes"].integer())
    if let own = json.optional("resources") { resources = try Resources(from: own) }
  }
}

extension Fact.AttemptStarted {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      task: try json.task(), attempt: try json["attempt"].integer(),
      pid: try json["pid"].integer(), startTime: try json["startTime"].integer(),
      log: try json["log"].string(), slot: try json["slot"].integer(),
      fingerprint: try json["fingerprint"].string())
  }
}

extension Fact.AttemptEnded {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      task: try json.task(), attempt: try json["attempt"].integer(),
      outcome: try Outcome(json["outcome"]), usage: try Usage(json["usage"]),
      phases: try Phases(json["phases"]))
  }
}

extension Outcome {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      try json["class"].word(), status: try json.optional("status").map { try ExitStatus($0) },
      message: try json.optional("message")?.string())
  }
}

extension ExitStatus {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    if let code = json.optional("code") {
      self = .code(try code.integer())
    } else {
      self = .signal(try json["signal"].integer())
    }
  }
}

extension Usage {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      userSeconds: try json["userSeconds"].number(),
      systemSeconds: try json["systemSeconds"].number(),
      peakResidentBytes: try json["peakResidentBytes"].integer(),
      memoryPeakBytes: try json.optional("memoryPeakBytes")?.integer(),
      readBytes: try json["readBytes"].integer(),
      writtenBytes: try json["writtenBytes"].integer())
    agent = try json.optional("agent").map { try AgentUsage($0) }
  }
}

extension AgentUsage {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      turns: try json["turns"].integer(), inputTokens: try json["inputTokens"].integer(),
      outputTokens: try json["outputTokens"].integer(),
      costDollars: try json.optional("costDollars")?.number())
  }
}

extension Phases {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      queue: try json["queue"].number(), prepare: try json["prepare"].number(),
      run: try json["run"].number(), verify: try json["verify"].number(),
      seal: try json["seal"].number(), paused: try json.optional("paused")?.number() ?? 0)
  }
}

extension Fact.SlotLeased {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      slot: try json["slot"].integer(), task: try json.task(),
      attempt: try json["attempt"].integer(),
      keptBytes: try json.optional("keptBytes")?.integer())
  }
}

extension Fact.SlotReleased {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      slot: try json["slot"].integer(), task: try json.task(),
      attempt: try json["attempt"].integer(), askedBytes: try json["askedBytes"].integer(),
      freshBytes: try json["freshBytes"].integer(),
      recycledBytes: try json["recycledBytes"].integer())
  }
}

extension Fact.ArtifactSealed {
  fileprivate init(_ json: JSONNodeDecoder) throws {
    self.init(
      task: try json.task(), attempt: try json["attempt"].integer(),
      artifact: try json["artifact"].string(), bytes: try json["bytes"].integer(),
      files: try json["files"].integer(), digest: try json["digest"].string(),
      compressedBytes: try json.optional("compressedBytes")?.integer())
  }
}

extension JSONNodeDecoder {
  fileprivate func task() throws -> TaskID { TaskID(try self["task"].integer() as UInt32) }
}
