import CSpawn
import Glibc
import Model
import Synchronization

/// Output that passes through Cairn on its way to the log: what a terminal shows, or the events of an
/// agent, which become lines.
final class OutputRelay: Sendable {
  /// Bytes that are passed on in one turn.
  private static let bytesInTurn = 65_536
  /// Bytes that are fetched after the end; the kernel itself holds less.
  private static let bytesAtEnd = 1 << 20

  /// Master side of the terminal, or the end of a pipe that is read; neither blocks.
  let source: Int32
  /// What the terminal is called; nil for a pipe.
  let terminal: String?
  private let asks: String?
  private let state: Mutex<State>

  private struct State {
    var transcript: AgentTranscript?
    var tail = TerminalTail()
    var isQuiet = false
    var question: String?
  }

  /// `asks` is a regular expression for what the terminal shows while somebody is asked.
  init(source: Int32, terminal: String?, showsEvents: Bool, asks: String?) {
    self.source = source
    self.terminal = terminal
    self.asks = asks
    state = Mutex(State(transcript: showsEvents ? AgentTranscript() : nil))
  }

  /// What the agent has used so far; nil while it says nothing.
  var usage: AgentUsage? { state.withLock { $0.transcript?.usage } }

  /// Passes on what there is; returns false when there is no more to come.
  func pass(to output: Int32) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: Self.bytesInTurn, alignment: 1) { buffer in
      let count = read(source, buffer.baseAddress, buffer.count)
      guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
      let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
      if let shown = show(bytes) {
        shown.withUnsafeBytes { Self.write($0, to: output) }
      } else {
        Self.write(bytes, to: output)
      }
      return true
    }
  }

  /// Returns what is written in place of the bytes; nil is the bytes themselves.
  private func show(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    state.withLock { state in
      state.isQuiet = false
      if terminal != nil { state.tail.read(bytes) }
      return state.transcript?.read(bytes)
    }
  }

  /// Passes on the rest, and closes the source.
  func finish(to output: Int32) {
    for _ in 0..<(Self.bytesAtEnd / Self.bytesInTurn) where !pass(to: output) { break }
    let rest = state.withLock { $0.transcript?.finish() ?? [] }
    rest.withUnsafeBytes { Self.write($0, to: output) }
    close(source)
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to output: Int32) {
    var done = 0
    while done < bytes.count {
      let written = Glibc.write(
        output, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      // A full disk takes nothing: the rest of this piece is lost, the process goes on.
      if written <= 0 && errno != EINTR { break }
      done += max(0, written)
    }
  }
}

// Questions.
extension OutputRelay {
  enum Look: Sendable, Equatable {
    case same
    case asks(String)
    /// What was asked is answered, or nobody waits for an answer any more.
    case goesOn
  }

  /// Whether somebody is asked on the terminal now, if that has changed since the last look.
  ///
  /// Only a terminal on which nothing moved since the last look asks anything.
  func look(at processes: () -> [Int32]) -> Look {
    guard let terminal else { return .same }
    let (wasQuiet, tail) = state.withLock { state in
      defer { state.isQuiet = true }
      return (state.isQuiet, state.tail)
    }
    let question = wasQuiet ? question(tail, terminal, processes) : nil
    return state.withLock { state in
      // A program that shows a clock while it asks still asks.
      if !wasQuiet, state.question != nil, matches(state.tail) { return .same }
      guard question != state.question else { return .same }
      state.question = question
      return question.map { .asks($0) } ?? .goesOn
    }
  }

  private func question(
    _ tail: TerminalTail, _ terminal: String, _ processes: () -> [Int32]
  ) -> String? {
    guard let words = tail.lastWords else { return nil }
    if matches(tail) { return words }
    let isRead = TerminalReader.isRead(terminal, by: processes()) ?? tail.looksLikeQuestion
    return isRead ? words : nil
  }

  private func matches(_ tail: TerminalTail) -> Bool {
    guard let asks, let pattern = try? Regex(asks) else { return false }
    return tail.text.contains(pattern)
  }

  /// Types on the terminal; returns how many bytes it took.
  func type(_ bytes: [UInt8]) -> Int {
    terminal == nil ? 0 : max(0, Glibc.write(source, bytes, bytes.count))
  }

  /// Whether the terminal shows what is typed; a password is not shown.
  var echoes: Bool {
    var modes = termios()
    guard terminal != nil, tcgetattr(source, &modes) == 0 else { return true }
    return modes.c_lflag & tcflag_t(ECHO) != 0
  }
}
