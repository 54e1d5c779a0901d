import Glibc

/// A client as the server's thread sees it.
struct ServedClient {
  let socket: Socket
  let user: uid_t
  var lines: LineBuffer
  var outbox = Outbox()
  /// What looks for answers, by the number of the ask.
  var asks: [Int: Task<Void, Never>] = [:]
  var isGreeted = false
  /// Closed once the outbox is empty; nothing more is read.
  var isClosing = false
  /// When bytes last went in or out.
  var lastMove = ContinuousClock.now

  private static let readBytes = 65_536

  init(socket: Socket, user: uid_t, lines: LineBuffer) {
    self.socket = socket
    self.user = user
    self.lines = lines
  }

  func pollEntry(_ limits: RemoteLimits) -> pollfd {
    var events: Int32 = 0
    if !isClosing, outbox.count <= limits.readPauseBytes { events |= POLLIN }
    if !outbox.isEmpty { events |= POLLOUT }
    return pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
  }

  /// When it is dropped unless something moves; none for one that waits for an answer.
  func deadline(_ limits: RemoteLimits) -> ContinuousClock.Instant? {
    if !outbox.isEmpty { return lastMove + limits.stall }
    if !isGreeted { return lastMove + limits.hello }
    return asks.isEmpty ? lastMove + limits.idle : nil
  }

  /// Writes what is taken; false when there is nobody or nothing more to write to.
  mutating func flush() -> Bool {
    let before = outbox.count
    guard outbox.flush(to: socket) else { return false }
    if outbox.count != before { lastMove = .now }
    return !(isClosing && outbox.isEmpty)
  }

  /// Returns whole lines, and whether there may be more.
  ///
  /// One piece a turn, so that no client keeps the others waiting.
  mutating func read() throws(LineBuffer.Problem) -> (lines: [[UInt8]], isAlive: Bool) {
    var buffer = [UInt8](repeating: 0, count: Self.readBytes)
    switch socket.read(into: &buffer) {
    case .wait: return ([], true)
    case .gone: return ([], false)
    case .bytes(let count):
      // The time to say hello is not prolonged by bytes that are no hello.
      if isGreeted { lastMove = .now }
      return (try lines.take(buffer[..<count]), true)
    }
  }

  func forgetAll() { asks.values.forEach { $0.cancel() } }
}
