package import Model

/// Starts processes and tells how they end.
///
/// The engine decides; an executor only does.
/// `ProcessExecutor` runs real processes, a scripted one in the tests plays them.
package protocol Executor: Sendable {
  /// Starts a process; `onExit` is called once, from any thread, when it has ended.
  ///
  /// What the leader left behind in its group is killed before `onExit` is called: only the
  /// executor can do so while the group's number cannot have been given to somebody else.
  func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess

  /// Signals the whole process group, unless the process has ended already.
  func signal(_ process: StartedProcess, _ number: Int32)

  /// Sums what the given processes' groups use now; one row a process, in the given order.
  func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample]
}

/// Everything that a process needs to start; nothing of it is looked up later.
package struct Launch: Sendable, Equatable {
  /// The program (looked up in `environment`'s PATH when it has no slash) and its arguments.
  package var arguments: [String]
  /// Complete, `NAME=value` in this order.
  package var environment: [String]
  /// Absolute.
  package var directory: String
  /// Absolute path of a file for standard input; nil is empty input.
  package var input: String?
  /// Absolute path; standard output and error are appended to it.
  package var log: String

  package init(
    arguments: [String], environment: [String], directory: String, input: String? = nil,
    log: String
  ) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
    self.log = log
  }
}

/// A process that was started here; its start time tells it from a later one with the same pid.
package struct StartedProcess: Sendable, Hashable {
  package var pid: Int32
  package var startTime: UInt64

  package init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }
}

package struct ProcessExit: Sendable, Equatable {
  package var process: StartedProcess
  package var status: ExitStatus
  package var usage: Usage

  package init(process: StartedProcess, status: ExitStatus, usage: Usage) {
    self.process = process
    self.status = status
    self.usage = usage
  }
}

/// Why a process could not be started, in words for the person who wrote the task.
package struct SpawnProblem: Error, Equatable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}
