import Glibc
package import Model
import Synchronization

/// Offers a run to other processes of the same user, at the project's socket.
///
/// One thread sleeps in poll(2) over all clients; it wakes for bytes, for answers and for the limits
/// of time, so it never wakes while nobody asks. Answers are found in tasks of Swift's pool, which
/// wait there without a thread. Nothing here ever waits for a client: what it does not take is queued
/// up to a limit, and then it is closed.
///
/// Only a process of the same user is served. Root is no exception: it can look into the journal
/// anyway, and a socket that answers to two users would have two answers to who asked.
package final class RunServer: Sendable {
  /// What was refused or dropped; for people and tests.
  package struct Counts: Sendable, Equatable {
    package var accepted = 0
    /// Another user's processes, and clients beyond the limit.
    package var refused = 0
    /// Clients that took nothing for too long, or fell too far behind.
    package var stalled = 0
    /// Clients that were silent for too long.
    package var silent = 0
    /// Clients that sent what is no ask.
    package var malformed = 0
  }

  struct Mail {
    var answers: [(client: Int, ask: Int, bytes: [UInt8])] = []
    var isStopping = false
    var counts = Counts()
  }

  let source: any RunSource
  let greeting: Greeting
  let limits: RemoteLimits
  let report: @Sendable (String) -> Void
  let listener: Socket
  let wakeup: Wakeup
  let mail = Mutex(Mail())
  private let place: SocketPlace
  private let thread = Mutex<pthread_t?>(nil)

  private init(
    _ source: any RunSource, greeting: Greeting, place: SocketPlace, listener: Socket,
    limits: RemoteLimits, report: @escaping @Sendable (String) -> Void
  ) throws(RemoteProblem) {
    self.source = source
    self.greeting = greeting
    self.place = place
    self.listener = listener
    self.limits = limits
    self.report = report
    wakeup = try Wakeup()
  }

  deinit { wakeup.end() }

  /// Listens at the first place that can be used.
  ///
  /// - Parameters:
  ///   - source: The run.
  ///   - greeting: Says who answers.
  ///   - places: As `SocketPlace.candidates` gives them; the caller holds the project's lock.
  ///   - limits: What a client can take up.
  ///   - report: Gets a sentence for each client that was dropped, on the server's thread.
  /// - Returns: The server, which listens until `stop()`.
  /// - Throws: `RemoteProblem` of the last place when none can be used.
  package static func start(
    _ source: any RunSource, greeting: Greeting, places: [SocketPlace],
    limits: RemoteLimits = RemoteLimits(),
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(RemoteProblem) -> RunServer {
    var problem = RemoteProblem(.system, "no place for a socket has a short enough path")
    for place in places {
      do throws(RemoteProblem) {
        let server = try RunServer(
          source, greeting: greeting, place: place, listener: try place.listen(), limits: limits,
          report: report)
        let thread = try OwnThread.start("cairn-remote") { [server] in
          var loop = ServerLoop(server)
          loop.run()
        }
        server.thread.withLock { $0 = thread }
        return server
      } catch {
        problem = error
      }
    }
    throw problem
  }

  /// The path of the socket.
  package var path: String { place.path }

  package var counts: Counts { mail.withLock { $0.counts } }

  /// Closes all clients and removes the socket; twice is fine.
  ///
  /// To be called while the project's lock is still held.
  package func stop() {
    guard let thread = thread.withLock({ $0.take() }) else { return }
    place.remove()
    mail.withLock { $0.isStopping = true }
    wakeup.ring()
    pthread_join(thread, nil)
  }

  /// Hands an answer to the thread.
  func post(_ bytes: [UInt8], to ask: Int, of client: Int) {
    mail.withLock { $0.answers.append((client, ask, bytes)) }
    wakeup.ring()
  }

  func count(_ counter: WritableKeyPath<Counts, Int>) {
    mail.withLock { $0.counts[keyPath: counter] += 1 }
  }
}
