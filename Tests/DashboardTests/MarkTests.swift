import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("Marks")
struct MarkTests {
  static func id(_ name: String) -> TaskID { KeyTests.id(name) }

  static func marked(_ names: [String]) -> DashboardState {
    var state = DashboardState.after(.release())
    state.marks.insert(names.map(id))
    return state
  }

  static func question(_ state: DashboardState) -> ConfirmPopup? {
    guard case .confirm(let popup) = state.popups.last else { return nil }
    return popup
  }

  @Test("are set and taken back one by one, on the way down")
  func toggle() {
    var state = DashboardState.after(.release())
    _ = state.press("gvv")
    #expect(state.marks.tasks == [Self.id("plan"), Self.id("fetch")])
    #expect(state.selection == .task(Self.id("spec")))
    _ = state.press("kv")
    #expect(state.marks.tasks == [Self.id("plan")])
    _ = state.press("V")
    #expect(state.marks.isEmpty)
  }

  @Test("of a group are those of all its members")
  func group() {
    var state = DashboardState.after(.release())
    state.selection = .group(0)
    _ = state.press("v")
    #expect(state.marks.count == 24)
    state.selection = .group(0)
    _ = state.press("v")
    #expect(state.marks.isEmpty)
  }

  @Test("can be set on all that shows")
  func shown() {
    var state = DashboardState.after(.release())
    _ = state.press("/shard state:ru")
    _ = state.update(.key(.enter))
    _ = state.press("*")
    #expect(state.marks.tasks == [Self.id("shard[n=18]"), Self.id("shard[n=22]")])
    _ = state.update(.key(.escape))
    _ = state.press("V.*")
    #expect(state.marks.count == 35 - 23)
  }

  @Test("are what actions are about, whatever is selected")
  func actions() {
    var state = Self.marked(["core", "ui"])
    state.selection = .task(Self.id("plan"))
    #expect(state.press(" ") == [.send(.pause([Self.id("core"), Self.id("ui")]))])
    _ = state.press("X")
    #expect(state.popups == [.signals(SignalsPopup(tasks: [Self.id("core"), Self.id("ui")]))])
  }

  @Test("are not what the keys of a popup are about")
  func popup() {
    var state = Self.marked(["core"])
    state.selection = .task(Self.id("ui"))
    _ = state.update(.key(.enter))
    #expect(state.press(" ") == [.send(.pause([Self.id("ui")]))])
  }

  @Test("step each task that is ready, and say so if none is")
  func step() {
    var state = Self.marked(["core", "shard[n=23]"])
    #expect(state.press("s") == [.send(.step(Self.id("shard[n=23]")))])
    state = Self.marked(["core"])
    #expect(state.press("s").isEmpty)
    #expect(state.notice == "none of the marked tasks is ready")
  }

  @Test(
    "are asked about once, with their number, where nothing can be undone",
    arguments: [
      ("x", ["core", "ui", "plan"], "Stop 2 marked tasks?", Request.stop([id("core"), id("ui")])),
      (
        "r", ["plan", "fetch", "core"], "Run 2 marked tasks again?",
        .retry([id("plan"), id("fetch")], downstream: false)
      ),
      (
        "R", ["core", "test-core", "shard[n=21]"], "Run shard[n=21] and 2 downstream tasks again?",
        .retry([id("shard[n=21]")], downstream: true)
      ),
      (
        "K", ["core", "test-core", "test-ui"], "Skip 2 marked tasks?",
        .skip([id("test-core"), id("test-ui")], asDone: false)
      ),
    ])
  func asksOnce(key: Character, names: [String], question: SafeText, request: Request) {
    var state = Self.marked(names)
    #expect(state.update(.key(.character(key))).isEmpty)
    #expect(Self.question(state)?.question == question)
    #expect(state.press("y") == [.send(request)])
    #expect(state.popups.isEmpty)
  }

  @Test("one task is stopped and retried without a question, marked or not")
  func single() {
    var state = Self.marked(["core"])
    #expect(state.press("x") == [.send(.stop([Self.id("core")]))])
  }

  @Test("skipping says how many tasks cannot run without")
  func skip() {
    var state = KeyTests.state(selecting: "test-core")
    _ = state.press("K")
    #expect(Self.question(state)?.question == "Skip test-core?")
    #expect(
      Self.question(state)?.explanation == [
        "1 more task cannot run without and will be skipped too."
      ])
  }

  @Test("skipping does not count tasks that run whatever happens to their needs")
  func skipAlways() {
    var graph = TaskGraph.chains(1)
    graph.tasks[2].when = .always
    var state = DashboardState.after(FactScript(graph))
    state.selection = .task(TaskID(1))
    _ = state.press("K")
    #expect(Self.question(state)?.explanation == ["No other task is skipped for it."])
  }

  @Test("what runs or is done cannot be skipped", arguments: ["core", "plan"])
  func skipRefused(name: String) {
    var state = KeyTests.state(selecting: name)
    #expect(state.press("K").isEmpty && state.popups.isEmpty)
  }

  @Test("show in rows and footer, by a sign")
  func picture() {
    var state = Self.marked(["plan", "spec"])
    _ = state.update(.resized(Size(columns: 120, rows: 36)))
    let lines = state.frame(size: state.size).text.split(separator: "\n")
    #expect(lines.last?.contains("■ 2 marked") == true)
    #expect(lines.contains { $0.contains("✓■plan") } && lines.contains { $0.contains("✓ fetch") })
  }

  @Test("are lost with their tasks")
  func removed() {
    var script = FactScript(.fan(3))
    var state = DashboardState.after(script)
    _ = state.press("*")
    #expect(state.marks.count == 5)
    script.add(
      .graphChanged(
        Fact.GraphChanged(
          added: [], changed: [], removed: [TaskID(2)], groups: [], agent: nil,
          fingerprints: script.graph.tasks.map { _ in "f" }, source: "test")))
    _ = state.update(.facts(script.facts))
    #expect(state.marks.count == 4 && !state.marks.contains(TaskID(2)))
  }
}
