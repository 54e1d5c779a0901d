import Canvas

/// A terminal as far as ncurses with xterm-256color needs one, to check what it would show.
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

  private(set) var size: Size
  private(set) var cells: [Shown]
  private(set) var unknown: [String] = []
  private(set) var modes: Set<String> = []
  private var row = 0
  private var column = 0
  private var pen = Shown()
  private var wrapsNext = false
  private var last: Character = " "
  private var sequence: [UInt8]?
  private var text: [UInt8] = []

  init(size: Size) {
    self.size = size
    cells = Array(repeating: Shown(), count: size.rows * size.columns)
  }

  subscript(row: Int, column: Int) -> Shown { cells[row * size.columns + column] }

  /// A real terminal shows anything after a resize; only a full repaint is right then.
  mutating func resize(to size: Size) {
    self.size = size
    cells = Array(repeating: Shown(glyph: "#"), count: size.rows * size.columns)
    row = min(row, size.rows - 1)
    column = min(column, size.columns - 1)
  }

  mutating func take(_ bytes: [UInt8]) {
    for byte in bytes { take(byte) }
  }
}

extension VirtualTerminal {
  private mutating func take(_ byte: UInt8) {
    if byte == 0x18 { return sequence = nil }
    if let sequence { return collect(byte, sequence) }
    if byte >= 0x80 { return collectText(byte) }
    switch byte {
    case 0x1b: sequence = []
    case 0x08: column = max(0, column - 1)
    case 0x09: column = min(size.columns - 1, (column / 8 + 1) * 8)
    case 0x0a: row = min(size.rows - 1, row + 1)
    case 0x0d: column = 0
    case 0x20..<0x7f: put(Character(Unicode.Scalar(byte)))
    default: unknown.append("byte \(byte)")
    }
    if byte < 0x20 { wrapsNext = false }
  }

  private mutating func collectText(_ byte: UInt8) {
    if byte & 0xc0 == 0xc0 { text = [] }
    text.append(byte)
    let decoded = String(decoding: text, as: UTF8.self)
    guard !decoded.unicodeScalars.contains("\u{FFFD}") || text == [0xef, 0xbf, 0xbd],
      let scalar = decoded.unicodeScalars.first
    else { return }
    text = []
    scalar.properties.canonicalCombiningClass == .notReordered
      ? put(Character(scalar)) : combine(scalar)
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
    case UInt8(ascii: "7"), UInt8(ascii: "8"), UInt8(ascii: ">"), UInt8(ascii: "="): break
    case UInt8(ascii: "M"): row = max(0, row - 1)
    default: unknown.append("ESC \(first)")
    }
    sequence = nil
    wrapsNext = false
  }

  static func width(_ glyph: Character) -> Int {
    guard let value = glyph.unicodeScalars.first?.value else { return 0 }
    return (0x3000..<0xa000).contains(value) || value >= 0x1f300 ? 2 : 1
  }

  private mutating func put(_ glyph: Character) {
    let width = Self.width(glyph)
    if wrapsNext || column + width > size.columns {
      column = 0
      row = min(size.rows - 1, row + 1)
      wrapsNext = false
    }
    var cell = pen
    cell.glyph = glyph
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
    let isWide = Self.width(cells[index].glyph) == 2
    if isWide, column + 1 < size.columns { cells[index + 1].isContinuation = false }
    cells[index] = cell
  }

  private mutating func combine(_ scalar: Unicode.Scalar) {
    let at = wrapsNext ? column : column - 1
    guard at >= 0 else { return unknown.append("mark without a base") }
    var scalars = cells[row * size.columns + at].glyph.unicodeScalars.map(\.self)
    scalars.append(scalar)
    cells[row * size.columns + at].glyph = Character(
      String(String.UnicodeScalarView(scalars)))
  }
}

extension VirtualTerminal {
  private mutating func control(parameters: String, final: UInt8) {
    if parameters.hasPrefix("?") {
      let names = parameters.dropFirst().split(separator: ";").map { "?\($0)" }
      return mode(names, isOn: final == UInt8(ascii: "h"), final)
    }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    let first = max(1, numbers.first ?? 1)
    switch Character(Unicode.Scalar(final)) {
    case "H": move(first - 1, max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
    case "G": move(row, first - 1)
    case "d": move(first - 1, column)
    case "A": move(row - first, column)
    case "B": move(row + first, column)
    case "C": move(row, column + first)
    case "D": move(row, column - first)
    case "J": erase(display: numbers.first ?? 0)
    case "K": erase(line: numbers.first ?? 0)
    case "X": blank(row, column..<min(size.columns, column + first))
    case "b": for _ in 0..<first { put(last) }
    case "m": style(parameters.isEmpty ? [0] : numbers)
    case "r": move(0, 0)
    case "h", "l": mode(["\(first)"], isOn: final == UInt8(ascii: "h"), final)
    case "t": break
    default: unknown.append("CSI \(parameters) \(final)")
    }
  }

  private mutating func mode(_ names: [String], isOn: Bool, _ final: UInt8) {
    guard final == UInt8(ascii: "h") || final == UInt8(ascii: "l") else {
      return unknown.append("CSI \(names) \(final)")
    }
    for name in names {
      if isOn { modes.insert(name) } else { modes.remove(name) }
    }
  }

  private mutating func move(_ row: Int, _ column: Int) {
    self.row = min(max(0, row), size.rows - 1)
    self.column = min(max(0, column), size.columns - 1)
  }

  private mutating func blank(_ row: Int, _ columns: Range<Int>) {
    var cell = Shown()
    cell.background = pen.background
    for column in columns { cells[row * size.columns + column] = cell }
  }

  private mutating func erase(line part: Int) {
    switch part {
    case 0: blank(row, column..<size.columns)
    case 1: blank(row, 0..<(column + 1))
    default: blank(row, 0..<size.columns)
    }
  }

  private mutating func erase(display part: Int) {
    if part == 0 { erase(line: 0) }
    let rows = part == 0 ? (row + 1)..<size.rows : 0..<size.rows
    for row in rows { blank(row, 0..<size.columns) }
  }

  private mutating func style(_ numbers: [Int]) {
    var rest = numbers[...]
    while let number = rest.popFirst() {
      switch number {
      case 0: pen = Shown()
      case 1: pen.attributes.insert(.bold)
      case 2: pen.attributes.insert(.dim)
      case 3: pen.attributes.insert(.italic)
      case 4: pen.attributes.insert(.underline)
      case 7: pen.attributes.insert(.reverse)
      case 22: pen.attributes.subtract([.bold, .dim])
      case 23: pen.attributes.remove(.italic)
      case 24: pen.attributes.remove(.underline)
      case 27: pen.attributes.remove(.reverse)
      case 30...37: pen.foreground = Int32(number - 30)
      case 39: pen.foreground = -1
      case 40...47: pen.background = Int32(number - 40)
      case 49: pen.background = -1
      case 90...97: pen.foreground = Int32(number - 82)
      case 100...107: pen.background = Int32(number - 92)
      case 38 where rest.first == 5: pen.foreground = Int32(rest.dropFirst().first ?? 0)
      case 48 where rest.first == 5: pen.background = Int32(rest.dropFirst().first ?? 0)
      default: unknown.append("SGR \(number)")
      }
      if number == 38 || number == 48 { rest = rest.dropFirst(2) }
    }
  }
}
