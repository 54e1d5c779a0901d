import ArgumentParser
import Foundation
import Model
import Project
import Remote

/// A command that asks something of the run which another Cairn carries out here.
///
/// Exit codes: 0 accepted, 1 refused by the run, 64 for names that it has not, 69 when nothing runs.
protocol ControlCommand: AsyncParsableCommand {
  var project: ProjectArguments { get }

  func request(of run: LiveRun) throws -> Request
}

extension ControlCommand {
  func run() async throws {
    let live = try await LiveRun.connect(project.location())
    let request = try request(of: live)
    switch await live.source.send(request, by: .person(source: "command")) {
    case .accepted:
      News.result("run \(live.record.state.run): \(request.verb) accepted")
    case .refused(let reason):
      News.say("run \(live.record.state.run): \(request.verb) refused: \(reason)")
      throw ExitCode(1)
    }
  }

  /// The tasks that were named; there must be one.
  func tasks(of run: LiveRun) throws -> [TaskID] {
    guard !project.names.isEmpty else {
      let name = Self.configuration.commandName ?? ""
      throw ProjectProblem(.usage, "which task? as in: cairn \(name) TASK")
    }
    return try run.tasks(named: project.names)
  }

  func refuseNames() throws {
    guard let word = project.names.first else { return }
    let name = Self.configuration.commandName ?? ""
    throw ProjectProblem(.usage, "\(name) is for the whole run and takes no \"\(word)\"")
  }
}

struct HoldCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Start nothing more in the live run; what runs goes on.")

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request {
    try refuseNames()
    return .hold
  }
}

struct ContinueCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "continue", abstract: "End the hold of the live run.")

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request {
    try refuseNames()
    return .continue
  }
}

struct StepCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Hold the live run and start one task.",
    discussion: "The task that is named if it is ready, else the next of the plan.")

  @OptionGroup var project: ProjectArguments
  @Flag(help: "All that are ready now.")
  var wave = false

  func request(of run: LiveRun) throws -> Request {
    if wave {
      try refuseNames()
      return .stepWave
    }
    if project.names.isEmpty { return .step(nil) }
    let tasks = try tasks(of: run)
    let ready = tasks.filter { run.record.state[$0].state == .ready }
    guard project.names.count == 1, tasks.count == 1 || !ready.isEmpty else {
      throw ProjectProblem(.usage, "step starts one task; --wave starts all that are ready")
    }
    return .step(ready.first ?? tasks.first)
  }
}

struct FreezeCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "freeze", abstract: "Freeze all that runs, and hold the live run.")

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request {
    try refuseNames()
    return .freezeAll
  }
}

struct ThawCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "thaw", abstract: "Thaw all that is frozen in the live run.")

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request {
    try refuseNames()
    return .thawAll
  }
}

struct PauseCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Freeze running tasks; hold those that do not run yet.")

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request { .pause(try tasks(of: run)) }
}

struct UnpauseCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpause", abstract: "Thaw or release tasks: the counterpart of pause.",
    discussion: "`cairn resume` is something else: it goes on with a run that has ended.")

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request { .resume(try tasks(of: run)) }
}

struct StopCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop tasks of the live run, or all of it.",
    discussion: """
      TERM, a grace, then KILL. Without task names the run is drained and ends; `cairn resume` goes \
      on with it.
      """)

  @OptionGroup var project: ProjectArguments
  @Flag(help: "Without task names: KILL at once, without a grace.")
  var kill = false

  func request(of run: LiveRun) throws -> Request {
    if project.names.isEmpty { return kill ? .killRun : .cancelRun }
    let tasks = try tasks(of: run)
    return kill ? .signal(tasks, number: SIGKILL) : .stop(tasks)
  }
}

struct SignalCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "signal", abstract: "Send a signal to all processes of running tasks.")

  @OptionGroup var project: ProjectArguments
  @Option(name: .shortAndLong, help: "A name (TERM, SIGUSR1) or a number.")
  var signal: String = "TERM"

  func request(of run: LiveRun) throws -> Request {
    guard let number = SignalName.number(signal) else {
      throw ProjectProblem(.usage, "--signal \(signal): there is no such signal")
    }
    return .signal(try tasks(of: run), number: number)
  }
}

struct RetryCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Run ended tasks of the live run again.")

  @OptionGroup var project: ProjectArguments
  @Flag(help: "And everything downstream that has ended.")
  var downstream = false

  func request(of run: LiveRun) throws -> Request {
    .retry(try tasks(of: run), downstream: downstream)
  }
}

struct SkipCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "skip", abstract: "End tasks of the live run without running them.")

  @OptionGroup var project: ProjectArguments
  @Flag(help: "Count them as done; their artifacts must exist.")
  var asDone = false

  func request(of run: LiveRun) throws -> Request { .skip(try tasks(of: run), asDone: asDone) }
}

/// Signals by the names of `kill -l`.
enum SignalName {
  private static let names: [String: Int32] = [
    "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "ABRT": SIGABRT, "KILL": SIGKILL,
    "USR1": SIGUSR1, "USR2": SIGUSR2, "PIPE": SIGPIPE, "ALRM": SIGALRM, "TERM": SIGTERM,
    "CONT": SIGCONT, "STOP": SIGSTOP, "TSTP": SIGTSTP, "TTIN": SIGTTIN, "TTOU": SIGTTOU,
    "URG": SIGURG, "XCPU": SIGXCPU, "XFSZ": SIGXFSZ, "VTALRM": SIGVTALRM, "WINCH": SIGWINCH,
    "IO": SIGIO, "PWR": SIGPWR, "SEGV": SIGSEGV, "BUS": SIGBUS, "FPE": SIGFPE, "ILL": SIGILL,
    "TRAP": SIGTRAP, "SYS": SIGSYS,
  ]

  static func number(_ text: String) -> Int32? {
    if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
    let name = text.uppercased()
    return names[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name]
  }
}
