import ArgumentParser
import Canvas
import Formats
import Foundation
import Planning
import Project
import Terminal

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Find the order that needs the least room, and say how much.",
    discussion: """
      Reads a Cairn file, a Task Master file or a WfFormat trace, and runs nothing. Says what the \
      footprint will be at its largest and what is proved to be the least; with a budget, also what \
      has to be spilled or made again to stay within it.
      """)

  @Argument(help: "A cairn.yaml, tasks.json, trace, or folder; else the project here or above.")
  var file: String?
  @OptionGroup var parameters: ParameterOptions
  @Option(help: "Most bytes that live in the workspace at once, as 2GiB.")
  var budget: String?
  @Option(name: .shortAndLong, help: "Most tasks that run at once; the cores by default.")
  var jobs: Int?
  @Option(name: ResourceOption.name, help: ResourceOption.help)
  var resource: [String] = []
  @Flag(help: "Count what no task of a trace reads, too; a Cairn file's products always count.")
  var products = false
  @Flag(help: "Show what orders need that know no sizes.")
  var compare = false
  @Flag(help: "One JSON object.")
  var json = false
  @Option(help: "Seed of the search.")
  var seed: UInt64 = 1

  func run() async throws {
    let location = try ProjectLocation.find(
      path: file, from: FileManager.default.currentDirectoryPath)
    let loaded = try LoadedProject(
      location, parameters: parameters.values(), tag: parameters.tag)
    let budget = try budget(for: loaded)
    let input = PlanInput(
      loaded, countsProducts: products || !loaded.isTrace, room: try room(for: loaded, budget))
    let study = try PlanStudy(input, budget)
    loaded.warnings.forEach(News.say)
    let comparison = compare ? OrderComparison(study) : nil
    if json {
      News.json(try JSONOutput.encode(PlanReport(study, comparison)))
    } else {
      let glyphs = TerminalSurvey.isLocaleUnicode ? Glyphs.unicode : .ascii
      PlanText(study, comparison, glyphs).lines.forEach(News.result)
    }
  }

  private func budget(for loaded: LoadedProject) throws(ProjectProblem) -> Planner.Budget {
    if let jobs, !(1...CairnFile.maximumJobs).contains(jobs) {
      throw ProjectProblem(.usage, "--jobs \(jobs): expected 1 to \(CairnFile.maximumJobs)")
    }
    var limits = Planner.Budget(
      bytes: try budgetBytes() ?? loaded.workspaceBytes,
      workers: jobs ?? loaded.jobs ?? ProcessInfo.processInfo.activeProcessorCount, seed: seed)
    limits.spillBytes = loaded.spill?.limitBytes ?? 0
    return limits
  }

  /// What the tasks of a project take their claims of; those of a trace take one worker each, for its
  /// machine is not this one.
  private func room(
    for loaded: LoadedProject, _ budget: Planner.Budget
  ) throws(ProjectProblem) -> MachineRoom? {
    let resources = try ResourceOption.counts(resource, over: loaded.resources)
    guard !loaded.isTrace else { return nil }
    let limits = BudgetLimits(
      jobs: jobs ?? loaded.jobs, memoryBytes: loaded.memoryBytes, resources: resources)
    try BudgetText.requireFit(of: loaded.graph, nil, within: limits)
    return MachineRoom(
      cores: budget.workers, memoryBytes: limits.memoryBytes, resources: resources)
  }

  private func budgetBytes() throws(ProjectProblem) -> Int64? {
    guard let budget else { return nil }
    guard let bytes = SizeText.bytes(budget), bytes > 0 else {
      throw ProjectProblem(
        .usage, "--budget \(budget.quoted): expected a size, as 512MiB or 4GiB")
    }
    return bytes
  }
}
