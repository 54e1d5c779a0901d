import Canvas
import Testing

@testable import Dashboard

/// The sizes at which the other tests take no picture: one file a view, all its sizes and looks in it.
@Suite("Every view and popup")
struct CoverageTests {
  typealias Look = FrameTests.Look

  /// Views of the whole screen, by the keys that lead to them from the run of the mock-ups.
  static let views: [(name: String, keys: [Key])] = [
    ("lanes", [.character("t")]),
    ("filtering", [.character("/"), .character("s"), .character("h")]),
    ("zoomed", [.character("z")]),
  ]

  @Test("the views are what they were, small and large", arguments: views.map(\.name))
  func view(name: String) throws {
    let keys = Self.views.first { $0.name == name }?.keys ?? []
    try expectPictures(name, FrameTests.sizes) { look, size in
      var state = FrameTests.sample(look, size)
      for key in keys { _ = state.update(.key(key)) }
      return state.frame(size: size)
    }
  }

  @Test(
    "the popups are what they were, small and large", arguments: PopupTests.pictures.map(\.name))
  func popup(name: String) throws {
    let keys = PopupTests.pictures.first { $0.name == name }?.keys ?? []
    let others = FrameTests.sizes.filter { !PopupTests.sizes.contains($0) }
    try expectPictures("popup-\(name)", others) { look, size in
      var state = PopupTests.sample(look, size)
      for key in keys { PopupTests.serve(&state, state.update(.key(key))) }
      return state.popupFrame(size)
    }
  }

  private func expectPictures(
    _ name: String, _ sizes: [Size], _ frame: (Look, Size) -> Frame
  ) throws {
    var pictures: [String] = []
    for size in sizes {
      for look in Look.allCases {
        let frame = frame(look, size)
        expectLook(look, frame)
        pictures.append("# \(size.columns)x\(size.rows) \(look.rawValue)\n\n\(frame.golden)")
      }
    }
    try expectGolden(pictures.joined(separator: "\n\n"), "all-\(name)")
  }

  /// Without Unicode there is only ASCII, without colour no colour.
  private func expectLook(_ look: Look, _ frame: Frame) {
    #expect(look != .ascii || frame.text.utf8.allSatisfy { $0 < 0x80 })
    #expect(
      look != .plain
        || frame.cells.allSatisfy {
          $0.style.foreground == .standard && $0.style.background == .standard
        })
  }
}
