package import Canvas
package import Model

/// Which style says what.
///
/// Colour only repeats what a sign or a position says already.
package struct Theme: Sendable, Equatable {
  /// What plain text and blanks are drawn with; the terminal's own unless a scheme says otherwise.
  package var foreground = Color.standard
  package var background = Color.standard
  package var text = Style()
  package var dim = Style(attributes: .dim)
  package var strong = Style(attributes: .bold)
  package var border = Style(attributes: .dim)
  /// Border of the pane with the focus, the selection mark, key names.
  package var focus = Style(attributes: .bold)
  package var title = Style()
  package var selected = Style(attributes: .reverse)
  package var done = Style()
  package var running = Style()
  package var failed = Style(attributes: .bold)
  package var paused = Style()
  package var waiting = Style(attributes: .bold)
  package var blocked = Style(attributes: .dim)
  /// Fill of a gauge within its target, and beyond it.
  package var gauge = Style()
  package var warning = Style(attributes: .bold)

  package init() {}

  package func style(of state: TaskState) -> Style {
    switch state {
    case .done: done
    case .running, .verifying: running
    case .failed: failed
    case .paused, .held, .backoff: paused
    case .waiting: waiting
    case .ready: text
    case .blocked, .skipped, .cancelled: blocked
    }
  }
}

extension Theme {
  /// The terminal's own palette, which its owner has chosen to be legible there: the default.
  ///
  /// Blue is left out, because the first blue of many palettes cannot be read on black.
  package static let terminal: Theme = {
    var theme = Theme(
      running: .palette(6), done: .palette(2), failed: .palette(1), paused: .palette(3),
      waiting: .palette(5), accent: .palette(6))
    theme.done.attributes = .dim
    return theme
  }()

  /// Okabe and Ito's colours for every kind of sight, on the terminal's own background.
  ///
  /// Not the default: its blue and its orange reach a contrast of 2.3 on white, and who has a light
  /// terminal would have to find that out. `lichen-dark` and `lichen-light` bring a background.
  ///
  /// Okabe and Ito, "Color Universal Design", 2008.
  package static let okabeIto: Theme = {
    var theme = Theme(
      running: .rgb(0x56, 0xB4, 0xE9), done: .rgb(0x00, 0x9E, 0x73),
      failed: .rgb(0xD5, 0x5E, 0x00), paused: .rgb(0xE6, 0x9F, 0x00),
      waiting: .rgb(0xCC, 0x79, 0xA7), accent: .rgb(0x56, 0xB4, 0xE9))
    theme.done.attributes = .dim
    return theme
  }()

  /// Attributes only, for `NO_COLOR` and for terminals without colours.
  package static let noColor: Theme = {
    var theme = Theme()
    theme.running.attributes = .bold
    theme.done.attributes = .dim
    theme.failed.attributes = [.bold, .underline]
    theme.paused.attributes = .underline
    return theme
  }()

  private init(
    running: Color, done: Color, failed: Color, paused: Color, waiting: Color, accent: Color
  ) {
    self.init()
    self.running = Style(foreground: running)
    self.done = Style(foreground: done)
    self.failed = Style(foreground: failed, attributes: .bold)
    self.paused = Style(foreground: paused)
    self.waiting = Style(foreground: waiting, attributes: .bold)
    focus = Style(foreground: accent, attributes: .bold)
    gauge = Style(foreground: accent)
    warning = Style(foreground: paused, attributes: .bold)
  }
}

extension Theme {
  /// Least contrast of text to the background.
  ///
  /// W3C, "Web Content Accessibility Guidelines 2.2", 2023, 1.4.3; lines need 3 by 1.4.11.
  package static let textContrast = 4.5
  package static let lineContrast = 3.0

  /// The 16 colours of a base16 scheme, base00 to base0F, or the 24 of a base24 scheme, to base17, as
  /// 24-bit numbers.
  ///
  /// The scheme brings its background with it. A colour that could not be read there is moved towards
  /// black or white until it can: of the schemes in use many have a grey, some a yellow, for which
  /// that is so. `dim` is left out, because nobody knows what a terminal makes of a colour's contrast
  /// then. With base24 the bright colours tell the states, as they are made for text on base00.
  ///
  /// - Returns: nil unless there are 16 or 24.
  package init?(scheme palette: [UInt32]) {
    guard palette.count == 16 || palette.count == 24 else { return nil }
    let colors = palette.map { value in
      Color.rgb(UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
    }
    let back = colors[0]
    let text = { (index: Int) in colors[index].legible(on: back, contrast: Self.textContrast) }
    let isBright = colors.count == 24
    self.init(
      running: text(isBright ? 0x16 : 0xD), done: text(isBright ? 0x14 : 0xB),
      failed: text(isBright ? 0x12 : 0x8), paused: text(isBright ? 0x13 : 0x9),
      waiting: text(isBright ? 0x17 : 0xE), accent: text(isBright ? 0x15 : 0xC))
    foreground = text(5)
    background = back
    dim = Style(foreground: text(4))
    blocked = dim
    border = Style(foreground: colors[3].legible(on: back, contrast: Self.lineContrast))
    title = Style(foreground: text(6))
  }
}

extension Frame {
  /// Gives every cell whose colours nobody chose those of the theme.
  mutating func paint(_ theme: Theme) {
    guard theme.foreground != .standard || theme.background != .standard else { return }
    restyle(bounds) { style in
      if style.foreground == .standard { style.foreground = theme.foreground }
      if style.background == .standard { style.background = theme.background }
    }
  }
}
