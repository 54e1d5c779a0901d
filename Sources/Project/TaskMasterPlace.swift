package import Formats
import Foundation

/// Where Task Master's files of a project lie.
package struct TaskMasterPlace: Sendable {
  package let location: ProjectLocation
  /// Absolute path of `tasks.json`.
  package let path: String
  /// How messages call it.
  package let name: String

  /// - Throws: `ProjectProblem`, `.missing`: the project has no Task Master file.
  package init(_ location: ProjectLocation) throws(ProjectProblem) {
    self.location = location
    if location.kind == .taskMaster {
      path = location.file
      name = location.displayName
      return
    }
    path = location.root + "/" + ProjectLocation.taskMasterPath
    name = ProjectLocation.taskMasterPath
    guard FileManager.default.fileExists(atPath: path) else {
      throw ProjectProblem(
        .missing, "\(location.displayName): the project has no \(ProjectLocation.taskMasterPath)")
    }
  }

  /// Absolute paths of what decides which tasks there are: the file, as it is called and where symbolic
  /// links lead, and what says which tag is current.
  package var watchedPaths: [String] {
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let others = ["state.json", "config.json"].map { "\(location.root)/.taskmaster/\($0)" }
    return (real == path ? [path] : [path, real]) + others
  }

  package var store: TaskMasterStore { TaskMasterStore(path: path, called: name) }

  /// The file as it is now, without its lock.
  ///
  /// - Throws: `ProjectProblem`, `FormatProblem`.
  package func read() throws -> TaskMasterEdit {
    try TaskMasterEdit(try TaskMasterTarget(path, called: name).read().bytes, file: name)
  }

  /// Task Master's report on the complexity of a tag's tasks.
  ///
  /// `file` names another one. Of the two spellings of a tag's file the first that is there counts.
  ///
  /// - Throws: `ProjectProblem`, `.missing`; `FormatProblem`.
  package func complexity(of tag: String, file: String? = nil) throws -> TaskMasterComplexity {
    if let file { return try Self.complexity(file, called: file) }
    if let report = try Self.report(of: tag, root: location.root) { return report }
    let name = TaskMasterComplexity.fileNames(tag: tag)[0]
    throw ProjectProblem(
      .missing, "\(Self.reports)\(name): no such file; `cairn analyze-complexity` makes it")
  }

  private static let reports = ".taskmaster/reports/"

  /// Nil if there is none.
  ///
  /// - Throws: `ProjectProblem`, `FormatProblem`.
  static func report(of tag: String, root: String) throws -> TaskMasterComplexity? {
    for name in TaskMasterComplexity.fileNames(tag: tag) {
      let path = "\(root)/\(reports)\(name)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      return try complexity(path, called: reports + name)
    }
    return nil
  }

  private static func complexity(_ path: String, called name: String) throws -> TaskMasterComplexity
  {
    try TaskMasterComplexity(try SourceText.read(path, called: name), file: name)
  }

  /// The tag that is meant: the given one, else that of `TASKMASTER_TAG`, else the current one of
  /// Task Master's state file, else its configuration's first; nil lets the file decide.
  package func tag(
    _ given: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    given ?? Self.currentTag(root: location.root, environment: environment)
  }

  static func currentTag(
    root: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    if let tag = environment["TASKMASTER_TAG"], !tag.isEmpty { return tag }
    func bytes(_ name: String) -> [UInt8]? {
      try? SourceText.read("\(root)/.taskmaster/\(name)", called: name)
    }
    if let tag = bytes("state.json").flatMap(TaskMasterFile.currentTag(inState:)) { return tag }
    return bytes("config.json").flatMap(TaskMasterFile.defaultTag(inConfig:))
  }
}
