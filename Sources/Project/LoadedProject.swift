import Foundation
package import Formats
package import Model

/// A project's graph as its files say, before any run.
package struct LoadedProject: Sendable {
  package var location: ProjectLocation
  package var graph: TaskGraph
  package var jobs: Int?
  package var memoryBytes: Int64?
  /// What there is of named resources.
  package var resources = Resources()
  /// Most bytes that live in the workspace at once.
  package var workspaceBytes: Int64?
  /// Its path is absolute.
  package var spill: LoadedFile.Spill?
  /// Recorded run time of each task of a trace, one row a task.
  package var seconds: [Double]?
  /// Most retries of a whole run.
  package var retryBudget: Int?
  package var logs = LogLimits()
  package var durability = Durability.normal
  package var reuseTarget: Double?
  /// Artifacts that can be had again may be somebody's memory for a while.
  package var lends = false
  /// When a session stops by itself.
  package var stops = StopRules()
  /// Takes `review` of a Task Master file for done.
  package var trustsReview = false
  /// The Task Master file that the tasks come from; nil where they come from somewhere else.
  package var tracked: TrackedFile?
  /// Tasks that the file shows in progress are taken over, whoever works on them.
  package var takesExternal = false
  /// What a person should know, though the graph can run.
  package var warnings: [String] = []
}

extension LoadedProject {
  /// Whether the graph is a recorded workflow, whose tasks run nothing.
  package var isTrace: Bool { location.kind == .trace }

  /// Reads the project's file and what it refers to.
  ///
  /// - Parameters:
  ///   - location: Where the file lies.
  ///   - parameters: Values for declared `params`.
  ///   - tag: Tag of a Task Master file; nil lets the files decide.
  /// - Throws: `ProjectProblem`, `FormatProblem`.
  package init(_ location: ProjectLocation, parameters: [String: String] = [:], tag: String? = nil)
    throws
  {
    self.location = location
    graph = TaskGraph(name: "")
    let bytes = try SourceText.read(location.file, called: location.displayName)
    switch location.kind {
    case .taskMaster:
      try readTaskMaster(
        bytes, location.file, called: location.displayName, TaskMasterReference(tag: tag))
    case .trace: try readTrace(bytes, parameters)
    case .cairn: try readCairnFile(bytes, parameters, tag)
    }
  }

  private mutating func readTrace(_ bytes: [UInt8], _ parameters: [String: String]) throws {
    if let name = parameters.keys.min() {
      throw ProjectProblem(
        .usage, "--set \(name): \(location.displayName) is a recorded workflow without params")
    }
    let trace = try WorkflowTraceFile.load(bytes, file: location.displayName)
    graph = trace.graph
    seconds = trace.seconds
    warnings = trace.warnings.map(\.description)
  }

  private mutating func readCairnFile(
    _ bytes: [UInt8], _ parameters: [String: String], _ tag: String?
  ) throws {
    let folder = (location.root as NSString).lastPathComponent
    let options = LoadOptions(
      parameters: parameters, defaultInterpreter: Self.interpreter,
      defaultName: folder.isEmpty ? "cairn" : folder)
    let file = try CairnFile.load(bytes, file: location.displayName, options: options)
    graph = file.graph
    jobs = file.jobs
    memoryBytes = file.memoryBytes
    resources = file.resources
    retryBudget = file.retryBudget
    logs = file.logs
    durability = file.durability
    reuseTarget = file.reuseTarget
    lends = file.lends
    stops = file.stops
    workspaceBytes = file.workspaceBytes
    spill = file.spill
    if let path = spill?.path, !path.hasPrefix("/") { spill?.path = location.root + "/" + path }
    guard var reference = file.taskMaster else { return }
    if let tag { reference.tag = tag }
    let path = location.root + "/" + ProjectLocation.taskMasterPath
    let tasks = try SourceText.read(path, called: ProjectLocation.taskMasterPath)
    let name = graph.name
    try readTaskMaster(tasks, path, called: ProjectLocation.taskMasterPath, reference)
    graph.name = name
    tracked?.graphName = name
    tracked?.origin = TrackedFile.Origin(
      path: location.file, name: location.displayName, bytes: bytes)
  }

  private mutating func readTaskMaster(
    _ bytes: [UInt8], _ path: String, called name: String, _ reference: TaskMasterReference
  ) throws {
    var reference = reference
    reference.tag = reference.tag ?? TaskMasterPlace.currentTag(root: location.root)
    let root = location.root
    var fault: String?
    let loaded = try TaskMasterFile.load(bytes, file: name, reference: reference) { tag in
      do {
        return try TaskMasterPlace.report(of: tag, root: root)?.scores ?? [:]
      } catch {
        fault = "\(error); its tasks count alike"
        return [:]
      }
    }
    graph = loaded.graph
    warnings = loaded.warnings.map(\.description) + [fault].compactMap(\.self)
    reference.complexity = loaded.complexity
    trustsReview = reference.trust
    reference.tag = loaded.tag
    tracked = TrackedFile(
      path: path, name: name, reference: reference,
      standings: Dictionary(
        graph.tasks.map { ($0.name, $0.standing) }, uniquingKeysWith: { first, _ in first }))
  }

  /// `bash` where there is one, else `sh`, which knows no `pipefail`.
  package static let interpreter: [String] = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let hasBash = path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/bash")
    }
    return hasBash ? ["bash", "-euo", "pipefail", "-c"] : ["sh", "-eu", "-c"]
  }()
}
