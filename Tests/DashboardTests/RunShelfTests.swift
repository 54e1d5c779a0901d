import Canvas
import Model
import Planning
import Testing

@testable import Dashboard

@Suite("The runs of a project")
struct RunShelfTests {
  /// The sample run among its neighbours.
  static func sample(_ look: FrameTests.Look = .unicode) -> DashboardState {
    var state = DashboardState.after(.release(), glyphs: look.glyphs, theme: look.theme)
    let labels = [
      RunShelf.Label(run: 39, ending: .stopped), RunShelf.Label(run: 40, ending: .failed),
      RunShelf.Label(run: 41, ending: .done), RunShelf.Label(run: 42, ending: nil),
    ]
    _ = state.update(.shelf(RunShelf(labels: labels, home: 42, isHomeLive: true)))
    return state
  }

  /// Turns to an older run, which is replayed at its end.
  static func turned(_ look: FrameTests.Look = .unicode, _ size: Size) -> DashboardState {
    var state = sample(look)
    _ = state.update(.resized(size))
    var script = FactScript(.fan(6), run: 41)
    script.start("split", at: 1)
    script.end("split", at: 5)
    for n in 0..<6 {
      script.start("work-\(n)", at: 6)
      script.end("work-\(n)", at: 9 + Double(n))
    }
    script.start("join", at: 15)
    script.end("join", at: 18)
    script.close(.done, at: 18, "all done")
    var index = ReplayIndex()
    for fact in script.facts { index.append(fact) }
    let pace = ReplayPace(index, speed: .ten, at: 1e9)
    _ = state.update(.turned(run: 41, pace))
    _ = state.update(.facts(script.facts))
    _ = state.update(.ended)
    return state
  }

  @Test(
    "stand in the header, with how they ended", arguments: FrameTests.sizes,
    FrameTests.Look.allCases)
  func header(size: Size, look: FrameTests.Look) throws {
    let frame = Self.turned(look, size).frame(size: size)
    try expectGolden(frame.golden, "history-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("are turned to one by one, as far as there are any")
  func turns() {
    var state = Self.sample()
    #expect(state.press("}") == [])
    #expect(state.press("{") == [.showRun(41)])
    state = Self.turned(.unicode, Size(columns: 120, rows: 36))
    #expect(state.press("{") == [.showRun(40)])
    #expect(state.press("}") == [.showRun(42)])
  }

  @Test("lead back with 0, Esc, q and ^c, and nothing is asked or stopped")
  func back() {
    let size = Size(columns: 120, rows: 36)
    for key in [Key.character("0"), .escape, .character("q"), .control("c")] {
      var state = Self.turned(.unicode, size)
      #expect(state.isAway)
      #expect(state.update(.key(key)) == [.showRun(42)])
      #expect(state.popups.isEmpty)
    }
  }

  @Test("leave nothing of one another behind")
  func clean() {
    let size = Size(columns: 120, rows: 36)
    var state = Self.turned(.unicode, size)
    let release = FactScript.release()
    _ = state.update(.turned(run: 42, nil))
    _ = state.update(.facts(release.facts))
    var fresh = DashboardState()
    _ = fresh.update(.resized(size))
    _ = fresh.update(.facts(release.facts))
    #expect(state.run == fresh.run)
    #expect(state.events == fresh.events)
    #expect(state.timeline.slots == fresh.timeline.slots)
    #expect(!state.isAway)
    #expect(state.replay == nil)
    _ = state.press("q")
    #expect(state.popups.count == 1)
  }
}
