import CSpawn
import Dispatch
import Foundation
import Glibc
import Model
import Synchronization

/// The one thread that starts processes and waits for them.
///
///     submit(_:) ──▶ jobs ──▶ run() ──▶ spawnHere ──▶ children ──▶ reap ──▶ onExit
///                                                        ▲            │ others of the session live
///                                                        └─ signal    └▶ draining ──▶ onExit
///
/// `children` holds exactly the processes that were not waited for: a pid that is in it belongs to
/// nobody else, which is why signals look there first.
final class Launcher: SerialExecutor {
  /// How long an exit waits for the rest of a killed session.
  private static let drainSeconds = 2.0
  private static let drainPollMilliseconds: Int32 = 5
  /// How often a child is asked for its end where the kernel has no pidfd.
  private static let fallbackPollMilliseconds: Int32 = 10
  /// How often adopted orphans are looked for while anything runs.
  private static let orphanPollMilliseconds: Int32 = 1000
  /// Exits taken from the kernel in one go.
  private static let eventBatch = 64
  private static let wakeMark: UInt64 = 0
  /// A program is "busy" while another thread's child holds the descriptor that wrote it, which is
  /// until that child execs.
  private static let busyTries = 20
  private static let busyMicroseconds: UInt32 = 1000

  private struct Child {
    var process: StartedProcess
    var pidfd: Int32
    var log: String
    var onExit: @Sendable (ProcessExit) -> Void
  }

  private struct Draining {
    var exit: ProcessExit
    var onExit: @Sendable (ProcessExit) -> Void
    var deadline: Double
  }

  private enum Job {
    case call(@Sendable () -> Void)
    case actor(UnownedJob)
  }

  private struct State {
    var jobs: [Job] = []
    var children: [Int32: Child] = [:]
    var thread: pthread_t?
    var isEnding = false
  }

  private let state = Mutex(State())
  private let epoll: Int32
  private let wake: Int32

  init() throws(SpawnProblem) {
    epoll = cairn_watch_open()
    wake = cairn_bell_open()
    guard epoll >= 0, wake >= 0, cairn_watch_add(epoll, wake, Self.wakeMark) == 0 else {
      throw SpawnProblem("cannot wait for processes: \(systemReason())")
    }
  }

  deinit {
    close(epoll)
    close(wake)
  }

  /// Starts the thread, which keeps the launcher alive until `end`.
  func begin() {
    let thread = Thread { self.run() }
    thread.name = "cairn.launcher"
    thread.start()
  }

  /// Kills what still runs and ends the thread; returns at once.
  func end() {
    state.withLock { $0.isEnding = true }
    ring()
  }
}

// MARK: Work from other threads

extension Launcher {
  func enqueue(_ job: consuming ExecutorJob) { submit(.actor(UnownedJob(job))) }

  func checkIsolated() { precondition(isCurrent, "not on the launcher's thread") }

  private var isCurrent: Bool {
    state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  /// Jobs wait without a limit of their own: each is an actor's turn or a caller that stands still.
  private func submit(_ job: Job) {
    let isFirst = state.withLock { state in
      state.jobs.append(job)
      return state.jobs.count == 1
    }
    if isFirst { ring() }
  }

  private func ring() {
    var one: UInt64 = 1
    _ = write(wake, &one, MemoryLayout<UInt64>.size)
  }

  /// Starts a process from any thread; returns when it runs or could not be started.
  func spawn(
    _ program: String, _ launch: Launch, _ onExit: @escaping @Sendable (ProcessExit) -> Void
  ) -> Result<StartedProcess, SpawnProblem> {
    if isCurrent { return spawnHere(program, launch, onExit) }
    let answer = Answer()
    let answered = DispatchSemaphore(value: 0)
    submit(
      .call {
        answer.value.withLock { $0 = self.spawnHere(program, launch, onExit) }
        answered.signal()
      })
    answered.wait()
    return answer.value.withLock { $0 } ?? .failure(SpawnProblem("cannot start: no answer"))
  }

  private final class Answer: Sendable {
    let value = Mutex<Result<StartedProcess, SpawnProblem>?>(nil)
  }

  /// Signals the process's own group; false if the process has ended.
  func signal(_ process: StartedProcess, _ number: Int32) -> Bool {
    // Under the lock nobody waits for the child, so its number cannot have a new owner.
    state.withLock { state in
      guard state.children[process.pid]?.process == process else { return false }
      return kill(-process.pid, number) == 0
    }
  }

  /// Returns the sizes of the logs, 0 for processes that have ended.
  func outputBytes(of processes: [StartedProcess]) -> [Int64] {
    let logs = state.withLock { state in processes.map { state.children[$0.pid]?.log } }
    return logs.map { log in
      var status = stat()
      guard let log, stat(log, &status) == 0 else { return 0 }
      return Int64(status.st_size)
    }
  }
}

// MARK: The thread

extension Launcher {
  private func run() {
    state.withLock { $0.thread = pthread_self() }
    var draining: [Draining] = []
    while true {
      let (jobs, isEnding) = takeJobs()
      for job in jobs { perform(job) }
      if isEnding && jobs.isEmpty { break }
      let ended = waitForExits(milliseconds: patience(draining))
      for pid in ended { reap(pid, &draining) }
      settle(&draining)
      if !ended.isEmpty || draining.isEmpty { buryOrphans() }
    }
    abandon(draining)
  }

  private func takeJobs() -> ([Job], isEnding: Bool) {
    state.withLock { state in
      defer { state.jobs.removeAll(keepingCapacity: true) }
      return (state.jobs, state.isEnding)
    }
  }

  private func perform(_ job: Job) {
    switch job {
    case .call(let body): body()
    case .actor(let job): job.runSynchronously(on: asUnownedSerialExecutor())
    }
  }

  private func patience(_ draining: [Draining]) -> Int32 {
    if !draining.isEmpty { return Self.drainPollMilliseconds }
    let (any, blind) = state.withLock { state in
      (!state.children.isEmpty, state.children.values.contains { $0.pidfd < 0 })
    }
    if blind { return Self.fallbackPollMilliseconds }
    return any || !ProcessTable.adopted().isEmpty ? Self.orphanPollMilliseconds : -1
  }

  /// Waits for a bell or an exit; returns who may have ended.
  private func waitForExits(milliseconds: Int32) -> [Int32] {
    var marks = [UInt64](repeating: 0, count: Self.eventBatch)
    let count = cairn_watch_wait(epoll, &marks, Int32(marks.count), milliseconds)
    var ended: [Int32] = []
    for mark in marks.prefix(Int(max(0, count))) {
      if mark == Self.wakeMark {
        var bell: UInt64 = 0
        _ = read(wake, &bell, MemoryLayout<UInt64>.size)
      } else {
        ended.append(Int32(truncatingIfNeeded: mark))
      }
    }
    let blind = state.withLock { state in
      state.children.values.filter { $0.pidfd < 0 }.map(\.process.pid)
    }
    return ended + blind
  }
}

// MARK: Starting

extension Launcher {
  private func spawnHere(
    _ program: String, _ launch: Launch, _ onExit: @escaping @Sendable (ProcessExit) -> Void
  ) -> Result<StartedProcess, SpawnProblem> {
    var started = spawn(program, launch)
    for _ in 0..<Self.busyTries where started.error == ETXTBSY {
      usleep(Self.busyMicroseconds)
      started = spawn(program, launch)
    }
    guard started.stage == CAIRN_STAGE_NONE.rawValue else {
      return .failure(problem(started, launch))
    }
    // Nobody else waits for it, so `/proc` still knows it, even if it has exited.
    let startTime = ProcessTable.record(of: started.pid)?.startTime ?? 0
    let process = StartedProcess(pid: started.pid, startTime: startTime)
    var pidfd = started.pidfd
    if pidfd >= 0, cairn_watch_add(epoll, pidfd, UInt64(started.pid)) != 0 {
      close(pidfd)
      pidfd = -1
    }
    let child = Child(process: process, pidfd: pidfd, log: launch.log, onExit: onExit)
    state.withLock { $0.children[started.pid] = child }
    return .success(process)
  }

  private func spawn(_ program: String, _ launch: Launch) -> cairn_started {
    withCStrings(launch.arguments) { arguments in
      withCStrings(launch.environment) { environment in
        program.withCString { program in
          launch.directory.withCString { directory in
            launch.log.withCString { log in
              func go(_ input: UnsafePointer<CChar>?) -> cairn_started {
                var request = cairn_launch(
                  path: program, arguments: arguments, environment: environment,
                  directory: directory, input: input, log: log)
                return cairn_spawn(&request)
              }
              return launch.input.map { $0.withCString { go($0) } } ?? go(nil)
            }
          }
        }
      }
    }
  }

  private func problem(_ started: cairn_started, _ launch: Launch) -> SpawnProblem {
    let name = launch.arguments.first ?? ""
    let reason = systemReason(started.error)
    switch UInt32(started.stage) {
    case CAIRN_STAGE_INPUT.rawValue:
      return SpawnProblem("cannot open input \"\(launch.input ?? "/dev/null")\": \(reason)")
    case CAIRN_STAGE_LOG.rawValue:
      return SpawnProblem("cannot open log \"\(launch.log)\": \(reason)")
    case CAIRN_STAGE_DIRECTORY.rawValue where started.error == ENOENT:
      return SpawnProblem("directory \"\(launch.directory)\" does not exist")
    case CAIRN_STAGE_DIRECTORY.rawValue:
      return SpawnProblem("cannot enter directory \"\(launch.directory)\": \(reason)")
    case CAIRN_STAGE_EXEC.rawValue where started.error == ENOENT:
      return SpawnProblem("cannot start \"\(name)\": the interpreter it names does not exist")
    default:
      return SpawnProblem("cannot start \"\(name)\": \(reason)")
    }
  }
}

/// Lends the strings as a null-terminated array of C strings.
private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}

// MARK: Ends

extension Launcher {
  private func reap(_ pid: Int32, _ draining: inout [Draining]) {
    guard let (child, status, usage) = collect(pid) else { return }
    if child.pidfd >= 0 { close(child.pidfd) }
    let exit = ProcessExit(
      process: child.process, status: ExitStatus(waitStatus: status), usage: Usage(usage))
    if isSessionGone(pid) { return child.onExit(exit) }
    draining.append(
      Draining(
        exit: exit, onExit: child.onExit, deadline: monotonicSeconds() + Self.drainSeconds))
  }

  /// Waits for one child that has ended, after killing its group: a child that was not waited for
  /// still owns its number.
  private func collect(_ pid: Int32) -> (Child, status: Int32, rusage)? {
    state.withLock { state in
      guard let child = state.children[pid], hasExited(pid) else { return nil }
      kill(-pid, SIGKILL)
      var status: Int32 = 0
      var usage = rusage()
      while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
      state.children[pid] = nil
      return (child, status, usage)
    }
  }

  private func hasExited(_ pid: Int32) -> Bool {
    var info = siginfo_t()
    let found = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
    return found < 0 || info.si_signo == SIGCHLD
  }

  /// Tells the exits whose sessions are gone, or have outlived their limit.
  private func settle(_ draining: inout [Draining]) {
    guard !draining.isEmpty else { return }
    let now = monotonicSeconds()
    draining.removeAll { row in
      guard isSessionGone(row.exit.process.pid) || now >= row.deadline else { return false }
      row.onExit(row.exit)
      return true
    }
  }

  /// Kills what is left of an ended process's session; true when nothing is.
  private func isSessionGone(_ session: Int32) -> Bool {
    while true {
      let mine = ProcessTable.adopted().filter {
        ProcessTable.record(of: $0)?.session == session
      }
      if mine.isEmpty { return kill(-session, 0) < 0 }
      var buried = 0
      for pid in mine {
        // It is our child and only this thread waits for it: the number is its own.
        kill(pid, SIGKILL)
        if waitpid(pid, nil, WNOHANG) == pid { buried += 1 }
      }
      // The children of a buried one are ours now, so they are looked for again at once.
      if buried == 0 { return false }
    }
  }

  /// Waits for adopted orphans that have ended; children that others started live in our session.
  private func buryOrphans() {
    let own = getsid(0)
    for pid in ProcessTable.adopted() {
      guard let record = ProcessTable.record(of: pid), record.isZombie, record.session != own
      else { continue }
      waitpid(pid, nil, WNOHANG)
    }
  }

  /// The executor is gone: everything that it started goes, too.
  private func abandon(_ draining: [Draining]) {
    for row in draining { row.onExit(row.exit) }
    let children = state.withLock { state in Array(state.children.values) }
    for child in children {
      kill(-child.process.pid, SIGKILL)
      var status: Int32 = 0
      var usage = rusage()
      while wait4(child.process.pid, &status, 0, &usage) < 0 && errno == EINTR {}
      if child.pidfd >= 0 { close(child.pidfd) }
      state.withLock { $0.children[child.process.pid] = nil }
      child.onExit(
        ProcessExit(
          process: child.process, status: ExitStatus(waitStatus: status), usage: Usage(usage)))
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
  init(_ usage: rusage) {
    self.init(
      userSeconds: Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6,
      systemSeconds: Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6,
      peakResidentBytes: Int64(usage.ru_maxrss) * 1024,
      readBytes: Int64(usage.ru_inblock) * 512,
      writtenBytes: Int64(usage.ru_oublock) * 512)
  }
}
