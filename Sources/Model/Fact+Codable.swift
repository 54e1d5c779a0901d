extension Fact: Codable {
  private enum Key: String, CodingKey { case sequence, session, elapsedSeconds, wallTime, kind }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    sequence = try container.decode(Int.self, forKey: .sequence)
    session = try container.decode(Int.self, forKey: .session)
    elapsedSeconds = try container.decode(Double.self, forKey: .elapsedSeconds)
    wallTime = try container.decode(Int64.self, forKey: .wallTime)
    kind = try Kind(name: container.decode(String.self, forKey: .kind), from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(sequence, forKey: .sequence)
    try container.encode(session, forKey: .session)
    try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
    try container.encode(wallTime, forKey: .wallTime)
    try container.encode(kind.name, forKey: .kind)
    try kind.payload?.encode(to: encoder)
  }
}

extension Fact.Kind {
  /// The stable name of the kind in the journal, in JSON and on the wire.
  package var name: String {
    switch self {
    case .runOpened: "run.opened"
    case .graphDefined: "graph.defined"
    case .graphChanged: "graph.changed"
    case .planAdopted: "plan.adopted"
    case .taskAdmitted: "task.admitted"
    case .attemptStarted: "attempt.started"
    case .attemptEnded: "attempt.ended"
    case .verifyEnded: "verify.ended"
    case .taskState: "task.state"
    case .artifactSealed: "artifact.sealed"
    case .artifactGrew: "artifact.grew"
    case .artifactDropped: "artifact.dropped"
    case .artifactLost: "artifact.lost"
    case .artifactLent: "artifact.lent"
    case .artifactReturned: "artifact.returned"
    case .artifactSpilled: "artifact.spilled"
    case .artifactRestored: "artifact.restored"
    case .artifactCompressed: "artifact.compressed"
    case .artifactExpanded: "artifact.expanded"
    case .artifactExported: "artifact.exported"
    case .slotLeased: "slot.leased"
    case .slotReleased: "slot.released"
    case .slotKept: "slot.kept"
    case .branchOpened: "branch.opened"
    case .branchMerged: "branch.merged"
    case .requestMade: "request.made"
    case .requestRefused: "request.refused"
    case .runHeld: "run.held"
    case .runContinued: "run.continued"
    case .runClosed: "run.closed"
    case .notice: "notice"
    case .unknown(let name): name
    }
  }

  /// The one task that the fact is about, where there is one.
  package var task: TaskID? {
    switch self {
    case .taskAdmitted(let fact): fact.task
    case .attemptStarted(let fact): fact.task
    case .attemptEnded(let fact): fact.task
    case .verifyEnded(let fact): fact.task
    case .taskState(let fact): fact.task
    case .artifactSealed(let fact): fact.task
    case .artifactGrew(let fact), .artifactDropped(let fact), .artifactLost(let fact),
      .artifactSpilled(let fact), .artifactRestored(let fact), .artifactReturned(let fact),
      .artifactExpanded(let fact):
      fact.task
    case .artifactCompressed(let fact): fact.task
    case .artifactLent(let fact): fact.task
    case .artifactExported(let fact): fact.task
    case .slotLeased(let fact): fact.task
    case .slotReleased(let fact): fact.task
    case .slotKept(let fact): fact.task
    case .branchMerged(let fact): fact.task
    case .notice(let fact): fact.task
    default: nil
    }
  }

  fileprivate var payload: (any Encodable)? {
    switch self {
    case .runOpened(let fact): fact
    case .graphDefined(let fact): fact
    case .graphChanged(let fact): fact
    case .planAdopted(let fact): fact
    case .taskAdmitted(let fact): fact
    case .attemptStarted(let fact): fact
    case .attemptEnded(let fact): fact
    case .verifyEnded(let fact): fact
    case .taskState(let fact): fact
    case .artifactSealed(let fact): fact
    case .artifactGrew(let fact), .artifactDropped(let fact), .artifactLost(let fact),
      .artifactSpilled(let fact), .artifactRestored(let fact), .artifactReturned(let fact),
      .artifactExpanded(let fact):
      fact
    case .artifactCompressed(let fact): fact
    case .artifactLent(let fact): fact
    case .artifactExported(let fact): fact
    case .slotLeased(let fact): fact
    case .slotReleased(let fact): fact
    case .slotKept(let fact): fact
    case .branchOpened(let fact): fact
    case .branchMerged(let fact): fact
    case .requestMade(let fact): fact
    case .requestRefused(let fact): fact
    case .runHeld(let fact), .runContinued(let fact): fact
    case .runClosed(let fact): fact
    case .notice(let fact): fact
    case .unknown: nil
    }
  }

  init(name: String, from decoder: any Decoder) throws {
    switch name {
    case "run.opened": self = .runOpened(try .init(from: decoder))
    case "graph.defined": self = .graphDefined(try .init(from: decoder))
    case "graph.changed": self = .graphChanged(try .init(from: decoder))
    case "plan.adopted": self = .planAdopted(try .init(from: decoder))
    case "task.admitted": self = .taskAdmitted(try .init(from: decoder))
    case "attempt.started": self = .attemptStarted(try .init(from: decoder))
    case "attempt.ended": self = .attemptEnded(try .init(from: decoder))
    case "verify.ended": self = .verifyEnded(try .init(from: decoder))
    case "task.state": self = .taskState(try .init(from: decoder))
    case "artifact.sealed": self = .artifactSealed(try .init(from: decoder))
    case "artifact.grew": self = .artifactGrew(try .init(from: decoder))
    case "artifact.dropped": self = .artifactDropped(try .init(from: decoder))
    case "artifact.lost": self = .artifactLost(try .init(from: decoder))
    case "artifact.lent": self = .artifactLent(try .init(from: decoder))
    case "artifact.returned": self = .artifactReturned(try .init(from: decoder))
    case "artifact.spilled": self = .artifactSpilled(try .init(from: decoder))
    case "artifact.restored": self = .artifactRestored(try .init(from: decoder))
    case "artifact.compressed": self = .artifactCompressed(try .init(from: decoder))
    case "artifact.expanded": self = .artifactExpanded(try .init(from: decoder))
    case "artifact.exported": self = .artifactExported(try .init(from: decoder))
    case "slot.leased": self = .slotLeased(try .init(from: decoder))
    case "slot.released": self = .slotReleased(try .init(from: decoder))
    case "slot.kept": self = .slotKept(try .init(from: decoder))
    case "branch.opened": self = .branchOpened(try .init(from: decoder))
    case "branch.merged": self = .branchMerged(try .init(from: decoder))
    case "request.made": self = .requestMade(try .init(from: decoder))
    case "request.refused": self = .requestRefused(try .init(from: decoder))
    case "run.held": self = .runHeld(try .init(from: decoder))
    case "run.continued": self = .runContinued(try .init(from: decoder))
    case "run.closed": self = .runClosed(try .init(from: decoder))
    case "notice": self = .notice(try .init(from: decoder))
    default: self = .unknown(name)
    }
  }
}
