import ArgumentParser
import Formats
import Project

struct SetStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set-status", abstract: "Set the status of tasks in a Task Master file.",
    discussion: """
      As in: cairn set-status 5,5.2 done. Statuses are \
      \(TaskMasterStatus.writable.joined(separator: ", ")). Setting a subtask sets its task too: \
      done when all subtasks are, in-progress when any is begun, pending when all are.
      """)

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "Ids, several by comma, then the status.")
  var words: [String] = []

  @Option(name: .shortAndLong, help: "Ids, several by comma.")
  var id: String?

  @Option(name: .shortAndLong, help: "The status.")
  var status: String?

  @Flag(help: "Leave the tasks of subtasks as they are.")
  var noCascade = false

  func run() async throws {
    let (ids, status) = try request()
    try options.reporting(ids) {
      let place = try options.place()
      let results = try place.store.set(
        ids.map { TaskMasterStatusChange(id: $0, status: status) }, tag: place.tag(options.tag),
        cascades: !noCascade)
      try options.print(
        results.flatMap(\.lines), json: try JSONOutput.encode(SetStatusReport(results)))
    }
  }

  private func request() throws(ProjectProblem) -> (ids: [String], status: String) {
    let status = status ?? words.last
    let named = self.status == nil ? Array(words.dropLast()) : words
    let ids = (named + [id].compactMap { $0 }).splitAtCommas
    guard let status, !ids.isEmpty else {
      throw ProjectProblem(
        .usage, "which tasks, and what status? as in: cairn set-status 5,5.2 done")
    }
    return (ids, status)
  }
}

extension TaskMasterStatusResult {
  fileprivate var lines: [String] {
    let own = old == new ? "\(id): \(new) already" : "\(id): \(old) → \(new)"
    return [own]
      + parents.map { "\($0.id): \($0.old) → \($0.new), by its subtasks" }
  }
}

/// `cairn set-status --json`: Task Master's shape, and what followed.
private struct SetStatusReport: Encodable {
  struct Row: Encodable {
    var taskId: String
    var oldStatus: String
    var newStatus: String
  }

  var success = true
  var storageType = "file"
  var updatedTasks: [Row]
  /// Tasks whose status followed from that of a subtask.
  var cascadedTasks: [Row]

  init(_ results: [TaskMasterStatusResult]) {
    updatedTasks = results.map { Row(taskId: $0.id, oldStatus: $0.old, newStatus: $0.new) }
    cascadedTasks = results.flatMap(\.parents).map {
      Row(taskId: $0.id, oldStatus: $0.old, newStatus: $0.new)
    }
  }
}
