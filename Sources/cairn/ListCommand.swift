import ArgumentParser
import Foundation
import Model
import Project

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tasks with their states.")

  @OptionGroup var project: ProjectArguments
  @OptionGroup var parameters: ParameterOptions
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    let view = try GraphView(project.location(), parameters)
    if json {
      News.json(try JSONOutput.encode(view.listing()))
    } else {
      view.lines().forEach(News.result)
    }
  }
}

enum JSONOutput {
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}
