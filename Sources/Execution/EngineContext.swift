package import Model
package import Planning

/// The world around an engine that is no contract of its own.
package struct EngineContext: Sendable {
  /// Number of the run in its project.
  package var run: Int
  /// Absolute path of the project.
  package var root: String
  package var host: Fact.Host
  /// Version of Cairn.
  package var version: String
  /// Marks every process of the run in its environment; random, never reused.
  package var token: String
  let inherited: EngineEnvironment
  /// Runs `verify`; the script is appended.
  package var shell: [String]
  /// One digest of several, for the fingerprints of attempts.
  package var combine: @Sendable ([String]) -> String
  /// A task that the file shows in review counts as done.
  package var trustsReview: Bool
  /// Whether an attempt sees its own slot alone; nil where nobody has looked.
  package var hidesSlots: Bool?
  /// Whether writes into slots of others are refused and told; nil where slots are hidden.
  package var watchesSlots: Bool?
  /// What the log should say of the session's beginning.
  package var notices: [Fact.Notice] = []
  /// Worktrees of earlier runs and sessions, by slot.
  package var worktrees: [Int: KeptWorktree] = [:]
  /// Where worktrees are merged, to be told before the first attempt; nil in a run that has told it.
  package var branch: Fact.BranchOpened?
  /// Dormant artifacts may be somebody's memory for a while.
  package var lends = false
  package var limits: Limits
  /// Nil for an engine that calls itself and has threads for its jobs.
  package var driver: (any EngineDriver)?
  /// Clears up what earlier runs left, off the engine's thread; what it has to tell becomes notices.
  package var tidies: (@Sendable () -> [Fact.Notice])?

  /// `environment` is Cairn's own, `NAME=value`.
  package init(
    run: Int, root: String, host: Fact.Host, version: String, token: String,
    environment: [String], shell: [String] = ["bash", "-euo", "pipefail", "-c"],
    trustsReview: Bool = false, limits: Limits = Limits(),
    driver: (any EngineDriver)? = nil, combine: @escaping @Sendable ([String]) -> String
  ) {
    self.run = run
    self.root = root
    self.host = host
    self.version = version
    self.token = token
    inherited = EngineEnvironment(environment)
    self.shell = shell
    self.combine = combine
    self.trustsReview = trustsReview
    self.limits = limits
    self.driver = driver
  }

  /// A worktree that is there when a session begins.
  package struct KeptWorktree: Sendable, Equatable {
    /// Allocated.
    package var bytes: Int64
    /// Name of the task that worked in it last; nil where nobody knows.
    package var task: String?

    package init(bytes: Int64, task: String? = nil) {
      self.bytes = bytes
      self.task = task
    }
  }

  package struct Limits: Sendable, Equatable {
    /// From TERM to KILL.
    package var graceSeconds = 5.0
    /// Size of one log, above which its middle is dropped.
    package var logCap = LogCap()
    /// Size of one log, above which its attempt is ended where no middle can be dropped.
    package var outputBytes: Int64 = 2 << 30
    /// Between two samples of what runs.
    package var sampleSeconds = 1.0
    /// Between two measurements of what an attempt has written, where a limit has to be kept.
    package var meterSeconds = 0.25
    /// The least between them: from a start to the first, and where the workspace is nearly full.
    package var meterLeastSeconds = 0.025
    /// Threads for what may block on the disk; 0 does it in the engine's own turn, for tests.
    package var lanes = 8
    /// How long the fact that something has started may wait for company before it is durable.
    package var commitDelaySeconds = 0.0
    /// Between two transactions of facts, if there is more than one: what comes meanwhile is durable at
    /// once and seen with the next.
    package var groupCommitSeconds = 0.0
    /// Newest facts that are kept in memory.
    package var factsInMemory = 65_536
    /// Facts that a reader gets at a time.
    package var factsInBatch = 8_192
    /// Fewest facts between two checkpoints; with many tasks it is four a task.
    package var checkpointFacts = 16_384
    /// From a commit without room to the next try, doubled each time up to the cap.
    package var retrySeconds = 0.5
    package var retryCapSeconds = 5.0
    /// End of a failed attempt's log that a retried prompt shows.
    package var promptTailBytes = 4_096
    /// Longest prompt that is given as an argument; the kernel's limit is 128 KiB.
    package var promptArgumentBytes = 120 << 10
    /// What a borrower gets of an artifact.
    package var loanBytes = LoanKernel.borrowedBytes
    /// When the run asks itself whether to lend.
    package var loanPace = StorePolicy.Pace()

    package init() {}
  }
}
