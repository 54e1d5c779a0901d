import ArgumentParser
import Foundation
import Model
import Project
import Remote

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the last run stands.")

  @OptionGroup var project: ProjectArguments
  @Flag(help: "One JSON object.")
  var json = false
  @Option(help: "The run's number; the last one by default.")
  var run: Int?

  func run() async throws {
    let location = try project.location()
    let record = try ProjectHistory(location).record(run)
    let signals = await liveSignals(of: record, location)
    if json {
      return News.json(try JSONOutput.encode(StatusReport(record, signals)))
    }
    Summary.lines(record.state, standing: record.standing, signals: signals)
      .forEach(News.result)
  }

  /// What only the Cairn that runs it knows: the journal has everything else.
  private func liveSignals(of record: RunRecord, _ location: ProjectLocation) async -> Signals? {
    guard record.standing == .running || record.standing == .held,
      let live = await LiveRun.connectIfAny(location), live.record.state.run == record.state.run
    else { return nil }
    return await live.source.signals()
  }
}

/// `cairn status --json`: a contract, see the README; numbers that do not apply are null.
struct StatusReport: Encodable {
  var cairn = Fact.version
  var run: Int
  var name: String
  var state: String
  var tasks: [String: Int]
  var footprintBytes: Int64
  var peakBytes: Int64
  /// Limit of the workspace; null in runs of before there was one.
  @OrNull var budgetBytes: Int64?
  @OrNull var reuse: Double?
  @OrNull var autonomy: Double?
  @OrNull var autonomyLow: Double?
  var elapsedSeconds: Double
  var sessions: Int

  init(_ record: RunRecord, _ signals: Signals?) {
    let state = record.state
    run = state.run
    name = state.graph.name
    self.state = record.standing.rawValue
    tasks = Dictionary(
      uniqueKeysWithValues: TaskState.allCases.map { ($0.rawValue, state.counts[$0]) })
    tasks["total"] = state.taskCount
    footprintBytes = state.footprintBytes
    peakBytes = state.peakBytes
    budgetBytes = state.opened?.config.workspace?.bytes
    reuse = state.reuse.factor
    let score = AutonomyScore(state)
    autonomy = score?.value
    autonomyLow = score?.low
    elapsedSeconds = max(state.elapsedSeconds, signals?.elapsedSeconds ?? 0)
    sessions = state.session
  }
}
