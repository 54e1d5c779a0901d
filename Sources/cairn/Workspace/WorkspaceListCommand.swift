import ArgumentParser
import Foundation
import Project

struct WorkspaceListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what lies in the workspace, and why it is kept.",
    discussion: """
      A row is an artifact, a slot, what a dead attempt left, a copy on the spill file system, or \
      what no journal knows. Changes nothing.
      """)

  enum Order: String, ExpressibleByArgument, CaseIterable { case bytes, run }

  @OptionGroup var project: ProjectArguments
  @Option(help: "Rows of this run alone.")
  var run: Int?
  @Option(help: "bytes, the largest first, or run, the newest first.")
  var sort: Order = .bytes
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    if let name = project.names.first {
      throw ProjectProblem(
        .usage, "list takes no names; as in: cairn workspace explain \(name)")
    }
    let listing = try StoreListing.take(project.location())
    let rows = sorted(listing.rows.filter { run == nil || $0.run == run })
    if let run, rows.isEmpty {
      throw ProjectProblem(.missing, "nothing of a run \(run) lies here")
    }
    listing.problems.forEach(News.say)
    if json {
      News.json(try JSONOutput.encode(StoreReport(listing, rows)))
    } else {
      StoreText.lines(listing, rows).forEach(News.result)
    }
  }

  private func sorted(_ rows: [StoreRow]) -> [StoreRow] {
    rows.sorted { a, b in
      let (first, second) = (a.run ?? 0, b.run ?? 0)
      if sort == .run, first != second { return first > second }
      return a.bytes == b.bytes ? (first, a.path) < (second, b.path) : a.bytes > b.bytes
    }
  }
}

struct WorkspaceExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say where an artifact comes from, who needs it, and what would free it.",
    discussion: """
      NAME is a task, a matrix, a group, or one artifact as task.artifact. Changes nothing.
      """)

  @OptionGroup var project: ProjectArguments
  @Option(help: "The run's number; the last one by default.")
  var run: Int?
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    guard !project.names.isEmpty else {
      throw ProjectProblem(.usage, "which artifact? as in: cairn workspace explain TASK")
    }
    let location = try project.location()
    let listing = try StoreListing.take(location)
    let found = try project.names.flatMap {
      try StoreExplanation.all(named: $0, in: listing, run: run)
    }
    if json {
      News.json(try JSONOutput.encode(StoreExplanationReport(found)))
    } else {
      found.flatMap(StoreText.lines).forEach(News.result)
    }
  }
}
