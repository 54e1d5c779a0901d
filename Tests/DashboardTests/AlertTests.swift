import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("Alerts")
struct AlertTests {
  static let second: Int64 = 1_000_000_000

  /// A run of three tasks in which `a` has started, up to date.
  static func state(isOn: Bool = true) -> (DashboardState, FactScript) {
    var graph = GraphScript("cairns")
    for name in ["a", "b", "c"] { graph.task(name) }
    var script = FactScript(graph.graph)
    script.start("a", at: 1)
    var state = DashboardState(alerts: isOn)
    _ = state.update(.facts(script.facts))
    return (state, script)
  }

  /// Brings in what the script has got since.
  static func feed(_ script: FactScript, _ state: inout DashboardState) -> [Effect] {
    state.update(.facts(script.facts.filter { $0.sequence > state.run.sequence }))
  }

  static func notices(_ effects: [Effect]) -> [String] {
    effects.compactMap { if case .notify(let alert) = $0 { alert.body } else { nil } }
  }

  @Test("a task that fails for good is told once")
  func failure() {
    var (state, script) = Self.state()
    script.state("a", .failed, "exit 1")
    #expect(Self.notices(Self.feed(script, &state)) == ["a failed"])
    let later = state.wallTime + 60 * Self.second
    #expect(Self.notices(state.update(.tick(wallTime: later, elapsedSeconds: nil))) == [])
  }

  @Test("what comes soon after is told together, later")
  func together() {
    var (state, script) = Self.state()
    script.state("a", .failed, "exit 1")
    _ = Self.feed(script, &state)
    script.state("b", .failed, "exit 1")
    script.state("c", .waiting, nil)
    #expect(Self.notices(Self.feed(script, &state)) == [])
    let later = state.wallTime + Alerts.interval
    #expect(
      Self.notices(state.update(.tick(wallTime: later, elapsedSeconds: nil)))
        == ["c waits for you; b failed"])
  }

  @Test("nothing is told to who looks, nor later what they have seen")
  func focus() {
    var (state, script) = Self.state()
    _ = state.update(.key(.focus(true)))
    script.state("a", .failed, "exit 1")
    #expect(Self.notices(Self.feed(script, &state)) == [])
    _ = state.update(.key(.focus(false)))
    let later = state.wallTime + Self.second
    #expect(Self.notices(state.update(.tick(wallTime: later, elapsedSeconds: nil))) == [])
  }

  @Test("what is long past is not told")
  func past() {
    var (state, script) = Self.state()
    let now = state.wallTime + 3600 * Self.second
    _ = state.update(.tick(wallTime: now, elapsedSeconds: nil))
    script.state("a", .failed, "exit 1")
    #expect(Self.notices(Self.feed(script, &state)) == [])
  }

  @Test("title and progress are told when they change, once a second, and cleared at the end")
  func title() {
    var (state, script) = Self.state()
    script.state("a", .failed, "exit 1")
    let first = Self.feed(script, &state)
    #expect(!first.contains(.title("cairn 0/3, 1 failed: cairns")), "a second has not passed")
    let next = state.update(
      .tick(wallTime: state.wallTime + Alerts.titleInterval, elapsedSeconds: nil))
    #expect(next.contains(.title("cairn 0/3, 1 failed: cairns")))
    #expect(next.contains(.progress(RunProgress(look: .failed, percent: 0))))
    let same = state.update(
      .tick(wallTime: state.wallTime + Alerts.titleInterval, elapsedSeconds: nil))
    #expect(same == [])
    #expect(state.update(.ended).contains(.progress(nil)))
  }

  @Test("switched off, nothing is told")
  func off() {
    var (state, script) = Self.state(isOn: false)
    script.state("a", .failed, "exit 1")
    #expect(Self.feed(script, &state) == [])
  }
}
