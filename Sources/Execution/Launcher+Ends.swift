import CSpawn
import Glibc
import Model
import Synchronization

extension Launcher {
  /// How long an exit waits for the rest of a killed task.
  private static let drainSeconds = 2.0

  /// An exit that is told when the rest of its task is gone.
  struct Draining {
    var child: Child
    var exit: ProcessExit
    var deadline: Double
  }

  /// Waits for one child that has ended, and tells its exit once the rest of its task is gone.
  func reap(_ pid: Int32, _ draining: inout [Draining]) {
    guard let (child, exit) = collect(pid) else { return }
    if isGone(child) { return tell(exit, of: child, isShared: orphans.isAnyLeft) }
    draining.append(
      Draining(child: child, exit: exit, deadline: monotonicSeconds() + Self.drainSeconds))
  }

  /// Waits for the child, after killing its group: a child that was not waited for still owns its
  /// number.
  private func collect(_ pid: Int32) -> (Child, ProcessExit)? {
    state.withLock { state in
      guard let child = state.children[pid], child.pidfd >= 0 || hasExited(pid) else { return nil }
      kill(-pid, SIGKILL)
      var status: Int32 = 0
      var usage = rusage()
      while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
      state.children[pid] = nil
      let cause = cause(of: child, status, state.memoryKills)
      if child.pidfd >= 0 {
        cairn_watch_remove(epoll, child.pidfd)
        close(child.pidfd)
      } else {
        state.blind -= 1
      }
      return (
        child,
        ProcessExit(
          process: child.process, status: ExitStatus(waitStatus: status),
          cause: cause,
          usage: Usage(usage, sampledPeak: child.peakBytes, exactPeak: child.memory?.peakBytes))
      )
    }
  }

  private func cause(of child: Child, _ status: Int32, _ known: [UInt64]) -> ProcessExit.Cause {
    var (stage, error): (Int32, Int32) = (0, 0)
    if child.ahead >= 0, cairn_spawn_failed(child.ahead, &stage, &error) != 0 {
      desk.withLock { $0.programs.forget() }
      return .unstarted(Self.problem(UInt32(stage), error, child.launch, child.program))
    }
    return isKilledForMemory(child, status, known) ? .outOfMemory : .itself
  }

  private func hasExited(_ pid: Int32) -> Bool {
    var info = siginfo_t()
    let found = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
    return found < 0 || info.si_signo == SIGCHLD
  }

  /// Whether the kernel killed it for want of memory, which its own cgroup tells.
  ///
  /// Without one: a KILL that nobody of us sent, of the process or, as a shell tells it, of one below
  /// it, while the kernel counted such a kill somewhere.
  private func isKilledForMemory(_ child: Child, _ status: Int32, _ known: [UInt64]) -> Bool {
    let status = ExitStatus(waitStatus: status)
    if let memory = child.memory { return status != .code(0) && memory.kills > 0 }
    guard status == .signal(SIGKILL) || status == .code(128 + SIGKILL), !child.wasKilled,
      let before = known.first, let now = ProcessTable.memoryKills()
    else { return false }
    return now > before
  }

  private func tell(_ exit: ProcessExit, of child: Child, isShared: Bool) {
    if let relay = child.relay { closeRelay(relay, child.output) }
    var exit = exit
    exit.usage.agent = child.relay?.usage
    (exit.outputBytes, exit.outputProblem) = desk.withLock { desk in
      desk.enclosure?.forget(child.boardRow)
      if let memory = child.memory { desk.memory.remove(memory) }
      return desk.spools.settle(child.output, isShared: isShared)
    }
    child.onExit(exit)
  }

  /// Tells the exits whose tasks are gone, or have outlived their limit.
  func settle(_ draining: inout [Draining]) {
    guard !draining.isEmpty else { return }
    let now = monotonicSeconds()
    draining.removeAll { row in
      let isGone = isGone(row.child)
      guard isGone || now >= row.deadline else { return false }
      tell(row.exit, of: row.child, isShared: !isGone || orphans.isAnyLeft)
      return true
    }
  }

  /// Kills what is left of an ended attempt, in its session or out of it; true when nothing is.
  ///
  /// An attempt that left nothing costs two system calls.
  private func isGone(_ child: Child) -> Bool {
    let session = child.process.pid
    let isGroupGone = kill(-session, 0) < 0
    if !isGroupGone { orphans.bury() }
    guard orphans.isAnyLeft else { return isGroupGone }
    let mark = AttemptMark(child.launch.environment)
    // Nobody else can have left what lives in the run's own namespace then.
    let isLast = orphans.areOfTheRun && state.withLock { $0.children.isEmpty }
    let isNobodyLeft = orphans.end { record in
      isLast || record.session == session
        || mark?.marks(ProcessTable.environment(of: record.pid)) == true
    }
    return isNobodyLeft && isGroupGone
  }

  /// The executor is gone: everything that it started goes, too.
  func abandon(_ draining: [Draining]) {
    for row in draining { tell(row.exit, of: row.child, isShared: true) }
    let children = state.withLock { state in
      for pid in state.children.keys { state.children[pid]?.wasKilled = true }
      return Array(state.children.keys)
    }
    for pid in children {
      state.withLock { $0.children[pid]?.awaitExec() }
      kill(-pid, SIGKILL)
      var info = siginfo_t()
      while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
      if let (child, exit) = collect(pid) { tell(exit, of: child, isShared: true) }
    }
  }
}

extension ExitStatus {
  /// Decodes what `wait4` tells of a process that has ended.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7F
    self = signal == 0 ? .code((waitStatus >> 8) & 0xFF) : .signal(signal)
  }
}

extension Usage {
  /// The kernel's own peak is that of one process, and counts our image, which the process had before
  /// its exec; so it says nothing below our own peak.
  init(_ usage: rusage, sampledPeak: Int64, exactPeak: Int64?) {
    let told = Int64(usage.ru_maxrss) * 1024
    let isItsOwn = sampledPeak == 0 || told > Self.ownPeakBytes()
    self.init(
      userSeconds: Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6,
      systemSeconds: Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6,
      peakResidentBytes: isItsOwn ? max(told, sampledPeak) : sampledPeak,
      memoryPeakBytes: exactPeak,
      readBytes: Int64(usage.ru_inblock) * 512,
      writtenBytes: Int64(usage.ru_oublock) * 512)
  }

  private static func ownPeakBytes() -> Int64 {
    var own = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &own)
    return Int64(own.ru_maxrss) * 1024
  }
}
