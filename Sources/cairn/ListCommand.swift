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
  @Flag(
    name: .shortAndLong,
    help: "List the tasks of a Task Master file again whenever they change, until Ctrl-C.")
  var watch = false

  func run() async throws {
    let arguments = backlog.arguments
    let location = try arguments.location()
    if watch { return try await watchBacklog(location) }
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
    let listing = try listing(TaskMasterPlace(location), filter())
    if backlog.silent { return }
    listing.news.forEach(News.say)
    switch listing.body {
    case .lines(let lines): lines.forEach(News.result)
    case .json(let text): News.json(Data(text.utf8))
    }
  }

  private func watchBacklog(_ location: ProjectLocation) async throws {
    guard !backlog.silent else {
      throw ProjectProblem(.usage, "--watch and --silent exclude one another")
    }
    guard let place = try? TaskMasterPlace(location) else {
      throw ProjectProblem(
        .notBuilt,
        "list --watch follows a Task Master file, and \(location.displayName) has none; "
          + "`cairn` alone shows its tasks live")
    }
    let filter = try filter()
    try await BacklogWatch(place: place) { try listing(place, filter) }.run()
  }

  private func filter() throws(ProjectProblem) -> TaskMasterFilter {
    TaskMasterFilter(
      statuses: try backlog.statuses(backlog.arguments.names), isReady: ready,
      isBlocking: blocking)
  }

  private func listing(
    _ place: TaskMasterPlace, _ filter: TaskMasterFilter
  ) throws -> BacklogListing {
    let backlogs = try backlogs(of: place)
    let isDeep = withSubtasks || backlog.arguments.names == ["all"]
    let news = allTags ? [] : backlogs.flatMap { $0.warnings.map(\.description) }
    if backlog.json || backlog.ownFormat == .json {
      let text = TaskMasterBacklog.listing(backlogs, filter, withSubtasks: isDeep)
      return BacklogListing(body: .json(text), news: news)
    }
    let lines = backlogs.flatMap { self.lines($0, $0.rows(filter, withSubtasks: isDeep)) }
    return BacklogListing(body: .lines(lines), news: news)
  }

  private func lines(_ tasks: TaskMasterBacklog, _ rows: [TaskMasterRow]) -> [String] {
    let isCompact = compact || backlog.ownFormat == .compact
    var lines = isCompact ? TaskMasterText.compact(rows) : TaskMasterText.listing(tasks, rows)
    if isCompact, !noHeader {
      lines.insert(TaskMasterText.summary(tasks), at: 0)
    } else if !isCompact, noHeader {
      lines.removeFirst()
    }
    return lines
  }

  private func backlogs(of place: TaskMasterPlace) throws -> [TaskMasterBacklog] {
    let edit = try place.read()
    guard allTags else { return [try edit.backlog(tag: place.tag(parameters.tag))] }
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
