/// Where a task stands; exactly one at a time.
package enum TaskState: String, Sendable, Codable, CaseIterable {
  case blocked, ready, held, waiting, backoff, running, paused, verifying
  case done, failed, skipped, cancelled

  /// Nothing in this session brings the task on any more, unless a person asks.
  package var hasEnded: Bool {
    switch self {
    case .done, .failed, .skipped, .cancelled: true
    default: false
    }
  }

  /// A process of the task lives.
  package var isActive: Bool { self == .running || self == .paused || self == .verifying }
}

/// How a process ended, as the kernel tells it.
package enum ExitStatus: Sendable, Equatable, Codable {
  case code(Int32)
  case signal(Int32)

  package var isSuccess: Bool { self == .code(0) }
}

/// How one try at a task ended.
///
/// A failed task is an outcome, not an error.
package struct Outcome: Sendable, Equatable, Codable {
  package enum Class: String, Sendable, Codable, CaseIterable {
    case success
    /// The command exited with a code other than 0.
    case exit
    /// A signal ended the command.
    case signal
    case timeout
    /// The kernel, or a limit of the attempt's own, ended it for want of memory.
    case memory
    /// The executor lost it: its end was never seen, or what held it died.
    case lost
    /// The command cannot be started as it is written; a repeat would fail the same way.
    case spawn
    /// The system had no process, descriptor or memory left to start it; uses up no retry.
    case exhausted
    /// The command succeeded and its verification did not.
    case verification
    /// The artifact is missing, or could not be measured, renamed or copied out.
    case artifact
    /// The log passed its limit.
    case output
    /// What it changed cannot be merged with what others did; waits for a person.
    case conflict
    /// It asked a person something on its terminal, and nobody was there; waits for a person.
    case question
    /// A person did not let its result count.
    case rejected
    /// A person wants it done otherwise, in the message; uses up no retry.
    case revised
    /// It took more turns, tokens or money than its agent may.
    case allowance
    /// A person stopped the attempt.
    case stopped
    /// Cairn died or was stopped while the attempt ran; uses up no retry.
    case interrupted

    /// Whether `retries` count for it.
    ///
    /// Not for a command that cannot be started: a missing program stays missing. Not for what a
    /// person stopped. Interruptions and an exhausted system have limits of their own.
    package var isRetryable: Bool {
      switch self {
      case .exit, .signal, .timeout, .memory, .lost, .verification, .artifact, .output, .allowance:
        true
      case .success, .spawn, .exhausted, .conflict, .question, .rejected, .revised, .stopped,
        .interrupted:
        false
      }
    }
  }

  package var `class`: Class
  package var status: ExitStatus?
  /// What a person should know, in one line.
  package var message: String?

  package init(_ class: Class, status: ExitStatus? = nil, message: String? = nil) {
    self.class = `class`
    self.status = status
    self.message = message
  }

  package var isSuccess: Bool { `class` == .success }
}

/// What one attempt used, as `wait4(2)`, samples and its cgroup tell it.
package struct Usage: Sendable, Equatable, Codable {
  package var userSeconds: Double
  package var systemSeconds: Double
  /// Largest sampled sum of resident sets of the attempt's processes, or what the kernel remembers of
  /// one of them; counts the parent's image before exec.
  package var peakResidentBytes: Int64
  /// Largest charge of the attempt's own cgroup, which is exact; nil without one.
  package var memoryPeakBytes: Int64?
  package var readBytes: Int64
  package var writtenBytes: Int64
  private var boxedAgent: BoxedAgent?

  /// Few attempts are an agent's, and a record of each stays in memory.
  private indirect enum BoxedAgent: Sendable, Equatable { case usage(AgentUsage) }

  /// What the agent said of itself; nil for other commands.
  package var agent: AgentUsage? {
    get {
      guard case .usage(let usage) = boxedAgent else { return nil }
      return usage
    }
    set { boxedAgent = newValue.map { .usage($0) } }
  }

  package init(
    userSeconds: Double = 0, systemSeconds: Double = 0, peakResidentBytes: Int64 = 0,
    memoryPeakBytes: Int64? = nil, readBytes: Int64 = 0, writtenBytes: Int64 = 0
  ) {
    self.userSeconds = userSeconds
    self.systemSeconds = systemSeconds
    self.peakResidentBytes = peakResidentBytes
    self.memoryPeakBytes = memoryPeakBytes
    self.readBytes = readBytes
    self.writtenBytes = writtenBytes
  }
}

/// Where the time of an attempt went, in seconds.
package struct Phases: Sendable, Equatable, Codable {
  /// From ready to admitted.
  package var queue: Double
  package var prepare: Double
  package var run: Double
  package var verify: Double
  package var seal: Double
  /// Frozen; part of no other phase.
  package var paused: Double

  package init(
    queue: Double = 0, prepare: Double = 0, run: Double = 0, verify: Double = 0, seal: Double = 0,
    paused: Double = 0
  ) {
    self.queue = queue
    self.prepare = prepare
    self.run = run
    self.verify = verify
    self.seal = seal
    self.paused = paused
  }
}

extension Phases {
  private enum Key: String, CodingKey { case queue, prepare, run, verify, seal, paused }

  /// `paused` is missing in facts of former versions.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      queue: try container.decode(Double.self, forKey: .queue),
      prepare: try container.decode(Double.self, forKey: .prepare),
      run: try container.decode(Double.self, forKey: .run),
      verify: try container.decode(Double.self, forKey: .verify),
      seal: try container.decode(Double.self, forKey: .seal),
      paused: try container.decodeIfPresent(Double.self, forKey: .paused) ?? 0)
  }
}
