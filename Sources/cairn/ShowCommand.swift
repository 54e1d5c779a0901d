import ArgumentParser
import Model
import Project

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show tasks: command, needs, feeds, attempts.")

  @OptionGroup var project: ProjectArguments
  @OptionGroup var parameters: ParameterOptions
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    let view = try GraphView(project.location(), parameters)
    guard !project.names.isEmpty else {
      throw ProjectProblem(.usage, "which task? as in: cairn show \(view.exampleName)")
    }
    let tasks = try project.names.map { try view.task(named: $0) }
    if json {
      News.json(try JSONOutput.encode(view.listing(of: tasks)))
    } else {
      for task in tasks { view.details(of: task).forEach(News.result) }
    }
  }
}
