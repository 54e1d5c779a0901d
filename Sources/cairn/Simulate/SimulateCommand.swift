import ArgumentParser
import Dashboard
import Foundation
import Model
import Planning
import Project

/// `cairn simulate`: a whole run in virtual time, on the dashboard or as lines.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Play a run of the graph in virtual time; nothing runs.",
    discussion: """
      A recorded workflow takes its recorded times, a project those of its earlier runs, else one \
      second a task. The schedule, the plan and the budget are those of a real run. On the dashboard \
      the keys are those of a replay: Space plays and pauses, < and > change the speed, [ and ] go on \
      and back. With --plain, --json or without a terminal all events are printed at once, the same \
      for the same seed. Exit codes are those of a run.
      """)

  @OptionGroup var project: ProjectArguments
  @OptionGroup var parameters: ParameterOptions
  @OptionGroup var options: SimulateOptions
  @OptionGroup var look: LookOptions

  func run() async throws {
    try look.check(for: options.mode)
    guard project.names.isEmpty else {
      throw ProjectProblem(.usage, "simulate takes no task names, found \(project.names[0])")
    }
    let loaded = try LoadedProject(
      project.location(), parameters: parameters.values(), tag: parameters.tag)
    loaded.warnings.forEach(News.say)
    let subject = try SimulationSubject(loaded, options)
    // A reader that is gone is an error of the write, to be answered there.
    signal(SIGPIPE, SIG_IGN)
    try await SimulationPresentation(subject, options: options, look: look).present()
  }
}

struct SimulateOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Most tasks that run at once; the cores by default.")
  var jobs: Int?
  @Option(name: ResourceOption.name, help: ResourceOption.help)
  var resource: [String] = []
  @Option(help: "Most bytes that live in the workspace at once, as 2GiB; without one no limit.")
  var budget: String?
  @Option(help: "Seed of the plan, of sizes and of failures.")
  var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "Seconds of the run in one, as 60, 0.5 or max.",
      discussion: "By default the whole takes about a minute, and lines are printed at once."))
  var speed: String?
  @Option(
    help: ArgumentHelp(
      "How much sizes differ from what is expected.",
      discussion: "Standard deviation of their logarithm; the plan knows the expected ones only.",
      valueName: "sd"))
  var noise = 0.0
  @Option(help: ArgumentHelp("Share of the attempts that fail, 0 to 1.", valueName: "share"))
  var fail = 0.0
  @Option(help: "Retries of every task, instead of those in the file.")
  var retries: Int?
  @Flag(help: "Count what no task of a trace reads, too; a Cairn file's products always count.")
  var products = false
  @Flag(help: "Event lines instead of the dashboard.")
  var plain = false
  @Flag(help: "Facts as JSON, one a line.")
  var json = false

  var mode: OutputMode { OutputMode.choose(plain: plain, json: json) }

  static let largestNoise = 5.0
  static let mostRetries = 100

  func validate() throws {
    guard (0...Self.largestNoise).contains(noise) else {
      throw ValidationError("--noise \(noise): expected 0 to \(Int(Self.largestNoise))")
    }
    guard (0...1).contains(fail) else {
      throw ValidationError("--fail \(fail): expected a share, 0 to 1")
    }
    if let retries, !(0...Self.mostRetries).contains(retries) {
      throw ValidationError("--retries \(retries): expected 0 to \(Self.mostRetries)")
    }
    if let jobs, !(1...10_000).contains(jobs) {
      throw ValidationError("--jobs \(jobs): expected 1 to 10000")
    }
    if speed != nil { _ = try replaySpeed() }
  }

  /// nil where none was asked for.
  func replaySpeed() throws -> ReplaySpeed? {
    guard let speed else { return nil }
    if speed == "max" { return .unlimited }
    let digits = speed.first == "x" || speed.first == "×" ? String(speed.dropFirst()) : speed
    guard let factor = Double(digits), ReplaySpeed.factors.contains(factor) else {
      throw ValidationError("--speed \(speed): expected a number from 0.01, or max")
    }
    return .times(factor)
  }
}
