import CSpawn
import Dispatch
import Glibc
import Model
import Synchronization

/// The one thread that starts processes and waits for them.
///
///     enqueue ──▶ jobs ──▶ run() ──▶ startHere ──▶ children ──▶ reap ──▶ onExit ──▶ turnEnd
///     wake(at:) ─▶ timers ─┘                          ▲            │ others of the task live
///                                                     └─ signal    └▶ draining ──▶ onExit
///
/// `children` holds exactly the processes that were not waited for: a pid that is in it belongs to
/// nobody else, which is why signals look there first.
final class Launcher: SerialExecutor {
  /// How often the rest of a killed task is looked for.
  static let drainPollMilliseconds: Int32 = 2
  /// How often a child is asked for its end where the kernel has no pidfd.
  private static let fallbackPollMilliseconds: Int32 = 10
  /// How often adopted orphans are buried while anything runs.
  private static let orphanPollMilliseconds: Int32 = 1000
  /// Exits taken from the kernel in one go.
  private static let eventBatch = 64

  /// What the wait tells of: the low half is a pid, but for the bell and the keeper.
  enum Mark {
    static let bell: UInt64 = 0
    static let keeper: UInt64 = 1 << 32
    static let terminal: UInt64 = 2 << 32
    static func child(_ pid: Int32) -> UInt64 { UInt64(pid) }
  }

  struct Child: Sendable {
    var process: StartedProcess
    var pidfd: Int32
    var output: Spools.Output
    /// What its output passes through; nil where it goes straight to the file.
    var relay: OutputRelay?
    /// Holds it to the memory that it declares.
    var memory: MemoryGroup?
    /// Its row on the guardian's board.
    var boardRow: Int32?
    var launch: Launch
    /// The file of its program.
    var program: String
    /// Where to ask whether it has become its program; -1 when that is known.
    var ahead: Int32
    var onExit: @Sendable (ProcessExit) -> Void
    /// Largest sum of resident bytes that was sampled.
    var peakBytes: Int64 = 0
    /// What its output said when it was `progressBytes` long.
    var progress: OutputProgress?
    var progressBytes: Int64 = 0
    /// We have sent it KILL.
    var wasKilled = false

    /// Before its exec a group of its own may be missing, which a signal would miss.
    func awaitExec() { cairn_spawn_await(ahead) }
  }

  fileprivate enum Job {
    case call(@Sendable () -> Void)
    case actor(UnownedJob)
  }

  struct State {
    fileprivate var jobs: [Job] = []
    var children: [Int32: Child] = [:]
    /// Children that have no pidfd.
    var blind = 0
    /// Kills for want of memory that were known at the last samples, the oldest first.
    var memoryKills: [UInt64] = []
    /// Told of what is asked on terminals.
    var tellQuestion: (@Sendable (StartedProcess, String?) -> Void)?
    fileprivate var isEnding = false
    fileprivate var turnEnd: (@Sendable () -> Void)?
  }

  /// What the thread alone uses; the lock is never waited for.
  struct Desk {
    var spools = Spools()
    var programs = ProgramLookup()
    var block = ArgumentBlock()
    var null: Int32 = -1
    let openFiles = Launcher.openFiles()
    var enclosure: Enclosure?
    var memory = MemoryGroups()
    var slots = SlotNamespaces()
    /// Where they cannot be hidden.
    var watch: SlotWatch?
    let softOpenFiles = cairn_soft_open_files()
  }

  let state = Mutex(State())
  let desk = Mutex(Desk())
  let timers = Mutex(LauncherTimers())
  let orphans = Orphans()
  let epoll: Int32
  private let bell: Int32
  /// The thread's `pthread_t`; 0 before it runs.
  private let thread = Atomic<UInt>(0)
  /// Used on the thread alone.
  private let isTurnEndAsked = Atomic<Bool>(false)

  init() throws(SpawnProblem) {
    epoll = cairn_watch_open()
    bell = cairn_bell_open()
    guard epoll >= 0, bell >= 0, cairn_watch_add(epoll, bell, Mark.bell) == 0 else {
      throw SpawnProblem("cannot wait for processes: \(systemReason())")
    }
  }

  deinit {
    close(epoll)
    close(bell)
  }

  /// Starts the thread, which keeps the launcher alive until `end`, and makes the containment.
  func begin(
    _ wanted: Containment.Kind?, _ lastAct: LastAct?
  ) -> Result<Containment, SpawnProblem> {
    do throws(ThreadProblem) {
      try OwnThread.start("cairn.launcher") { self.run() }
    } catch {
      return .failure(SpawnProblem(error.description))
    }
    // On the thread: what it makes dies with it.
    let answer = onThread { self.enclose(wanted, lastAct) }
    if case .failure = answer { end() }
    return answer
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

  func isSameExclusiveExecutionContext(other: Launcher) -> Bool { self === other }

  var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  func askTurnEnd() -> Bool {
    guard isCurrent else { return false }
    isTurnEndAsked.store(true, ordering: .relaxed)
    return true
  }

  func setTurnEnd(_ body: @escaping @Sendable () -> Void) {
    state.withLock { $0.turnEnd = body }
  }

  /// Jobs wait without a limit of their own: each is an actor's turn or a caller that stands still.
  private func submit(_ job: Job) {
    let isFirst = state.withLock { state in
      state.jobs.append(job)
      return state.jobs.count == 1
    }
    if isFirst && !isCurrent { ring() }
  }

  func ring() {
    var one: UInt64 = 1
    _ = Glibc.write(bell, &one, MemoryLayout<UInt64>.size)
  }

  /// Runs the body on the thread and returns its answer.
  func onThread<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) -> Answer {
    if isCurrent { return body() }
    let answer = Box<Answer>()
    let answered = DispatchSemaphore(value: 0)
    submit(
      .call {
        answer.value.withLock { $0 = body() }
        answered.signal()
      })
    answered.wait()
    guard let value = answer.value.withLock({ $0 }) else {
      preconditionFailure("the launcher's thread gave no answer")
    }
    return value
  }

  private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }

  /// Starts a process from any thread; returns when it runs or could not be started.
  func start(
    _ launch: Launch, _ onExit: @escaping @Sendable (ProcessExit) -> Void
  ) -> Result<StartedProcess, SpawnProblem> {
    if isCurrent { return startHere(launch, onExit) }
    return onThread { self.startHere(launch, onExit) }
  }
}

// MARK: The thread

extension Launcher {
  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    Self.dropChildSignals()
    var draining: [Draining] = []
    var ended: [Int32] = []
    while true {
      let (jobs, isEnding) = takeJobs()
      for job in jobs { perform(job) }
      if isEnding && jobs.isEmpty { break }
      waitForExits(milliseconds: jobs.isEmpty ? patience(draining) : 0, &ended)
      for pid in ended { reap(pid, &draining) }
      settle(&draining)
      let due = timers.withLock { $0.take(at: monotonicSeconds()) }
      for body in due { body() }
      endTurn()
    }
    abandon(draining)
    desk.withLock { desk in
      desk.slots.close()
      desk.watch?.close()
      desk.enclosure?.leave()
      desk.memory.removeLeftovers()
      desk.spools.close()
      if desk.null >= 0 { close(desk.null) }
    }
  }

  private func endTurn() {
    guard isTurnEndAsked.load(ordering: .relaxed) else { return }
    state.withLock { $0.turnEnd }?()
    // What it has brought about itself, it has dealt with.
    isTurnEndAsked.store(false, ordering: .relaxed)
  }

  /// CHLD is dropped by the kernel where the parent's thread lets it in; blocked, as a thread of the pool
  /// has it, each exit would queue one and wake two other threads for nothing.
  private static func dropChildSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGCHLD)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private func takeJobs() -> ([Job], isEnding: Bool) {
    state.withLock { state in
      guard !state.jobs.isEmpty else { return ([], state.isEnding) }
      var jobs: [Job] = []
      swap(&jobs, &state.jobs)
      return (jobs, state.isEnding)
    }
  }

  private func perform(_ job: Job) {
    switch job {
    case .call(let body): body()
    case .actor(let job): job.runSynchronously(on: asUnownedSerialExecutor())
    }
  }

  private func patience(_ draining: [Draining]) -> Int32 {
    let timer = timers.withLock { $0.milliseconds(at: monotonicSeconds()) }
    var limits = timer.map { [$0] } ?? []
    if !draining.isEmpty { limits.append(Self.drainPollMilliseconds) }
    let (isAnyAlive, isAnyBlind) = state.withLock { (!$0.children.isEmpty, $0.blind > 0) }
    if isAnyBlind { limits.append(Self.fallbackPollMilliseconds) }
    if isAnyAlive || orphans.isAnyLeft { limits.append(Self.orphanPollMilliseconds) }
    return limits.min() ?? -1
  }

  /// Waits for a bell or an exit; tells who may have ended.
  private func waitForExits(milliseconds: Int32, _ ended: inout [Int32]) {
    ended.removeAll(keepingCapacity: true)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.eventBatch) { marks in
      let count = cairn_watch_wait(
        epoll, marks.baseAddress, Int32(Self.eventBatch), milliseconds)
      if count == 0 { orphans.bury() }
      for mark in marks.prefix(Int(max(0, count))) {
        let pid = Int32(truncatingIfNeeded: mark)
        switch (mark >> 32) << 32 {
        case Mark.keeper: mendEnclosure()
        case Mark.terminal: copyOutput(of: pid)
        default: if mark == Mark.bell { hearBell() } else { ended.append(pid) }
        }
      }
    }
    ended += state.withLock { state in
      state.blind == 0 ? [] : state.children.values.filter { $0.pidfd < 0 }.map(\.process.pid)
    }
  }

  private func hearBell() {
    var rung: UInt64 = 0
    _ = read(bell, &rung, MemoryLayout<UInt64>.size)
  }
}
