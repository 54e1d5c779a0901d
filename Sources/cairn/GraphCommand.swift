import ArgumentParser
import Formats

struct GraphCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Print the graph as text, DOT or Mermaid.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, dot, mermaid }

  @OptionGroup var project: ProjectArguments
  @OptionGroup var parameters: ParameterOptions
  @Option(help: "text, dot or mermaid.")
  var format: Format = .text

  func run() async throws {
    let view = try GraphView(project.location(), parameters)
    let text =
      switch format {
      case .text: GraphText.text(view.graph)
      case .dot: GraphText.dot(view.graph)
      case .mermaid: GraphText.mermaid(view.graph)
      }
    News.result(text)
  }
}
