import ArgumentParser
import Dashboard
import Foundation
import Model
import Project

/// Shows a session from its first fact to its last, and ends the program with the code of its ending.
struct RunPresentation {
  let session: RunSession
  let options: RunOptions
  let look: LookOptions

  init(_ session: RunSession, options: RunOptions, look: LookOptions) {
    self.session = session
    self.options = options
    self.look = look
  }

  func present() async throws {
    if options.explain { session.explanation.forEach(News.say) }
    switch options.mode {
    case .json: try await followLines(.json)
    case .plain(let reason):
      News.say("run \(session.run): plain lines (\(reason))")
      try await followLines(.plain)
    case .dashboard: try await showDashboard(look.look())
    }
    let ending = await session.state()
    if !options.json {
      Summary.lines(ending, standing: RunStanding(ending, isAlive: false)).forEach(News.result)
    }
    throw ExitCode(Self.code(of: ending))
  }

  private func followLines(_ form: LineFollower.Form) async throws {
    let stops = StopSignals(source: session.source)
    defer { stops.cancel() }
    async let closing = session.drive()
    let follower = LineFollower(
      source: session.source, form: form, skip: session.earlierFacts)
    _ = try await follower.follow()
    _ = try await closing
  }

  private func showDashboard(_ look: Look) async throws {
    let driving = Task { try await session.drive() }
    let choice = try await Screen.show(
      session.source, person: .person(source: "dashboard"), look: look, during: driving)
    let stops = StopSignals(source: session.source)
    defer { stops.cancel() }
    if choice == .goOn {
      News.say("run \(session.run) goes on in lines; ^C stops it")
      let shown = await session.state().sequence
      _ = try await LineFollower(source: session.source, form: .plain, skip: shown).follow()
    }
    _ = try await driving.value
  }

  private static func code(of state: RunState) -> Int32 {
    switch state.closed?.ending {
    case .done: 0
    case .failed: 1
    case .stopped, .stalled, nil: ProjectProblem.Code.unfinished.rawValue
    }
  }
}

/// INT, TERM and HUP while no dashboard listens to them: the first drains the run, a second INT or
/// TERM kills what still runs.
final class StopSignals: Sendable {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  private let listening: [Task<Void, Never>]

  init(source: any RunSource) {
    let (stream, ring) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(8))
    let sources = Self.numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { ring.yield(number) }
      source.resume()
      return source
    }
    listening = [
      Task {
        defer { sources.forEach { $0.cancel() } }
        var isDraining = false
        for await number in stream {
          let request: Request = isDraining && number != SIGHUP ? .killRun : .cancelRun
          isDraining = true
          _ = await source.send(request, by: .person(source: "signal"))
        }
      }
    ]
  }

  func cancel() { listening.forEach { $0.cancel() } }
}
