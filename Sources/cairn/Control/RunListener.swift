import Foundation
import Model
import Project
import Remote
import Synchronization

/// Offers the run of this process to other terminals, for as long as the value lives.
final class RunListener: Sendable {
  /// Said of dropped clients; a terminal that takes nothing must not gather more.
  private static let maximumNotices = 8

  private let server: RunServer?

  /// A run that cannot be offered still runs; the person is told why.
  init(_ session: RunSession, at location: ProjectLocation) {
    let place = RunPlace(location)
    let greeting = Greeting(
      cairnVersion: Cairn.version, run: session.run, project: place.project, pid: getpid())
    let notices = Counter()
    do throws(RemoteProblem) {
      server = try RunServer.start(
        session.source, greeting: greeting, places: place.candidates,
        report: { text in
          guard notices.next() <= Self.maximumNotices else { return }
          // The server's thread must not wait for our terminal either.
          Task { try? await OutputThread.shared().say("run \(session.run): \(text)") }
        })
    } catch {
      server = nil
      News.say("other terminals cannot reach this run: \(error)")
    }
  }

  /// To be called while the project is still locked; twice is fine.
  func stop() { server?.stop() }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
