package import Model

/// Starts processes and tells how they end.
///
/// The engine decides; an executor only does.
/// `ProcessExecutor` runs real processes, a scripted one in the tests plays them.
package protocol Executor: Sendable {
  /// Starts a process; `onExit` is called once, from any thread, when it has ended.
  ///
  /// What the attempt left behind is killed before `onExit` is called.
  func start(_ launch: Launch, onExit: @escaping @Sendable (ProcessExit) -> Void)
    throws(SpawnProblem) -> StartedProcess

  /// Signals the process and all that it has started, unless it has ended already.
  ///
  /// STOP and CONT (19, 18) pause and continue the whole tree; KILL and TERM end a paused one, too.
  func signal(_ process: StartedProcess, _ number: Int32)

  /// Types into the terminal of a process that has one; returns how many bytes it took, at once.
  func write(_ bytes: [UInt8], to process: StartedProcess) -> Int

  /// Whether that terminal shows what is typed; a password is not shown.
  func echoes(_ process: StartedProcess) -> Bool

  /// Sums what the given processes and all that they started use now; one row a process, in the given order.
  func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample]
}

extension Executor {
  package func write(_ bytes: [UInt8], to process: StartedProcess) -> Int { 0 }
  package func echoes(_ process: StartedProcess) -> Bool { true }
}

/// A thread on which processes end and clocks ring, for an engine that wants to live there.
///
/// What happens on it is told by callbacks, and after all that happened at once comes one turn's end,
/// if it was asked for; in both an actor that runs on `serialExecutor` may `assumeIsolated`.
package protocol TurnThread: AnyObject, Sendable {
  var serialExecutor: any SerialExecutor { get }

  /// Asks for an end of the turn that the caller is in; false, and nothing asked, elsewhere than on the
  /// thread.
  func askTurnEnd() -> Bool

  /// Replaces what is called at the end of a turn; it is kept as long as the thread lives.
  func setTurnEnd(_ body: @escaping @Sendable () -> Void)
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
  /// Absolute path of the worker slot's spool, in the file system of `log`; nil writes to `log`.
  ///
  /// The output of one process after the other goes there, and the file becomes `log` before the exit
  /// is told, if it holds anything: most tasks write nothing, and making a file costs as much as half
  /// of starting a process. What an earlier Cairn left in it is lost.
  package var spool: String?
  package var limits: Limits
  /// Absolute path of its slot: the only one of the slots beside it that the process sees, where mount
  /// namespaces are to be had; nil shows it all of them.
  package var slot: String?
  /// Gives the process a terminal of its own, 120 columns by 36 rows, which is its input too where
  /// there is no `input`; what it shows there is its output.
  package var tty: Bool
  /// What it writes are an agent's events, of which lines are made for the log.
  package var showsEvents = false
  /// A regular expression: what its terminal shows while it asks something.
  package var asks: String?

  /// What the kernel holds the process and, each for itself, those below it to; nil is what Cairn has.
  package struct Limits: Sendable, Equatable {
    package var openFiles: Int64?
    /// Size of a file that it writes, its output too.
    package var fileBytes: Int64?
    /// Processor time of one process: XCPU, five seconds later KILL.
    package var cpuSeconds: Int64?
    /// Memory of all of them together, where the machine lets us make a cgroup for it.
    package var memoryBytes: Int64?

    package init(
      openFiles: Int64? = nil, fileBytes: Int64? = nil, cpuSeconds: Int64? = nil,
      memoryBytes: Int64? = nil
    ) {
      self.openFiles = openFiles
      self.fileBytes = fileBytes
      self.cpuSeconds = cpuSeconds
      self.memoryBytes = memoryBytes
    }
  }

  package init(
    arguments: [String], environment: [String], directory: String, input: String? = nil,
    log: String, spool: String? = nil, limits: Limits = Limits(), slot: String? = nil,
    tty: Bool = false
  ) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
    self.log = log
    self.slot = slot
    self.spool = spool
    self.limits = limits
    self.tty = tty
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
  package var cause: Cause
  package var usage: Usage
  /// Bytes of output; with a spool and 0 there is no log.
  package var outputBytes: Int64
  /// Why the output is not in the log; nil when it is, or when there was none.
  package var outputProblem: String?

  package init(
    process: StartedProcess, status: ExitStatus, cause: Cause = .itself, usage: Usage,
    outputBytes: Int64 = 0, outputProblem: String? = nil
  ) {
    self.process = process
    self.status = status
    self.cause = cause
    self.usage = usage
    self.outputBytes = outputBytes
    self.outputProblem = outputProblem
  }

  package enum Cause: Sendable, Equatable {
    /// The process, or a signal that somebody sent.
    case itself
    /// The kernel killed it, or one of its processes, for want of memory.
    case outOfMemory
    /// Nobody saw it end; its status means nothing.
    case lost
    /// It never became the program: what had started before did not this time.
    case unstarted(SpawnProblem)
  }
}

/// Why a process could not be started, in words for the person who wrote the task.
package struct SpawnProblem: Error, Equatable, CustomStringConvertible {
  package var description: String
  /// The system lacked something (processes, descriptors, memory) that it may have again later.
  package var isPassing: Bool

  package init(_ description: String, isPassing: Bool = false) {
    self.description = description
    self.isPassing = isPassing
  }
}
