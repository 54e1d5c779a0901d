import ArgumentParser
import Formats
import Foundation
import Project

/// What `list` and `show` take: a project of any kind, and Task Master's own flags.
struct BacklogArguments: ParsableArguments {
  @Argument(help: "A cairn.yaml, tasks.json or folder, then names or, for list, statuses.")
  var words: [String] = []

  @Option(name: .customLong("file"), help: "The file, where its name could be taken for a task's.")
  var file: String?

  @Option(name: .shortAndLong, help: "text, json (in Task Master's shape) or compact; or the file.")
  var format: String?

  @Option(name: .shortAndLong, help: "The project's folder.")
  var project: String?

  @Option(name: .shortAndLong, help: "Only these statuses of a Task Master file, by comma.")
  var status: String?

  @Flag(help: "One JSON object.")
  var json = false

  @Flag(help: "Write nothing but what went wrong.")
  var silent = false

  enum Format: String { case text, json, compact }

  /// What `-f` says, unless it is the name of a file.
  var ownFormat: Format? { format.flatMap(Format.init) }

  var arguments: ProjectArguments {
    var arguments = ProjectArguments()
    arguments.words = words
    arguments.file = file ?? project ?? (ownFormat == nil ? format : nil)
    return arguments
  }

  /// The statuses that words or `--status` ask for; nil: all.
  func statuses(_ words: [String]) throws(ProjectProblem) -> Set<TaskMasterStatus>? {
    let asked = (words + [status].compactMap { $0 }).splitAtCommas
    var statuses = Set<TaskMasterStatus>()
    for word in asked where word != "all" {
      guard let status = TaskMasterStatus(written: word) else {
        let hint = Suggestion.hint(for: word, in: TaskMasterStatus.writable).map { "; \($0)" } ?? ""
        let known = TaskMasterStatus.writable.joined(separator: ", ")
        throw ProjectProblem(.usage, "no status \(word.quoted): expected all, \(known)\(hint)")
      }
      statuses.insert(status)
    }
    return statuses.isEmpty ? nil : statuses
  }

  /// The tasks of the tag that is meant; what the file leaves open is said.
  func tasks(of place: TaskMasterPlace, tag: String?) throws -> TaskMasterBacklog {
    let backlog = try place.read().backlog(tag: tag)
    if !silent { backlog.warnings.forEach { News.say($0.description) } }
    return backlog
  }
}

/// Runs Cairn's own view of a project; where a Task Master file makes no graph, as tasks wait for each
/// other or one cannot be read, it is shown as it is.
func viewing(
  _ location: ProjectLocation, tag: String?, _ own: () throws -> Void,
  else other: () throws -> Void
) throws {
  do { try own() } catch let problem as FormatProblem where problem.code == .data {
    guard let place = try? TaskMasterPlace(location), place.name == problem.file,
      (try? place.read().backlog(tag: place.tag(tag))) != nil
    else { throw problem }
    News.say(problem.description)
    try other()
  }
}
