import Canvas
import Dashboard
import Formats
import Foundation
import Testing

@testable import Terminal

@Suite("On a terminal of 256 colours")
struct ThemeColorTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Themes")
  static let files =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

  @Test("the schemes that come with Cairn can still be read", arguments: files)
  func contrast(file: String) throws {
    let data = try Data(contentsOf: Self.folder.appending(path: file))
    let theme = try #require(Theme(scheme: SchemeFile.load(Array(data), file: file).palette))
    let states = [
      theme.done, theme.running, theme.failed, theme.paused, theme.waiting, theme.blocked,
    ]
    for style in states + [theme.focus, theme.title, Style(foreground: theme.foreground)] {
      #expect(try contrast(style.foreground, theme.background) >= 4.5, "\(style)")
    }
    for style in [theme.dim, theme.border] {
      #expect(try contrast(style.foreground, theme.background) >= 3, "\(style)")
    }
  }

  private func contrast(_ a: Color, _ b: Color) throws -> Double {
    let map = ColorMap(count: 256)
    let shown = try [a, b].map { try #require(Self.color(map.index(of: $0))) }
    return try #require(shown[0].contrast(to: shown[1]))
  }

  /// What xterm shows for an index of the cube or of the greys.
  static func color(_ index: Int32) -> Color? {
    if (232...255).contains(index) {
      let grey = UInt8(8 + 10 * (index - 232))
      return .rgb(grey, grey, grey)
    }
    guard (16...231).contains(index) else { return nil }
    let steps: [UInt8] = [0, 95, 135, 175, 215, 255]
    let at = Int(index - 16)
    return .rgb(steps[at / 36], steps[at / 6 % 6], steps[at % 6])
  }
}
