import ArgumentParser
import Project

struct WorkspaceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workspace",
    abstract: "The store in which tasks work and leave their artifacts: what lies there, and why.",
    subcommands: [
      WorkspaceListCommand.self, WorkspaceExplainCommand.self, WorkspacePruneCommand.self,
      WorkspaceVerifyCommand.self, WorkspaceSelftestCommand.self, WorkspaceBorrowCommand.self,
    ],
    defaultSubcommand: WorkspaceListCommand.self)
}

struct WorkspaceSelftestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Compute in borrowed memory, and prove that it is given back exactly.",
    discussion: """
      Two trees are evaluated in memory that holds something else, and depth first in memory of their \
      own: one of small functions as Cook and Mertz do it, one of products of vectors. Borrowed is what \
      they change and give back, own what they need besides. What was borrowed is compared with what \
      it was, bit by bit, and each value with the plain one.

      At these sizes it takes far longer, and Cook and Mertz's needs more of its own than depth first \
      does: in numbers of 5 bits or more it needs less for each level, but only very high trees have \
      the levels to make up for the rest. What pays is the dial of the bilinear tree: each of its lower \
      levels that borrows saves a vector, for twice the time.
      """)

  @Option(help: "Contents that are drawn, lent and compared, besides the trials.")
  var contents = 1000
  @Option(help: "Seed of the trees and of what is lent.")
  var seed: UInt64 = 1
  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(contents) else {
      throw ValidationError("--contents \(contents): expected 1 to 1000000")
    }
  }

  func run() throws {
    var trials = KernelTrials(seed: seed)
    let report = SelftestReport(trials: trials.all(), contents: trials.contents(contents))
    if json {
      News.json(try JSONOutput.encode(report))
    } else {
      report.lines.forEach(News.result)
    }
    guard report.isExact else {
      throw ProjectProblem(.internalFault, "borrowed memory was not given back as it was")
    }
  }
}
