/// A numbered event of a run, journaled before anyone sees it.
///
/// The journal's payload, the line of `--json` and the message on the wire are this one value. Encoded
/// it is flat: `sequence`, `session`, `elapsedSeconds`, `wallTime`, `kind` and the fields of the kind.
package struct Fact: Sendable, Equatable {
  /// Version of the facts and of every other JSON output (`"cairn": 1`).
  package static let version = 1

  /// From 1, without gaps, over all sessions of a run.
  package var sequence: Int
  /// From 1; each resume is a new session of the same run.
  package var session: Int
  /// Monotonic, counted only while an engine is alive, added up over the sessions.
  package var elapsedSeconds: Double
  /// Nanoseconds since 1970, UTC; for people, never for arithmetic.
  package var wallTime: Int64
  package var kind: Kind

  package init(
    sequence: Int, session: Int, elapsedSeconds: Double, wallTime: Int64, kind: Kind
  ) {
    self.sequence = sequence
    self.session = session
    self.elapsedSeconds = elapsedSeconds
    self.wallTime = wallTime
    self.kind = kind
  }

  package enum Kind: Sendable, Equatable {
    case runOpened(RunOpened)
    case graphDefined(GraphDefined)
    case graphChanged(GraphChanged)
    case planAdopted(PlanAdopted)
    case taskAdmitted(TaskAdmitted)
    case attemptStarted(AttemptStarted)
    case attemptEnded(AttemptEnded)
    case verifyEnded(VerifyEnded)
    case taskState(TaskStateChanged)
    case artifactSealed(ArtifactSealed)
    /// What a running attempt writes was measured, and is more than its plan gave it.
    case artifactGrew(ArtifactReference)
    case artifactDropped(ArtifactReference)
    /// Written to the spill file system, and no longer in the workspace.
    case artifactSpilled(ArtifactReference)
    case artifactRestored(ArtifactReference)
    /// Lies in the workspace in fewer bytes, and nobody can read it there.
    case artifactCompressed(ArtifactCompressed)
    case artifactExpanded(ArtifactReference)
    case artifactLost(ArtifactReference)
    /// The intent of a loan, durable before the first byte of the artifact is changed.
    case artifactLent(ArtifactLent)
    /// Given back, and proved by its digest to be what it was.
    case artifactReturned(ArtifactReference)
    case artifactExported(ArtifactExported)
    case slotLeased(SlotLeased)
    case slotReleased(SlotReleased)
    /// A worktree came to another size, or is gone.
    case slotKept(SlotKept)
    case branchOpened(BranchOpened)
    case branchMerged(BranchMerged)
    case requestMade(RequestMade)
    case requestRefused(RequestRefused)
    case runHeld(Remark)
    case runContinued(Remark)
    case runClosed(RunClosed)
    case notice(Notice)
    /// A kind of a newer Cairn: shown as a notice, folds as nothing.
    case unknown(String)
  }
}

extension Fact {
  package struct RunOpened: Sendable, Equatable, Codable {
    package var run: Int
    /// Version of the program; encoded as `cairnVersion`, for `cairn` is the contract's.
    package var cairn: String
    package var host: Host
    package var config: RunConfig
    package var isResumed: Bool
    /// Marks every process of the run in its environment; random, never reused.
    package var token: String
    /// Whether an attempt sees its own slot alone; nil where that was not known yet.
    package var hidesSlots: Bool?
    /// Whether writes into slots of others are refused and told; nil where slots are hidden.
    package var watchesSlots: Bool?

    package init(
      run: Int, cairn: String, host: Host, config: RunConfig, isResumed: Bool, token: String,
      hidesSlots: Bool? = nil, watchesSlots: Bool? = nil
    ) {
      self.run = run
      self.cairn = cairn
      self.host = host
      self.config = config
      self.isResumed = isResumed
      self.token = token
      self.hidesSlots = hidesSlots
      self.watchesSlots = watchesSlots
    }

    private enum Key: String, CodingKey {
      case run, cairnVersion, host, config, isResumed, token, hidesSlots, watchesSlots
      /// Where the version stood in the first journals.
      case cairn
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      run = try container.decode(Int.self, forKey: .run)
      cairn =
        try container.decodeIfPresent(String.self, forKey: .cairnVersion)
        ?? container.decode(String.self, forKey: .cairn)
      host = try container.decode(Host.self, forKey: .host)
      config = try container.decode(RunConfig.self, forKey: .config)
      isResumed = try container.decode(Bool.self, forKey: .isResumed)
      token = try container.decode(String.self, forKey: .token)
      hidesSlots = try container.decodeIfPresent(Bool.self, forKey: .hidesSlots)
      watchesSlots = try container.decodeIfPresent(Bool.self, forKey: .watchesSlots)
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(run, forKey: .run)
      try container.encode(cairn, forKey: .cairnVersion)
      try container.encode(host, forKey: .host)
      try container.encode(config, forKey: .config)
      try container.encode(isResumed, forKey: .isResumed)
      try container.encode(token, forKey: .token)
      try container.encodeIfPresent(hidesSlots, forKey: .hidesSlots)
      try container.encodeIfPresent(watchesSlots, forKey: .watchesSlots)
    }
  }

  package struct Host: Sendable, Equatable, Codable {
    package var name: String
    package var cores: Int
    package var memoryBytes: Int64
    /// Free bytes on the workspace's file system when the session opened.
    package var diskFreeBytes: Int64

    package init(name: String, cores: Int, memoryBytes: Int64, diskFreeBytes: Int64) {
      self.name = name
      self.cores = cores
      self.memoryBytes = memoryBytes
      self.diskFreeBytes = diskFreeBytes
    }
  }

  package struct GraphDefined: Sendable, Equatable, Codable {
    package var graph: TaskGraph
    /// One a task, hexadecimal; covers what the file says and the declared inputs.
    package var fingerprints: [String]

    package init(graph: TaskGraph, fingerprints: [String]) {
      self.graph = graph
      self.fingerprints = fingerprints
    }
  }

  /// A newer version of the file, in the numbering of the run.
  package struct GraphChanged: Sendable, Equatable, Codable {
    package var added: [TaskGraph.Task]
    package var changed: [TaskGraph.Task]
    package var removed: [TaskID]
    package var groups: [TaskGraph.Group]
    package var agent: TaskGraph.Agent?
    /// One a task of the whole new graph.
    package var fingerprints: [String]
    package var source: String

    package init(
      added: [TaskGraph.Task], changed: [TaskGraph.Task], removed: [TaskID],
      groups: [TaskGraph.Group], agent: TaskGraph.Agent?, fingerprints: [String], source: String
    ) {
      self.added = added
      self.changed = changed
      self.removed = removed
      self.groups = groups
      self.agent = agent
      self.fingerprints = fingerprints
      self.source = source
    }
  }

  package struct TaskAdmitted: Sendable, Equatable, Codable {
    package enum Admission: String, Sendable, Codable { case first, retry, recompute }

    package var task: TaskID
    package var attempt: Int
    package var admission: Admission
    package var cpus: Int
    package var memoryBytes: Int64
    /// nil is none.
    package var resources: Resources?

    package init(
      task: TaskID, attempt: Int, admission: Admission, cpus: Int, memoryBytes: Int64,
      resources: Resources = [:]
    ) {
      self.task = task
      self.attempt = attempt
      self.admission = admission
      self.cpus = cpus
      self.memoryBytes = memoryBytes
      self.resources = resources.isEmpty ? nil : resources
    }
  }

  package struct AttemptStarted: Sendable, Equatable, Codable {
    package var task: TaskID
    package var attempt: Int
    package var pid: Int32
    /// Clock ticks since boot (`/proc/PID/stat`, field 22): tells a recycled pid from this one.
    package var startTime: UInt64
    /// Relative to `.cairn/logs`.
    package var log: String
    package var slot: Int
    /// Covers the definition, the declared inputs and the digests of all needed artifacts.
    package var fingerprint: String

    package init(
      task: TaskID, attempt: Int, pid: Int32, startTime: UInt64, log: String, slot: Int,
      fingerprint: String
    ) {
      self.task = task
      self.attempt = attempt
      self.pid = pid
      self.startTime = startTime
      self.log = log
      self.slot = slot
      self.fingerprint = fingerprint
    }
  }

  package struct AttemptEnded: Sendable, Equatable, Codable {
    package var task: TaskID
    package var attempt: Int
    package var outcome: Outcome
    package var usage: Usage
    package var phases: Phases

    package init(
      task: TaskID, attempt: Int, outcome: Outcome, usage: Usage, phases: Phases
    ) {
      self.task = task
      self.attempt = attempt
      self.outcome = outcome
      self.usage = usage
      self.phases = phases
    }
  }

  package struct VerifyEnded: Sendable, Equatable, Codable {
    package var task: TaskID
    package var attempt: Int
    package var status: ExitStatus
    package var seconds: Double
    /// Relative to `.cairn/logs`.
    package var log: String

    package init(task: TaskID, attempt: Int, status: ExitStatus, seconds: Double, log: String) {
      self.task = task
      self.attempt = attempt
      self.status = status
      self.seconds = seconds
      self.log = log
    }
  }

  package struct TaskStateChanged: Sendable, Equatable, Codable {
    package var task: TaskID
    package var state: TaskState
    package var reason: String?
    /// When a back-off ends, in elapsed seconds.
    package var untilSeconds: Double?

    package init(
      task: TaskID, state: TaskState, reason: String? = nil, untilSeconds: Double? = nil
    ) {
      self.task = task
      self.state = state
      self.reason = reason
      self.untilSeconds = untilSeconds
    }
  }

  package struct RequestMade: Sendable, Equatable, Codable {
    package var actor: Actor
    package var request: Request

    package init(actor: Actor, request: Request) {
      self.actor = actor
      self.request = request
    }
  }

  package struct RequestRefused: Sendable, Equatable, Codable {
    package var actor: Actor
    package var request: Request
    package var reason: String

    package init(actor: Actor, request: Request, reason: String) {
      self.actor = actor
      self.request = request
      self.reason = reason
    }
  }

  package struct Remark: Sendable, Equatable, Codable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
  }

  package struct RunClosed: Sendable, Equatable, Codable {
    package enum Ending: String, Sendable, Codable {
      /// Every selected task is done (or was skipped without a failure).
      case done
      /// Some task failed for good.
      case failed
      /// Somebody stopped the run; it can be resumed.
      case stopped
      /// Tasks remain that nothing in this run can bring on.
      case stalled
    }

    package var ending: Ending
    package var reason: String

    package init(ending: Ending, reason: String) {
      self.ending = ending
      self.reason = reason
    }
  }

  package struct Notice: Sendable, Equatable, Codable {
    /// A stable word for programs, as in `workspace.swept`.
    package var code: String
    package var text: String
    package var task: TaskID?

    package init(code: String, text: String, task: TaskID? = nil) {
      self.code = code
      self.text = text
      self.task = task
    }
  }
}
