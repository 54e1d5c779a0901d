import Canvas
import Dashboard
import Execution
import Foundation
import Model
import Planning
import Project
import Terminal

/// The dashboard on a terminal: the only place where messages, effects and frames meet the world.
///
/// It runs on the terminal's own thread, so a key is decoded, applied and drawn without a hop.
actor Screen {
  /// Facts are drawn at most this often; a key draws at once.
  private static let frameInterval = Duration.milliseconds(33)
  /// A frame that costs much is drawn less often: the screen leaves the processor to the tasks.
  private static let restPerWork = 20
  private static let longestInterval = Duration.milliseconds(250)
  /// With reduced motion what nobody asked for by a key changes no more often.
  private static let calmInterval = Duration.seconds(1)
  /// Clocks, samples and log tails; only while something runs.
  private static let tickInterval = Duration.seconds(1)
  private static let replayInterval = Duration.milliseconds(250)

  /// What the way out of this screen means for the run.
  enum Tie {
    /// The run is ours and drains when we are asked to end.
    case owner
    /// The run is ours and goes on without a terminal.
    case keeper
    /// The run is another's, or over.
    case onlooker
  }

  struct Departure {
    var choice: QuitChoice
    /// The terminal is gone.
    var isHungUp = false
  }

  let loop: TerminalLoop
  private let tie: Tie
  let history: ProjectHistory?
  /// The run that the screen was opened for.
  let home: any RunSource
  /// The run that is shown.
  var source: any RunSource
  let shelf: ProjectShelf?
  /// How often another run was turned to.
  var visit = 0
  private let person: Actor
  let look: Look
  var state = DashboardState()
  private var size = Size(columns: 80, rows: 24)
  private var lastFrame = ContinuousClock.now - .seconds(1)
  var interval = Screen.frameInterval
  /// Time since the last frame in which facts were folded.
  private var foldingTime = Duration.zero
  private var lastTick = ContinuousClock.now
  private var isStale = true
  var hasLookedBack = false
  /// Reads the facts.
  var reader: Task<Void, Never>?
  /// The newest order for a drawing of the graph; it makes older ones needless.
  private var laying: Task<Void, Never>?
  /// What was asked last of the run.
  private var lastRequest: Task<Void, Never>?
  private(set) var departure: Departure?
  /// A program that has the terminal; nothing is drawn meanwhile.
  var loan: TerminalLoan?
  private var waiting: CheckedContinuation<Departure, Never>?

  init(
    loop: TerminalLoop, source: any RunSource, history: ProjectHistory?, person: Actor, look: Look,
    tie: Tie, shelf: ProjectShelf?
  ) {
    self.loop = loop
    self.history = history
    self.tie = tie
    home = source
    self.source = source
    self.shelf = shelf
    self.person = person
    self.look = look
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Shows the run until the person leaves, and says how they did.
  ///
  /// The terminal is given back before this returns. Should `driving`, which produces the run, fail,
  /// there is nothing left to show.
  static func show(
    _ source: any RunSource, history: ProjectHistory? = nil, person: Actor, look: Look, tie: Tie,
    shelf: ProjectShelf? = nil, earlier: EarlierRuns? = nil,
    during driving: Task<Fact.RunClosed, any Error>? = nil
  ) async throws -> Departure {
    let environment = ProcessInfo.processInfo.environment
    // Whoever runs something has a keeper for that.
    let rescuer = tie == .onlooker ? try? Rescuer(TerminalLoop.rescue()) : nil
    defer { rescuer?.end() }
    let loop = TerminalLoop(isRemote: environment["SSH_TTY"] != nil)
    let screen = Screen(
      loop: loop, source: source, history: history, person: person, look: look, tie: tie,
      shelf: shelf)
    let type = environment["TERM"] ?? ""
    let abilities = look.abilities(type: type, environment: environment)
    let traits = try loop.start(type: type, abilities: abilities) { event in
      screen.assumeIsolated { $0.receive(event) }
    }
    defer { loop.stop() }
    await screen.open(traits, earlier)
    let watcher = Task {
      if case .failure = await driving?.result { await screen.leave(.leave) }
    }
    defer { watcher.cancel() }
    let departure = await screen.awaitDeparture()
    await screen.stopReading()
    return departure
  }

  private func awaitDeparture() async -> Departure {
    if let departure { return departure }
    return await withCheckedContinuation { waiting = $0 }
  }

  private func leave(_ choice: QuitChoice, isHungUp: Bool = false) {
    guard departure == nil else { return }
    departure = Departure(choice: choice, isHungUp: isHungUp)
    settleDeparture()
  }

  /// Lets the person go once no other program has the terminal.
  func settleDeparture() {
    guard let departure else { return }
    if let loan { return end(loan) }
    waiting?.resume(returning: departure)
    waiting = nil
  }
}

// MARK: What comes in

extension Screen {
  private func open(_ traits: TerminalTraits, _ earlier: EarlierRuns?) async {
    state = look.state(on: traits, isAttached: tie == .onlooker)
    size = traits.size
    loop.tell(.mouse(state.mouse))
    // What is long past when it is read is no news.
    apply(clockMessage)
    if let earlier { apply(.earlier(earlier)) }
    if let replay { apply(.replay(await replay.position)) }
    apply(.resized(size), isUrgent: true)
    read()
    Task { await lookAround(shelf?.home ?? 0) }
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

  /// TERM and QUIT ask for what `^c ^c` asks for; the run drains and can be resumed.
  private func obey(signal number: Int32) {
    switch number {
    case SIGINT: receive(.key(.control("c")))
    case SIGHUP: hangUp()
    default: end(from: "signal")
    }
  }

  private func hangUp() {
    guard tie == .keeper else { return end(from: "hangup", isHungUp: true) }
    leave(.goOn, isHungUp: true)
  }

  private func end(from origin: String, isHungUp: Bool = false) {
    if state.isLive || state.isAway, tie != .onlooker {
      send(.cancelRun, from: origin)
    }
    leave(.stop, isHungUp: isHungUp)
  }

  private func tick() {
    let now = ContinuousClock.now
    if needsTicks, now - lastTick >= tickInterval {
      lastTick = now
      apply(clockMessage)
      if let replay {
        Task { await showPosition(of: replay) }
      } else if state.isRunning {
        Task { await apply { .signals(await $0.signals()) } }
      }
    }
    drawIfDue()
  }
}

// MARK: What goes out

extension Screen {
  func apply(_ message: Message, isUrgent: Bool = false) {
    let start = ContinuousClock.now
    for effect in state.update(message) { perform(effect) }
    foldingTime += .now - start
    isStale = true
    // A key that came meanwhile is answered first, and its frame shows this, too.
    if isUrgent { draw() }
    arm()
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .send(let request): send(request, from: "dashboard")
    case .readLog(let log, let position):
      Task { await apply { .logWindow(log, await $0.window(log, at: position)) } }
    case .find(let text, let log, let offset, let backwards):
      Task {
        await apply(isUrgent: true) {
          .found(log, await $0.find(text, in: log, from: offset, backwards: backwards))
        }
      }
    case .layGraph(let request): lay(request)
    case .openLog(let log, let viewer): open(log, with: viewer)
    case .replay(let command):
      if let replay { Task { await perform(command, on: replay) } }
    case .reread: read()
    case .showRun(let run): Task { await turn(to: run) }
    case .quit(let choice): depart(choice)
    case .suspend: loop.suspend()
    case .repaint: loop.repaint()
    case .mouse(let mode): loop.tell(.mouse(mode))
    case .copy(let text): copy(text)
    case .notify(let alert): tell(alert)
    case .title(let text): loop.tell(.title(text))
    case .progress(let progress): tell(progress)
    }
  }

  private func lay(_ request: GraphRequest) {
    laying?.cancel()
    laying = Task.detached {
      guard let picture = try? request.picture() else { return }
      await self.apply(.graphLaid(picture), isUrgent: true)
    }
  }

  private func depart(_ choice: QuitChoice) {
    let request: Request? =
      switch choice {
      case .stop: .cancelRun
      case .kill: .killRun
      case .leave, .goOn: nil
      }
    guard let request, state.isLive else { return leave(choice) }
    guard tie == .onlooker else {
      send(request, from: "dashboard")
      return leave(choice)
    }
    // This process may end with the screen; what it asks of another has to arrive first.
    Task {
      await ask(request, from: "dashboard")
      leave(choice)
    }
  }

  /// Requests arrive in the order of their keys: two tasks of their own could overtake each other.
  private func send(_ request: Request, from origin: String) {
    let before = lastRequest
    lastRequest = Task {
      // What ends the run waits for nothing.
      if request != .cancelRun, request != .killRun { await before?.value }
      await ask(request, from: origin)
    }
  }

  private func ask(_ request: Request, from origin: String) async {
    var actor = person
    actor.source = origin
    // What a screen is left with is meant for its own run, whichever it shows.
    let run = request == .cancelRun ? home : source
    let answer = await run.send(request, by: actor)
    apply(.answer(request, answer), isUrgent: true)
  }

  private func drawIfDue() {
    if isStale, loan == nil, ContinuousClock.now - lastFrame >= interval { draw() }
    arm()
  }

  /// A notice has to go away even when nothing runs.
  private var needsTicks: Bool { state.isMoving || state.notice != nil }

  /// The clock of a replay may run sixty times as fast.
  private var tickInterval: Duration {
    state.replay == nil ? Self.tickInterval : Self.replayInterval
  }

  private func draw() {
    guard loan == nil else { return }
    // Half-way back is nowhere.
    guard !state.isCatchingUp else { return }
    let start = ContinuousClock.now
    let report = loop.show(state.frame(size: size))
    isStale = report.isSkipped
    lastFrame = .now
    let work = lastFrame - start + foldingTime
    interval = min(max(Self.frameInterval, work * Self.restPerWork), Self.longestInterval)
    if look.motion == .reduced { interval = Self.calmInterval }
    foldingTime = .zero
  }

  /// Asks for the next tick; none when nothing moves, so an idle screen never wakes.
  func arm() {
    // The frame after the loan arms anew.
    guard loan == nil else { return loop.wake(after: nil) }
    let now = ContinuousClock.now
    var next: ContinuousClock.Instant?
    if needsTicks { next = lastTick + tickInterval }
    if isStale { next = min(next ?? .now + tickInterval, lastFrame + interval) }
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
