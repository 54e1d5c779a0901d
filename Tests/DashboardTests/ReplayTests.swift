import Canvas
import Model
import Planning
import Testing

@testable import Dashboard

/// A replay without a clock: what the source and the screen do with each other.
struct ReplayScript {
  let facts: [Fact]
  var pace: ReplayPace
  var state = DashboardState()

  init(
    _ facts: [Fact], at start: Double = 0, look: FrameTests.Look = .unicode,
    isSimulated: Bool = false
  ) {
    self.facts = facts
    var index = ReplayIndex()
    for fact in facts { index.append(fact) }
    pace = ReplayPace(index, speed: .ten, at: start, isSimulated: isSimulated)
    state = DashboardState(glyphs: look.glyphs, theme: look.theme)
    show()
  }

  /// Tells where the replay stands and reads what may be seen.
  mutating func show() {
    _ = state.update(.replay(pace))
    while state.run.sequence < pace.shown {
      let batch = facts[state.run.sequence..<pace.shown].prefix(1_000)
      _ = state.update(.facts(Array(batch)))
    }
    _ = state.update(.replay(pace))
  }

  mutating func perform(_ command: ReplayMove) {
    pace.perform(command)
    show()
  }

  mutating func press(_ keys: String) {
    for effect in state.press(keys) {
      if case .replay(let command) = effect { perform(command) }
    }
  }
}

@Suite("A replay")
struct ReplayTests {
  /// Long enough for several checkpoints.
  static let long: [Fact] = {
    var script = FactScript(.random(1_300, seed: 4))
    for n in 0..<1_300 {
      let start = Double(n) * 1.5
      script.start("t\(n)", at: start)
      let outcome =
        n % 90 == 7 ? Outcome(.exit, status: .code(3)) : Outcome(.success, status: .code(0))
      script.end("t\(n)", at: start + 1 + Double(n % 4) / 8, outcome, bytes: Int64(n % 7) << 20)
      if n % 50 == 3 { script.state("t\(n)", .paused, "why not") }
    }
    script.close(.failed, at: 2_000, "some failed")
    return script.facts
  }()

  @Test("shows at any place what a reader from the beginning sees there", arguments: 0..<3)
  func anywhere(seed: Int) {
    var random = SplitMix(UInt64(seed))
    var replay = ReplayScript(Self.long)
    for _ in 0..<12 {
      let commands: [ReplayMove] = [
        .step(-1), .step(1), .step(-Int(random.next() % 6_000)), .nextFailure, .previousFailure,
        .seek(.share(Double(random.next() % 101) / 100)), .slide(0.05), .slide(-0.2),
      ]
      replay.perform(commands[Int(random.next() % UInt64(commands.count))])
      var fresh = DashboardState()
      _ = fresh.update(.facts(Array(Self.long.prefix(replay.pace.shown))))
      #expect(replay.state.run == fresh.run)
      #expect(!replay.state.isCatchingUp)
      #expect(replay.state.events.suffix(500) == fresh.events.suffix(500))
      #expect(replay.state.timeline.slots == fresh.timeline.slots)
      #expect(replay.state.timeline.pauses == fresh.timeline.pauses)
      #expect(replay.state.timeline.footprint == fresh.timeline.footprint)
      #expect(replay.state.now == replay.pace.seconds)
    }
  }

  @Test("reads few facts again for a step back, however long the run")
  func checkpoints() {
    var replay = ReplayScript(Self.long, at: 1e9)
    #expect(Self.long.count > 2 * Replay.spacing)
    for _ in 0..<6 {
      replay.pace.perform(.step(-Int(1 + Self.long.count / 9)))
      let effects = replay.state.update(.replay(replay.pace))
      #expect(effects.contains(.reread))
      #expect(replay.pace.shown - replay.state.run.sequence <= Replay.spacing + 1_000)
      replay.show()
    }
  }

  @Test("is drawn again when several steps back have come before their facts")
  func hurriedSteps() {
    var replay = ReplayScript(Self.long, at: 1e9)
    for _ in 0..<3 {
      replay.pace.perform(.step(-1))
      _ = replay.state.update(.replay(replay.pace))
    }
    #expect(replay.state.isCatchingUp)
    replay.show()
    #expect(!replay.state.isCatchingUp)
    #expect(replay.state.run.sequence == Self.long.count - 3)
  }

  @Test("keeps a limited number of checkpoints")
  func limited() {
    var replay = Replay(ReplayPace(ReplayIndex()))
    var run = RunState()
    for sequence in 1...400 {
      let fact = Fact(
        sequence: sequence * Replay.spacing, session: 1, elapsedSeconds: 0, wallTime: 1,
        kind: .runHeld(Fact.Remark("")))
      run.apply(fact)
      if replay.isDue(at: run.sequence) { replay.keep(ReplayCheckpoint(run: run)) }
      #expect(replay.checkpoints.count <= Replay.checkpointLimit)
    }
    #expect(replay.checkpoint(before: 400 * Replay.spacing).run.sequence > 300 * Replay.spacing)
  }

  @Test("is played, slowed down and stepped by keys")
  func keys() {
    var replay = ReplayScript(FactScript.release().facts, at: 60)
    replay.press(" ")
    #expect(!replay.pace.isPlaying)
    replay.press(">")
    #expect(replay.pace.speed == .sixty)
    let shown = replay.pace.shown
    replay.press("...,")
    #expect(replay.pace.shown == shown + 2)
    replay.press(")")
    #expect(replay.pace.index.failures.first == replay.pace.shown)
    replay.press("@1:30")
    replay.press("")
    for effect in replay.state.update(.key(.enter)) {
      if case .replay(let command) = effect { replay.perform(command) }
    }
    #expect(replay.pace.seconds == 90)
    #expect(replay.state.popups.isEmpty)
  }

  @Test("says what it cannot read as a time, and stays")
  func unreadable() {
    var replay = ReplayScript(FactScript.release().facts)
    replay.press("@soon")
    #expect(replay.state.update(.key(.enter)) == [])
    #expect(replay.state.frame(size: Size(columns: 80, rows: 24)).text.contains("no time"))
  }

  @Test("lets one leave without a question, and asks nothing of a run")
  func leaves() {
    var replay = ReplayScript(FactScript.release().facts, at: 100)
    #expect(replay.state.isRunning)
    #expect(replay.state.press("q") == [.quit(.leave)])
    #expect(replay.state.update(.key(.control("c"))) == [.quit(.leave)])
    let frame = replay.state.frame(size: Size(columns: 120, rows: 36)).text
    #expect(!frame.contains("x stop"))
  }

  @Test("says that it is one at every size, or a simulation", arguments: 1...40, [false, true])
  func labelled(columns: Int, isSimulated: Bool) {
    let replay = ReplayScript(FactScript.release().facts, at: 100, isSimulated: isSimulated)
    for rows in 1...20 where columns >= 10 {
      let text = replay.state.frame(size: Size(columns: columns, rows: rows)).text
      #expect(text.contains(isSimulated ? "SIMULATION" : "REPLAY"), "\(columns)x\(rows)")
    }
    for rows in 1...20 { _ = replay.state.frame(size: Size(columns: columns, rows: rows)) }
  }

  @Test("shows where it stands", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func middle(size: Size, look: FrameTests.Look) throws {
    var replay = ReplayScript(TimelineTests.script().facts, at: 150, look: look)
    _ = replay.state.update(.resized(size))
    try expectGolden(
      replay.state.frame(size: size).golden, "replay-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("shows a simulation as one", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func simulated(size: Size, look: FrameTests.Look) throws {
    var replay = ReplayScript(
      TimelineTests.script().facts, at: 150, look: look, isSimulated: true)
    _ = replay.state.update(.resized(size))
    let frame = replay.state.frame(size: size)
    let first = frame.text.split(separator: "\n").first ?? ""
    #expect(first.contains("SIMULATION") && !first.contains("#42"))
    try expectGolden(
      frame.golden, "simulation-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("knows the times of its tasks wherever it stands")
  func expectations() {
    var replay = ReplayScript(FactScript.release().facts, at: 100)
    _ = replay.state.update(
      .earlier(EarlierRuns(.release, seconds: TaskGraph.release.tasks.map { _ in 9 })))
    replay.perform(.seek(.seconds(0)))
    #expect(replay.state.outlook.estimate?[TaskID(0)]?.seconds == 9)
  }

  @Test("asks for a time", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func seek(size: Size, look: FrameTests.Look) throws {
    var replay = ReplayScript(TimelineTests.script().facts, at: 150, look: look)
    _ = replay.state.update(.resized(size))
    replay.press("@2:")
    try expectGolden(
      replay.state.frame(size: size).golden,
      "popup-seek-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test(
    "reads times and shares",
    arguments: [
      ("90", ReplayPoint.seconds(90)), ("90s", .seconds(90)), ("1:30", .seconds(90)),
      ("1:02:03", .seconds(3_723)), ("1.5h", .seconds(5_400)), ("2d", .seconds(172_800)),
      ("50%", .share(0.5)), ("", nil), ("soon", nil), ("-1", nil), ("101%", nil), ("1:2:3:4", nil),
      ("1:x", nil), ("nan", nil), ("inf", nil), ("%", nil),
    ])
  func points(text: String, point: ReplayPoint?) {
    #expect(ReplayPoint(text) == point)
  }
}
