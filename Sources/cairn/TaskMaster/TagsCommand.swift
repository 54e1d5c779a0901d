import ArgumentParser
import Formats
import Foundation
import Project

struct TagsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tags",
    abstract: "The tags of a Task Master file: what there is, and how they come and go.",
    subcommands: [
      TagsListCommand.self, TagsAddCommand.self, TagsUseCommand.self, TagsRemoveCommand.self,
      TagsRenameCommand.self, TagsCopyCommand.self,
    ],
    defaultSubcommand: TagsListCommand.self)
}

struct TagsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tags, with how much of each is done.")

  @OptionGroup var options: TaskMasterOptions

  func run() async throws {
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
