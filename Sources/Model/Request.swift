/// What someone asks of a run.
///
/// A list of tasks is a selection of the screen: a task, or the members of a group.
package enum Request: Sendable, Equatable, Codable {
  /// Freeze what runs, hold what does not.
  case pause([TaskID])
  /// Thaw or release; the counterpart of `pause`.
  case resume([TaskID])
  /// Admit nothing more.
  case hold
  /// Admit again.
  case `continue`
  /// Hold, then admit one attempt: the given task if it is ready, else the next of the plan.
  case step(TaskID?)
  /// Hold, then admit all that are ready now.
  case stepWave
  /// Freeze all that runs, and hold.
  case freezeAll
  case thawAll
  /// TERM, a grace, then KILL.
  case stop([TaskID])
  case signal([TaskID], number: Int32)
  case retry([TaskID], downstream: Bool)
  case skip([TaskID], asDone: Bool)
  /// What waits for leave has it: the result counts, the command runs, the task is tried again.
  case approve([TaskID])
  /// What waits for leave does not get it; with words, an agent tries again and is told them.
  case reject([TaskID], words: String?)
  /// Types a line into the task's terminal.
  ///
  /// In the log `text` is nil where the terminal showed nothing of what was typed, as a password.
  case answer(TaskID, text: String?)
  /// Stop all that runs, drain, end the session; the run can be resumed.
  case cancelRun
  /// KILL all that runs, end the session.
  case killRun

  /// How much the act takes out of the autopilot's hands (`AutonomyScore`), 0 to 1.
  ///
  /// Looking, filtering, attaching, holding, pausing and stepping weigh nothing.
  package var severity: Double {
    switch self {
    case .pause, .resume, .hold, .continue, .step, .stepWave, .freezeAll, .thawAll: 0
    case .cancelRun, .killRun: 0
    case .approve: 0.25
    case .retry, .skip, .reject, .answer: 0.5
    case .stop, .signal: 1
    }
  }

  /// Without what somebody typed, which may be a secret.
  package var withoutText: Request {
    if case .answer(let task, _) = self { .answer(task, text: nil) } else { self }
  }

  /// The tasks that the request names.
  package var tasks: [TaskID] {
    switch self {
    case .pause(let tasks), .resume(let tasks), .stop(let tasks), .signal(let tasks, _),
      .retry(let tasks, _), .skip(let tasks, _), .approve(let tasks), .reject(let tasks, _):
      tasks
    case .answer(let task, _): [task]
    case .step(let task): task.map { [$0] } ?? []
    default: []
    }
  }
}

/// Who asked, and from where.
package struct Actor: Sendable, Equatable, Codable {
  package enum Kind: String, Sendable, Codable { case person, cairn, file }

  package var kind: Kind
  /// As `ana@pts/3`.
  package var name: String
  /// As `dashboard`, `command`, `signal`.
  package var source: String

  package init(kind: Kind, name: String, source: String) {
    self.kind = kind
    self.name = name
    self.source = source
  }
}

package enum Answer: Sendable, Equatable, Codable {
  case accepted
  case refused(reason: String)
}

/// How a session was asked to run; part of `run.opened`.
package struct RunConfig: Sendable, Equatable, Codable {
  /// Most attempts that run at once.
  package var jobs: Int
  /// Most memory that admitted tasks may declare together; nil is no limit.
  package var memoryBytes: Int64?
  /// What there is of named resources; nil is none.
  package var resources: Resources?
  package var failFast: Bool
  /// Starts held, for stepping.
  package var startsHeld: Bool
  /// Limit of the workspace; nil is none.
  package var workspace: WorkspaceBudget?
  /// nil runs everything.
  package var selection: Selection?
  /// Seeds the jitter of back-offs.
  package var seed: UInt64
  /// Most retries of the whole run; nil is no limit but the tasks' own.
  package var retryBudget: Int?
  /// Target of the reuse gauge.
  package var reuseTarget: Double
  /// Target of the autonomy gauge.
  package var autonomyTarget: Double
  /// A person sits in front of it; nil is nobody.
  package var isAttended: Bool?
  /// When the session stops by itself; nil is when nothing is left.
  package var stops: StopRules?

  package init(
    jobs: Int, memoryBytes: Int64? = nil, resources: Resources = [:],
    workspace: WorkspaceBudget? = nil,
    failFast: Bool = false, startsHeld: Bool = false, selection: Selection? = nil, seed: UInt64 = 1,
    retryBudget: Int? = nil,
    reuseTarget: Double = 0.8, autonomyTarget: Double = 0.95
  ) {
    self.jobs = jobs
    self.memoryBytes = memoryBytes
    self.resources = resources.isEmpty ? nil : resources
    self.workspace = workspace
    self.failFast = failFast
    self.startsHeld = startsHeld
    self.selection = selection
    self.seed = seed
    self.retryBudget = retryBudget
    self.reuseTarget = reuseTarget
    self.autonomyTarget = autonomyTarget
  }

  /// Part of a graph, by names.
  package enum Selection: Sendable, Equatable, Codable {
    /// These and all they need.
    case targets([String])
    /// These alone, on the artifacts of the last run.
    case only([String])
    /// These and their dependents, on the artifacts of the last run.
    case from([String])
  }
}

/// How many bytes may lie in the workspace, and where what does not fit goes.
package struct WorkspaceBudget: Sendable, Equatable, Codable {
  package static let standardBytes: Int64 = 10 << 30

  package var bytes: Int64
  /// Nobody asked for it: what is no longer needed stays while it fits, for `--from` and retries.
  package var isDefault: Bool
  /// Absolute path of a folder on another file system; nil spills nothing.
  package var spillPath: String?
  package var spillBytes: Int64

  package init(
    bytes: Int64, isDefault: Bool = false, spillPath: String? = nil, spillBytes: Int64 = 0
  ) {
    self.bytes = bytes
    self.isDefault = isDefault
    self.spillPath = spillPath
    self.spillBytes = spillBytes
  }
}
