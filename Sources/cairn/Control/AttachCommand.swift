import ArgumentParser
import Foundation
import Model
import Project
import Remote

/// The dashboard, or lines, on a run that another Cairn carries out; leaving it leaves the run alone.
struct AttachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Watch the live run from another terminal.",
    discussion: """
      Leaving leaves the run alone. With lines the exit code is that of the run, or 69 if its Cairn \
      went away before the run had ended. Without a live run the last one is shown as it stands.
      """)

  @OptionGroup var project: ProjectArguments
  @OptionGroup var look: LookOptions
  @Flag(help: "Event lines instead of the dashboard.")
  var plain = false
  @Flag(help: "Facts as JSON, one a line.")
  var json = false
  @Option(help: "Lines begin behind the fact of this number.")
  var after: Int = 0

  func run() async throws {
    guard project.names.isEmpty else {
      throw ProjectProblem(.usage, "attach takes no task names")
    }
    let location = try project.location()
    let mode = look.mode(OutputMode.choose(plain: plain, json: json))
    if let live = await LiveRun.connectIfAny(location) {
      return try await Attachment(AttachedRun(live, at: location), look, after: after).show(mode)
    }
    let record = try ProjectHistory(location).record(nil)
    switch mode {
    case .dashboard:
      _ = try await Screen.show(
        record.source, person: .person(source: "dashboard"), look: look.look(), tie: .onlooker,
        shelf: ProjectShelf(location, home: record.state.run))
    case .plain: try await follow(record, look.lineForm)
    case .json: try await follow(record, .json)
    }
  }

  private func follow(_ record: RunRecord, _ form: LineFollower.Form) async throws {
    let follower = LineFollower(source: record.source, form: form, skip: after)
    try await OutputThread.shared().follow(follower)
    News.say("run \(record.state.run) is \(record.standing.rawValue); nothing runs here")
  }
}

/// A look at a live run from outside.
struct Attachment {
  private let source: AttachedRun
  private let look: LookOptions
  private let after: Int

  init(_ source: AttachedRun, _ look: LookOptions, after: Int = 0) {
    self.source = source
    self.look = look
    self.after = after
  }

  func show(_ mode: OutputMode) async throws {
    switch mode {
    case .dashboard: try await showDashboard()
    case .plain: try await follow(look.lineForm)
    case .json: try await follow(.json)
    }
  }

  private func showDashboard() async throws {
    _ = try await Screen.show(
      source, history: source.history, person: .person(source: "dashboard"), look: look.look(),
      tie: .onlooker,
      shelf: ProjectShelf(source.location, home: source.live.record.state.run, isHomeLive: true))
    let run = source.live.record.state.run
    if source.live.source.loss == nil {
      News.say("run \(run) goes on; `cairn` looks at it again")
    } else {
      News.say("run \(run): its Cairn has ended; `cairn status` says how the run stands")
    }
  }

  private func follow(_ form: LineFollower.Form) async throws {
    let follower = LineFollower(source: source, form: form, skip: after)
    let state = try await OutputThread.shared().follow(follower)
    guard state.closed != nil else {
      throw ProjectProblem(
        .unavailable,
        "run \(state.run): \(source.live.source.loss ?? "its Cairn has ended the log")")
    }
    throw ExitCode(RunPresentation.code(of: state.closed))
  }
}
