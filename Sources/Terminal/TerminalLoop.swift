package import Canvas
import CNcurses
import Glibc
import Synchronization

/// The one thread that owns ncurses and the tty.
///
/// It sleeps in poll(2) until a key, a signal, a job or the asked-for time comes, and it is an executor:
/// an actor that names it as its own runs on it, and so can draw and handle events without a hop. The
/// handler is called on it too (`assumeIsolated` holds there).
///
/// The thread lives until the process ends; after `stop()` it only runs jobs and wakes for nothing else.
package final class TerminalLoop: SerialExecutor {
  /// How long an ESC waits for the rest of a sequence; over ssh a packet may be late.
  private static let escapeDelay = Duration.milliseconds(25)
  private static let remoteEscapeDelay = Duration.milliseconds(50)
  /// A paste whose end was lost gives the keyboard back after this.
  private static let pasteDelay = Duration.seconds(5)

  struct State {
    var screen: TerminalScreen?
    var decoder = InputDecoder()
    /// When the decoder's unfinished input is ended.
    var inputDeadline: ContinuousClock.Instant?
    var wakeDeadline: ContinuousClock.Instant?
    var handler: (@Sendable (TerminalEvent) -> Void)?
    /// A program has the terminal.
    var isLent = false
  }

  let state = Mutex(State())
  /// Not limited: every job belongs to a task that waits for it, and none may be lost.
  private let jobs = Mutex<[UnownedJob]>([])
  private let thread = Atomic<UInt>(0)
  let wakeup = Wakeup()
  let signals = SignalPipe()
  let isRemote: Bool

  /// - Parameter isRemote: The terminal is at the other end of a network (`SSH_TTY` is set).
  package init(isRemote: Bool = false) {
    self.isRemote = isRemote
  }

  /// Takes the terminal and starts the thread.
  ///
  /// Jobs of actors on this executor wait until then.
  ///
  /// - Parameters:
  ///   - tty: A descriptor of the terminal.
  ///   - type: The value of `TERM`.
  ///   - abilities: What the terminal may be told beside pictures.
  ///   - handler: Called on the loop's thread.
  /// - Returns: What the terminal can do.
  /// - Throws: `TerminalProblem`; the terminal is then as it was.
  package func start(
    tty: Int32 = 0, type: String, abilities: TerminalAbilities = .none,
    handler: @escaping @Sendable (TerminalEvent) -> Void
  ) throws(TerminalProblem) -> TerminalTraits {
    let signalEnd = signals.writing
    let opened: Result<TerminalTraits, TerminalProblem> = state.withLock { state in
      guard state.screen == nil, Self.claim() else { return .failure(.busy) }
      do throws(TerminalProblem) {
        let screen = try TerminalScreen(
          tty: tty, type: type, signals: signalEnd, abilities: abilities)
        state.screen = screen
        state.handler = handler
        return .success(screen.traits)
      } catch {
        Self.release()
        return .failure(error)
      }
    }
    let traits = try opened.get()
    do throws(TerminalProblem) { try startThread() } catch {
      stop()
      throw error
    }
    return traits
  }

  /// Gives the terminal back, from any thread; twice is fine.
  package func stop() {
    state.withLock { state in
      guard let screen = state.screen else { return }
      screen.close()
      state.screen = nil
      state.handler = nil
      state.wakeDeadline = nil
      state.inputDeadline = nil
      Self.release()
    }
    wakeup.ring()
  }
}

extension TerminalLoop {
  /// Draws the frame, in one write, unless the terminal is suspended, gone or too slow at the moment.
  @discardableResult
  package func show(_ frame: Frame) -> FrameReport {
    let (report, waits) = state.withLock { state in
      let report = state.screen?.show(frame) ?? .skipped
      return (report, state.screen?.waitsForOutput == true)
    }
    if waits, !isCurrentThread { wakeup.ring() }
    return report
  }

  /// Has the note go out with the next frame.
  ///
  /// - Returns: Whether the terminal can be told this.
  @discardableResult
  package func tell(_ note: TerminalNote) -> Bool {
    state.withLock { $0.screen?.add(note) ?? false }
  }

  /// Makes the next frame a full one, as ^L asks for.
  package func repaint() {
    state.withLock { $0.screen?.repaint() }
  }

  /// Asks for one `tick`; a later call replaces it, nil takes it back.
  package func wake(after delay: Duration?) {
    state.withLock { $0.wakeDeadline = delay.map { .now + $0 } }
    if !isCurrentThread { wakeup.ring() }
  }

  /// Gives the terminal back and stops the job, as ^Z does elsewhere; returns when continued.
  ///
  /// To be called on the loop's thread. `suspended` and `resumed` are delivered meanwhile.
  package func suspend() {
    deliver(.suspended)
    state.withLock { $0.screen?.leave() }
    cairn_guard_stop()
    let size = state.withLock { state in
      state.screen?.enter()
      return state.screen?.traits.size
    }
    // Being continued is answered already, and so is a new size.
    let numbers = signals.take()
    if let size { deliver(.resumed(size)) }
    deliver(numbers)
  }

  func deliver(_ event: TerminalEvent) {
    let handler = state.withLock { $0.handler }
    handler?(event)
  }
}

extension TerminalLoop {
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    wakeup.ring()
  }

  package func checkIsolated() {
    precondition(isCurrentThread, "this must run on the terminal's thread")
  }

  package func isIsolatingCurrentContext() -> Bool? { isCurrentThread }

  private var isCurrentThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Runs what was enqueued until now.
  func runJobs() {
    let ready = jobs.withLock { jobs in
      let ready = jobs
      jobs.removeAll(keepingCapacity: true)
      return ready
    }
    for job in ready { job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  /// The thread that serves as the executor starts once; a second `start` finds it waiting.
  private func startThread() throws(TerminalProblem) {
    guard thread.load(ordering: .relaxed) == 0 else { return wakeup.ring() }
    var created = pthread_t()
    let owner = Unmanaged.passRetained(self)
    let code = pthread_create(
      &created, nil,
      { box in
        guard let box else { return nil }
        Unmanaged<TerminalLoop>.fromOpaque(box).takeRetainedValue().run()
      }, owner.toOpaque())
    guard code == 0 else {
      owner.release()
      throw .system(call: "pthread_create", code: code)
    }
    thread.store(UInt(created), ordering: .relaxed)
  }

  private func run() -> Never {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    cairn_guard_thread("cairn-screen")
    while true { turn() }
  }

  func escapePatience(_ pending: InputDecoder.Pending) -> Duration {
    switch pending {
    case .paste: Self.pasteDelay
    case .sequence: isRemote ? Self.remoteEscapeDelay : Self.escapeDelay
    }
  }

  /// The C side knows one screen a process.
  private static let isClaimed = Atomic<Bool>(false)

  private static func claim() -> Bool {
    isClaimed.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
  }

  private static func release() { isClaimed.store(false, ordering: .relaxed) }
}
