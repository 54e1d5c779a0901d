import Canvas
import Model
import Planning
import Testing

@testable import Dashboard

@Suite("Progress of a task")
struct ProgressTests {
  /// The release with `core` at 112 of 181 after 171 s, `ui` and the rest silent.
  static func told(_ look: FrameTests.Look, _ size: Size) -> DashboardState {
    var state = FrameTests.sample(look, size)
    var signals = state.signals
    signals.tasks[KeyTests.id("core")]?.progress = OutputProgress(
      share: 112.0 / 181, source: .count, done: 112, total: 181)
    _ = state.update(.signals(signals))
    state.selection = .task(KeyTests.id("core"))
    return state
  }

  @Test("is what its output says, without a sign; else its time against its kind's, with one")
  func columns() {
    let state = Self.told(.unicode, Size(columns: 120, rows: 36))
    #expect(state.figures(of: .task(KeyTests.id("core"))).percent == "61")
    #expect(state.figures(of: .task(KeyTests.id("shard[n=18]"))).percent == "~52")
    #expect(state.figures(of: .task(KeyTests.id("ui"))).percent == "-")
    #expect(FilterTests.shown("progress>61% progress<62%", in: state) == ["core"])
  }

  // 171 s for 112 of 181: the other 69 take 171 × 69 / 112 = 105.3 s.
  @Test("tells how long the rest takes, and the end of the run follows")
  func rest() {
    var state = Self.told(.unicode, Size(columns: 120, rows: 36))
    let seconds = state.toldSeconds[KeyTests.id("core")] ?? 0
    #expect(abs(seconds - 171.0 * 69 / 112) < 0.001)
    var signals = state.signals
    signals.elapsedSeconds = state.now + 1
    _ = state.update(.signals(signals))
    guard case .known(let before, _) = FrameTests.sample(.unicode, state.size).outlook.forecast,
      case .known(let after, _) = state.outlook.forecast
    else {
      Issue.record("no forecast")
      return
    }
    #expect(after > before + 60)
  }

  @Test("is not that of a process that only verifies, nor of one that has ended")
  func others() {
    var state = Self.told(.unicode, Size(columns: 120, rows: 36))
    var script = FactScript.release()
    script.state("core", .verifying)
    _ = state.update(.facts(script.facts))
    #expect(state.toldProgress(of: KeyTests.id("core")) == nil)
    script.end("core", at: 258)
    _ = state.update(.facts(script.facts))
    #expect(state.figures(of: .task(KeyTests.id("core"))).percent == "100")
  }

  @Test("stands in the details", arguments: FrameTests.sizes, FrameTests.Look.allCases)
  func details(size: Size, look: FrameTests.Look) throws {
    var state = Self.told(look, size)
    _ = state.update(.key(.enter))
    try expectGolden(
      state.frame(size: size).golden, "told-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }
}
