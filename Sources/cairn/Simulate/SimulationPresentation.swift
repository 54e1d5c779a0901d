import ArgumentParser
import Dashboard
import Foundation
import Model
import Planning
import Project

/// Shows a simulated run, and ends the program with the code of its ending.
struct SimulationPresentation {
  private let subject: SimulationSubject
  private let options: SimulateOptions
  private let look: LookOptions
  private let record: SimulatedRun

  init(_ subject: SimulationSubject, options: SimulateOptions, look: LookOptions) {
    self.subject = subject
    self.options = options
    self.look = look
    record = SimulatedRun(subject.simulation)
  }

  func present() async throws {
    let report = SimulationReport(subject, options)
    switch look.mode(options.mode) {
    case .json: try await printJSON(report)
    case .plain(let reason):
      News.say("simulation: plain lines (\(reason))")
      try await printLines(report)
    case .dashboard: try await showDashboard(report)
    }
    throw ExitCode(RunPresentation.code(of: await record.result?.closed))
  }

  private func printJSON(_ report: SimulationReport) async throws {
    let output = try OutputThread.shared()
    await output.json(try report.head())
    try await follow(.json, output)
    if let result = await record.result { await output.json(try report.summary(result)) }
  }

  private func printLines(_ report: SimulationReport) async throws {
    let output = try OutputThread.shared()
    await output.result(report.headLine)
    try await follow(look.lineForm, output)
    guard let result = await record.result else { return }
    for line in report.lines(result) { await output.result(line) }
  }

  /// Prints all events at once, unless a speed was asked for.
  private func follow(_ form: LineFollower.Form, _ output: OutputThread) async throws {
    var source: any RunSource = record
    if let speed = try options.replaySpeed() {
      source = await ReplayRun.simulation(record, speed: speed)
    }
    let follower = LineFollower(
      source: source, form: form, gathering: .zero, utcOffsetSeconds: 0)
    _ = try await output.follow(follower)
  }

  private func showDashboard(_ report: SimulationReport) async throws {
    let replay = await ReplayRun.simulation(record, speed: try options.replaySpeed())
    _ = try await Screen.show(
      replay, person: .person(source: "dashboard"), look: look.look(), tie: .onlooker,
      earlier: EarlierRuns(subject.graph, seconds: subject.load.seconds))
    guard let result = await record.result else { return }
    report.lines(result).forEach(News.result)
  }
}
