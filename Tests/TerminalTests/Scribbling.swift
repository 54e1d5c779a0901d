import Canvas

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Changes to a frame at random: strokes, blocks, and what scrolling does to a list.
extension Frame {
  private static let glyphs: [Character] = Array("aZ0 .  ─│╭●✓‖█▸é日本🟢") + ["e\u{301}"]

  mutating func scribble(using random: inout SplitMix) {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: scroll(by: .random(in: -3...3, using: &random), using: &random)
    case 1: shift(by: .random(in: -5...5, using: &random), using: &random)
    case 2: block(using: &random)
    case 3: self = Frame(size: size)
    default: break
    }
    for _ in 0..<Int.random(in: 0...8, using: &random) { stroke(using: &random) }
    mend()
  }

  private mutating func stroke(using random: inout SplitMix) {
    let row = Int.random(in: 0..<size.rows, using: &random)
    var column = Int.random(in: 0..<size.columns, using: &random)
    let style = Self.style(using: &random)
    for _ in 0..<Int.random(in: 1...12, using: &random) where column < size.columns {
      column += write(Self.glyphs.randomElement(using: &random) ?? " ", style, row, column)
    }
  }

  /// One glyph in one style, as borders and bars are drawn.
  private mutating func block(using random: inout SplitMix) {
    let top = Int.random(in: 0..<size.rows, using: &random)
    let left = Int.random(in: 0..<size.columns, using: &random)
    let style = Self.style(using: &random)
    let glyph = ["─", " ", "█", "x"].randomElement(using: &random) ?? " "
    for row in top..<min(size.rows, top + Int.random(in: 1...4, using: &random)) {
      for column in left..<size.columns { self[row, column] = Cell(Character(glyph), style: style) }
    }
  }

  /// Moves some rows; the ones that come in stay as they were.
  private mutating func scroll(by count: Int, using random: inout SplitMix) {
    let old = self
    let top = Int.random(in: 0..<size.rows, using: &random)
    for row in top..<size.rows {
      for column in 0..<size.columns where (top..<size.rows).contains(row + count) {
        self[row, column] = old[row + count, column]
      }
    }
  }

  /// Moves the rest of a row: ncurses then inserts or deletes characters.
  private mutating func shift(by count: Int, using random: inout SplitMix) {
    let old = self
    let row = Int.random(in: 0..<size.rows, using: &random)
    let left = Int.random(in: 0..<size.columns, using: &random)
    for column in left..<size.columns {
      self[row, column] =
        (left..<size.columns).contains(column + count)
        ? old[row, column + count] : .blank
    }
  }

  /// Keeps the rule of frames: a wide glyph has its continuation, and no half stays behind.
  private mutating func mend() {
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let cell = self[row, column]
        let before = self[row, column - 1]
        let isWhole = column > 0 && !before.isContinuation && Self.width(before) == 2
        if cell.isContinuation, !isWhole { self[row, column] = Cell(" ", style: cell.style) }
        if cell.isContinuation, isWhole { self[row, column].style = before.style }
        if !cell.isContinuation, Self.width(cell) == 2, !self[row, column + 1].isContinuation {
          self[row, column].glyph = " "
        }
      }
    }
  }

  private static func width(_ cell: Cell) -> Int { VirtualTerminal.width(cell.glyph) }

  private mutating func write(_ glyph: Character, _ style: Style, _ row: Int, _ column: Int) -> Int
  {
    let width = VirtualTerminal.width(glyph)
    guard column + width <= size.columns else { return 1 }
    if self[row, column].isContinuation { self[row, column - 1].glyph = " " }
    if self[row, column + width].isContinuation { self[row, column + width] = .blank }
    self[row, column] = Cell(glyph, style: style)
    if width == 2 { self[row, column + 1] = Cell(" ", style: style, isContinuation: true) }
    return width
  }

  private static func style(using random: inout SplitMix) -> Style {
    Style(
      foreground: color(using: &random), background: color(using: &random),
      attributes: .init(rawValue: .random(in: 0..<32, using: &random)))
  }

  private static func color(using random: inout SplitMix) -> Color {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: .palette(.random(in: 0..<16, using: &random))
    case 1:
      .rgb(
        .random(in: 0...255, using: &random), .random(in: 0...255, using: &random),
        .random(in: 0...255, using: &random))
    default: .standard
    }
  }
}
