package import Canvas
package import Model

/// Which style says what.
///
/// Colour only repeats what a sign or a position says already.
package struct Theme: Sendable, Equatable {
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
  /// Okabe and Ito's colours for every kind of sight, on the terminal's own background.
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

  /// The 16 colours of a base16 scheme, base00 to base0F, as 24-bit numbers.
  ///
  /// - Returns: nil unless there are 16.
  package init?(base16 palette: [UInt32]) {
    guard palette.count == 16 else { return nil }
    let colors = palette.map { value in
      Color.rgb(UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
    }
    self.init(
      running: colors[0xD], done: colors[0xB], failed: colors[0x8], paused: colors[0x9],
      waiting: colors[0xE], accent: colors[0xC])
    dim = Style(foreground: colors[4], attributes: .dim)
    border = Style(foreground: colors[3])
    title = Style(foreground: colors[6])
    blocked = Style(foreground: colors[4], attributes: .dim)
  }

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
