import Foundation
import Synchronization
import Testing

/// The `cairn` that was built together with these tests.
enum CairnBinary {
  /// Products lie beside the test bundle; `CAIRN_BINARY` names another one.
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["CAIRN_BINARY"] { return given }
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("cairn").path
  }()

  /// The sources that these tests were built from.
  static let repository: String = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Runs `cairn` to its end.
  static func run(
    _ arguments: [String], in project: TemporaryProject, environment: [String: String] = [:]
  ) async throws -> Finished {
    try await start(arguments, in: project, environment: environment).finished()
  }

  /// Starts `cairn`; its output goes to files that can be read while it runs.
  static func start(
    _ arguments: [String], in project: TemporaryProject, environment: [String: String] = [:]
  ) throws -> Child {
    try Child(
      path, arguments, in: project.root,
      environment: project.environment.merging(environment) { $1 }, files: project.newFiles())
  }
}

extension CairnBinary {
  /// Runs `cairn` as somebody whom permissions bind: root becomes nobody.
  static func runBound(_ arguments: [String], in project: TemporaryProject) async throws -> Finished
  {
    guard getuid() == 0 else { return try await run(arguments, in: project) }
    // Nobody may not look into the folder where the program was built.
    let copy = project.besides + "/cairn"
    // Not by this process: another test's child might inherit the open file and keep it busy.
    try project.shell("cp '\(path)' '\(copy)'")
    let child = try Child(
      "/usr/bin/setpriv",
      ["--reuid=65534", "--regid=65534", "--clear-groups", copy] + arguments, in: project.root,
      environment: project.environment, files: project.newFiles())
    return await child.finished()
  }
}

/// How a process ended and what it wrote.
struct Finished {
  /// The exit code, or nothing if a signal ended the process.
  var status: Int32?
  var signal: Int32?
  var output: String
  var errors: String

  var outputLines: [String] { output.split(separator: "\n").map(String.init) }
  var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// A process that dies with its test, or with the last that holds this, whatever was thrown meanwhile.
final class Child: Sendable {
  /// How long one that nobody wants any more may take to end in order.
  private static let graceSeconds = 5

  let pid: Int32
  let outputPath: String
  let errorPath: String
  private let ended: Task<Int32, Never>
  private let burial: Burial

  init(
    _ program: String, _ arguments: [String], in folder: String, environment: [String: String],
    files: (output: String, errors: String)
  ) throws {
    (outputPath, errorPath) = files
    let pid = try Spawn.start(
      program, arguments, in: folder, environment: environment, output: files.output,
      errors: files.errors)
    self.pid = pid
    let burial = Burial(pid)
    self.burial = burial
    ended = Task {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: burial.wait()) }
      }
    }
  }

  deinit {
    // Here and not in the background: the last test's process may be gone before that.
    guard burial.send(SIGTERM), !burial.isOver(within: Self.graceSeconds) else { return }
    burial.send(SIGKILL)
    _ = burial.isOver(within: Self.graceSeconds)
  }

  /// Waits for the end.
  func finished() async -> Finished {
    let status = await withTaskCancellationHandler {
      await ended.value
    } onCancel: {
      send(SIGKILL)
    }
    return Finished(
      status: Spawn.code(status), signal: Spawn.signal(status), output: output, errors: errors)
  }

  func send(_ signal: Int32) { burial.send(signal) }

  /// Not a zombie yet; whoever waits for it may be about to learn of its end.
  var isAlive: Bool { ProcessRow(pid).map { $0.state != "Z" } ?? false }

  var output: String { Self.text(outputPath) }
  var errors: String { Self.text(errorPath) }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}

/// Waits for a child, and sends it signals as long as its number is its own.
private final class Burial: Sendable {
  private let pid: Int32
  private let isBuried = Mutex(false)
  private let end = DispatchSemaphore(value: 0)

  init(_ pid: Int32) { self.pid = pid }

  /// Blocks until it has ended, and returns what `waitpid(2)` says.
  func wait() -> Int32 {
    var info = siginfo_t()
    // Leaves the zombie, which keeps the number.
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    defer { end.signal() }
    return isBuried.withLock { isBuried in
      isBuried = true
      return Spawn.wait(pid)
    }
  }

  /// Returns false if it has ended.
  @discardableResult
  func send(_ signal: Int32) -> Bool {
    isBuried.withLock { !$0 && kill(pid, signal) == 0 }
  }

  func isOver(within seconds: Int) -> Bool {
    end.wait(timeout: .now() + .seconds(seconds)) == .success
  }
}

/// Asks again and again, for at most `limit` times 50 ms; for what nothing announces.
@discardableResult
func poll<T>(_ what: String, limit: Int = 1200, _ ask: () async throws -> T?) async throws -> T {
  for number in 0..<limit {
    if let answer = try await ask() { return answer }
    // Most questions start processes: asked often by all that wait, they would be the machine's load.
    try await Task.sleep(for: .milliseconds(number < 10 ? 50 : 250))
  }
  throw PollProblem(description: "never saw \(what)")
}

struct PollProblem: Error, CustomStringConvertible {
  var description: String
}
