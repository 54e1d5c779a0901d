import Foundation
import Glibc

/// A program that draws on a terminal of its own, watched from the terminal's side.
final class BenchScreen {
  /// What came within a time, and what it took.
  struct Watch {
    var seconds = 0.0
    var bytes = 0
    var usage: SessionUsage
    /// Bytes of each frame, where the program marks them as synchronised output.
    var frames: [Int] = []
  }

  private static let frameBegins = Array("\u{1b}[?2026h".utf8)
  private static let frameEnds = Array("\u{1b}[?2026l".utf8)

  let session: pid_t
  private let terminal: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(_ words: [String], in folder: String, columns: UInt16, rows: UInt16) throws {
    let started = try BenchTerminal.start(words, in: folder, columns: columns, rows: rows)
    session = started.pid
    terminal = started.terminal
  }

  deinit {
    kill(session, SIGKILL)
    close(terminal)
    var status: Int32 = 0
    while waitpid(session, &status, 0) < 0 && errno == EINTR {}
  }

  /// Waits for the first bytes, half a minute at most.
  func awaitPicture() {
    for _ in 0..<300 {
      if !take(for: 0.1).isEmpty { return }
    }
  }

  func press(_ key: String) {
    let bytes = Array(key.utf8)
    _ = write(terminal, bytes, bytes.count)
  }

  /// Reads until nothing comes for so long.
  func settle(still: Double, atMost limit: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    while (clock.now - start) / .seconds(1) < limit, !take(for: still).isEmpty {}
  }

  /// Reads for so long and says what came.
  func watch(seconds: Double) -> Watch {
    _ = take(for: 0)
    let clock = ContinuousClock()
    let (before, start) = (SessionUsage(of: session), clock.now)
    var bytes: [UInt8] = []
    while (clock.now - start) / .seconds(1) < seconds {
      bytes += take(for: seconds - (clock.now - start) / .seconds(1))
    }
    let usage = SessionUsage(of: session) - before
    return Watch(
      seconds: (clock.now - start) / .seconds(1), bytes: bytes.count, usage: usage,
      frames: Self.frames(in: bytes))
  }

  /// Milliseconds from a key to the end of the bytes that answer it; nil if none do.
  ///
  /// `mark` is what the answer holds and nothing else does; empty takes the first bytes.
  func answer(to key: String, mark: String) -> Double? {
    _ = take(for: 0)
    let clock = ContinuousClock()
    let start = clock.now
    press(key)
    var bytes: [UInt8] = []
    while (clock.now - start) / .seconds(1) < 2 {
      bytes += take(for: 2)
      guard !bytes.isEmpty else { continue }
      if mark.isEmpty { return (clock.now - start) / .milliseconds(1) }
      guard let found = Self.place(of: Array(mark.utf8), in: bytes[...]) else { continue }
      if Self.place(of: Self.frameEnds, in: bytes[found...]) != nil {
        return (clock.now - start) / .milliseconds(1)
      }
    }
    return nil
  }

  /// Waits at most so many seconds for bytes and returns what is there, perhaps none.
  private func take(for seconds: Double) -> [UInt8] {
    var wait = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
    var all: [UInt8] = []
    var timeout = Int32((max(0, seconds) * 1000).rounded(.up))
    while poll(&wait, 1, timeout) > 0, wait.revents & Int16(POLLIN) != 0, all.count < 1 << 22 {
      let count = read(terminal, &buffer, buffer.count)
      guard count > 0 else { break }
      all += buffer[..<count]
      timeout = 0
    }
    return all
  }

  private static func frames(in bytes: [UInt8]) -> [Int] {
    var sizes: [Int] = []
    var rest = bytes[...]
    while let begin = place(of: frameBegins, in: rest),
      let end = place(of: frameEnds, in: rest[begin...])
    {
      sizes.append(end + frameEnds.count - begin)
      rest = rest[(end + frameEnds.count)...]
    }
    return sizes
  }

  private static func place(of needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= needle.count else { return nil }
    return bytes.indices.dropLast(needle.count - 1).first {
      bytes[$0] == needle[0] && bytes[$0..<($0 + needle.count)].elementsEqual(needle)
    }
  }
}

/// How many calls of write(2) a program makes on its terminal, told by strace.
enum BenchWrites {
  struct Count {
    var calls: Int
    var frames: Int
    var seconds: Double
  }

  static var isPossible: Bool { BenchProcess.find("strace") != nil }

  static func count(
    _ words: [String], in folder: String, seconds: Double, columns: UInt16, rows: UInt16
  ) throws -> Count {
    let trace = folder + "/writes"
    let traced =
      ["strace", "-f", "-y", "-s", "16", "-e", "trace=write,writev", "-o", trace] + words
    do {
      let screen = try BenchScreen(traced, in: folder, columns: columns, rows: rows)
      _ = screen.watch(seconds: seconds)
    }
    let text = String(
      decoding: FileManager.default.contents(atPath: trace) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n").filter {
      $0.contains("</dev/pts/") || $0.contains("</dev/tty>")
    }
    var calls = 0
    var isRest = false
    for line in lines {
      if !isRest { calls += 1 }
      isRest = isCut(line)
    }
    return Count(
      calls: calls, frames: lines.count { $0.contains("?2026h") }, seconds: seconds)
  }

  /// The terminal took less than it was given, as from frames of more than its buffer.
  private static func isCut(_ line: Substring) -> Bool {
    guard let found = line.firstMatch(of: /, (\d+)\) = (\d+)/) else { return false }
    return found.1 != found.2
  }
}
