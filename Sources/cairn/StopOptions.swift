import ArgumentParser
import Formats
import Model
import Project

/// When a run stops by itself, and who carries out its prompts.
struct StopOptions: ParsableArguments {
  @Option(help: "Begin at most this many tasks.")
  var tasks: Int?
  @Option(help: "Begin nothing more after this many hours.")
  var hours: Double?
  @Option(
    help: "Begin nothing more once a task has failed for good, or waits for you: failed, waiting.")
  var until: String?
  @Option(help: "Begin nothing more after this many failures in a row.")
  var failures: Int?
  @Option(
    help: "Begin nothing more once agents have cost this many US dollars, by their own account.")
  var cost: Double?
  @Option(help: "Begin nothing more once agents have taken this many turns.")
  var turns: Int?
  @Option(help: "A ready-made agent: claude, codex, gemini, opencode, aider.")
  var agent: String?
  @Option(help: "The model of --agent.")
  var model: String?

  /// What the command line says, and else the file.
  func rules(over file: StopRules) throws -> StopRules? {
    var rules = file
    rules.tasks = try count(tasks, "--tasks") ?? rules.tasks
    rules.seconds =
      try amount(hours, "--hours", StopRules.maximumHours).map { $0 * 3_600 } ?? rules.seconds
    rules.failuresInRow = try count(failures, "--failures") ?? rules.failuresInRow
    rules.costDollars =
      try amount(cost, "--cost", StopRules.maximumDollars) ?? rules.costDollars
    rules.turns = try count(turns, "--turns") ?? rules.turns
    if let until {
      guard let event = StopRules.Event(rawValue: until) else {
        throw ProjectProblem(.usage, "--until \(until): expected failed or waiting")
      }
      rules.until = event
    }
    return rules.isEmpty ? nil : rules
  }

  private func count(_ number: Int?, _ option: String) throws -> Int? {
    guard let number, !(1...StopRules.maximumCount).contains(number) else { return number }
    throw ProjectProblem(
      .usage, "\(option) \(number): expected a number from 1 to \(StopRules.maximumCount)")
  }

  /// What is no number is none either.
  private func amount(_ number: Double?, _ option: String, _ largest: Double) throws -> Double? {
    guard let number, !(number > 0 && number <= largest) else { return number }
    throw ProjectProblem(
      .usage, "\(option) \(number): expected a number above 0, at most \(Int(largest))")
  }

  /// Gives the project the agent that the command line names.
  func choose(for loaded: inout LoadedProject) throws {
    guard let agent else {
      guard model == nil else { throw ProjectProblem(.usage, "--model goes with --agent") }
      return
    }
    guard let template = AgentTemplate.named(agent) else {
      let names = AgentTemplate.all.map(\.name).joined(separator: ", ")
      throw ProjectProblem(
        .usage, "--agent \(agent): expected one of \(names); another command stands in cairn.yaml")
    }
    loaded.graph.agent = template.agent(model: model)
  }
}
