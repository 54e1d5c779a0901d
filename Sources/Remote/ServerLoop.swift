import CSocket
import Glibc
import Model
import Synchronization

/// What the server's thread does: one turn after the other, until it is stopped.
struct ServerLoop {
  let server: RunServer
  private var clients: [Int: ServedClient] = [:]
  private var nextClient = 1
  /// No more descriptors: nobody is let in until then.
  private var refusesUntil: ContinuousClock.Instant?

  /// Waited after an accept that failed for want of descriptors or memory.
  private static let acceptPause = Duration.seconds(1)

  init(_ server: RunServer) { self.server = server }

  mutating func run() {
    while turn() {}
    // What has been answered goes out as far as it is taken at once.
    for client in clients.values {
      client.forgetAll()
      var client = client
      _ = client.outbox.flush(to: client.socket)
    }
  }

  private mutating func turn() -> Bool {
    let order = clients.keys.sorted()
    var polled = [
      pollfd(fd: server.wakeup.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(
        fd: refusesUntil == nil ? server.listener.descriptor : -1, events: Int16(POLLIN),
        revents: 0),
    ]
    polled += order.compactMap { clients[$0]?.pollEntry(server.limits) }
    poll(&polled, nfds_t(polled.count), timeout())
    if polled[0].revents != 0 { server.wakeup.silence() }
    guard deliver() else { return false }
    if polled[1].revents != 0 { accept() }
    for (number, entry) in zip(order, polled.dropFirst(2)) where entry.revents != 0 {
      serve(number, entry.revents)
    }
    expire()
    return true
  }

  /// Milliseconds to the next limit of time, rounded up; -1 without one.
  private func timeout() -> Int32 {
    let moments =
      clients.values.compactMap { $0.deadline(server.limits) } + [refusesUntil].compactMap(\.self)
    guard let next = moments.min() else { return -1 }
    let left = (next - .now).components
    let milliseconds = Double(left.seconds) * 1000 + Double(left.attoseconds) / 1e15
    return Int32(min(max(0, milliseconds.rounded(.up)), 86_400_000))
  }

  /// Queues the answers that were found; false once the server is to stop.
  private mutating func deliver() -> Bool {
    let (answers, isStopping) = server.mail.withLock { mail in
      defer { mail.answers.removeAll(keepingCapacity: true) }
      return (mail.answers, mail.isStopping)
    }
    for answer in answers {
      guard clients[answer.client]?.asks.removeValue(forKey: answer.ask) != nil else { continue }
      send(answer.bytes, to: answer.client)
    }
    return !isStopping
  }

  private mutating func send(_ bytes: [UInt8], to number: Int) {
    guard var client = clients[number] else { return }
    if !client.outbox.isEmpty, client.outbox.count + bytes.count > server.limits.queuedBytes {
      return drop(number, \.stalled, "fell \(client.outbox.count) bytes behind")
    }
    let wasEmpty = client.outbox.isEmpty
    client.outbox.append(bytes)
    if wasEmpty { client.lastMove = .now }
    let isAlive = client.flush()
    clients[number] = client
    if !isAlive { close(number) }
  }
}

extension ServerLoop {
  /// Lets in whoever waits, as far as the limits allow.
  private mutating func accept() {
    while true {
      let descriptor = cairn_socket_accept(server.listener.descriptor)
      guard descriptor >= 0 else {
        if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) {
          refusesUntil = .now + Self.acceptPause
        }
        return
      }
      admit(Socket(descriptor: descriptor))
    }
  }

  private mutating func admit(_ socket: Socket) {
    guard let peer = socket.peer, peer.user == geteuid() else {
      server.count(\.refused)
      return turnAway(socket, .notAllowed, "this run belongs to another user")
    }
    guard clients.count < server.limits.clients else {
      server.count(\.refused)
      return turnAway(socket, .busy, "\(clients.count) clients are attached, which is the limit")
    }
    server.count(\.accepted)
    clients[nextClient] = ServedClient(
      socket: socket, user: peer.user, lines: LineBuffer(limit: server.limits.askBytes))
    nextClient += 1
  }

  /// One try: a client that was not let in is not waited for.
  private func turnAway(_ socket: Socket, _ code: RemoteProblem.Code, _ message: String) {
    let answer = AnswerText.line(0, .failure(code: code, message: message))
    _ = socket.write(answer[...])
  }

  private mutating func serve(_ number: Int, _ events: Int16) {
    guard var client = clients[number] else { return }
    var isAlive = true
    if events & Int16(POLLOUT) != 0 { isAlive = client.flush() }
    var arrived: [[UInt8]] = []
    if isAlive, events & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
      do { (arrived, isAlive) = try client.read() } catch {
        clients[number] = client
        return fail(number, 0, "a message is longer than \(server.limits.askBytes) bytes")
      }
    }
    clients[number] = client
    for line in arrived where clients[number]?.isClosing == false { obey(line, of: number) }
    if !isAlive { close(number) }
  }

  private mutating func close(_ number: Int) {
    clients.removeValue(forKey: number)?.forgetAll()
  }

  private mutating func drop(
    _ number: Int, _ counter: WritableKeyPath<RunServer.Counts, Int>, _ reason: String
  ) {
    server.count(counter)
    close(number)
    server.report("an attached client was dropped: it \(reason)")
  }

  /// Says what was wrong and closes once that is out.
  private mutating func fail(_ number: Int, _ ask: Int, _ message: String) {
    server.count(\.malformed)
    clients[number]?.forgetAll()
    clients[number]?.asks = [:]
    clients[number]?.isClosing = true
    send(AnswerText.line(ask, .failure(code: .protocolMismatch, message: message)), to: number)
    if clients[number]?.outbox.isEmpty == true { close(number) }
  }

  private mutating func expire() {
    let now = ContinuousClock.now
    if let until = refusesUntil, until <= now { refusesUntil = nil }
    for (number, client) in clients {
      guard let deadline = client.deadline(server.limits), deadline <= now else { continue }
      if !client.outbox.isEmpty {
        drop(number, \.stalled, "took nothing for \(server.limits.stall)")
      } else {
        drop(number, \.silent, client.isGreeted ? "asked nothing for long" : "never said hello")
      }
    }
  }
}

extension ServerLoop {
  private mutating func obey(_ line: [UInt8], of number: Int) {
    let message: AskMessage
    do { message = try AnswerText.ask(line) } catch {
      return fail(number, error.id, error.description)
    }
    switch message.ask {
    case .hello(let project): greet(number, message.id, project)
    case _ where clients[number]?.isGreeted == false:
      fail(number, message.id, "expected hello first")
    case .forget(let ask): clients[number]?.asks.removeValue(forKey: ask)?.cancel()
    case let ask: find(ask, message.id, of: number)
    }
  }

  private mutating func greet(_ number: Int, _ ask: Int, _ project: String) {
    guard project == server.greeting.project else {
      return fail(number, ask, "this is a run of \"\(server.greeting.project)\"")
    }
    clients[number]?.isGreeted = true
    send(AnswerText.line(ask, .hello(server.greeting)), to: number)
  }

  /// Looks for the answer off this thread.
  private mutating func find(_ ask: Ask, _ id: Int, of number: Int) {
    guard let client = clients[number] else { return }
    guard client.asks[id] == nil else {
      return fail(number, id, "the ask \(id) is not answered yet")
    }
    guard client.asks.count < server.limits.asks else {
      let message = "\(client.asks.count) asks are unanswered, which is the limit"
      return send(AnswerText.line(id, .failure(code: .busy, message: message)), to: number)
    }
    let (server, user) = (server, client.user)
    clients[number]?.asks[id] = Task {
      let line = await AnswerText.line(
        id, to: ask, from: server.source, user: user, limits: server.limits)
      server.post(line, to: id, of: number)
    }
  }
}
