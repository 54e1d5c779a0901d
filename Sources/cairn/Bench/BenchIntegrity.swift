import ArgumentParser
import Foundation
import Project

struct BenchIntegrityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "integrity",
    abstract: "What it costs to prove that artifacts stay what they were.",
    discussion: """
      Runs a copy of the project with and without proof, in turn, in this process and without a screen; \
      which of the two begins a round changes with the rounds. With proof is as `cairn run` does it: \
      every artifact is read once more when its task has succeeded, gets a digest, and loses the right \
      to be written. Without, its blocks are only counted. All else is the same: journal, processes, \
      exports, and what is dropped. Before each run all that waits to be written to disks is written.

      Wall time is that of the session, cpu that of Cairn itself without its tasks, seal the sum of all \
      attempts' time from the end of the last process to their end in the journal. The ratio is the \
      median of the ratios within a round.
      """)

  @Argument(help: "A cairn.yaml, or the folder that holds one.")
  var project = "Examples/logs"
  @Option(help: "Rounds; the figures are their medians.")
  var rounds = 3
  @OptionGroup var parameters: ParameterOptions
  @Option(name: .shortAndLong, help: "Tasks that run at once; as the file says by default.")
  var jobs: Int?
  @Option(help: "Folder for the copy; a temporary one by default.")
  var folder: String?
  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (1...1000).contains(rounds), (1...10_000).contains(jobs ?? 1) else {
      throw ValidationError("expected 1 to 1000 rounds and 1 to 10000 jobs")
    }
  }

  func run() async throws {
    let source = try ProjectLocation.find(
      path: project, from: FileManager.default.currentDirectoryPath)
    guard source.kind == .cairn else {
      throw ProjectProblem(.usage, "\(project): bench integrity runs a project with a cairn.yaml")
    }
    let place = try BenchFolder(folder)
    defer { place.remove() }
    let bench = try IntegrityRun(
      source, in: place.path, parameters: parameters.values(), jobs: jobs)
    var report = IntegrityReport()
    for round in 0..<rounds { report.rounds.append(try await bench.measure(round: round)) }
    let document = report.document
    if json {
      News.json(try JSONOutput.encode(document))
    } else {
      document.lines.forEach(News.result)
    }
  }
}
