import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("The palette")
struct PalettePopupTests {
  typealias Look = FrameTests.Look

  static func sample(_ look: Look = .unicode, _ size: Size = FrameTests.sizes[1]) -> DashboardState
  {
    var state = ThemePopupTests.sample(look, size)
    state.select("core")
    return state
  }

  static let pictures = [
    ("all", ":"), ("found", ":paus"), ("theme", ":theme o"), ("goto", ":goto sh1"),
    ("none", ":qqqq"),
  ]

  @Test("shows what can be done", arguments: pictures.map(\.0), FrameTests.sizes)
  func picture(name: String, size: Size) throws {
    for look in Look.allCases {
      var state = Self.sample(look, size)
      _ = state.press(Self.pictures.first { $0.0 == name }?.1 ?? "")
      let frame = state.popupFrame(size)
      try expectGolden(
        frame.golden, "popup-palette-\(name)-\(size.columns)x\(size.rows)-\(look.rawValue)")
      #expect(look != .ascii || frame.text.utf8.allSatisfy { $0 < 0x80 })
    }
  }

  @Test("does what the key of the action does, for every action of the main screen")
  func performs() throws {
    for binding in Keymap.standard.bindings(in: .main)
    where binding.action != .palette && binding.isOffered(by: Self.sample()) {
      var byKey = Self.sample()
      let asked = byKey.take(.key(try #require(binding.keys.first)))
      var byName = Self.sample()
      let change = PopupResult(.close, change: .perform(binding.action, .main))
      _ = byName.press(":")
      let deeds = byName.paletteEntries(for: "", limit: 200).map(\.deed)
      #expect(deeds.contains(.perform(binding.action, .main)), "\(binding.action.name)")
      #expect(byName.take(change) == asked, "\(binding.action.name)")
      // What a view has to be laid out for is asked for with the next message.
      _ = byName.take(.resized(byName.size))
      _ = byKey.take(.resized(byKey.size))
      #expect(byName.popups == byKey.popups && byName.selection == byKey.selection)
      #expect(byName.frame(size: byName.size) == byKey.frame(size: byKey.size))
    }
  }

  @Test("offers what is valid now, and nothing else")
  func validity() {
    var state = Self.sample()
    _ = state.press(":")
    let offered = state.paletteEntries(for: "", limit: 200).map(\.name.string)
    #expect(offered.contains("toggle-pause") && offered.contains("stop"))
    #expect(!offered.contains("retry") && !offered.contains("continue"))
  }

  @Test(
    "finds an action by its sentence and by its name, and Enter does it",
    arguments: [(":toggle-hold", Request.hold), (":freeze all", .freezeAll), (":stw", .stepWave)])
  func finds(text: String, request: Request) {
    var state = Self.sample()
    #expect(state.press(text) == [])
    #expect(state.update(.key(.enter)) == [.send(request)])
    #expect(state.popups.isEmpty)
  }

  @Test("takes words with an argument")
  func words() throws {
    var state = Self.sample()
    _ = state.press(":theme fell")
    _ = state.update(.key(.enter))
    #expect(state.theme == ThemePopupTests.fell && state.popups.isEmpty)
    _ = state.press(":filter state:failed")
    _ = state.update(.key(.enter))
    #expect(state.filter.text == "state:failed")
    _ = state.press(":filter ")
    _ = state.update(.key(.enter))
    #expect(state.filter.isEmpty)
    _ = state.press(":goto shard13")
    _ = state.update(.key(.enter))
    #expect(state.selectedTask == state.run.graph.task(named: "shard[n=13]")?.id)
    #expect(state.popups.isEmpty)
  }

  @Test("ends words on Tab and on Enter")
  func completes() throws {
    var state = Self.sample()
    _ = state.press(":goto")
    _ = state.update(.key(.enter))
    _ = state.press("tcore")
    _ = state.update(.key(.tab))
    guard case .palette(let popup) = state.popups.last else {
      Issue.record("the palette is gone")
      return
    }
    #expect(popup.text == "goto test-core")
  }

  @Test(
    "types what has a meaning elsewhere, and leaves on Escape or with nothing left to take back")
  func typing() {
    var state = Self.sample()
    #expect(state.press(":qxp ?") == [])
    #expect(state.popups.count == 1)
    _ = state.update(.key(.escape))
    #expect(state.popups.isEmpty)
    _ = state.press(":a")
    _ = state.update(.key(.backspace))
    #expect(state.popups.count == 1)
    _ = state.update(.key(.backspace))
    #expect(state.popups.isEmpty)
  }

  @Test("reaches the keys of the details from within them")
  func inDetails() {
    var state = Self.sample()
    _ = state.update(.key(.enter))
    _ = state.press(":tab-5")
    _ = state.update(.key(.enter))
    var pressed = Self.sample()
    _ = pressed.update(.key(.enter))
    _ = pressed.press("5")
    #expect(state.popups == pressed.popups && state.popups.count == 1)
  }

  @Test("can be drawn at any size")
  func anySize() {
    for rows in [1, 2, 4, 5, 10, 100] {
      for columns in [1, 7, 8, 33, 76, 300] {
        let size = Size(columns: columns, rows: rows)
        for keys in [":paus", ":goto s"] {
          var state = Self.sample(.unicode, size)
          _ = state.press(keys)
          _ = state.update(.key(.pageDown))
          #expect(state.frame(size: size).size == size)
        }
      }
    }
  }
}

extension DashboardState {
  /// What the newest popup's answer does.
  fileprivate mutating func take(_ result: PopupResult) -> [Effect] {
    settle(result, at: popups.count - 1)
  }
}
