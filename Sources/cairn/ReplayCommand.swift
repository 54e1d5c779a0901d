import ArgumentParser
import Dashboard
import Foundation
import Model
import Planning
import Project

extension ReplaySpeed: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension ReplayPoint: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// `cairn replay`: a run of the journal as it went, on the dashboard or as lines.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Play a run of the journal as it went.",
    discussion: """
      Without a number the last run is played. On the dashboard Space plays and pauses, < and > \
      change the speed, . and , go on and back by one fact, ( and ) by a failure, [ and ] by a \
      twentieth, @ goes to a time. Without a terminal its events are printed, at once unless \
      --speed says otherwise. Nothing runs; the exit code is 0.
      """)

  @OptionGroup var project: ProjectArguments
  @OptionGroup var look: LookOptions
  @Option(help: "Seconds of the run in one: 1, 2, 5, 10, 60 or max.")
  var speed: ReplaySpeed?
  @Option(name: .customLong("at"), help: "Where to begin: 90s, 1:30, 2h or 50%.")
  var start: ReplayPoint = .seconds(0)
  @Flag(help: "Event lines instead of the dashboard.")
  var plain = false
  @Flag(help: "Facts as JSON, one a line.")
  var json = false

  func run() async throws {
    let location = try project.location()
    let record = try ProjectHistory(location).record(try number())
    let mode = OutputMode.choose(plain: plain, json: json)
    let isDashboard = mode == .dashboard
    let replay = await ReplayRun.open(
      record.state.run, record.source, speed: speed ?? (isDashboard ? .real : .unlimited),
      at: start)
    switch mode {
    case .dashboard:
      _ = try await Screen.show(
        replay, person: .person(source: "dashboard"), look: look.look(), tie: .onlooker,
        shelf: ProjectShelf(location, home: record.state.run))
    case .plain: try await follow(replay, .plain)
    case .json: try await follow(replay, .json)
    }
  }

  private func number() throws -> Int? {
    guard let word = project.names.first else { return nil }
    guard project.names.count == 1, let number = Int(word), number > 0 else {
      throw ProjectProblem(.usage, "replay takes the number of a run, not \"\(word)\"")
    }
    return number
  }

  private func follow(_ replay: ReplayRun, _ form: LineFollower.Form) async throws {
    // What lies in front of the beginning is folded, not printed.
    let skip = await replay.position.shown
    let isWhole = start.seconds(of: 1) <= 0
    let follower = LineFollower(source: replay, form: form, skip: isWhole ? 0 : skip)
    try await OutputThread.shared().follow(follower)
  }
}
