import Canvas

/// Colours exactly as they are asked for, on terminals that take 24 bits of each.
///
/// ncurses tells such terminals colours by number, unless their entry of terminfo is a `-direct` one,
/// which few systems carry. So the numbers from 16 on, where the 6×6×6 cube lies elsewhere, stand for
/// colours of the screen here, and on the way out `38;5;n` is rewritten to `38;2;r;g;b` (the form with
/// semicolons, which all that announce themselves by `COLORTERM` understand).
struct DirectColors: Sendable {
  /// Numbers that the screen can have in use at a time.
  static let capacity = 240
  private static let first: Int32 = 16
  private static let escape = UInt8(ascii: "\u{1b}")

  private var numbers: [UInt32: Int32] = [:]
  /// 0xRRGGBB, by number.
  private var values: [UInt32] = []
  /// Colours that got the number of another one, as none was left.
  private(set) var isShort = false

  /// The number of a colour; the nearest known one's when there are too many.
  mutating func number(red: UInt8, green: UInt8, blue: UInt8) -> Int32 {
    let value = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
    if let known = numbers[value] { return known }
    guard values.count < Self.capacity else {
      isShort = true
      return Self.first + Int32(nearest(value))
    }
    let number = Self.first + Int32(values.count)
    values.append(value)
    numbers[value] = number
    return number
  }

  /// No cell of the terminal may have one of them any more.
  mutating func clear() { self = DirectColors() }

  private func nearest(_ value: UInt32) -> Int {
    values.indices.min { distance(values[$0], value) < distance(values[$1], value) } ?? 0
  }

  private func distance(_ a: UInt32, _ b: UInt32) -> Int {
    [16, 8, 0].reduce(0) { sum, shift in
      let difference = Int(a >> shift & 0xff) - Int(b >> shift & 0xff)
      return sum + difference * difference
    }
  }
}

extension DirectColors {
  /// The same bytes with the colours behind the numbers.
  ///
  /// Text holds no ESC, so what looks like a sequence of ncurses is one.
  func told(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var told: [UInt8] = []
    told.reserveCapacity(bytes.count * 2)
    var at = 0
    while at < bytes.count {
      if bytes[at] == Self.escape, let (number, isBackground, end) = color(bytes, at) {
        append(values[number], isBackground, to: &told)
        at = end
      } else {
        told.append(bytes[at])
        at += 1
      }
    }
    return told
  }

  private func append(_ value: UInt32, _ isBackground: Bool, to bytes: inout [UInt8]) {
    let (red, green, blue) = (value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff)
    bytes += "\u{1b}[\(isBackground ? 4 : 3)8;2;\(red);\(green);\(blue)m".utf8
  }

  /// Reads `ESC [ 38 ; 5 ; n m`, or 48, where n stands for one of the colours.
  private func color(
    _ bytes: UnsafeRawBufferPointer, _ start: Int
  ) -> (number: Int, isBackground: Bool, end: Int)? {
    let head = Array("[38;5;".utf8)
    guard start + head.count + 3 < bytes.count else { return nil }
    let isBackground = bytes[start + 2] == UInt8(ascii: "4")
    for (offset, byte) in head.enumerated() where offset != 1 || !isBackground {
      guard bytes[start + 1 + offset] == byte else { return nil }
    }
    var (at, number) = (start + 1 + head.count, 0)
    while at < bytes.count, (48...57).contains(bytes[at]), number <= 255 {
      number = number * 10 + Int(bytes[at] - 48)
      at += 1
    }
    let index = number - Int(Self.first)
    guard at < bytes.count, bytes[at] == UInt8(ascii: "m"), values.indices.contains(index) else {
      return nil
    }
    return (index, isBackground, at + 1)
  }
}

extension Frame {
  /// Whether all colours of 24 bits can be told exactly at once.
  var fitsDirectColors: Bool {
    var found: Set<Color> = []
    for cell in cells {
      for case .rgb(let red, let green, let blue) in [cell.style.foreground, cell.style.background]
      {
        found.insert(.rgb(red, green, blue))
      }
    }
    return found.count <= DirectColors.capacity
  }
}
