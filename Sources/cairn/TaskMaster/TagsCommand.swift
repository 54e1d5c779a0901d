import ArgumentParser
import Formats
import Foundation
import Project

struct TagsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tags", abstract: "List the tags of a Task Master file.")

  /// Task Master has them; they are refused, not taken for something else.
  private static let unbuilt = ["add", "use", "remove", "rename", "copy"]

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "list")
  var words: [String] = []

  func run() async throws {
    if let word = words.first, word != "list" {
      throw Self.unbuilt.contains(word)
        ? ProjectProblem(
          .notBuilt, "tags \(word): not built; --tag or TASKMASTER_TAG chooses one for a command")
        : ProjectProblem(.usage, "tags \(word): expected list")
    }
    let place = try options.place()
    let edit = try place.read()
    let current = try edit.backlog(tag: place.tag(options.tag))
    let backlogs = try current.tags.map { try edit.backlog(tag: $0) }
    let report = TagsReport(backlogs, current: current.tag)
    try options.print(report.lines, json: try JSONOutput.encode(report))
  }
}

private struct TagsReport: Encodable {
  struct Row: Encodable {
    var name: String
    var isCurrent: Bool
    var taskCount: Int
    var completedTasks: Int
    var statusBreakdown: [String: Int]
    var subtaskCount: Int
  }

  var tags: [Row]
  var currentTag: String
  var totalTags: Int

  init(_ backlogs: [TaskMasterBacklog], current: String) {
    currentTag = current
    totalTags = backlogs.count
    tags = backlogs.map { backlog in
      let counts = backlog.counts()
      return Row(
        name: backlog.tag, isCurrent: backlog.tag == current,
        taskCount: counts.tasks.values.reduce(0, +),
        completedTasks: (counts.tasks["done"] ?? 0) + (counts.tasks["completed"] ?? 0),
        statusBreakdown: counts.tasks, subtaskCount: counts.subtasks.values.reduce(0, +))
    }
  }

  var lines: [String] {
    tags.map { row in
      let mark = row.isCurrent ? "*" : " "
      return "\(mark) \(row.name)  \(row.completedTasks) of \(row.taskCount) done, "
        + "\(row.subtaskCount) subtasks"
    }
  }
}
