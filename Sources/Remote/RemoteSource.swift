import Foundation
import Glibc
package import Model
import Synchronization

/// A run that another process carries out, over its socket.
///
/// One thread sleeps in poll(2) for the socket; whoever asks waits without a thread. When the
/// connection ends, for whatever reason, `facts` ends the log, so a reader that has not seen
/// `run.closed` by then knows that it does not know.
package final class RemoteSource: RunSource {
  /// Who answers.
  package let greeting: Greeting
  private let line: ClientLine

  private init(_ line: ClientLine, _ greeting: Greeting) {
    self.line = line
    self.greeting = greeting
  }

  deinit { line.close("the client has gone") }

  /// Finds who listens at one of the places, and makes sure that it runs this project.
  ///
  /// `project` is an absolute path without symbolic links.
  ///
  /// - Throws: `RemoteProblem`; `absent` when nobody listens at any of them.
  package static func connect(
    project: String, places: [SocketPlace]
  ) async throws(RemoteProblem) -> RemoteSource {
    var problem = RemoteProblem(.absent, "nobody listens")
    for place in places {
      do throws(RemoteProblem) {
        let line = try ClientLine.open(place)
        switch await line.call(.hello(project: project)) {
        case .hello(let greeting): return RemoteSource(line, greeting)
        case .failure(let code, let message): throw RemoteProblem(code, message)
        case nil: throw line.end
        default: throw RemoteProblem(.protocolMismatch, "hello was not answered with hello")
        }
      } catch {
        // A dead Cairn's socket in one place says nothing about the next.
        if error.code != .absent || problem.code == .absent { problem = error }
      }
    }
    throw problem
  }

  /// Why there is no connection any more; nil while there is one.
  package var loss: String? { line.isOpen ? nil : line.end.description }

  package func facts(after sequence: Int) async -> [Fact] {
    if case .facts(let batch) = await line.call(.facts(after: sequence)) { return batch }
    return []
  }

  package func signals() async -> Signals {
    if case .signals(let signals) = await line.call(.signals) { return signals.value }
    return Signals()
  }

  package func window(_ log: LogReference, at position: LogPosition) async -> LogWindow {
    let reply = await line.call(.window(log: WireLog(log), at: WirePosition(position)))
    if case .window(let window) = reply { return window.value }
    return LogWindow(offset: 0, bytes: [], totalBytes: 0, problem: Self.reason(reply, line))
  }

  package func find(
    _ text: String, in log: LogReference, from offset: Int64, backwards: Bool
  ) async -> Int64? {
    let ask = Ask.find(text: text, log: WireLog(log), from: offset, backwards: backwards)
    if case .found(let offset) = await line.call(ask) { return offset }
    return nil
  }

  /// Only where `actor` sits and its source travel; who it is, the server finds out itself.
  package func send(_ request: Request, by actor: Actor) async -> Answer {
    let reply = await line.call(.request(request, by: actor.name, source: actor.source))
    if case .answer(let answer) = reply { return answer }
    return .refused(reason: Self.reason(reply, line))
  }

  private static func reason(_ reply: Reply?, _ line: ClientLine) -> String {
    if case .failure(_, let message) = reply { return message }
    return line.end.description
  }
}
