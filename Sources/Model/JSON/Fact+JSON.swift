extension JSONText {
  /// Returns a fact as its coding says, but for the kinds that a task brings without the coding: that
  /// costs a fifth, and the journal writes eight of them a task.
  ///
  /// - Throws: `EncodingError` for a number that JSON has not.
  package static func encode(_ fact: Fact) throws -> [UInt8] {
    var text = JSONBytes()
    try text.add(fact)
    return text.bytes
  }

  /// Returns facts as `encode` does, one behind the other, and where each ends.
  package static func encode(
    all facts: [Fact]
  ) throws -> (bytes: [UInt8], ends: [Int]) {
    var text = JSONBytes(capacity: facts.count * JSONBytes.usualBytes)
    var ends: [Int] = []
    ends.reserveCapacity(facts.count)
    for fact in facts {
      try text.add(fact)
      ends.append(text.bytes.count)
    }
    return (text.bytes, ends)
  }
}

// Each function names the fields of one type; a test compares them with the type's own coding.
extension JSONBytes {
  fileprivate mutating func add(_ fact: Fact) throws {
    let start = bytes.count
    try head(of: fact)
    if try body(of: fact.kind) { return raw("}") }
    let writer = JSONWriter()
    try writer.write(fact)
    cut(at: start)
    append(writer.text.bytes)
  }

  private mutating func head(of fact: Fact) throws {
    raw("{\"sequence\":")
    integer(fact.sequence)
    raw(",\"session\":")
    integer(fact.session)
    raw(",\"elapsedSeconds\":")
    try number(fact.elapsedSeconds)
    raw(",\"wallTime\":")
    integer(fact.wallTime)
    raw(",\"kind\":")
    string(fact.kind.name)
  }

  /// Returns whether the kind is one of those that are written here.
  private mutating func body(of kind: Fact.Kind) throws -> Bool {
    switch kind {
    case .graphDefined(let fact): try add(fact)
    case .taskAdmitted(let fact): add(fact)
    case .attemptStarted(let fact): add(fact)
    case .attemptEnded(let fact): try add(fact)
    case .taskState(let fact): try add(fact)
    case .slotLeased(let fact): add(fact)
    case .slotReleased(let fact): add(fact)
    case .artifactSealed(let fact): add(fact)
    default: return false
    }
    return true
  }

  private mutating func add(_ fact: Fact.TaskAdmitted) {
    add(fact.task, fact.attempt)
    raw(",\"admission\":")
    string(fact.admission.rawValue)
    raw(",\"cpus\":")
    integer(fact.cpus)
    raw(",\"memoryBytes\":")
    integer(fact.memoryBytes)
    if let resources = fact.resources { field(resources) }
  }

  private mutating func add(_ fact: Fact.AttemptStarted) {
    add(fact.task, fact.attempt)
    raw(",\"pid\":")
    integer(fact.pid)
    raw(",\"startTime\":")
    integer(fact.startTime)
    raw(",\"log\":")
    string(fact.log)
    raw(",\"slot\":")
    integer(fact.slot)
    raw(",\"fingerprint\":")
    string(fact.fingerprint)
  }

  private mutating func add(_ fact: Fact.AttemptEnded) throws {
    add(fact.task, fact.attempt)
    raw(",\"outcome\":{\"class\":")
    string(fact.outcome.class.rawValue)
    switch fact.outcome.status {
    case .code(let code):
      raw(",\"status\":{\"code\":")
      integer(code)
      raw("}")
    case .signal(let number):
      raw(",\"status\":{\"signal\":")
      integer(number)
      raw("}")
    case nil: break
    }
    if let message = fact.outcome.message {
      raw(",\"message\":")
      string(message)
    }
    raw("}")
    try add(fact.usage)
    try add(fact.phases)
  }

  private mutating func add(_ usage: Usage) throws {
    raw(",\"usage\":{\"userSeconds\":")
    try number(usage.userSeconds)
    raw(",\"systemSeconds\":")
    try number(usage.systemSeconds)
    raw(",\"peakResidentBytes\":")
    integer(usage.peakResidentBytes)
    if let bytes = usage.memoryPeakBytes {
      raw(",\"memoryPeakBytes\":")
      integer(bytes)
    }
    raw(",\"readBytes\":")
    integer(usage.readBytes)
    raw(",\"writtenBytes\":")
    integer(usage.writtenBytes)
    if let agent = usage.agent { try add(agent) }
    raw("}")
  }

  private mutating func add(_ agent: AgentUsage) throws {
    raw(",\"agent\":{\"turns\":")
    integer(agent.turns)
    raw(",\"inputTokens\":")
    integer(agent.inputTokens)
    raw(",\"outputTokens\":")
    integer(agent.outputTokens)
    if let cost = agent.costDollars {
      raw(",\"costDollars\":")
      try number(cost)
    }
    raw("}")
  }

  private mutating func add(_ phases: Phases) throws {
    raw(",\"phases\":{\"queue\":")
    try number(phases.queue)
    raw(",\"prepare\":")
    try number(phases.prepare)
    raw(",\"run\":")
    try number(phases.run)
    raw(",\"verify\":")
    try number(phases.verify)
    raw(",\"seal\":")
    try number(phases.seal)
    raw(",\"paused\":")
    try number(phases.paused)
    raw("}")
  }

  private mutating func add(_ fact: Fact.TaskStateChanged) throws {
    raw(",\"task\":")
    integer(fact.task.rawValue)
    raw(",\"state\":")
    string(fact.state.rawValue)
    if let reason = fact.reason {
      raw(",\"reason\":")
      string(reason)
    }
    if let until = fact.untilSeconds {
      raw(",\"untilSeconds\":")
      try number(until)
    }
  }

  private mutating func add(_ fact: Fact.SlotLeased) {
    raw(",\"slot\":")
    integer(fact.slot)
    add(fact.task, fact.attempt)
    if let bytes = fact.keptBytes {
      raw(",\"keptBytes\":")
      integer(bytes)
    }
  }

  private mutating func add(_ fact: Fact.SlotReleased) {
    raw(",\"slot\":")
    integer(fact.slot)
    add(fact.task, fact.attempt)
    raw(",\"askedBytes\":")
    integer(fact.askedBytes)
    raw(",\"freshBytes\":")
    integer(fact.freshBytes)
    raw(",\"recycledBytes\":")
    integer(fact.recycledBytes)
  }

  private mutating func add(_ fact: Fact.ArtifactSealed) {
    add(fact.task, fact.attempt)
    raw(",\"artifact\":")
    string(fact.artifact)
    raw(",\"bytes\":")
    integer(fact.bytes)
    raw(",\"files\":")
    integer(fact.files)
    raw(",\"digest\":")
    string(fact.digest)
    guard let bytes = fact.compressedBytes else { return }
    raw(",\"compressedBytes\":")
    integer(bytes)
  }

  private mutating func add(_ task: TaskID, _ attempt: Int) {
    raw(",\"task\":")
    integer(task.rawValue)
    raw(",\"attempt\":")
    integer(attempt)
  }
}
