import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("A key")
struct KeyTests {
  /// The release in its fifth minute with one task selected.
  static func state(selecting name: String) -> DashboardState {
    var state = DashboardState.after(.release())
    if let task = state.run.graph.task(named: name) { state.selection = .task(task.id) }
    return state
  }

  static func id(_ name: String) -> TaskID {
    TaskGraph.release.task(named: name)?.id ?? TaskID(0)
  }

  @Test(
    "asks the run for what the keymap says",
    arguments: [
      (" ", "core", Request.pause([id("core")])),
      ("p", "shard[n=19]", .resume([id("shard[n=19]")])),
      ("P", "core", .hold),
      ("Z", "core", .freezeAll),
      ("s", "test-core", .step(id("test-core"))),
      ("S", "core", .stepWave),
      // The run may be held already and the screen not know it.
      ("c", "core", .continue),
      ("x", "core", .stop([id("core")])),
      ("r", "shard[n=21]", .retry([id("shard[n=21]")], downstream: false)),
    ])
  func asks(key: Character, task: String, request: Request) {
    var state = Self.state(selecting: task)
    #expect(state.update(.key(.character(key))) == [.send(request)])
  }

  @Test(
    "does nothing where it is not valid", arguments: [("x", "merge"), ("r", "core")])
  func isNotValid(key: Character, task: String) {
    var state = Self.state(selecting: task)
    #expect(state.update(.key(.character(key))).isEmpty)
    #expect(state.popups.isEmpty)
  }

  @Test("changes nothing on the screen before the fact comes back")
  func factsChangeTheScreen() {
    var state = Self.state(selecting: "core")
    let size = Size(columns: 120, rows: 36)
    let before = state.frame(size: size)
    _ = state.update(.key(.character(" ")))
    #expect(state.frame(size: size) == before)
  }

  @Test("pauses all members of a group and resumes them when all are paused")
  func groups() {
    var state = DashboardState.after(.release())
    state.selection = .group(0)
    let members = state.listing.members(of: 0)
    #expect(members.count == 24)
    #expect(state.update(.key(.character(" "))) == [.send(.pause(members))])
    var script = FactScript.release()
    for task in members where !state.run[task].state.hasEnded {
      script.state(state.run.graph[task].name, .held)
    }
    _ = state.update(.facts(script.facts))
    #expect(state.update(.key(.character(" "))) == [.send(.resume(members))])
  }

  @Test("asks before it runs everything downstream again")
  func retryDownstream() {
    var state = Self.state(selecting: "shard[n=21]")
    #expect(state.press("R").isEmpty)
    guard case .confirm(let popup) = state.popups.last else {
      Issue.record("no question was asked")
      return
    }
    #expect(popup.question == "Run shard[n=21] and 2 downstream tasks again?")
    let request = Request.retry([Self.id("shard[n=21]")], downstream: true)
    #expect(state.press("y") == [.send(request)])
    #expect(state.popups.isEmpty)
  }

  @Test(
    "asking something of a run that is over says how to go on with it", arguments: ["r", "K", " "])
  func afterTheEnd(key: String) {
    var script = FactScript.release()
    script.close(.failed, at: 300, "1 failed")
    var state = DashboardState.after(script)
    state.selection = .task(Self.id("shard[n=21]"))
    #expect(state.press(key) == [])
    #expect(state.notice?.string.contains("cairn resume") == true)
  }

  @Test("leaves at once when nothing runs")
  func quitAfterTheEnd() {
    var script = FactScript.release()
    script.close(.failed, at: 300, "1 task failed")
    var state = DashboardState.after(script)
    #expect(state.press("q") == [.quit(.leave)])
    #expect(state.update(.key(.control("c"))) == [.quit(.leave)])
  }

  @Test("a run of another process goes on, however its onlooker leaves")
  func attachedLeaves() {
    var state = DashboardState(isAttached: true)
    var script = FactScript(TaskGraph(name: "g", tasks: []))
    script.now = 1
    _ = state.update(.facts(script.facts))
    #expect(state.press("q") == [])
    #expect(state.press("d") == [.quit(.goOn)])
    #expect(state.update(.key(.control("c"))) == [])
    #expect(state.update(.key(.control("c"))) == [.quit(.goOn)])
  }

  @Test("^c asks, then stops the run, then kills it, then leaves with it")
  func interrupts() {
    var state = DashboardState.after(.release())
    #expect(state.update(.key(.control("c"))).isEmpty)
    #expect(state.popups == [.quit(QuitPopup())])
    #expect(state.update(.key(.control("c"))) == [.send(.cancelRun)])
    #expect(state.update(.key(.control("c"))) == [.send(.killRun)])
    var script = FactScript.release()
    script.close(.stopped, at: 300, "stopped by ana")
    #expect(state.update(.facts(script.facts)) == [.quit(.leave)])
  }

  @Test("^c after more than two seconds only asks again")
  func slowInterrupts() {
    var state = DashboardState.after(.release())
    _ = state.update(.key(.control("c")))
    let later = state.wallTime + 2_100_000_000
    _ = state.update(.tick(wallTime: later, elapsedSeconds: nil))
    #expect(state.update(.key(.control("c"))).isEmpty)
    #expect(state.popups == [.quit(QuitPopup())])
  }

  @Test("types a filter and escape clears it")
  func filter() {
    var state = DashboardState.after(.release())
    _ = state.press("/core")
    #expect(
      state.listing.rows.map(\.item) == [.task(Self.id("core")), .task(Self.id("test-core"))])
    _ = state.update(.key(.backspace))
    #expect(state.filter.text == "cor")
    _ = state.update(.key(.enter))
    #expect(!state.isFiltering && !state.filter.isEmpty)
    _ = state.update(.key(.escape))
    #expect(state.filter.isEmpty)
  }

  @Test("goes to failed tasks inside folded groups too")
  func nextFailed() {
    var state = DashboardState.after(.release())
    state.folds[0] = .closed
    state.refresh()
    _ = state.press("e")
    #expect(state.selection == .task(Self.id("shard[n=21]")))
    #expect(state.items.contains(.task(Self.id("shard[n=21]"))))
  }

  @Test("folds a group step by step")
  func folding() {
    var state = DashboardState.after(.release())
    state.selection = .group(0)
    let active = state.listing.rows.count
    _ = state.press("l")
    #expect(state.listing.rows.count == 11 + 1 + 24)
    _ = state.press("hh")
    #expect(state.listing.rows.count == 12)
    #expect(active == 12 + 5)
  }

  @Test("shows only what is valid in the footer, at most ten keys", arguments: [40, 80, 120, 300])
  func footer(columns: Int) {
    let state = Self.state(selecting: "core")
    let shown = state.footerBindings(.main, columns: columns)
    #expect(shown.count <= 10)
    #expect(shown.allSatisfy { $0.isValid(state) })
    #expect(shown.last?.action == .quit)
  }
}
