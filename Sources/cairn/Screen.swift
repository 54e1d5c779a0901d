import Canvas
import Dashboard
import Foundation
import Model
import Terminal

/// The dashboard on a terminal: the only place where messages, effects and frames meet the world.
///
/// It runs on the terminal's own thread, so a key is decoded, applied and drawn without a hop.
actor Screen {
  /// Facts are drawn at most this often; a key draws at once.
  private static let frameInterval = Duration.milliseconds(33)
  /// Clocks, samples and log tails; only while something runs.
  private static let tickInterval = Duration.seconds(1)

  private let loop: TerminalLoop
  private let source: any RunSource
  private let person: Actor
  private let look: Look
  private var state = DashboardState()
  private var size = Size(columns: 80, rows: 24)
  private var lastFrame = ContinuousClock.now - .seconds(1)
  private var lastTick = ContinuousClock.now
  private var isStale = true
  private var choice: QuitChoice?
  private var departure: CheckedContinuation<QuitChoice, Never>?

  init(loop: TerminalLoop, source: any RunSource, person: Actor, look: Look) {
    self.loop = loop
    self.source = source
    self.person = person
    self.look = look
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Shows the run until the person leaves, and says how they did.
  ///
  /// The terminal is given back before this returns. Should `driving`, which produces the run, fail,
  /// there is nothing left to show.
  static func show(
    _ source: any RunSource, person: Actor, look: Look,
    during driving: Task<Fact.RunClosed, any Error>? = nil
  ) async throws -> QuitChoice {
    let environment = ProcessInfo.processInfo.environment
    let loop = TerminalLoop(isRemote: environment["SSH_TTY"] != nil)
    let screen = Screen(loop: loop, source: source, person: person, look: look)
    let traits = try loop.start(type: environment["TERM"] ?? "") { event in
      screen.assumeIsolated { $0.receive(event) }
    }
    defer { loop.stop() }
    let follower = Task { await screen.follow(traits) }
    defer { follower.cancel() }
    let watcher = Task {
      if case .failure = await driving?.result { await screen.leave(.leave) }
    }
    defer { watcher.cancel() }
    return await screen.departureChoice()
  }

  private func departureChoice() async -> QuitChoice {
    if let choice { return choice }
    return await withCheckedContinuation { departure = $0 }
  }

  private func leave(_ choice: QuitChoice) {
    guard self.choice == nil else { return }
    self.choice = choice
    departure?.resume(returning: choice)
    departure = nil
  }
}

// MARK: What comes in

extension Screen {
  /// Reads the run to its end.
  private func follow(_ traits: TerminalTraits) async {
    state = look.state(on: traits)
    size = traits.size
    apply(.resized(size), isUrgent: true)
    var sequence = 0
    while !Task.isCancelled {
      let batch = await source.facts(after: sequence)
      guard let last = batch.last else { break }
      sequence = last.sequence
      apply(.facts(batch))
    }
    guard !Task.isCancelled else { return }
    apply(.ended, isUrgent: true)
    arm()
  }

  private func receive(_ event: TerminalEvent) {
    switch event {
    case .key(let key):
      _ = state.update(clockMessage)
      apply(.key(key), isUrgent: true)
    case .resized(let size), .resumed(let size):
      self.size = size
      apply(.resized(size), isUrgent: true)
    case .suspended: break
    case .hangup: hangUp()
    case .signal(let number): obey(signal: number)
    case .tick: tick()
    }
  }

  private var clockMessage: Message {
    .tick(wallTime: WallClock.now(), elapsedSeconds: nil)
  }

  /// TERM, HUP and QUIT ask for what `^c ^c` asks for; the run drains and can be resumed.
  private func obey(signal number: Int32) {
    if number == SIGINT { return receive(.key(.control("c"))) }
    if state.isRunning { send(.cancelRun, from: "signal") }
    leave(.stop)
  }

  private func hangUp() {
    if state.isRunning { send(.cancelRun, from: "hangup") }
    leave(.stop)
  }

  private func tick() {
    let now = ContinuousClock.now
    if needsTicks, now - lastTick >= Self.tickInterval {
      lastTick = now
      apply(clockMessage)
      if state.isRunning { Task { apply(.signals(await source.signals())) } }
    }
    drawIfDue()
  }
}

// MARK: What goes out

extension Screen {
  private func apply(_ message: Message, isUrgent: Bool = false) {
    for effect in state.update(message) { perform(effect) }
    isStale = true
    if isUrgent { draw() }
    drawIfDue()
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .send(let request): send(request, from: "dashboard")
    case .readLog(let log, let position):
      Task { apply(.logWindow(log, await source.window(log, at: position))) }
    case .find(let text, let log, let offset, let backwards):
      Task {
        let found = await source.find(text, in: log, from: offset, backwards: backwards)
        apply(.found(log, found), isUrgent: true)
      }
    case .quit(let choice): depart(choice)
    case .suspend: loop.suspend()
    case .repaint: loop.repaint()
    }
  }

  private func depart(_ choice: QuitChoice) {
    switch choice {
    case .stop where state.isRunning: send(.cancelRun, from: "dashboard")
    case .kill where state.isRunning: send(.killRun, from: "dashboard")
    default: break
    }
    leave(choice)
  }

  private func send(_ request: Request, from origin: String) {
    var actor = person
    actor.source = origin
    Task { [actor] in
      let answer = await source.send(request, by: actor)
      apply(.answer(request, answer), isUrgent: true)
    }
  }

  private func drawIfDue() {
    if isStale, ContinuousClock.now - lastFrame >= Self.frameInterval { draw() }
    arm()
  }

  /// A notice has to go away even when nothing runs.
  private var needsTicks: Bool { state.isRunning || state.notice != nil }

  private func draw() {
    let report = loop.show(state.frame(size: size))
    isStale = report.isSkipped
    lastFrame = .now
  }

  /// Asks for the next tick; none when nothing moves, so an idle screen never wakes.
  private func arm() {
    let now = ContinuousClock.now
    var next: ContinuousClock.Instant?
    if needsTicks { next = lastTick + Self.tickInterval }
    if isStale { next = min(next ?? .now + Self.tickInterval, lastFrame + Self.frameInterval) }
    loop.wake(after: next.map { max(.milliseconds(1), $0 - now) })
  }
}

/// Nanoseconds since 1970.
enum WallClock {
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
