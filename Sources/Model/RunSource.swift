/// A run that can be watched and asked: an engine, a replay, a simulation or a socket.
///
/// The dashboard knows nothing else of where its facts come from.
package protocol RunSource: Sendable {
  /// Returns the facts behind this number, waiting until there is one; empty when the log has ended.
  ///
  /// A slow reader gets larger batches and misses nothing; a cancelled one returns at once, empty.
  func facts(after sequence: Int) async -> [Fact]

  /// Returns the newest samples; lossy, never journaled.
  func signals() async -> Signals

  /// Returns a window of a log, at most `LogWindow.maximumBytes` long.
  func window(_ log: LogReference, at position: LogPosition) async -> LogWindow

  /// Returns the byte offset of the next (or previous) line that holds `text`, case folded in ASCII
  /// unless it has a capital letter.
  func find(_ text: String, in log: LogReference, from offset: Int64, backwards: Bool) async
    -> Int64?

  /// Says which file holds a log, for other programs.
  func place(of log: LogReference) async -> LogPlace

  /// Asks something of the run; the answer is journaled together with the request.
  func send(_ request: Request, by actor: Actor) async -> Answer
}

extension RunSource {
  package func place(of log: LogReference) async -> LogPlace {
    .nowhere(reason: "this run has no files of its logs here")
  }
}

/// Where a log lies, as it was written: with control characters and whatever else a task put there.
package enum LogPlace: Sendable, Equatable {
  /// An absolute path on this machine.
  case file(String)
  case nowhere(reason: String)
}

/// The log of one attempt.
package struct LogReference: Sendable, Hashable {
  package enum Stream: String, Sendable {
    case output, verify, prompt
    /// What an attempt changed in its worktree, as a person is shown it.
    case changes
  }

  package var task: TaskID
  package var attempt: Int
  package var stream: Stream

  package init(task: TaskID, attempt: Int, stream: Stream = .output) {
    self.task = task
    self.attempt = attempt
    self.stream = stream
  }
}

package enum LogPosition: Sendable, Hashable {
  /// The last bytes of the log.
  case end
  /// From this byte on.
  case offset(Int64)
  /// The bytes in front of this one.
  case before(Int64)
}

package struct LogWindow: Sendable, Equatable {
  package static let maximumBytes = 65_536

  /// Offset of the first byte in the log.
  package var offset: Int64
  package var bytes: [UInt8]
  /// Size of the whole log when the window was read.
  package var totalBytes: Int64
  /// Why there is nothing to show; nil when the log could be read.
  package var problem: String?
  /// The log's middle was dropped: between what lies in front of the window and its offset, or behind
  /// its end, there is nothing to read.
  package var beginsBehindGap = false
  package var endsAtGap = false

  package init(offset: Int64, bytes: [UInt8], totalBytes: Int64, problem: String? = nil) {
    self.offset = offset
    self.bytes = bytes
    self.totalBytes = totalBytes
    self.problem = problem
  }
}

/// Samples of what runs now: lossy, newest only.
package struct Signals: Sendable, Equatable {
  package struct TaskSample: Sendable, Equatable {
    /// Resident bytes, summed over the attempt's processes.
    package var residentBytes: Int64
    /// Of all processes, those that have ended among them.
    package var cpuSeconds: Double
    package var processes: Int
    /// Bytes of output written so far.
    package var outputBytes: Int64
    /// Bytes fetched from disks.
    package var readBytes: Int64
    /// Bytes sent to disks.
    package var writtenBytes: Int64
    /// How far the output says that the attempt is; nil while it says nothing.
    package var progress: OutputProgress?
    /// What the agent has used so far; nil for other commands.
    package var agent: AgentUsage?

    package init(
      residentBytes: Int64 = 0, cpuSeconds: Double = 0, processes: Int = 0, outputBytes: Int64 = 0,
      readBytes: Int64 = 0, writtenBytes: Int64 = 0, progress: OutputProgress? = nil
    ) {
      self.residentBytes = residentBytes
      self.cpuSeconds = cpuSeconds
      self.processes = processes
      self.outputBytes = outputBytes
      self.readBytes = readBytes
      self.writtenBytes = writtenBytes
      self.progress = progress
    }
  }

  package var tasks: [TaskID: TaskSample]
  /// The run's clock now, in elapsed seconds; nil when no engine is alive.
  package var elapsedSeconds: Double?
  /// What a person should know and what cannot be recorded now, in one line.
  package var problem: String?

  package init(
    tasks: [TaskID: TaskSample] = [:], elapsedSeconds: Double? = nil, problem: String? = nil
  ) {
    self.tasks = tasks
    self.elapsedSeconds = elapsedSeconds
    self.problem = problem
  }
}
