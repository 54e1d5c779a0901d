extension Color {
  /// How bright the colour is, from 0 to 1; nil for the terminal's own, of which nobody knows.
  ///
  /// The first sixteen are taken for xterm's. Relative luminance of WCAG 2.1.
  package var presumedLuminance: Double? {
    guard let (red, green, blue) = presumedComponents else { return nil }
    return 0.2126 * Self.presumedLinear(red) + 0.7152 * Self.presumedLinear(green) + 0.0722
      * Self.presumedLinear(blue)
  }

  private static func presumedLinear(_ value: UInt8) -> Double {
    // Close enough to the curve of sRGB to tell colours apart, without a power of 2.4.
    let share = Double(value) / 255
    return share * share
  }

  private static let presumed: [(UInt8, UInt8, UInt8)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  private var presumedComponents: (UInt8, UInt8, UInt8)? {
    switch self {
    case .standard: return nil
    case .rgb(let red, let green, let blue): return (red, green, blue)
    case .palette(let index) where index < 16: return Self.presumed[Int(index)]
    case .palette(let index) where index >= 232:
      let grey = 8 + 10 * (index - 232)
      return (grey, grey, grey)
    case .palette(let index):
      let step = { (digit: UInt8) -> UInt8 in digit == 0 ? 0 : 55 + 40 * digit }
      let cube = index - 16
      return (step(cube / 36), step(cube / 6 % 6), step(cube % 6))
    }
  }
}

extension Style {
  /// Less contrast than this hides text; WCAG asks for 4.5 where one may choose the colours.
  private static let leastContrast = 2.0
  /// A colour beyond these is lost on one of the backgrounds that a terminal may have.
  private static let darkest = 0.02
  private static let brightest = 0.95

  /// The style with which a task's text can be read, whatever the task asked for.
  ///
  /// Text that does not stand out from the screen's ground gets the screen's own colour; where nobody
  /// knows the ground, the terminal's own, near black and near white do so. On a colour of the task's,
  /// such text becomes black or white. `withColors` false leaves attributes only.
  package func legible(withColors: Bool, on ground: Color = .standard) -> Style {
    guard withColors else { return Style(attributes: attributes) }
    var style = self
    if attributes.contains(.reverse), foreground != background {
      // Turned round here: which colour the text then has must be known.
      guard foreground != .standard else { return Style(attributes: attributes) }
      (style.foreground, style.background) = (background, foreground)
      style.attributes.remove(.reverse)
    }
    style.foreground = style.legibleForeground(on: ground)
    return style
  }

  private func legibleForeground(on ground: Color) -> Color {
    let own = foreground.presumedLuminance
    let isOnGround = background == .standard
    guard let behind = (isOnGround ? ground : background).presumedLuminance else {
      guard let own else { return .standard }
      return own < Self.darkest || own > Self.brightest ? .standard : foreground
    }
    if let own {
      let (dark, bright) = (min(own, behind), max(own, behind))
      if (bright + 0.05) / (dark + 0.05) >= Self.leastContrast { return foreground }
    }
    if isOnGround { return .standard }
    return behind > 0.18 ? .palette(16) : .palette(231)
  }
}
