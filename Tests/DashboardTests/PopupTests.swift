import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("Popups")
struct PopupTests {
  typealias Look = FrameTests.Look

  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 120, rows: 36)]

  static let output = """
    [110/181] Compiling Core Scheduler.swift
    [111/181] Compiling Core Budget.swift
    \u{1b}[33mwarning\u{1b}[0m: var never mutated; consider let
      0%\r 50%\r100% linked
    [112/181] Compiling Core Layout.swift, with a name so long that no eighty columns will hold it

    """

  /// The run of the mock-ups, with more said of `core`, and the selection on it.
  static func sample(_ look: Look = .unicode, _ size: Size = sizes[0]) -> DashboardState {
    var script = FactScript(.detailed)
    script.start("plan", at: 1)
    script.end("plan", at: 22, bytes: 1 << 20)
    script.start("fetch", at: 23)
    script.end("fetch", at: 67, peak: 31 << 20, bytes: 88 << 20)
    script.start("core", at: 70)
    script.end("core", at: 84.5, Outcome(.exit, status: .code(1)), peak: 101 << 20)
    script.state("core", .backoff, until: 86)
    script.start("core", at: 86)
    var state = DashboardState.after(script, glyphs: look.glyphs, theme: look.theme)
    _ = state.update(.resized(size))
    _ = state.update(
      .tick(wallTime: FactScript.start + 183_000_000_000, elapsedSeconds: 183))
    state.select("core")
    var signals = Signals()
    signals.tasks[script.id("core")] = Signals.TaskSample(
      residentBytes: 96 << 20, cpuSeconds: 177.4, processes: 6,
      outputBytes: Int64(output.utf8.count))
    _ = state.update(.signals(signals))
    return state
  }

  /// Answers what the popups ask of the log of the second attempt.
  static func serve(_ state: inout DashboardState, _ effects: [Effect]) {
    for case .readLog(let log, _) in effects {
      let bytes = Array((log.attempt == 2 ? output : "").utf8)
      let window = LogWindow(offset: 0, bytes: bytes, totalBytes: Int64(bytes.count))
      serve(&state, state.update(.logWindow(log, window)))
    }
  }

  /// Every popup, by the keys that lead to it.
  static let pictures: [(name: String, keys: [Key])] = [
    ("details", [.enter]), ("details-output", [.enter, .character("2")]),
    ("details-deps", [.enter, .character("3"), .down]),
    ("details-env", [.enter, .character("4")]), ("details-history", [.enter, .character("5")]),
    ("output", [.character("o")]), ("help", [.character("?")]),
    ("signals", [.character("X"), .down]), ("quit", [.character("q")]),
    ("confirm", [.character("k"), .character("R")]),
  ]

  @Test("show what they know", arguments: pictures.map(\.name), sizes)
  func picture(name: String, size: Size) throws {
    let keys = Self.pictures.first { $0.name == name }?.keys ?? []
    for look in Look.allCases {
      var state = Self.sample(look, size)
      for key in keys { Self.serve(&state, state.update(.key(key))) }
      let frame = state.popupFrame(size)
      try expectGolden(
        frame.golden, "popup-\(name)-\(size.columns)x\(size.rows)-\(look.rawValue)")
      #expect(look != .ascii || frame.text.utf8.allSatisfy { $0 < 0x80 })
    }
  }

  @Test("show a group's members", arguments: FrameTests.sizes, Look.allCases)
  func group(size: Size, look: Look) throws {
    var state = DashboardState.after(.release(), glyphs: look.glyphs, theme: look.theme)
    _ = state.update(.resized(size))
    state.selection = .group(0)
    Self.serve(&state, state.update(.key(.enter)))
    try expectGolden(
      state.popupFrame(size).golden,
      "popup-details-group-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("can be drawn at any size", arguments: pictures.map(\.name))
  func anySize(name: String) {
    let keys = Self.pictures.first { $0.name == name }?.keys ?? []
    var random = SplitMix(9)
    var sizes = (0..<60).map { _ in
      Size(columns: .random(in: 1...130, using: &random), rows: .random(in: 1...50, using: &random))
    }
    sizes += [
      Size(columns: 1, rows: 1), Size(columns: 40, rows: 10), Size(columns: 300, rows: 100),
    ]
    for size in sizes {
      var state = Self.sample(.unicode, size)
      for key in keys + [.down, .pageDown, .character("G")] {
        Self.serve(&state, state.update(.key(key)))
      }
      #expect(state.frame(size: size).size == size)
    }
  }

  @Test("ask for the log they show, and pass the keys of the run on to the main screen")
  func details() {
    var state = Self.sample()
    let core = state.run.graph.task(named: "core")?.id ?? TaskID(0)
    #expect(
      state.update(.key(.enter)) == [.readLog(LogReference(task: core, attempt: 2), .end)])
    #expect(state.update(.key(.character(" "))) == [.send(.pause([core]))])
    #expect(state.update(.key(.character("x"))) == [.send(.stop([core]))])
    #expect(state.popups.count == 1)
    #expect(state.update(.key(.escape)) == [])
    #expect(state.popups.isEmpty)
  }

  @Test("step to the neighbour and jump along dependencies, and the selection follows")
  func moves() {
    var state = Self.sample()
    _ = state.update(.key(.enter))
    _ = state.press("[")
    #expect(state.selectionName == "fetch")
    _ = state.press("]3")
    #expect(state.selectionName == "core")
    _ = state.update(.key(.enter))
    #expect(state.selectionName == "plan")
    _ = state.press("jj")
    _ = state.update(.key(.enter))
    #expect(state.selectionName == "core")
    _ = state.press("jj")
    _ = state.update(.key(.enter))
    #expect(state.selectionName == "docs")
    #expect(state.popups.count == 1)
  }

  @Test("open the output of the attempt that was chosen in the history")
  func history() {
    var state = Self.sample()
    let core = state.run.graph.task(named: "core")?.id ?? TaskID(0)
    _ = state.update(.key(.enter))
    _ = state.press("5j")
    #expect(
      state.update(.key(.enter)) == [.readLog(LogReference(task: core, attempt: 1), .end)])
    _ = state.update(.key(.escape))
    #expect(state.popups.count == 1)
  }

  @Test("go on to the newest attempt when one starts")
  func newAttempt() {
    var state = Self.sample()
    Self.serve(&state, state.update(.key(.enter)))
    var script = FactScript(.detailed)
    for _ in 0..<3 { script.start("core", at: 190) }
    var facts = script.facts.suffix(4)
    for index in facts.indices {
      facts[index].sequence = state.run.sequence + 1 + index - facts.startIndex
    }
    let log = LogReference(task: script.id("core"), attempt: 3)
    #expect(state.update(.facts(Array(facts))).contains(.readLog(log, .end)))
  }

  @Test("send the signal under the cursor")
  func signals() {
    var state = Self.sample()
    let core = state.run.graph.task(named: "core")?.id ?? TaskID(0)
    _ = state.press("Xjjjj")
    #expect(state.update(.key(.enter)) == [.send(.signal([core], number: 9))])
    #expect(state.popups.isEmpty)
    _ = state.press("X")
    #expect(state.update(.key(.escape)) == [])
  }

  @Test("ask before leaving only while something runs")
  func quits() {
    var state = Self.sample()
    #expect(state.press("q") == [])
    #expect(state.press("s") == [.quit(.stop)])
    _ = state.press("q")
    let last = state.run.sequence + 1
    let closed = Fact(
      sequence: last, session: 1, elapsedSeconds: 200, wallTime: 0,
      kind: .runClosed(Fact.RunClosed(ending: .done, reason: "all tasks are done")))
    _ = state.update(.facts([closed]))
    #expect(state.press("s") == [.quit(.leave)])
    #expect(state.press("q") == [.quit(.leave)])
  }

  @Test("run again what is downstream only on a yes, which says how many")
  func confirms() {
    var state = Self.sample()
    state.select("fetch")
    let fetch = state.run.graph.task(named: "fetch")?.id ?? TaskID(0)
    _ = state.press("R")
    #expect(
      state.frame(size: Self.sizes[0]).text.contains("Run fetch and 4 downstream tasks again?"))
    #expect(state.press("n") == [])
    _ = state.press("R")
    #expect(state.press("y") == [.send(.retry([fetch], downstream: true))])
  }

  @Test("type into the search line every key, those with a meaning too")
  func search() {
    var state = Self.sample()
    Self.serve(&state, state.update(.key(.character("o"))))
    let log = state.newestLog(of: state.selection ?? .group(0))
    #expect(state.press("/qnw") == [])
    #expect(state.frame(size: Self.sizes[0]).text.hasSuffix("/qnw"))
    let effects = state.update(.key(.enter))
    #expect(effects == log.map { [.find("qnw", $0, from: 0, backwards: false)] })
    if let log { _ = state.update(.found(log, nil)) }
    #expect(state.frame(size: Self.sizes[0]).text.contains("no further match"))
    #expect(state.popups.count == 1)
  }

  @Test("lead from the output to the verification and back")
  func streams() {
    var state = Self.sample()
    Self.serve(&state, state.update(.key(.character("o"))))
    let effects = state.update(.key(.tab))
    guard case .readLog(let log, .end)? = effects.first else {
      Issue.record("nothing was read: \(effects)")
      return
    }
    #expect(log.stream == .verify)
    let back = state.update(.key(.tab))
    #expect(back == [.readLog(LogReference(task: log.task, attempt: 2), .end)])
  }

  @Test("explain the keys of where they were opened, and all of them on Tab")
  func help() {
    var state = Self.sample()
    _ = state.update(.key(.enter))
    _ = state.press("?")
    let size = Size(columns: 120, rows: 500)
    _ = state.update(.resized(size))
    let here = state.frame(size: size).text
    #expect(here.contains("Details") && here.contains("Dashboard") && !here.contains("Filter line"))
    _ = state.update(.key(.tab))
    let all = state.frame(size: size).text
    for binding in state.keymap.bindings {
      let first = binding.help.split(separator: " ").prefix(3).joined(separator: " ")
      #expect(all.contains(first), "\(binding.help)")
    }
  }
}

extension DashboardState {
  /// The popups alone: these pictures must not change with the panels below.
  func popupFrame(_ size: Size) -> Frame {
    var frame = Frame(size: size)
    for popup in popups { popup.content.draw(on: &frame, state: self) }
    if glyphs.isASCII { frame.restrictToASCII() }
    return frame
  }

  mutating func select(_ name: String) {
    selection = run.graph.task(named: name).map { .task($0.id) }
  }

  fileprivate var selectionName: String? { selectedTask.map { run.graph[$0].name } }
}

extension TaskGraph {
  /// A small graph whose task `core` has something to say in every tab.
  fileprivate static let detailed: TaskGraph = {
    var script = GraphScript("release-42")
    script.task("plan")
    script.task("fetch", needs: ["plan"])
    script.task("core", needs: ["fetch", "plan"], memory: 128 << 20, retries: 2)
    script.task("docs", needs: ["core"])
    script.task("test-core", needs: ["core"])
    script.task("merge", needs: ["docs", "test-core"])
    var graph = script.graph
    let core = graph.task(named: "core")?.id.index ?? 0
    graph.tasks[core].action = .shell(
      script:
        "cd core\nswift build -c release --product core\ncp .build/release/core \"$CAIRN_OUT\"",
      interpreter: ["bash", "-euo", "pipefail", "-c"])
    graph.tasks[core].verify = "test -x \"$CAIRN_OUT/core\""
    graph.tasks[core].directory = "src/core"
    graph.tasks[core].timeoutSeconds = 600
    graph.tasks[core].resources = ["gpu": 1]
    graph.tasks[core].environment = [
      Variable("SWIFT_FLAGS", "-Osize"), Variable("EVIL", "a\u{1b}[31mb\u{202e}c"),
    ]
    graph.tasks[core].outputs = [
      Output(name: "bin", expectedBytes: 12 << 20), Output(name: "symbols"),
    ]
    graph.tasks[core].exports = [Export(artifact: "bin", path: "dist/core")]
    graph.tasks[core].needs[0].artifact = "out"
    return graph
  }()
}
