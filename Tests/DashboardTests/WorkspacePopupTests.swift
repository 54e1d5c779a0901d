import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The workspace panel")
struct WorkspacePopupTests {
  typealias Look = FrameTests.Look

  /// The release with a budget, of which something was spilled, dropped and lent.
  private static func facts(_ hidesSlots: Bool? = true, _ watches: Bool? = nil) -> [Fact] {
    var script = FactScript.release()
    let plan = script.id("plan")
    script.add(
      .artifactSpilled(Fact.ArtifactReference(task: plan, artifact: "out", bytes: 2 << 20)))
    let spec = script.id("spec")
    script.add(
      .artifactLent(
        Fact.ArtifactLent(
          task: spec, artifact: "out", bytes: 1 << 20, digest: "d", borrower: "verify")))
    return script.facts.map { fact in
      guard case .runOpened(var opened) = fact.kind else { return fact }
      opened.hidesSlots = hidesSlots
      opened.watchesSlots = watches
      opened.config.workspace = WorkspaceBudget(bytes: 640 << 20)
      var fact = fact
      fact.kind = .runOpened(opened)
      return fact
    }
  }

  private static func state(
    _ size: Size, _ look: Look = .unicode, hidesSlots: Bool? = true, watches: Bool? = nil
  ) -> DashboardState {
    var state = DashboardState(glyphs: look.glyphs, theme: look.theme)
    _ = state.update(.facts(facts(hidesSlots, watches)))
    _ = state.update(.resized(size))
    _ = state.press("w")
    return state
  }

  @Test("draws every byte's state, and who holds it", arguments: FrameTests.sizes, Look.allCases)
  func picture(size: Size, look: Look) throws {
    let frame = Self.state(size, look).popupFrame(size)
    try expectGolden(frame.golden, "popup-workspace-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test(
    "says whether slots are isolated",
    arguments: [
      (true, nil, "slots isolated ·"), (false, false, "slots not isolated ·"),
      (false, true, "slots not isolated, but watched ·"), (nil, nil, "slots: isolation n/a ·"),
    ] as [(Bool?, Bool?, String)])
  func isolation(hides: Bool?, watches: Bool?, words: String) {
    let size = Size(columns: 120, rows: 36)
    let frame = Self.state(size, hidesSlots: hides, watches: watches).popupFrame(size)
    #expect(frame.text.contains(words))
  }

  @Test("what is compressed has a sign, a sum and a line of its own")
  func compressed() throws {
    let size = Size(columns: 120, rows: 36)
    #expect(!Self.state(size).popupFrame(size).text.contains("compressed"))
    var facts = Self.facts()
    let state = facts.reduce(into: RunState()) { $0.apply($1) }
    let key = try #require(
      state.artifacts.keys.first { state.graph[$0.task].name == "index" })
    facts.append(
      Fact(
        sequence: state.sequence + 1, session: state.session,
        elapsedSeconds: state.elapsedSeconds, wallTime: state.wallTime,
        kind: .artifactCompressed(
          Fact.ArtifactCompressed(
            task: key.task, artifact: key.name, bytes: 40 << 20, wholeBytes: 210 << 20))))
    var shown = DashboardState(glyphs: .unicode, theme: .noColor)
    _ = shown.update(.facts(facts))
    _ = shown.update(.resized(size))
    _ = shown.press("w")
    let text = shown.popupFrame(size).text
    #expect(text.contains("▬ compressed 40M"))
    #expect(text.contains("▬ index.out") && text.contains("compressed, read by"))
  }

  @Test("moves through the owners, the largest first, and closes")
  func moves() {
    let size = Size(columns: 120, rows: 36)
    var state = Self.state(size)
    let first = state.popupFrame(size).text
    _ = state.press("j")
    #expect(state.popupFrame(size).text != first)
    _ = state.press("G")
    _ = state.press("j")
    _ = state.press("g")
    #expect(state.popupFrame(size).text == first)
    _ = state.press("w")
    #expect(state.popups.isEmpty)
  }

  @Test("says that a run without artifacts holds nothing")
  func empty() {
    let size = Size(columns: 80, rows: 24)
    var state = DashboardState(glyphs: .unicode, theme: .noColor)
    _ = state.update(.resized(size))
    _ = state.press("w")
    #expect(state.popupFrame(size).text.contains("nothing lies in it"))
  }
}
