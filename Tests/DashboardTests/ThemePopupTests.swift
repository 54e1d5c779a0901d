import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The theme picker")
struct ThemePopupTests {
  typealias Look = FrameTests.Look

  static let fell = Theme(
    scheme: [0x10_10_10] + (1..<16).map { UInt32(0x90_90_90 + $0 * 0x04_02_01) })
  static let choices =
    ThemeChoice.builtIn + [
      ThemeChoice(
        "broken", note: "cannot be read: the scheme has no colour \"base0D\"", theme: nil),
      ThemeChoice("fell", note: "dark, base16", theme: fell),
    ]

  static func sample(_ look: Look, _ size: Size) -> DashboardState {
    var state = DashboardState(glyphs: look.glyphs, theme: look.theme, themes: choices)
    let script = FactScript.release()
    _ = state.update(.facts(script.facts))
    _ = state.update(
      .tick(wallTime: FactScript.start + Int64(script.now * 1e9), elapsedSeconds: script.now))
    _ = state.update(.resized(size))
    return state
  }

  @Test("shows the themes with their signs", arguments: FrameTests.sizes, Look.allCases)
  func picture(size: Size, look: Look) throws {
    var state = Self.sample(look, size)
    _ = state.press("T")
    let frame = state.popupFrame(size)
    try expectGolden(frame.golden, "popup-themes-\(size.columns)x\(size.rows)-\(look.rawValue)")
  }

  @Test("shows the whole screen in the theme under the cursor")
  func preview() throws {
    let size = Size(columns: 80, rows: 24)
    var state = Self.sample(.unicode, size)
    _ = state.press("TG")
    #expect(state.theme == Self.fell)
    let frame = state.frame(size: size)
    let outside = frame.cells(in: 0)
    #expect(outside.allSatisfy { $0.style.background == .rgb(0x10, 0x10, 0x10) })
    #expect(outside.allSatisfy { $0.style.foreground != .standard })
    try expectGolden(frame.golden, "popup-themes-preview-80x24")
  }

  @Test("keeps the theme on Enter and goes back on Escape")
  func keepsOrGoesBack() {
    var state = Self.sample(.unicode, Size(columns: 80, rows: 24))
    let before = state.theme
    _ = state.press("TG")
    _ = state.update(.key(.escape))
    #expect(state.theme == before && state.popups.isEmpty)
    _ = state.press("TG")
    _ = state.update(.key(.enter))
    #expect(state.theme == Self.fell && state.popups.isEmpty)
    _ = state.press("Tg")
    #expect(state.theme == .terminal)
    _ = state.press("q")
    #expect(state.theme == Self.fell)
  }

  @Test("cannot keep a scheme that could not be read, and says why")
  func broken() {
    var state = Self.sample(.unicode, Size(columns: 80, rows: 24))
    _ = state.press("TGk")
    _ = state.update(.key(.enter))
    #expect(state.popups.count == 1)
    #expect(state.frame(size: state.size).text.contains("cannot be read"))
  }

  @Test("can be drawn at any size")
  func anySize() {
    for rows in [1, 2, 3, 4, 5, 7, 10, 24, 100] {
      for columns in [1, 2, 7, 8, 9, 20, 33, 40, 54, 80, 300] {
        let size = Size(columns: columns, rows: rows)
        var state = Self.sample(.unicode, size)
        _ = state.press("TG")
        #expect(state.frame(size: size).size == size)
      }
    }
  }
}
