import ArgumentParser
import Formats
import Foundation
import Model
import Project

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tasks with their states.",
    discussion: """
      With Task Master's flags (`cairn help task-master`), the tasks of its file with their statuses.
      """)

  @OptionGroup var backlog: BacklogArguments
  @OptionGroup var parameters: ParameterOptions

  @Flag(help: "Subtasks too, of a Task Master file.")
  var withSubtasks = false
  @Flag(help: "Only tasks of a Task Master file that can be taken up now.")
  var ready = false
  @Flag(help: "Only tasks of a Task Master file that others wait for.")
  var blocking = false
  @Flag(name: .shortAndLong, help: "A line a task, as Task Master has it: id, icon, title.")
  var compact = false
  @Flag(help: "All tags of a Task Master file.")
  var allTags = false
  @Flag(help: "Without the line in front of the tasks of a Task Master file.")
  var noHeader = false
  @Flag(name: .shortAndLong, help: "Not built: `cairn` alone shows the tasks live.")
  var watch = false

  func run() async throws {
    if watch {
      throw ProjectProblem(.notBuilt, "list --watch: not built; `cairn` alone shows tasks live")
    }
    let arguments = backlog.arguments
    let location = try arguments.location()
    let isTheirs =
      withSubtasks || ready || blocking || compact || allTags || noHeader
      || backlog.status != nil || backlog.ownFormat != nil || !arguments.names.isEmpty
    if isTheirs { return try listBacklog(location) }
    if backlog.silent { return }
    try viewing(location, tag: parameters.tag) {
      let view = try GraphView(location, parameters)
      if backlog.json {
        News.json(try JSONOutput.encode(view.listing()))
      } else {
        view.lines().forEach(News.result)
      }
    } else: {
      try listBacklog(location)
    }
  }

  private func listBacklog(_ location: ProjectLocation) throws {
    let names = backlog.arguments.names
    let filter = TaskMasterFilter(
      statuses: try backlog.statuses(names), isReady: ready, isBlocking: blocking)
    let place = try TaskMasterPlace(location)
    let backlogs = try backlogs(of: place)
    if backlog.silent { return }
    let isDeep = withSubtasks || names == ["all"]
    if backlog.json || backlog.ownFormat == .json {
      let text = TaskMasterBacklog.listing(backlogs, filter, withSubtasks: isDeep)
      return News.json(Data(text.utf8))
    }
    for backlog in backlogs { print(backlog, backlog.rows(filter, withSubtasks: isDeep)) }
  }

  private func print(_ tasks: TaskMasterBacklog, _ rows: [TaskMasterRow]) {
    let isCompact = compact || backlog.ownFormat == .compact
    var lines = isCompact ? TaskMasterText.compact(rows) : TaskMasterText.listing(tasks, rows)
    if isCompact, !noHeader {
      lines.insert(TaskMasterText.summary(tasks), at: 0)
    } else if !isCompact, noHeader {
      lines.removeFirst()
    }
    lines.forEach(News.result)
  }

  private func backlogs(of place: TaskMasterPlace) throws -> [TaskMasterBacklog] {
    guard allTags else {
      return [try backlog.tasks(of: place, tag: place.tag(parameters.tag))]
    }
    let edit = try place.read()
    return try edit.backlog().tags.map { try edit.backlog(tag: $0) }
  }
}

enum JSONOutput {
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}
