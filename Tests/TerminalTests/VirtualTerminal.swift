import Canvas

/// A terminal as far as ncurses with the entries of the tests needs one, to check what it would show.
///
/// What it does not know it reports in `unknown`, so that a test cannot pass by ignoring bytes.
struct VirtualTerminal {
  struct Shown: Equatable {
    var glyph: Character = " "
    var foreground: Int32 = -1
    var background: Int32 = -1
    var attributes: Style.Attributes = []
    var isContinuation = false
  }

  /// Erased cells take the background of the pen, as xterm and the linux console do it.
  let erasesInColor: Bool
  private(set) var size: Size
  var cells: [Shown]
  private(set) var unknown: [String] = []
  private(set) var modes: Set<String> = []
  /// The texts of control strings: OSC, DCS, APC, PM and SOS, their kind in front.
  private(set) var strings: [String] = []
  var row = 0
  var column = 0
  var pen = Shown()
  var wrapsNext = false
  /// Rows that scroll, both included.
  var margins: ClosedRange<Int>
  private var saved = (row: 0, column: 0)
  private var last: Character = " "
  private var sequence: [UInt8]?
  private var text: [UInt8] = []

  init(size: Size, erasesInColor: Bool = true) {
    self.size = size
    self.erasesInColor = erasesInColor
    margins = 0...(size.rows - 1)
    cells = Array(repeating: Shown(), count: size.rows * size.columns)
  }

  subscript(row: Int, column: Int) -> Shown { cells[row * size.columns + column] }

  /// A real terminal shows anything after a resize; only a full repaint is right then.
  mutating func resize(to size: Size) {
    self.size = size
    cells = Array(repeating: Shown(glyph: "#"), count: size.rows * size.columns)
    margins = 0...(size.rows - 1)
    row = min(row, size.rows - 1)
    column = min(column, size.columns - 1)
    wrapsNext = false
  }

  mutating func take(_ bytes: [UInt8]) {
    for byte in bytes { take(byte) }
  }

  /// Whether nothing has begun that has not ended.
  var isBetweenSequences: Bool { sequence == nil && text.isEmpty }

  mutating func wonder(_ what: String) { unknown.append(what) }
}

extension VirtualTerminal {
  private mutating func take(_ byte: UInt8) {
    if byte == 0x18 { return sequence = nil }
    if let sequence { return collect(byte, sequence) }
    if byte >= 0x80 { return collectText(byte) }
    if !text.isEmpty { wonder("broken UTF-8 \(text)") }
    text = []
    switch byte {
    // Padding, and back to the first character set, which no test ever leaves.
    case 0x00, 0x0f: return
    case 0x1b: sequence = []
    case 0x08: column = max(0, column - 1)
    case 0x09: column = min(size.columns - 1, (column / 8 + 1) * 8)
    case 0x0a: feedLine()
    case 0x0d: column = 0
    case 0x20..<0x7f: put(Character(Unicode.Scalar(byte)))
    default: wonder("byte \(byte)")
    }
    if byte < 0x20 { wrapsNext = false }
  }

  private mutating func collectText(_ byte: UInt8) {
    if byte & 0xc0 == 0xc0 {
      if !text.isEmpty { wonder("broken UTF-8 \(text)") }
      text = []
    }
    text.append(byte)
    let decoded = String(decoding: text, as: UTF8.self)
    guard !decoded.unicodeScalars.contains("\u{FFFD}") || text == [0xef, 0xbf, 0xbd],
      let scalar = decoded.unicodeScalars.first
    else {
      if text.count >= 4 { wonder("broken UTF-8 \(text)") }
      return
    }
    text = []
    if scalar.value < 0xa0 { return wonder("control U+\(String(scalar.value, radix: 16))") }
    columnWidth(of: scalar) > 0 ? put(Character(scalar)) : combine(scalar)
  }

  private mutating func collect(_ byte: UInt8, _ before: [UInt8]) {
    let all = before + [byte]
    sequence = all
    guard let first = all.first else { return }
    switch first {
    case UInt8(ascii: "["):
      guard all.count > 1, (0x40...0x7e).contains(byte) else { return }
      control(parameters: String(decoding: all[1..<(all.count - 1)], as: UTF8.self), final: byte)
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      guard all.count == 2 else { return }
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"),
      UInt8(ascii: "X"):
      let isEnded = byte == 0x07 || all.count > 2 && all.suffix(2) == [0x1b, UInt8(ascii: "\\")]
      guard isEnded else { return }
      let body = all.dropLast(byte == 0x07 ? 1 : 2)
      strings.append(String(decoding: body, as: UTF8.self))
    case UInt8(ascii: "7"): saved = (row, column)
    case UInt8(ascii: "8"): (row, column) = (min(saved.row, size.rows - 1), saved.column)
    case UInt8(ascii: ">"), UInt8(ascii: "="): break
    case UInt8(ascii: "M"): feedBack()
    default: wonder("ESC \(first)")
    }
    sequence = nil
    if first != UInt8(ascii: "]") { wrapsNext = false }
  }

  static func width(_ glyph: Character) -> Int {
    glyph.unicodeScalars.first.map { columnWidth(of: $0) } ?? 0
  }

  mutating func repeatLast(_ count: Int) {
    for _ in 0..<count { put(last) }
  }

  private mutating func put(_ glyph: Character) {
    let width = Self.width(glyph)
    guard width <= size.columns else { return put("\u{FFFD}") }
    if wrapsNext || column + width > size.columns {
      column = 0
      feedLine()
      wrapsNext = false
    }
    var cell = pen
    cell.glyph = glyph
    if modes.contains("4") { insert(width) }
    set(column, cell)
    if width == 2 {
      cell.glyph = " "
      cell.isContinuation = true
      set(column + 1, cell)
    }
    last = glyph
    wrapsNext = column + width >= size.columns
    column = min(size.columns - 1, column + width)
  }

  /// Writing over half of a wide cell blanks the other half, as terminals do.
  private mutating func set(_ column: Int, _ cell: Shown) {
    let index = row * size.columns + column
    if cells[index].isContinuation, !cell.isContinuation, column > 0 {
      cells[index - 1].glyph = " "
    }
    if column + 1 < size.columns, cells[index + 1].isContinuation, !cells[index].isContinuation {
      cells[index + 1].isContinuation = false
    }
    cells[index] = cell
  }

  private mutating func combine(_ scalar: Unicode.Scalar) {
    let at = wrapsNext ? column : column - 1
    guard at >= 0 else { return wonder("mark without a base") }
    var scalars = cells[row * size.columns + at].glyph.unicodeScalars.map(\.self)
    scalars.append(scalar)
    cells[row * size.columns + at].glyph = Character(
      String(String.UnicodeScalarView(scalars)))
  }

  mutating func mode(_ names: [String], isOn: Bool) {
    for name in names {
      if isOn { modes.insert(name) } else { modes.remove(name) }
    }
  }
}
