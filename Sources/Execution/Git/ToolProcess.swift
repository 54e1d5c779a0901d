import CSpawn
import Glibc

/// Runs a program of Cairn's own, such as git, to its end; for threads that may stand still.
///
/// It dies with the thread that waits for it, and so with Cairn.
struct ToolProcess {
  /// Longest that one may run, in seconds.
  static let timeLimitSeconds = 600.0
  /// Most bytes of its output that are read; more is an error.
  static let outputLimit = 256 << 20
  /// Most bytes of its standard error that are kept; the rest is read and dropped.
  static let errorLimit = 64 << 10

  /// Absolute.
  var path: String
  var arguments: [String]
  /// Complete, `NAME=value`.
  var environment: [String]
  /// Absolute.
  var directory: String
  /// Absolute path of a file for standard input; nil is empty input.
  var input: String?
  var timeLimitSeconds = Self.timeLimitSeconds

  struct Finished {
    /// Exit code, or 128 and the signal.
    var code: Int32
    var output: [UInt8]
    var errors: [UInt8]
  }

  /// - Throws: `WorkspaceProblem` when it cannot be started, runs too long or writes too much.
  func run() throws(WorkspaceProblem) -> Finished {
    var pipes = try ToolPipes(input: input ?? "/dev/null")
    defer { pipes.close() }
    let pid = try start(pipes)
    pipes.closeTheirs()
    do throws(WorkspaceProblem) {
      try exchange(&pipes)
      return Finished(
        code: Self.wait(pid), output: pipes.output, errors: pipes.errors)
    } catch {
      // The whole group: what it has started reads and writes the same.
      kill(-pid, SIGKILL)
      _ = Self.wait(pid)
      throw error
    }
  }

  private func start(_ pipes: ToolPipes) throws(WorkspaceProblem) -> Int32 {
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer {
      words.forEach { free($0) }
      variables.forEach { free($0) }
    }
    var failure: Int32 = 0
    let pid = path.withCString { path in
      directory.withCString { directory in
        words.withUnsafeMutableBufferPointer { words in
          variables.withUnsafeMutableBufferPointer { variables in
            var tool = cairn_tool(
              path: path, arguments: words.baseAddress, environment: variables.baseAddress,
              directory: directory, input: pipes.theirInput, output: pipes.theirOutput,
              errors: pipes.theirErrors)
            return cairn_tool_start(&tool, &failure)
          }
        }
      }
    }
    guard pid > 0 else {
      throw WorkspaceProblem(
        "cannot start \(path) in \"\(directory)\": \(systemReason(failure))",
        isPassing: isShortage(failure))
    }
    return pid
  }

  /// Reads what comes until both pipes are closed.
  private func exchange(_ pipes: inout ToolPipes) throws(WorkspaceProblem) {
    let deadline = monotonicSeconds() + timeLimitSeconds
    while pipes.isOpen {
      let left = deadline - monotonicSeconds()
      guard left > 0 else {
        throw WorkspaceProblem("\(name) ran longer than \(Int(timeLimitSeconds)) s and was ended")
      }
      pipes.turn(milliseconds: Int32(min(left * 1000 + 1, 60_000)))
      guard pipes.output.count <= Self.outputLimit else {
        throw WorkspaceProblem("\(name) wrote more than \(Self.outputLimit) bytes")
      }
    }
  }

  private var name: String {
    let program = path.split(separator: "/").last.map(String.init) ?? path
    return ([program] + arguments.filter { !$0.hasPrefix("-") }.prefix(1)).joined(separator: " ")
  }

  private static func wait(_ pid: Int32) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { return 127 }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

/// What a tool's three streams are connected to, on both sides.
private struct ToolPipes {
  private(set) var theirInput: Int32 = -1
  private(set) var theirOutput: Int32 = -1
  private(set) var theirErrors: Int32 = -1
  private var outputs: [Int32] = [-1, -1]
  private(set) var output: [UInt8] = []
  private(set) var errors: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(input: String) throws(WorkspaceProblem) {
    theirInput = cairn_open_high(input, O_RDONLY | O_CLOEXEC, 0)
    guard theirInput >= 0 else { throw FileTree.problem("read", input) }
    do throws(WorkspaceProblem) {
      (outputs[0], theirOutput) = try Self.pipe()
      (outputs[1], theirErrors) = try Self.pipe()
    } catch {
      close()
      throw error
    }
  }

  private static func pipe() throws(WorkspaceProblem) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard cairn_lifeline_open(&ends) == 0 else {
      let number = errno
      throw WorkspaceProblem(
        "cannot make a pipe: \(systemReason(number))", isPassing: isShortage(number))
    }
    return (ends[0], ends[1])
  }

  var isOpen: Bool { outputs.contains { $0 >= 0 } }

  /// Waits for one of them, and reads what there is.
  mutating func turn(milliseconds: Int32) {
    var waits = outputs.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&waits, nfds_t(waits.count), milliseconds) > 0 else { return }
    for index in 0..<2 where waits[index].revents != 0 { read(index) }
  }

  private mutating func read(_ index: Int) {
    let count = Glibc.read(outputs[index], &buffer, buffer.count)
    if count < 0, errno == EINTR { return }
    guard count > 0 else { return Self.close(&outputs[index]) }
    if index == 0 {
      output += buffer[..<count]
    } else if errors.count < ToolProcess.errorLimit {
      errors += buffer[..<count]
    }
  }

  mutating func closeTheirs() {
    Self.close(&theirInput)
    Self.close(&theirOutput)
    Self.close(&theirErrors)
  }

  mutating func close() {
    closeTheirs()
    for index in outputs.indices { Self.close(&outputs[index]) }
  }

  private static func close(_ descriptor: inout Int32) {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}
