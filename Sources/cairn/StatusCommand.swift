import ArgumentParser
import Foundation
import Model
import Project

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the last run stands.")

  @OptionGroup var project: ProjectArguments
  @Flag(help: "One JSON object.")
  var json = false
  @Option(help: "The run's number; the last one by default.")
  var run: Int?

  func run() async throws {
    let history = try ProjectHistory(project.location())
    let record = try history.record(run)
    if json {
      News.json(try StatusReport(record).encoded())
    } else {
      Summary.lines(record.state, standing: record.standing).forEach(News.result)
    }
  }
}

/// `cairn status --json`: a contract, see the README.
struct StatusReport: Encodable {
  var cairn = Fact.version
  var run: Int
  var name: String
  var state: String
  var tasks: [String: Int]
  var footprintBytes: Int64
  var peakBytes: Int64
  /// null while there is no workspace budget.
  var budgetBytes: Int64?
  var reuse: Double?
  var autonomy: Double?
  var autonomyLow: Double?
  var elapsedSeconds: Double
  var sessions: Int

  init(_ record: RunRecord) {
    let state = record.state
    run = state.run
    name = state.graph.name
    self.state = record.standing.rawValue
    tasks = Dictionary(
      uniqueKeysWithValues: TaskState.allCases.map { ($0.rawValue, state.counts[$0]) })
    tasks["total"] = state.taskCount
    footprintBytes = state.footprintBytes
    peakBytes = state.peakBytes
    reuse = state.reuse.factor
    let score = AutonomyScore(state)
    autonomy = score?.value
    autonomyLow = score?.low
    elapsedSeconds = state.elapsedSeconds
    sessions = state.session
  }

  private enum CodingKeys: String, CodingKey {
    case cairn, run, name, state, tasks, footprintBytes, peakBytes, budgetBytes, reuse, autonomy
    case autonomyLow, elapsedSeconds, sessions
  }

  /// Numbers that do not apply are null, not absent.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(cairn, forKey: .cairn)
    try container.encode(run, forKey: .run)
    try container.encode(name, forKey: .name)
    try container.encode(state, forKey: .state)
    try container.encode(tasks, forKey: .tasks)
    try container.encode(footprintBytes, forKey: .footprintBytes)
    try container.encode(peakBytes, forKey: .peakBytes)
    try container.encode(budgetBytes, forKey: .budgetBytes)
    try container.encode(reuse, forKey: .reuse)
    try container.encode(autonomy, forKey: .autonomy)
    try container.encode(autonomyLow, forKey: .autonomyLow)
    try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
    try container.encode(sessions, forKey: .sessions)
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
