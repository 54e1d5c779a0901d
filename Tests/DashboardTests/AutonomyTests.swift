import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The autonomy gauge and view")
struct AutonomyTests {
  typealias Look = FrameTests.Look

  static let sizes = [
    Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 120, rows: 36),
  ]

  /// The release in which a person retried a shard for another to come through, and stopped `ui`.
  private static func script(run: Int = 42, retries: Int = 1) -> FactScript {
    var script = FactScript(.release, run: run)
    for (index, name) in ["plan", "fetch", "spec", "index", "core", "docs"].enumerated() {
      script.start(name, at: Double(10 * index))
      script.end(name, at: Double(10 * index + 10), bytes: 1 << 20)
    }
    for n in 0..<4 {
      let name = "shard[n=0\(n)]"
      script.start(name, at: 70)
      guard n < 2 else { continue }
      script.end(name, at: 80, Outcome(.exit, status: .code(3)))
      if n < retries {
        script.state(name, .failed, "no retry left")
        add(.retry([script.id(name)], downstream: false), to: &script)
      }
      script.start(name, at: 90)
    }
    for n in 0..<4 { script.end("shard[n=0\(n)]", at: 100, bytes: 1 << 20) }
    return script
  }

  private static func add(_ request: Request, to script: inout FactScript) {
    script.add(
      .requestMade(
        Fact.RequestMade(
          actor: Actor(kind: .person, name: "ana@pts/3", source: "command"), request: request)))
  }

  private static let history = AutonomyHistory(
    (30..<42).map { run in
      let script = script(run: run, retries: run % 3)
      return AutonomyReport(script.facts.reduce(into: RunState()) { $0.apply($1) }).record
    })

  private static func state(
    _ size: Size, _ look: Look = .unicode, history: AutonomyHistory? = history,
    script: FactScript = script()
  ) -> DashboardState {
    var state = DashboardState.after(script, glyphs: look.glyphs, theme: look.theme)
    if let history { _ = state.update(.autonomy(history)) }
    _ = state.update(.resized(size))
    return state
  }

  @Test("the view explains the score", arguments: sizes, Look.allCases)
  func picture(size: Size, look: Look) throws {
    var state = Self.state(size, look)
    _ = state.press("A")
    let frame = state.popupFrame(size)
    try expectGolden(frame.golden, "popup-autonomy-\(size.columns)x\(size.rows)-\(look.rawValue)")
    #expect(look != .ascii || frame.text.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("the gauge has the score, its bound, the target and the trend", arguments: sizes)
  func gauge(size: Size) throws {
    let frame = Self.state(size).frame(size: size)
    try expectGolden(frame.golden, "autonomy-\(size.columns)x\(size.rows)")
  }

  @Test("the view scrolls to its end and closes, and leaves the gauge as it was")
  func keys() {
    let size = Size(columns: 80, rows: 24)
    var state = Self.state(size)
    let before = state.frame(size: size).text
    _ = state.press("A")
    let top = state.popupFrame(size).text
    #expect(top.contains("manual retry of shard[n=00]"))
    _ = state.press("G")
    #expect(state.popupFrame(size).text.contains("shard needed a person in 9 of 13 runs"))
    _ = state.press("jjjg")
    #expect(state.popupFrame(size).text == top)
    _ = state.press("A")
    #expect(state.popups.isEmpty)
    #expect(state.frame(size: size).text == before)
  }

  @Test("the view follows the run and keeps its place")
  func follows() {
    let size = Size(columns: 80, rows: 24)
    var script = Self.script()
    var state = Self.state(size, script: script)
    _ = state.press("Aj")
    let before = state.popupFrame(size).text
    let known = script.facts.count
    Self.add(.retry([script.id("fetch")], downstream: false), to: &script)
    _ = state.update(.facts(Array(script.facts.dropFirst(known))))
    let after = state.popupFrame(size).text
    #expect(after != before && after.contains("manual retry of fetch"))
    #expect(after.contains("2-"))
  }

  @Test(
    "the arrow compares with the run before",
    arguments: [(0, "▲"), (1, "►"), (2, "▼")])
  func arrow(retries: Int, sign: String) {
    let size = Size(columns: 120, rows: 36)
    let before = AutonomyReport(
      Self.script(run: 41, retries: 1).facts.reduce(into: RunState()) { $0.apply($1) }
    ).record
    let state = Self.state(
      size, history: AutonomyHistory([before]), script: Self.script(retries: retries))
    #expect(state.frame(size: size).text.contains("\(sign) ─╮"))
  }

  @Test("what later runs were is not compared with, and without earlier ones it says so")
  func alone() {
    let size = Size(columns: 120, rows: 36)
    let later = AutonomyReport(
      Self.script(run: 43).facts.reduce(into: RunState()) { $0.apply($1) }
    ).record
    for history in [nil, AutonomyHistory([later])] {
      let text = Self.state(size, history: history).frame(size: size).text
      #expect(text.contains("no earlier run to compare with"))
    }
  }

  @Test("says why there is no score")
  func noScore() {
    let size = Size(columns: 120, rows: 36)
    var graph = TaskGraph.fan(3)
    for index in graph.tasks.indices { graph.tasks[index].outputs = [] }
    var script = FactScript(graph)
    #expect(
      Self.state(size, history: nil, script: script).frame(size: size).text
        .contains("n/a: no task has ended"))
    script.start("split", at: 1)
    script.end("split", at: 1.01)
    var state = Self.state(size, history: nil, script: script)
    #expect(state.frame(size: size).text.contains("n/a: 1 task was too short to"))
    _ = state.press("A")
    #expect(state.popupFrame(size).text.contains("1 task was too short to count"))
  }

  @Test("can be drawn at any size")
  func anySize() {
    var random = SplitMix(11)
    for _ in 0..<60 {
      let size = Size(
        columns: .random(in: 1...130, using: &random), rows: .random(in: 1...50, using: &random))
      var state = Self.state(size)
      _ = state.press("AGkj")
      #expect(state.popupFrame(size).size == size)
    }
  }
}
