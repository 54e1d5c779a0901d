extension TaskGraph {
  /// A unit of work: a shell command, an argument vector, or an agent prompt.
  package struct Task: Sendable, Equatable {
    package var id: TaskID
    package var name: String
    package var title: String?
    /// Index into `TaskGraph.groups`.
    package var group: Int?
    package var action: Action
    /// In file order; the values of a matrix instance come first.
    package var environment: [Variable] = []
    /// Relative to the project's root; nil is the root itself.
    package var directory: String?
    package var needs: [Need] = []
    /// Tasks that come first without handing anything over.
    package var after: [TaskID] = []
    package var outputs: [Output] = []
    package var cpus: Int = 1
    /// Admission limit; nil is unknown and counts as nothing.
    package var memoryBytes: Int64?
    /// `memoryBytes` is multiplied by one more than the attempts that have failed.
    package var memoryGrows: Bool = false
    package var timeoutSeconds: Double?
    private var boxedPolicy: BoxedPolicy?
    /// The task gets a pseudo-terminal of its own.
    package var tty: Bool = false
    /// A shell command that must exit 0, else the attempt failed.
    package var verify: String?
    /// nil: kept until a newer run replaces it; false: dropped once no unfinished task needs it.
    package var keep: Bool?
    package var exports: [Export] = []
    package var when: Condition = .success
    package var priority: Int = 0
    /// Globs of files outside the graph that belong to the fingerprint.
    package var inputs: [String] = []
    /// Same inputs, same output; sees only PATH, HOME, LANG, TMPDIR and `environment`.
    package var isPure: Bool = false
    package var standing: Standing = .pending
    package var isRemoved: Bool = false
    /// Where the task was defined, for messages.
    package var line: Int?

    package init(id: TaskID, name: String, action: Action) {
      self.id = id
      self.name = name
      self.action = action
    }

    /// What comes before this task, sorted, without repeats.
    package var predecessors: [TaskID] {
      if isRemoved || (needs.isEmpty && after.isEmpty) { return [] }
      var row: [TaskID] = []
      for task in (needs.map(\.task) + after).sorted() where task != row.last { row.append(task) }
      return row
    }
  }

  /// What few tasks change; it lies in a box, for a graph of a million tasks pays for every field.
  fileprivate struct Policy: Sendable, Equatable {
    var graceSeconds: Double?
    var retries: RetryPolicy = 0
    var backoff = Backoff()
    var limits = Limits()
    var mayRecompute = true
    var resources = Resources()
    var chain: String?
    var isolation = Isolation.slot
    var caches: [String] = []
    var approval = Approval.never
    var weight: Double?
  }

  fileprivate indirect enum BoxedPolicy: Sendable, Equatable {
    case policy(Policy)
  }

  package enum Action: Sendable, Equatable, Codable {
    /// A script for an interpreter: `interpreter + [script]`, as in bash -euo pipefail -c.
    case shell(script: String, interpreter: [String])
    case exec(arguments: [String])
    /// A prompt for the graph's agent.
    case prompt(String)
    /// Nothing runs; the task is only its verification (a Task Master parent's last step).
    case gate
  }

  package struct Variable: Sendable, Equatable, Codable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// One input: an artifact of another task, seen as `CAIRN_IN_<VARIABLE>`.
  package struct Need: Sendable, Equatable, Codable {
    package var task: TaskID
    /// nil takes all artifacts of the task.
    package var artifact: String?
    /// Upper case, without the prefix `CAIRN_IN_`.
    package var variable: String
    /// Name of the folder inside the variable's folder when a whole matrix is needed, as `n=3`.
    package var folder: String?

    package init(task: TaskID, artifact: String? = nil, variable: String, folder: String? = nil) {
      self.task = task
      self.artifact = artifact
      self.variable = variable
      self.folder = folder
    }
  }

  /// What the kernel lets each process of a task have; nil is what Cairn has itself.
  package struct Limits: Sendable, Equatable, Codable {
    package var openFiles: Int?
    package var fileSizeBytes: Int64?
    /// Of processor time.
    package var cpuSeconds: Int?

    package init(openFiles: Int? = nil, fileSizeBytes: Int64? = nil, cpuSeconds: Int? = nil) {
      self.openFiles = openFiles
      self.fileSizeBytes = fileSizeBytes
      self.cpuSeconds = cpuSeconds
    }
  }

  /// A named artifact of a task; the only one of a plain task is called `out`.
  package struct Output: Sendable, Equatable, Codable {
    package var name: String
    /// Allocated bytes expected; nil is unknown.
    package var expectedBytes: Int64?

    package init(name: String, expectedBytes: Int64? = nil) {
      self.name = name
      self.expectedBytes = expectedBytes
    }
  }

  /// A copy of an artifact's only file (or whole folder) outside the workspace.
  package struct Export: Sendable, Equatable, Codable {
    package var artifact: String
    /// Relative to the project's root.
    package var path: String

    package init(artifact: String, path: String) {
      self.artifact = artifact
      self.path = path
    }
  }

  /// Where a task works.
  package enum Isolation: String, Sendable, Codable, CaseIterable {
    /// In the project's root, with a slot of its own.
    case slot
    /// In a worktree of the project's git repository; what it changes is merged when it is done.
    case worktree
    /// As a slot, with nothing hidden.
    case none
  }

  /// When a person has to give leave.
  package enum Approval: String, Sendable, Codable, CaseIterable {
    case never
    /// Of a command before it runs, of an agent's work before it counts.
    case always
    /// Before a task that failed is tried again.
    case onFailure = "on-failure"
  }

  package enum Condition: String, Sendable, Codable, CaseIterable { case success, failure, always }

  /// What the file itself says of a task before the run (Task Master statuses).
  package enum Standing: String, Sendable, Codable, CaseIterable {
    case pending
    /// Done before this run; satisfies its dependents.
    case done
    /// Waits for a person's review; satisfies its dependents only with `trust: true`.
    case review
    /// Somebody else works on it; left alone.
    case external
    case deferred, cancelled, blocked
  }
}

extension TaskGraph.Task {
  /// Equal policies are kept alike: none is the standard one.
  private var policy: TaskGraph.Policy {
    get {
      guard case .policy(let policy) = boxedPolicy else { return TaskGraph.Policy() }
      return policy
    }
    set { boxedPolicy = newValue == TaskGraph.Policy() ? nil : .policy(newValue) }
  }

  /// From TERM to KILL; nil is Cairn's own.
  package var graceSeconds: Double? {
    get { policy.graceSeconds }
    set { policy.graceSeconds = newValue }
  }

  package var retries: RetryPolicy {
    get { policy.retries }
    set { policy.retries = newValue }
  }

  package var backoff: Backoff {
    get { policy.backoff }
    set { policy.backoff = newValue }
  }

  package var limits: TaskGraph.Limits {
    get { policy.limits }
    set { policy.limits = newValue }
  }

  /// What the task takes of the named resources, for admission.
  package var resources: Resources {
    get { policy.resources }
    set { policy.resources = newValue }
  }

  /// Tasks of one chain run one after another, in one slot; nil leaves it to the graph.
  package var chain: String? {
    get { policy.chain }
    set { policy.chain = newValue }
  }

  /// What keeps the task's files from those of others.
  package var isolation: TaskGraph.Isolation {
    get { policy.isolation }
    set { policy.isolation = newValue }
  }

  /// Ignored paths that outlive the task's lease of a worktree, relative to its working directory's
  /// project.
  package var caches: [String] {
    get { policy.caches }
    set { policy.caches = newValue }
  }

  package var approval: TaskGraph.Approval {
    get { policy.approval }
    set { policy.approval = newValue }
  }

  /// How much work it is beside the other tasks, more than 0, in a measure of the file's own; nil where
  /// nobody has judged.
  package var weight: Double? {
    get { policy.weight }
    set { policy.weight = newValue }
  }

  /// Whether an agent carries it out.
  package var isPrompt: Bool {
    if case .prompt = action { true } else { false }
  }

  /// False: a plan never runs the task again for its artifacts' sake, though it is pure.
  package var mayRecompute: Bool {
    get { policy.mayRecompute }
    set { policy.mayRecompute = newValue }
  }

  /// Whether a plan may run the task again to get a dropped artifact back.
  package var isRecomputable: Bool { isPure && mayRecompute }

  /// Whether an artifact of the task stays when the run has ended: what the file keeps, and what no
  /// task takes unless it is exported.
  package func keeps(_ output: TaskGraph.Output, isNeeded: Bool) -> Bool {
    if keep == true { return true }
    guard !isNeeded, keep == nil else { return false }
    return !exports.contains { $0.artifact == output.name }
  }
}
