import Foundation
import Model
import Project

/// INT, TERM and HUP while no dashboard listens to them.
///
/// The first drains the run, a second INT or TERM kills what still runs. A run that is kept running
/// goes on after a hang-up.
final class StopSignals: Sendable {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  private let listening: Task<Void, Never>

  init(source: any RunSource, keepsRunning: Bool) {
    let (stream, ring) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(8))
    let sources = Self.numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { ring.yield(number) }
      source.resume()
      return source
    }
    listening = Task {
      defer { sources.forEach { $0.cancel() } }
      var isDraining = false
      for await number in stream {
        if number == SIGHUP, keepsRunning {
          Headless.enter()
          continue
        }
        let request: Request = isDraining && number != SIGHUP ? .killRun : .cancelRun
        isDraining = true
        _ = await source.send(request, by: .person(source: "signal"))
      }
    }
  }

  func cancel() { listening.cancel() }
}
