import Canvas

/// Finds the nearest colour that the terminal has.
struct ColorMap: Sendable {
  /// 0, 8, 16, 88 or 256 and more.
  var count: Int

  /// Index of the terminal's colour; -1 is its own.
  func index(of color: Color) -> Int32 {
    guard count >= 8 else { return -1 }
    switch color {
    case .standard: return -1
    case .palette(let index): return Int32(index) < Int32(count) ? Int32(index) : Int32(index % 8)
    case .rgb(let red, let green, let blue):
      let wanted = (Int(red), Int(green), Int(blue))
      return Int32(count >= 256 ? Self.nearestInCube(wanted) : nearestNamed(wanted))
    }
  }

  private static let steps = [0, 95, 135, 175, 215, 255]

  /// The 6×6×6 cube lies at 16, the 24 greys at 232.
  private static func nearestInCube(_ wanted: (Int, Int, Int)) -> Int {
    let red = nearestStep(wanted.0)
    let green = nearestStep(wanted.1)
    let blue = nearestStep(wanted.2)
    let cube = distance(wanted, (steps[red], steps[green], steps[blue]))
    let mean = (wanted.0 + wanted.1 + wanted.2) / 3
    let grey = min(23, max(0, (mean - 3) / 10))
    let level = 8 + 10 * grey
    if distance(wanted, (level, level, level)) < cube { return 232 + grey }
    return 16 + 36 * red + 6 * green + blue
  }

  private static func nearestStep(_ value: Int) -> Int {
    steps.indices.min { abs(steps[$0] - value) < abs(steps[$1] - value) } ?? 0
  }

  /// xterm's first sixteen; users change them, but rarely beyond recognition.
  private static let named: [(Int, Int, Int)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  private func nearestNamed(_ wanted: (Int, Int, Int)) -> Int {
    let known = Self.named.prefix(min(count, 16))
    return known.indices.min {
      Self.distance(wanted, known[$0]) < Self.distance(wanted, known[$1])
    } ?? 0
  }

  private static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
    let red = a.0 - b.0
    let green = a.1 - b.1
    let blue = a.2 - b.2
    return red * red + green * green + blue * blue
  }
}
