package import Model

/// The Cairn file: YAML in, a task graph out.
package enum CairnFile {
  /// Most instances of one matrix.
  package static let maximumInstances = 10_000
  /// Most tasks of a file, instances counted.
  package static let maximumTasks = 100_000
  /// Most needs and `after`s of a file; a whole matrix counts once an instance.
  package static let maximumDependencies = 1_000_000
  /// Most attempts at once.
  package static let maximumJobs = 10_000
  /// Most retries of a task, or of one class of failure.
  package static let maximumRetries = 1_000
  package static let maximumRetryBudget = 1_000_000
  /// Most codes and ranges of codes that `retries` names.
  package static let maximumRetryCodes = 256
  package static let maximumBackoffFactor = 100.0
  /// Longest pause in front of a retry: a day.
  package static let maximumBackoffSeconds = 86_400.0
  /// Longest time between TERM and KILL: an hour.
  package static let maximumGraceSeconds = 3_600.0
  /// Most paths that `caches` names.
  package static let maximumCaches = 64
  package static let maximumOpenFiles = 1 << 20
  package static let maximumKeptRuns = 1_000_000
  /// Smallest log cap: room for a head, a tail and the mark between them.
  package static let minimumLogCapBytes: Int64 = 4 << 10
  /// Longest name of a task, group or artifact, in Unicode scalars.
  package static let maximumNameLength = 120

  /// Reads a Cairn file.
  ///
  /// `bytes` are at most 64 MiB of UTF-8, a byte order mark is skipped; messages call the file
  /// `file`.
  package static func load(
    _ bytes: [UInt8], file: String, options: LoadOptions = LoadOptions()
  ) throws(FormatProblem) -> LoadedFile {
    do throws(FormatProblem) {
      let text = try SourceText.decode(bytes)
      guard let root = try YAMLReader.read(text), !root.isNull else {
        throw FormatProblem(message: "the file is empty", hint: "\"cairn init\" writes one")
      }
      return try CairnFileReader(root, options: options).load()
    } catch {
      throw error.named(file)
    }
  }
}

/// What a Cairn file does not say itself.
package struct LoadOptions: Sendable {
  /// Values for declared `params`, as from `--set`.
  package var parameters: [String: String]
  /// What `run` is given to when no `shell` is named.
  package var defaultInterpreter: [String]
  /// Name of a graph whose file has no `name`.
  package var defaultName: String

  package init(
    parameters: [String: String] = [:],
    defaultInterpreter: [String] = ["bash", "-euo", "pipefail", "-c"],
    defaultName: String = "cairn"
  ) {
    self.parameters = parameters
    self.defaultInterpreter = defaultInterpreter
    self.defaultName = defaultName
  }
}

package struct LoadedFile: Sendable, Equatable {
  /// Without tasks when `taskMaster` says where they are.
  package var graph: TaskGraph
  package var jobs: Int?
  package var memoryBytes: Int64?
  /// What there is of named resources.
  package var resources = Resources()
  /// Most bytes that live in the workspace at once.
  package var workspaceBytes: Int64?
  package var spill: Spill?
  /// Most retries of the whole run.
  package var retryBudget: Int?
  package var logs = LogLimits()
  package var durability = Durability.normal
  /// Artifacts that can be had again may be somebody's memory for a while.
  package var lends = false
  /// When a session stops by itself.
  package var stops = StopRules()
  /// Target of the reuse gauge, 0 to 1.
  package var reuseTarget: Double?
  /// Present in a file that says `from: task-master`.
  package var taskMaster: TaskMasterReference?

  /// Another file system, where artifacts wait that are not needed for a while.
  package struct Spill: Sendable, Equatable {
    /// As it is written: absolute, or from the project's root.
    package var path: String
    package var limitBytes: Int64

    package init(path: String, limitBytes: Int64) {
      self.path = path
      self.limitBytes = limitBytes
    }
  }
}

/// How the tasks of a Task Master file are to be carried out.
package struct TaskMasterReference: Sendable, Equatable {
  /// nil: `master`, else the first of the file.
  package var tag: String?
  /// Takes `review` for done.
  package var trust: Bool
  package var agent: TaskGraph.Agent?
  /// What each task starts from: time limit, retries, environment, `verify`.
  package var template: TaskGraph.Task
  /// How complex tasks are, by their ids, more than 0: what the report on the tag says.
  package var complexity: [String: Double] = [:]

  package init(
    tag: String? = nil, trust: Bool = false, agent: TaskGraph.Agent? = nil,
    template: TaskGraph.Task = TaskGraph.Task(id: TaskID(0), name: "", action: .gate)
  ) {
    self.tag = tag
    self.trust = trust
    self.agent = agent
    self.template = template
  }
}
