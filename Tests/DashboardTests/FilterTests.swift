import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("A filter")
struct FilterTests {
  /// The release in its fifth minute, with samples of what runs.
  static let release = FrameTests.sample(.unicode, Size(columns: 120, rows: 36))

  static func shown(_ text: String, in state: DashboardState = release) -> [String] {
    var state = state
    state.filter = Filter(text)
    state.refresh()
    return state.run.graph.tasks.filter { state.matches?[$0.id] ?? true }.map(\.name)
  }

  @Test(
    "lets through what all its words allow",
    arguments: [
      ("core", ["core", "test-core"]), ("CORE", ["core", "test-core"]),
      ("core !test", ["core"]), ("core !TEST ui", []), ("~tc !core", ["fetch"]),
      ("~tcr", ["test-core"]), ("~rct", []), ("[n=07]", ["shard[n=07]"]),
      ("plan !", ["plan"]), ("plan ~", ["plan"]),
    ])
  func words(text: String, names: [String]) { #expect(Self.shown(text) == names) }

  @Test(
    "takes beginnings of states, several with commas",
    arguments: [
      ("state:failed", ["shard[n=21]"]), ("state:f,ba", ["shard[n=20]", "shard[n=21]"]),
      ("state:paused,", ["shard[n=19]"]), ("STATE:Back", ["shard[n=20]"]),
      ("!state:done,blocked,ready shard", (18...22).map { "shard[n=\($0)]" }),
    ])
  func states(text: String, names: [String]) { #expect(Self.shown(text) == names) }

  @Test(
    "follows groups and dependencies",
    arguments: [
      ("group:sha !state:done,f,pa,ba,ru", ["shard[n=23]"]),
      ("needs:core", ["test-core", "merge"]), ("needs:shard", ["bench", "merge"]),
      ("needs:shard[n=07]", ["bench", "merge"]), ("feeds:test-ui", ["plan", "spec", "ui"]),
      ("needs:spec feeds:test-core", ["core"]), ("!needs:plan", ["plan"]),
      ("needs:merge", []), ("feeds:plan", []),
    ])
  func links(text: String, names: [String]) { #expect(Self.shown(text) == names) }

  // core has run 171 s of its attempt at 257 s, ui 111 s; index took 97 s, spec 62 s, docs 58 s.
  @Test(
    "compares what the columns show",
    arguments: [
      ("mem>90M !blocked mem<120MiB state:ru,do", ["index", "core"]),
      ("mem>=96MiB mem<=96M", ["core"]), ("mem=31M", ["fetch"]), ("mem>0.15GiB", ["bench"]),
      ("mem>180MB", ["bench"]), ("time>1m30s", ["index", "core", "ui"]),
      ("time>=58s time<62s", ["docs"]), ("time>1500ms time<=5000ms !shard", []),
      ("attempt>1", []), ("attempt>0 state:failed", ["shard[n=21]"]),
      ("progress=100% !shard", ["plan", "fetch", "spec", "index", "docs"]),
      ("progress<1% plan", []), ("slack=0 merge", ["merge"]), ("slack>0s plan", []),
    ])
  func figures(text: String, names: [String]) {
    #expect(Self.shown(text.replacing("!blocked ", with: "")) == names)
  }

  @Test("compares processor time of the last second, and of what ended on average")
  func load() {
    var state = Self.release
    let core = KeyTests.id("core")
    let ui = KeyTests.id("ui")
    for (elapsed, seconds) in [(257.0, 10.0), (258, 11.8)] {
      _ = state.update(
        .signals(
          Signals(
            tasks: [
              core: Signals.TaskSample(cpuSeconds: seconds), ui: Signals.TaskSample(cpuSeconds: 3),
            ], elapsedSeconds: elapsed)))
    }
    #expect(Self.shown("cpu>150%", in: state) == ["core"])
    #expect(Self.shown("cpu<1% !shard", in: state) == ["ui"])
    // What has ended used one core in the script, all the time.
    #expect(Self.shown("cpu=100% !shard", in: state) == ["plan", "fetch", "spec", "index", "docs"])
  }

  @Test("lets neither side of a comparison through without the figure, but its opposite")
  func noFigure() {
    #expect(Self.shown("merge time>0s").isEmpty && Self.shown("merge time<9h").isEmpty)
    #expect(Self.shown("merge !time>0s") == ["merge"])
  }

  @Test("finds titles too, and nothing across a name and its title")
  func titles() {
    var graph = TaskGraph.fan(1)
    graph.tasks[1].title = "Build the Parser"
    let state = DashboardState.after(FactScript(graph))
    #expect(Self.shown("the parser", in: state) == ["work-0"])
    #expect(Self.shown("0build", in: state).isEmpty)
  }

  @Test(
    "says what it expects where a word cannot be understood, and leaves that word out",
    arguments: [
      ("mem>", "mem> expects a size such as 64MiB or 64M"),
      ("mem>64", "mem> expects a size such as 64MiB or 64M"),
      ("mem>64X", "mem> expects a size such as 64MiB or 64M"),
      ("mem>0x10M", "mem> expects a size such as 64MiB or 64M"),
      ("mem>nan", "mem> expects a size such as 64MiB or 64M"),
      ("time<5", "time< expects a duration such as 500ms, 30s, 10m or 1h30m"),
      ("slack>m", "slack> expects a duration such as 500ms, 30s, 10m or 1h30m"),
      ("cpu>many", "cpu> expects a share of one core such as 50%"),
      ("progress<%", "progress< expects a share such as 50%"),
      ("attempt>1.5", "attempt> expects a whole number such as 1"),
      ("attempt=>1", "attempt=> is no comparison: < > <= >= ="),
      (">64M", ">64M expects a figure in front, as in mem>64M"),
      ("state:", "state: expects a state such as failed, or several with commas"),
      ("state:,", "state: expects a state such as failed, or several with commas"),
      (
        "state:fialed",
        "no state begins with fialed: blocked ready held waiting backoff running paused verifying "
          + "done failed skipped cancelled"
      ),
      ("needs:", "needs: expects the name of a task"),
      ("group:", "group: expects the name of a group"),
      ("needs:nobody", "no task is called nobody"), ("feeds:x", "no task is called x"),
      ("group:none", "no group is called none"),
      (
        "staet:failed",
        "no name holds staet:failed; known: state: group: needs: feeds: mem> cpu> time> attempt> "
          + "slack> progress>"
      ),
      (
        "!memory>5M",
        "no name holds !memory>5M; known: state: group: needs: feeds: mem> cpu> time> attempt> "
          + "slack> progress>"
      ),
    ])
  func misreadings(text: String, words: String) {
    var state = Self.release
    state.filter = Filter(text + " core")
    state.refresh()
    #expect((state.filter.problem ?? state.matches?.problem) == words)
    #expect(state.matches?.count == 2)
  }

  @Test("takes a colon in a name for what it is")
  func colonInName() {
    var graph = TaskGraph.fan(2)
    graph.tasks[1].name = "npm:build"
    let state = DashboardState.after(FactScript(graph))
    #expect(Self.shown("npm:b", in: state) == ["npm:build"])
  }

  @Test("is limited in length")
  func limit() {
    #expect(Filter(String(repeating: "x", count: 500)).text.count == Filter.maximumLength)
  }

  @Test("reads any bytes without a trap", arguments: 0..<4)
  func anything(seed: UInt64) {
    var random = SplitMix(seed)
    let pieces = [
      "mem", ">", "<", "=", ":", "!", "~", "state", "needs", "1", ".", "9e999", "%", "M", "h", ",",
      " ", "\u{301}", "é", "\u{1B}", "group", "\0", "99999999999999999999",
    ]
    for _ in 0..<(Soak.isOn ? 400 : 40) {
      let count = Int(random.next() % 12)
      let text = (0..<count).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
      _ = Self.shown(text)
      _ = Filter(text).completed(in: Self.release.run.graph)
    }
  }

  @Test(
    "ends words as far as they are clear",
    arguments: [
      ("st", "state:"), ("core !ne", "core !needs:"), ("state:fa", "state:failed"),
      ("state:failed,pa", "state:failed,paused"), ("group:", "group:shard"),
      ("needs:t", "needs:test-"), ("needs:test-", "needs:test-core"),
      ("feeds:shard[n=2", "feeds:shard[n=20]"), ("me", "mem>"), ("zzz", "zzz"), ("", ""),
      ("plan ", "plan "),
    ])
  func completes(text: String, completed: String) {
    #expect(Filter(text).completed(in: Self.release.run.graph).text == completed)
  }

  static let lines = ["", "sta", "shard state:f mem>", "needs:nobody", "core"]

  @Test(
    "shows grammar, ends of words or what is wrong while it is typed",
    arguments: FrameTests.Look.allCases)
  func line(look: FrameTests.Look) throws {
    var pictures: [String] = []
    for size in FrameTests.sizes {
      for text in Self.lines {
        var state = FrameTests.sample(look, size)
        _ = state.update(.key(.character("/")))
        _ = state.update(.key(.paste(text)))
        let frame = state.frame(size: size)
        let row = Rect(row: size.rows - 1, column: 0, rows: 1, columns: size.columns)
        pictures.append(frame.part(row).golden)
      }
    }
    try expectGolden(pictures.joined(separator: "\n"), "filter-line-\(look.rawValue)")
  }

  @Test("Tab ends the word, Enter tells of a word that was left out")
  func keys() {
    var state = Self.release
    _ = state.press("/sta")
    _ = state.update(.key(.tab))
    #expect(state.filter.text == "state:")
    _ = state.press("zz")
    _ = state.update(.key(.enter))
    #expect(!state.isFiltering)
    #expect(state.notice?.string.hasPrefix("left out: no state begins with zz") == true)
  }

  @Test("Enter selects the first match, unless what is selected matches; Escape leaves it")
  func selects() {
    var state = DashboardState.after(.release())
    _ = state.press("g")
    let before = state.selection
    _ = state.press("/state:failed")
    _ = state.update(.key(.escape))
    #expect(state.selection == before)
    _ = state.press("/state:failed")
    _ = state.update(.key(.enter))
    let found = state.selectedTask
    #expect(found.map { state.run[$0].state } == .failed)
    _ = state.press("/,done")
    _ = state.update(.key(.enter))
    #expect(state.selectedTask == found)
  }

  @Test("follows the samples without a fact")
  func live() {
    var state = Self.release
    let core = KeyTests.id("core")
    _ = state.press("/mem>500M")
    #expect(state.matches?.count == 0)
    _ = state.update(
      .signals(Signals(tasks: [core: Signals.TaskSample(residentBytes: 600 << 20)])))
    #expect(state.listing.rows.map(\.item) == [.task(core)])
  }
}

extension Frame {
  /// A piece of the picture as a frame of its own.
  func part(_ rect: Rect) -> Frame {
    var part = Frame(size: Size(columns: rect.columns, rows: rect.rows))
    for row in 0..<rect.rows {
      for column in 0..<rect.columns {
        part[row, column] = self[rect.row + row, rect.column + column]
      }
    }
    return part
  }
}
