import ArgumentParser
import Formats
import Foundation
import Model
import Project

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show tasks: command, needs, feeds, attempts.",
    discussion: """
      With -f json, or -s to choose among subtasks, as Task Master shows them \
      (`cairn help task-master`).
      """)

  @OptionGroup var backlog: BacklogArguments
  @OptionGroup var parameters: ParameterOptions

  @Option(name: .shortAndLong, help: "Ids of a Task Master file, by comma.")
  var id: String?

  func run() async throws {
    let location = try backlog.arguments.location()
    let names = backlog.arguments.names + [id].compactMap { $0 }
    if backlog.status != nil || backlog.ownFormat != nil {
      return try showBacklog(location, names)
    }
    try viewing(location, tag: parameters.tag) {
      try show(GraphView(location, parameters), names)
    } else: {
      try showBacklog(location, names)
    }
  }

  private func show(_ view: GraphView, _ names: [String]) throws {
    guard !names.isEmpty else {
      throw ProjectProblem(.usage, "which task? as in: cairn show \(view.exampleName)")
    }
    let tasks = try names.flatMap { name in
      // A name of a Cairn file may hold commas itself.
      let isOne = !name.contains(",") || view.graph.task(named: name) != nil
      return try (isOne ? [name] : [name].splitAtCommas).map { try view.task(named: $0) }
    }
    if backlog.silent { return }
    if backlog.json {
      News.json(try JSONOutput.encode(view.listing(of: tasks)))
    } else {
      for task in tasks { view.details(of: task).forEach(News.result) }
    }
  }

  private func showBacklog(_ location: ProjectLocation, _ names: [String]) throws {
    let place = try TaskMasterPlace(location)
    let tasks = try backlog.tasks(of: place, tag: place.tag(parameters.tag))
    let ids = names.splitAtCommas
    guard !ids.isEmpty else {
      throw ProjectProblem(.usage, "which task? as in: cairn show \(tasks.ids.first ?? "5.2")")
    }
    let statuses = try backlog.statuses([])
    if backlog.json || backlog.ownFormat == .json {
      if !backlog.silent { News.json(Data(tasks.answer(of: ids, subtasks: statuses).utf8)) }
    }
    for id in ids {
      let rows = try tasks.rows(of: [id], subtasks: statuses)
      guard !backlog.silent, !backlog.json, backlog.ownFormat != .json else { continue }
      TaskMasterText.details(rows, tasks.prose(of: id)).forEach(News.result)
    }
  }
}
