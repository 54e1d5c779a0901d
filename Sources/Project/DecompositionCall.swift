import Execution
import Formats
import Foundation
import Glibc
import Model
import Synchronization

/// Runs a project's agent outside of a run: one question, one answer.
///
/// The agent and all that it starts live in a containment of their own: nothing of them outlives the call,
/// or Cairn.
struct DecompositionCall: Sendable {
  /// Longest answer, in bytes: what an agent prints on standard output.
  static let maximumAnswerBytes = 16 << 20
  /// Longest prompt that fits into an argument, in bytes; Linux takes 128 KiB.
  static let maximumArgumentBytes = 120 << 10
  /// How often the length of an answer is looked at.
  private static let interval = Duration.milliseconds(20)
  /// Longest piece of the agent's own words in a message, in bytes.
  private static let maximumComplaintBytes = 400
  /// A shell's exit codes for a program that is not there, or cannot be run.
  private static let startFailures: ClosedRange<Int32> = 126...127

  private let agent: TaskGraph.Agent
  /// Absolute.
  private let directory: String
  private let environment: [String]
  private let timeoutSeconds: Double
  private let executor: ProcessExecutor

  enum Reply: Equatable {
    case text(String)
    /// Not what was wanted, in words; another try may be better.
    case bad(String)
  }

  /// - Throws: `ProjectProblem` when the system has no room for a process.
  init(
    _ agent: TaskGraph.Agent, directory: String, environment: [String: String],
    timeoutSeconds: Double
  ) throws(ProjectProblem) {
    self.agent = agent
    self.directory = directory
    self.environment = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    self.timeoutSeconds = timeoutSeconds
    do throws(SpawnProblem) { executor = try ProcessExecutor() } catch {
      throw ProjectProblem(.unavailable, error.description)
    }
  }

  private var name: String { agent.command.joined(separator: " ").quoted }
}

/// Where a question and its answer are kept; absolute paths.
struct DecompositionFiles: Sendable {
  let prompt: String
  let answer: String
  let errors: String

  init(_ stem: String) {
    prompt = stem + ".prompt.md"
    answer = stem + ".answer"
    errors = stem + ".errors"
  }
}

extension DecompositionCall {
  /// Asks once; what was asked and answered stays in the files.
  ///
  /// - Throws: `ProjectProblem`: the agent cannot be started, runs too long, or the disk fails.
  func ask(_ prompt: String, files: DecompositionFiles) async throws -> Reply {
    do {
      try Data(prompt.utf8).write(to: URL(fileURLWithPath: files.prompt))
      for file in [files.answer, files.errors] { try Data().write(to: URL(fileURLWithPath: file)) }
    } catch {
      throw ProjectProblem(
        .storage, "cannot write \(files.prompt): \(error.localizedDescription)")
    }
    let launch = try launch(prompt, files)
    let box = ExitBox()
    let process: StartedProcess
    do throws(SpawnProblem) { process = try executor.start(launch) { box.set($0) } } catch {
      throw ProjectProblem(.unavailable, "the agent \(name) \(error)")
    }
    let (exit, end) = try await watch(process, box, files)
    return try reply(exit, end, files)
  }

  /// Standard error goes to a file of its own: agents tell of themselves there.
  private func launch(_ prompt: String, _ files: DecompositionFiles) throws(ProjectProblem)
    -> Launch
  {
    var command = agent.command
    switch agent.prompt {
    case .stdin: break
    case .file: command.append(files.prompt)
    case .argument:
      guard prompt.utf8.count <= Self.maximumArgumentBytes else {
        throw ProjectProblem(
          .usage,
          "the prompt of \(prompt.utf8.count) bytes is longer than an argument may be "
            + "(\(Self.maximumArgumentBytes)); give it to the agent by stdin or as a file")
      }
      command.append(prompt)
    }
    let script = "errors=$1; shift; exec \"$@\" 2>\"$errors\""
    return Launch(
      arguments: ["/bin/sh", "-c", script, "cairn", files.errors] + command,
      environment: environment, directory: directory,
      input: agent.prompt == .stdin ? files.prompt : nil, log: files.answer)
  }

  private enum End { case itself, tooLong, tooLate }

  /// Waits for the end of the agent, and sees to it when it says or takes too much.
  private func watch(
    _ process: StartedProcess, _ box: ExitBox, _ files: DecompositionFiles
  ) async throws -> (ProcessExit, End) {
    let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
    var end = End.itself
    do {
      while true {
        if let exit = box.exit { return (exit, end) }
        if end == .itself {
          if [files.answer, files.errors].contains(where: isTooLong) { end = .tooLong }
          if ContinuousClock.now >= deadline { end = .tooLate }
          if end != .itself { executor.signal(process, SIGKILL) }
        }
        try await Task.sleep(for: Self.interval)
      }
    } catch {
      executor.signal(process, SIGKILL)
      throw error
    }
  }

  private func isTooLong(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_size > Self.maximumAnswerBytes
  }

  private func reply(
    _ exit: ProcessExit, _ end: End, _ files: DecompositionFiles
  ) throws(ProjectProblem) -> Reply {
    if end == .tooLate {
      throw ProjectProblem(
        .unavailable,
        "the agent \(name) took longer than \(Int(timeoutSeconds)) s and was ended; "
          + "--timeout gives it more")
    }
    if end == .tooLong || isTooLong(files.answer) {
      // Nobody reads more of it, either.
      _ = truncate(files.answer, off_t(Self.maximumAnswerBytes))
      return .bad("the answer is longer than \(Self.maximumAnswerBytes >> 20) MiB")
    }
    let complaint = complaint(files)
    if case .code(let code) = exit.status, Self.startFailures.contains(code) {
      throw ProjectProblem(.unavailable, "the agent \(name) cannot be started\(complaint)")
    }
    guard exit.status == .code(0) else {
      return .bad("the agent ended with \(exit.status.words)\(complaint)")
    }
    guard let bytes = FileManager.default.contents(atPath: files.answer),
      let text = String(validating: bytes, as: UTF8.self)
    else { return .bad("the answer is not UTF-8 text") }
    return .text(text)
  }

  /// The last line of what the agent wrote about itself.
  private func complaint(_ files: DecompositionFiles) -> String {
    guard let file = FileHandle(forReadingAtPath: files.errors) else { return "" }
    defer { try? file.close() }
    let end = (try? file.seekToEnd()) ?? 0
    let start =
      end > UInt64(Self.maximumComplaintBytes) ? end - UInt64(Self.maximumComplaintBytes) : 0
    try? file.seek(toOffset: start)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).last.map {
      ": \(String($0).withVisibleControls)"
    } ?? ""
  }
}

extension ExitStatus {
  fileprivate var words: String {
    switch self {
    case .code(let code): "exit code \(code)"
    case .signal(let number): "signal \(number)"
    }
  }
}

/// How a process ended, told from the thread that waits for it.
private final class ExitBox: Sendable {
  private let stored = Mutex<ProcessExit?>(nil)

  var exit: ProcessExit? { stored.withLock { $0 } }

  func set(_ exit: ProcessExit) { stored.withLock { $0 = exit } }
}
