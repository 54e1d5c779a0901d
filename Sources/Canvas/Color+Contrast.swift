extension Color {
  /// Red, green and blue; nil for colours that the terminal decides.
  package var channels: (red: UInt8, green: UInt8, blue: UInt8)? {
    if case .rgb(let red, let green, let blue) = self { (red, green, blue) } else { nil }
  }

  /// Relative luminance, 0 for black to 1 for white; nil for colours that the terminal decides.
  ///
  /// W3C, "Web Content Accessibility Guidelines 2.2", 2023.
  package var relativeLuminance: Double? {
    guard let (red, green, blue) = channels else { return nil }
    return 0.2126 * Self.linear(red) + 0.7152 * Self.linear(green) + 0.0722 * Self.linear(blue)
  }

  /// Contrast ratio, 1 for equal colours to 21 for black on white; nil if the terminal decides.
  ///
  /// W3C, "Web Content Accessibility Guidelines 2.2", 2023.
  package func contrast(to other: Color) -> Double? {
    guard let a = relativeLuminance, let b = other.relativeLuminance else { return nil }
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// Returns the colour, moved towards black or white only as far as the contrast asks for.
  ///
  /// Up to 4.58, the square root of 21, some grey always reaches the contrast. Colours that the
  /// terminal decides come back as they are.
  package func legible(on background: Color, contrast least: Double) -> Color {
    guard let now = contrast(to: background), now < least else { return self }
    let black = Color.rgb(0, 0, 0)
    let white = Color.rgb(255, 255, 255)
    let onBlack = black.contrast(to: background) ?? 0
    let goal = onBlack > white.contrast(to: background) ?? 0 ? black : white
    for step in 1..<16 {
      let mixed = mixed(with: goal, sixteenths: step)
      if mixed.contrast(to: background) ?? 0 >= least { return mixed }
    }
    return goal
  }

  private func mixed(with other: Color, sixteenths: Int) -> Color {
    guard let a = channels, let b = other.channels else { return self }
    let mix = { (a: UInt8, b: UInt8) in
      UInt8((Int(a) * (16 - sixteenths) + Int(b) * sixteenths) / 16)
    }
    return .rgb(mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue))
  }

  /// Light of one channel of sRGB, 0 to 1.
  private static func linear(_ value: UInt8) -> Double {
    let share = Double(value) / 255
    return share <= 0.04045 ? share / 12.92 : power2_4((share + 0.055) / 1.055)
  }

  /// x to the power 2.4 for 0 < x ≤ 1: x² times the fifth root of x², by Newton's method.
  ///
  /// Written out because the module has no library with a power function.
  private static func power2_4(_ x: Double) -> Double {
    let square = x * x
    var root = 1.0
    // From above the root the steps only shrink; 40 reach it from 1 for every x of eight bits.
    for _ in 0..<40 {
      let fourth = root * root * root * root
      root -= (fourth * root - square) / (5 * fourth)
    }
    return square * root
  }
}
