// Reports of the mouse: xterm's SGR form (mode 1006), and the old one of three bytes for terminals that
// do not know it. Modifiers are dropped; so is what we have not asked for.

extension InputDecoder {
  /// Rows and columns further away are no screen of ours.
  static let mouseLimit = 9_999

  /// Returns the event of `ESC [ < button ; column ; row M`, with `m` when the button was let go.
  ///
  /// The numbers are what stands behind the `<`.
  static func mouseKey(_ numbers: [Int], final: UInt8) -> Key? {
    guard numbers.count == 3, final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else {
      return nil
    }
    let isRelease = final == UInt8(ascii: "m")
    return mouseKey(code: numbers[0], column: numbers[1], row: numbers[2], isRelease: isRelease)
  }

  /// Returns the event of `ESC [ M` and three bytes, each 32 more than what it says.
  ///
  /// A terminal sends 0 for a column or row that does not fit into the byte.
  static func mouseKey(bytes: [UInt8]) -> Key? {
    guard bytes.count == 3, bytes.allSatisfy({ $0 >= 32 }) else { return nil }
    let numbers = bytes.map { Int($0) - 32 }
    let isRelease = numbers[0] & 3 == 3 && numbers[0] & 64 == 0
    return mouseKey(code: numbers[0], column: numbers[1], row: numbers[2], isRelease: isRelease)
  }

  private static func mouseKey(code: Int, column: Int, row: Int, isRelease: Bool) -> Key? {
    guard (1...mouseLimit).contains(column), (1...mouseLimit).contains(row), code < 128,
      let kind = mouseKind(code, isRelease: isRelease)
    else { return nil }
    return .mouse(MouseEvent(kind, row: row - 1, column: column - 1))
  }

  /// Bits of the code: 0 and 1 the button, 2 to 4 modifiers, 5 motion, 6 the wheel.
  private static func mouseKind(_ code: Int, isRelease: Bool) -> MouseEvent.Kind? {
    if code & 64 != 0 {
      guard !isRelease else { return nil }
      switch code & 3 {
      case 0: return .wheelUp
      case 1: return .wheelDown
      default: return nil  // to the side
      }
    }
    let button = MouseEvent.Button(rawValue: code & 3)
    if code & 32 != 0 { return button.map { .drag($0) } }
    return isRelease ? .release : button.map { .press($0) }
  }
}
