import Foundation
import Glibc
import Synchronization

/// The client's end of a connection: asks go out, answers find who waits for them.
final class ClientLine: Sendable {
  private struct State {
    var outbox = Outbox()
    var waiting: [Int: CheckedContinuation<Reply?, Never>] = [:]
    var nextAsk = 1
    var isGreeted = false
    /// Why the connection has ended, or is about to.
    var end: RemoteProblem?
  }

  private let socket: Socket
  private let wakeup: Wakeup
  private let state = Mutex(State())

  private static let readBytes = 1 << 18

  private init(_ socket: Socket) throws(RemoteProblem) {
    self.socket = socket
    wakeup = try Wakeup()
  }

  deinit { wakeup.end() }

  /// Connects and starts the thread, which ends with the connection.
  static func open(_ place: SocketPlace) throws(RemoteProblem) -> ClientLine {
    let line = try ClientLine(place.connect())
    _ = try OwnThread.start("cairn-attach", isDetached: true) { line.run() }
    return line
  }

  var isOpen: Bool { state.withLock { $0.end == nil } }
  /// Why it has ended; to be asked once it has.
  var end: RemoteProblem {
    state.withLock { $0.end } ?? RemoteProblem(.protocolMismatch, "the run did not answer")
  }

  func close(_ reason: String, _ code: RemoteProblem.Code = .protocolMismatch) {
    let isFirst = state.withLock { state in
      defer { if state.end == nil { state.end = RemoteProblem(code, reason) } }
      return state.end == nil
    }
    if isFirst { wakeup.ring() }
  }

  /// Returns the answer, or nil once the connection has ended or the caller was cancelled.
  func call(_ ask: Ask) async -> Reply? {
    let number = state.withLock { state in
      defer { state.nextAsk += 1 }
      return state.nextAsk
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state -> Bool in
          guard state.end == nil, !Task.isCancelled else { return false }
          state.waiting[number] = continuation
          state.outbox.append(AnswerText.encoded(AskMessage(id: number, ask: ask)))
          return true
        }
        if isWaiting { wakeup.ring() } else { continuation.resume(returning: nil) }
      }
    } onCancel: {
      forget(number)
    }
  }

  private func forget(_ number: Int) {
    let waiting = state.withLock { state -> CheckedContinuation<Reply?, Never>? in
      guard let waiting = state.waiting.removeValue(forKey: number) else { return nil }
      let message = AskMessage(id: 0, ask: .forget(ask: number))
      state.outbox.append(AnswerText.encoded(message))
      return waiting
    }
    guard let waiting else { return }
    waiting.resume(returning: nil)
    wakeup.ring()
  }
}

extension ClientLine {
  private func run() {
    var lines = LineBuffer(limit: RemoteLimits.answerBytes)
    let greetingEnd = ContinuousClock.now + RemoteLimits.greeting
    while isOpen { turn(&lines, greetingEnd) }
    let waiting = state.withLock { state in
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: nil) }
  }

  private func turn(_ lines: inout LineBuffer, _ greetingEnd: ContinuousClock.Instant) {
    let (hasOutput, isGreeted) = state.withLock { (!$0.outbox.isEmpty, $0.isGreeted) }
    let events = hasOutput ? POLLIN | POLLOUT : POLLIN
    var polled = [
      pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: socket.descriptor, events: Int16(events), revents: 0),
    ]
    let limit = RemoteLimits.greeting.components.seconds * 1000
    poll(&polled, 2, isGreeted ? -1 : Int32(clamping: limit))
    if polled[0].revents != 0 { wakeup.silence() }
    if polled[1].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read(&lines) }
    let isAlive = state.withLock { $0.outbox.flush(to: socket) }
    if !isAlive { close("the run's Cairn has closed the connection", .absent) }
    if !isGreeted, ContinuousClock.now >= greetingEnd, !state.withLock({ $0.isGreeted }) {
      close("nobody answered within \(RemoteLimits.greeting)")
    }
  }

  private func read(_ lines: inout LineBuffer) {
    var buffer = [UInt8](repeating: 0, count: Self.readBytes)
    switch socket.read(into: &buffer) {
    case .wait: return
    case .gone: close("the run's Cairn has closed the connection", .absent)
    case .bytes(let count):
      do {
        for line in try lines.take(buffer[..<count]) { take(line) }
      } catch {
        close("an answer was longer than \(RemoteLimits.answerBytes) bytes")
      }
    }
  }

  private func take(_ line: [UInt8]) {
    guard let message = try? JSONDecoder().decode(AnswerMessage.self, from: Data(line)),
      message.cairn == Wire.version
    else { return close("an answer could not be read: another version of Cairn?") }
    let waiting = state.withLock { state in
      state.isGreeted = true
      return state.waiting.removeValue(forKey: message.id)
    }
    waiting?.resume(returning: message.answer)
    // About the connection as a whole; nothing more will come.
    if message.id == 0, case .failure(let code, let reason) = message.answer { close(reason, code) }
  }
}
