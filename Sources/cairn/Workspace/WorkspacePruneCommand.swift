import ArgumentParser
import Foundation
import Model
import Project

struct WorkspacePruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Delete what lies in the workspace and nobody needs.",
    discussion: """
      Without a NAME goes what can be had again: what the next run would sweep, what the dead left \
      half done, artifacts whose readers have all ended, and products that lie where they were \
      exported to. Products that were not exported go by NAME (a task, a matrix, a group, or \
      task.artifact) or with --all, which also takes what no journal knows. What an unfinished task \
      needs, and what the file keeps, never goes. It is recorded, so that no later resume looks for \
      it.
      """)

  @OptionGroup var project: ProjectArguments
  @Option(help: "Of this run alone.")
  var run: Int?
  @Flag(help: "Also products that were not exported, and what no journal knows.")
  var all = false
  @Flag(help: "Say what would be deleted, and delete nothing.")
  var dryRun = false
  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    let location = try project.location()
    let choice = StorePrune.Choice(names: project.names, takesAll: all, run: run)
    let prune =
      dryRun
      ? try StorePrune.look(location, choice)
      : try StorePrune.prune(location, choice, by: .person(source: "workspace prune"))
    prune.problems.forEach(News.say)
    for name in prune.absent { News.say("nothing of \"\(name)\" lies here") }
    if json {
      News.json(try JSONOutput.encode(PruneReport(prune, isDryRun: dryRun)))
    } else {
      StoreText.lines(prune, isDryRun: dryRun).forEach(News.result)
    }
    if !prune.problems.isEmpty { throw ExitCode(ProjectProblem.Code.storage.rawValue) }
  }
}

/// `cairn workspace prune --json`: a contract, see the README.
struct PruneReport: Encodable {
  var cairn = Fact.version
  var isDryRun: Bool
  var freedBytes: Int64
  var deleted: [StoreReport.Row]
  /// What a name or `--all` would delete.
  var spared: [StoreReport.Row]
  var problems: [String]

  init(_ prune: StorePrune, isDryRun: Bool) {
    self.isDryRun = isDryRun
    freedBytes = prune.bytes
    deleted = prune.going.map { StoreReport.Row($0) }
    spared = prune.sparing.map { StoreReport.Row($0) }
    problems = prune.problems
  }
}
