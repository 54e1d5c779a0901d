import Canvas
import Testing

@testable import Dashboard

@Suite("The help")
struct HelpPopupTests {
  typealias Look = FrameTests.Look

  @Test("is searched by words", arguments: FrameTests.sizes, Look.allCases)
  func picture(size: Size, look: Look) throws {
    var state = PalettePopupTests.sample(look, size)
    _ = state.press("?/task run")
    let frame = state.popupFrame(size)
    try expectGolden(
      frame.golden, "popup-help-search-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test(
    "shows keys at every size", arguments: [FrameTests.sizes[0], FrameTests.sizes[3]], Look.allCases
  )
  func plain(size: Size, look: Look) throws {
    var state = PalettePopupTests.sample(look, size)
    _ = state.press("?")
    let frame = state.popupFrame(size)
    try expectGolden(frame.golden, "popup-help-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("finds every action by its sentence, its name and its key, under the title of its context")
  func findsAll() {
    let size = Size(columns: 120, rows: 200)
    var search = DashboardState()
    _ = search.update(.resized(size))
    _ = search.press("?/")
    for binding in Keymap.standard.bindings {
      for words in [binding.help, binding.action.name] {
        var state = search
        _ = state.update(.key(.paste(words)))
        let first = binding.help.split(separator: " ").prefix(3).joined(separator: " ")
        #expect(state.frame(size: size).text.contains(first), "\(words)")
      }
    }
  }

  @Test("types keys into the search, goes back on Escape and closes on the next")
  func typing() {
    var state = DashboardState()
    _ = state.press("?/qk?")
    #expect(state.popups.count == 1)
    #expect(state.frame(size: state.size).text.contains("nothing fits"))
    _ = state.update(.key(.enter))
    _ = state.update(.key(.escape))
    #expect(state.popups.count == 1)
    #expect(state.frame(size: state.size).text.contains("Keys here"))
    _ = state.update(.key(.escape))
    #expect(state.popups.isEmpty)
  }
}
