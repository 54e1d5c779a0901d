import ArgumentParser
import Dashboard
import Foundation
import Model
import Project

/// Shows a session from its first fact to its last, and ends the program with the code of its ending.
struct RunPresentation {
  let session: RunSession
  let location: ProjectLocation
  let options: RunOptions
  let look: LookOptions

  init(
    _ session: RunSession, at location: ProjectLocation, options: RunOptions, look: LookOptions
  ) {
    self.session = session
    self.location = location
    self.options = options
    self.look = look
  }

  private var keepsRunning: Bool { options.keepRunning || Headless.isAskedFor }

  func present() async throws {
    let keepsRunning = keepsRunning
    // A reader that is gone is an error of the write, to be answered there.
    signal(SIGPIPE, SIG_IGN)
    // A second hang-up must not kill between the dashboard and what comes after: the first has been
    // answered by then.
    signal(SIGHUP, SIG_IGN)
    if options.explain { session.explanation.forEach(News.say) }
    let listener = RunListener(session, at: location)
    defer { listener.stop() }
    switch look.mode(options.mode) {
    case .json: try await followLines(.json, keepsRunning)
    case .plain(let reason):
      News.say("run \(session.run): plain lines (\(reason))")
      try await followLines(look.lineForm, keepsRunning)
    case .dashboard: try await showDashboard(keepsRunning)
    }
    let ending = await session.state()
    if !options.json {
      Summary.lines(ending, standing: RunStanding(ending, isAlive: false)).forEach(News.result)
    }
    for line in await session.unwritten() { News.say(line) }
    if let branch = ending.branch, branch.commits > 0 {
      News.say("what the tasks did is on \(branch.name): `\(branch.command)` takes it over")
    }
    throw ExitCode(Self.code(of: ending.closed))
  }

  private func followLines(_ form: LineFollower.Form, _ keepsRunning: Bool) async throws {
    // Nothing may start that nobody can tell of.
    _ = try OutputThread.shared()
    let stops = StopSignals(source: session.source, keepsRunning: keepsRunning)
    let watch = ProblemWatch(session.source)
    defer {
      stops.cancel()
      watch.cancel()
    }
    async let closing = session.drive()
    try await printLines(form, after: session.earlier, keepsRunning)
    _ = try await closing
  }

  /// Lines that nobody takes any more end a run that lives for them, as a hang-up does.
  private func printLines(
    _ form: LineFollower.Form, after earlier: RunState, _ keepsRunning: Bool
  ) async throws {
    let follower = LineFollower(source: session.source, form: form, earlier: earlier)
    do {
      try await OutputThread.shared().follow(follower)
    } catch is OutputProblem {
      if !keepsRunning {
        _ = await session.source.send(.cancelRun, by: .person(source: "output"))
      }
    }
  }

  private func showDashboard(_ keepsRunning: Bool) async throws {
    let lineForm = look.lineForm
    let look = try look.look()
    let driving = Task { try await session.drive() }
    let departure = try await Screen.show(
      session.source, history: ProjectHistory(location), person: .person(source: "dashboard"),
      look: look,
      tie: keepsRunning ? .keeper : .owner,
      shelf: ProjectShelf(location, home: session.run, isHomeLive: true),
      during: driving)
    if departure.isHungUp { Headless.enter() }
    let stops = StopSignals(source: session.source, keepsRunning: keepsRunning)
    defer { stops.cancel() }
    if departure.choice == .goOn, !departure.isHungUp {
      News.say("run \(session.run) goes on in lines; ^C stops it")
      try await printLines(lineForm, after: session.state(), keepsRunning)
    }
    _ = try await driving.value
  }

  static func code(of closed: Fact.RunClosed?) -> Int32 {
    switch closed?.ending {
    case .done: 0
    case .failed: 1
    case .stopped, .stalled, nil: ProjectProblem.Code.unfinished.rawValue
    }
  }
}
