import Foundation
import Glibc

/// A peer's process, started in a folder, its output thrown away.
struct BenchProcess {
  let pid: pid_t
  private let name: String
  private let start: ContinuousClock.Instant

  static func find(_ name: String) -> String? {
    if name.contains("/") { return name }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  static func start(_ words: [String], in folder: String) throws -> BenchProcess {
    try start(words, in: folder) { actions in
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
  }

  static func start(
    _ words: [String], in folder: String,
    streams: (inout posix_spawn_file_actions_t) -> Void
  ) throws -> BenchProcess {
    guard let program = find("env") else { throw BenchProblem(description: "env is missing") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    streams(&actions)
    var arguments = (["env", "-C", folder] + words).map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    let start = ContinuousClock().now
    let code = posix_spawn(&pid, program, &actions, nil, &arguments, environ)
    guard code == 0 else { throw BenchProblem(description: "cannot start \(words[0])") }
    return BenchProcess(pid: pid, name: words[0], start: start)
  }

  /// Waits for the end and returns the seconds since the start.
  func wait() throws -> Double {
    guard succeeded() else { throw BenchProblem(description: "\(name) failed") }
    return seconds
  }

  /// Waits for the end, whatever it is, and returns the seconds since the start.
  func ended() -> Double {
    _ = succeeded()
    return seconds
  }

  /// Waits for the end and returns whether it is the one of a program that did what it should.
  func succeeded() -> Bool {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return status == 0
  }

  private var seconds: Double { (ContinuousClock().now - start) / .seconds(1) }
}

/// A process in a terminal of its own, whose screen is read and thrown away.
struct BenchTerminal {
  private let process: BenchProcess
  let terminal: Int32
  /// How long the screen has to be still before anybody asks whether the run is over.
  private static let stillMilliseconds: Int32 = 500

  /// The program itself: nothing between it and us forks.
  var pid: pid_t { process.pid }

  static func start(
    _ words: [String], in folder: String, columns: UInt16, rows: UInt16
  ) throws -> BenchTerminal {
    var (terminal, program): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&terminal, &program, nil, nil, &size) == 0 else {
      throw BenchProblem(description: "cannot open a terminal")
    }
    defer { close(program) }
    let process = try BenchProcess.start(
      ["setsid", "--ctty", "--wait", "env", "TERM=xterm-256color", "CI="] + words, in: folder
    ) { actions in
      for stream in 0..<Int32(3) { posix_spawn_file_actions_adddup2(&actions, program, stream) }
      posix_spawn_file_actions_addclose(&actions, program)
      posix_spawn_file_actions_addclose(&actions, terminal)
    }
    return BenchTerminal(process: process, terminal: terminal)
  }

  /// Reads the screen until the run is over, then leaves the dashboard.
  func quit(when isOver: () throws -> Bool) throws {
    defer { close(terminal) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var isLeaving = false
    while true {
      var wait = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      let found = poll(&wait, 1, Self.stillMilliseconds)
      if found == 0, !isLeaving, try isOver() {
        isLeaving = true
        _ = write(terminal, "q", 1)
      }
      if found > 0, read(terminal, &bytes, bytes.count) <= 0 { break }
    }
    _ = try process.wait()
  }
}
