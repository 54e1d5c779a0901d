import Canvas
import Formats
import Foundation
import Model
import Testing

@testable import Dashboard

@Suite("A theme")
struct ThemeTests {
  static let states = TaskState.allCases

  @Test("takes its colours from where base16 has them")
  func base16() throws {
    let palette = (0..<16).map { UInt32($0 == 0 ? 0 : 0x80_80_80 + $0) }
    let theme = try #require(Theme(scheme: palette))
    #expect(theme.background == .rgb(0, 0, 0))
    #expect(theme.failed.foreground == .rgb(0x80, 0x80, 0x88))
    #expect(theme.running.foreground == .rgb(0x80, 0x80, 0x8D))
  }

  @Test("takes the bright colours of base24 for the states")
  func base24() throws {
    let palette = (0..<24).map { UInt32($0 == 0 ? 0 : 0x80_80_80 + $0) }
    let theme = try #require(Theme(scheme: palette))
    #expect(theme.failed.foreground == .rgb(0x80, 0x80, 0x92))
    #expect(theme.done.foreground == .rgb(0x80, 0x80, 0x94))
    #expect(theme.running.foreground == .rgb(0x80, 0x80, 0x96))
    #expect(theme.waiting.foreground == .rgb(0x80, 0x80, 0x97))
  }

  @Test("is not made of any other number of colours", arguments: [0, 15, 17, 23, 25])
  func wrongCount(count: Int) {
    #expect(Theme(scheme: Array(repeating: 0, count: count)) == nil)
  }

  @Test("from any colours at all can be read", arguments: 0..<8 as Range<UInt64>)
  func anyPalette(seed: UInt64) throws {
    var random = SplitMix(seed)
    for _ in 0..<40 {
      let count = Bool.random(using: &random) ? 16 : 24
      let palette = (0..<count).map { _ in UInt32.random(in: 0...0xFF_FF_FF, using: &random) }
      try expectLegible(try #require(Theme(scheme: palette)))
    }
  }

  @Test(
    "that comes with Cairn can be read, with the very colours of its file", arguments: Schemes.names
  )
  func shipped(name: String) throws {
    let scheme = try Schemes.load(name)
    let theme = try #require(Theme(scheme: scheme.palette))
    try expectLegible(theme)
    let own = Set(
      scheme.palette.map {
        Color.rgb(UInt8($0 >> 16 & 0xFF), UInt8($0 >> 8 & 0xFF), UInt8($0 & 0xFF))
      })
    let used = [theme.dim, theme.border, theme.title, theme.focus, theme.gauge, theme.warning]
    for style in Self.states.map(theme.style) + used where style.foreground != .standard {
      #expect(own.contains(style.foreground), "\(style) was mended")
    }
    #expect(scheme.variant == (theme.background.relativeLuminance ?? 0 < 0.2 ? "dark" : "light"))
  }

  private func expectLegible(_ theme: Theme) throws {
    for state in Self.states {
      let color = theme.style(of: state).foreground
      let shown = color == .standard ? theme.foreground : color
      let contrast = try #require(shown.contrast(to: theme.background))
      #expect(contrast >= 4.5, "\(state) has a contrast of \(contrast)")
    }
    for style in [theme.text, theme.strong, theme.title, theme.focus, theme.gauge, theme.warning] {
      let shown = style.foreground == .standard ? theme.foreground : style.foreground
      #expect(try #require(shown.contrast(to: theme.background)) >= 4.5)
    }
    for style in [theme.dim, theme.border] {
      #expect(try #require(style.foreground.contrast(to: theme.background)) >= 3)
      #expect(!style.attributes.contains(.dim))
    }
  }

  @Test("comes in many kinds")
  func kinds() throws {
    #expect(Schemes.names.count >= 10)
    let schemes = try Schemes.names.map(Schemes.load)
    #expect(schemes.contains { $0.palette.count == 24 && $0.variant == "dark" })
    #expect(schemes.contains { $0.palette.count == 24 && $0.variant == "light" })
    for kind in ["high contrast", "colour-blind safe", "monochrome"] {
      let variants = schemes.filter { $0.name.contains(kind) }.compactMap(\.variant)
      #expect(Set(variants) == ["dark", "light"], "\(kind)")
    }
  }

  @Test("of high contrast has seven to one", arguments: ["ridge-dark", "ridge-light"])
  func highContrast(name: String) throws {
    let theme = try #require(Theme(scheme: Schemes.load(name).palette))
    for state in Self.states {
      let color = theme.style(of: state).foreground
      let shown = color == .standard ? theme.foreground : color
      #expect(try #require(shown.contrast(to: theme.background)) >= 7)
    }
  }

  @Test("without hues has none", arguments: ["slate-dark", "slate-light"])
  func monochrome(name: String) throws {
    for color in try Schemes.load(name).palette {
      let channels = [color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF].map(Int.init)
      #expect((channels.max() ?? 0) - (channels.min() ?? 0) <= 12)
    }
  }

  @Test(
    "for every kind of sight keeps the states apart for each",
    arguments: ["lichen-dark", "lichen-light"],
    ColorSight.allCases)
  func sight(name: String, sight: ColorSight) throws {
    let theme = try #require(Theme(scheme: Schemes.load(name).palette))
    let styles = [theme.done, theme.running, theme.failed, theme.paused, theme.waiting]
    let seen = try styles.map { try #require(sight.lab(of: $0.foreground)) }
    for (index, a) in seen.enumerated() {
      for b in seen[..<index] { #expect(sight.distance(a, b) >= 20) }
    }
  }

  @Test("without colour has none, and still tells failed from done")
  func noColor() {
    let theme = Theme.noColor
    for state in TaskState.allCases { #expect(theme.style(of: state).foreground == .standard) }
    #expect(theme.style(of: .failed) != theme.style(of: .done))
  }

  @Test("leaves every colour to the terminal unless another is asked for")
  func terminal() {
    for state in Self.states {
      switch Theme.terminal.style(of: state).foreground {
      case .standard, .palette(0...15): break
      case let color: Issue.record("\(state) has \(color)")
      }
    }
    #expect(Theme.terminal.background == .standard && Theme.terminal.foreground == .standard)
  }

  @Test(
    "never is the only word: each state has a sign of its own", arguments: [Glyphs.unicode, .ascii])
  func signs(glyphs: Glyphs) {
    #expect(Set(Self.states.map(glyphs.sign)).count == Self.states.count)
  }
}

/// How people see colours.
///
/// Viénot, Brettel and Mollon, "Digital video colourmaps for checking the legibility of displays by
/// dichromats", 1999.
enum ColorSight: String, CaseIterable {
  case trichromat, protanope, deuteranope

  /// A colour as it is seen, in CIE 1976 L*a*b*.
  func lab(of color: Color) -> [Double]? {
    guard let (red, green, blue) = color.channels else { return nil }
    let linear = [red, green, blue].map { value in
      let share = Double(value) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return Self.lab(seen(linear[0], linear[1], linear[2]).map { min(1, max(0, $0)) })
  }

  private func seen(_ r: Double, _ g: Double, _ b: Double) -> [Double] {
    switch self {
    case .trichromat: return [r, g, b]
    case .protanope:
      let yellow = 0.11238 * r + 0.88762 * g
      return [yellow, yellow, 0.00401 * r - 0.00401 * g + b]
    case .deuteranope:
      let yellow = 0.29275 * r + 0.70725 * g
      return [yellow, yellow, -0.02234 * r + 0.02234 * g + b]
    }
  }

  private static func lab(_ rgb: [Double]) -> [Double] {
    let x = (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.95047
    let y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
    let z = (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.08883
    let f = [x, y, z].map { $0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16.0 / 116 }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  /// Colours 2.3 apart can just be told apart side by side.
  func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}
