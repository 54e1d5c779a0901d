import Canvas
import Glibc
import Testing

@testable import Terminal

extension RealTerminalTests {
  @Suite("Screen")
  struct ScreenTests {
    static func open(_ tty: PseudoTerminal, type: String = "xterm-256color") throws
      -> TerminalScreen
    {
      unsetenv("LC_ALL")
      let unused = SignalPipe()
      return try TerminalScreen(tty: tty.device, type: type, signals: unused.writing)
    }

    @Test("the tty gets its modes back, and every mode of ours is switched off")
    func restores() throws {
      let tty = PseudoTerminal()
      let before = tty.modes
      var screen = try Self.open(tty)
      #expect(tty.modes != before)
      screen.show(Frame(size: screen.traits.size))
      var terminal = VirtualTerminal(size: screen.traits.size)
      terminal.take(tty.read())
      #expect(terminal.modes.isSuperset(of: ["?1049", "?2004", "?1004"]))
      screen.close()
      terminal.take(tty.read())
      #expect(tty.modes == before)
      #expect(terminal.modes.subtracting(["?7", "?25"]).isEmpty)
      #expect(terminal.modes.contains("?25"))
    }

    @Test("leaving and coming back paints the same picture")
    func suspends() throws {
      let tty = PseudoTerminal()
      let before = tty.modes
      var screen = try Self.open(tty)
      defer { screen.close() }
      var frame = Frame(size: screen.traits.size)
      frame[3, 4] = Cell("x", style: Style(attributes: .bold))
      screen.show(frame)
      _ = tty.read()
      screen.leave()
      #expect(tty.modes == before)
      #expect(screen.show(frame).isSkipped)
      var terminal = VirtualTerminal(size: screen.traits.size)
      terminal.take(tty.read())
      #expect(!terminal.modes.contains("?1049"))
      screen.enter()
      screen.show(frame)
      terminal.take(tty.read())
      #expect(terminal.modes.contains("?1049"))
      #expect(differences(terminal, frame, colors: 256) == [])
    }

    @Test("a frame is one write, and none where nothing changed")
    func writes() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty)
      defer { screen.close() }
      var frame = Frame(size: screen.traits.size)
      #expect(screen.show(frame).writes == 1)
      _ = tty.read()
      #expect(screen.show(frame) == FrameReport(bytes: 0, writes: 0, isSkipped: false))
      for (column, glyph) in "● core        62 ━━━━━━····  1:37    96M".enumerated() {
        frame[7, column + 2] = Cell(glyph, style: Style(foreground: .rgb(0, 114, 178)))
      }
      let report = screen.show(frame)
      #expect(report.writes == 1)
      #expect(report.bytes <= 400)
      let bytes = tty.read()
      #expect(bytes.count == report.bytes)
      #expect(bytes.starts(with: "\u{1b}[?2026h".utf8))
      #expect(bytes.suffix(8).elementsEqual("\u{1b}[?2026l".utf8))
    }

    @Test(
      "a type that is not known here falls back",
      arguments: [
        ("xterm-256color", "xterm-256color"), ("no-such-terminal", "vt100"), ("", "vt100"),
      ]
    )
    func fallsBack(asked: String, used: String) throws {
      let tty = PseudoTerminal()
      let screen = try Self.open(tty, type: asked)
      defer { screen.close() }
      #expect(screen.traits.type == used)
    }

    @Test("a dumb terminal and a file are refused, with their modes untouched")
    func refuses() throws {
      let tty = PseudoTerminal()
      let before = tty.modes
      #expect(throws: TerminalProblem.unknownType("dumb")) { try Self.open(tty, type: "dumb") }
      #expect(tty.modes == before)
      let file = Glibc.open("/dev/null", O_RDWR)
      defer { close(file) }
      #expect(throws: TerminalProblem.noTerminal) {
        try TerminalScreen(tty: file, type: "xterm", signals: -1)
      }
    }

    @Test("without colour, attributes still show")
    func withoutColor() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty, type: "vt100")
      defer { screen.close() }
      #expect(screen.traits.colors == 0)
      var frame = Frame(size: screen.traits.size)
      frame[0, 0] = Cell("x", style: Style(foreground: .rgb(255, 0, 0), attributes: .reverse))
      screen.show(frame)
      var terminal = VirtualTerminal(size: screen.traits.size)
      // Padding and line drawing sets are a matter of vt100 alone.
      terminal.take(tty.read().filter { $0 != 0x0f && $0 != 0 })
      #expect(terminal[0, 0] == .init(glyph: "x", attributes: .reverse))
    }

    @Test("a locale without Unicode shows a mark for what it cannot")
    func ascii() throws {
      let tty = PseudoTerminal()
      setenv("LC_ALL", "C", 1)
      defer { unsetenv("LC_ALL") }
      var screen = try TerminalScreen(tty: tty.device, type: "xterm-256color", signals: -1)
      defer { screen.close() }
      #expect(!screen.traits.isUnicode)
      var frame = Frame(size: screen.traits.size)
      frame[0, 0] = Cell("日")
      frame[0, 1] = Cell(" ", isContinuation: true)
      frame[0, 2] = Cell("é")
      frame[0, 3] = Cell("x")
      screen.show(frame)
      var terminal = VirtualTerminal(size: screen.traits.size)
      terminal.take(tty.read())
      #expect((0..<4).map { terminal[0, $0].glyph } == ["?", " ", "?", "x"])
    }

    @Test("a control character in a cell is shown as a mark")
    func controls() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty)
      defer { screen.close() }
      var frame = Frame(size: screen.traits.size)
      for (column, glyph) in ["\u{1b}", "\u{9b}", "\u{202e}", "\r\n", "\u{0}"].enumerated() {
        frame[0, column] = Cell(Character(glyph))
      }
      screen.show(frame)
      var terminal = VirtualTerminal(size: screen.traits.size)
      terminal.take(tty.read())
      #expect((0..<5).allSatisfy { terminal[0, $0].glyph == "\u{FFFD}" })
      #expect(terminal.unknown == [])
    }

    @Test("what the terminal shows is the frame, after any edits and resizes", arguments: 1...8)
    func replays(seed: Int) throws {
      var random = SplitMix(seed: UInt64(seed))
      let tty = PseudoTerminal(Size(columns: 60, rows: 16))
      var screen = try Self.open(tty)
      defer { screen.close() }
      var terminal = VirtualTerminal(size: screen.traits.size)
      var frame = Frame(size: screen.traits.size)
      for step in 0..<25 {
        if Int.random(in: 0..<8, using: &random) == 0 {
          let size = Size(
            columns: .random(in: 2...90, using: &random), rows: .random(in: 1...30, using: &random))
          tty.resize(to: size)
          if screen.adoptSize() != nil { terminal.resize(to: size) }
          frame = Frame(size: size)
        }
        frame.scribble(using: &random)
        let report = screen.show(frame)
        var bytes = tty.read()
        while screen.device.hasPendingOutput {
          screen.flush()
          bytes += tty.read()
        }
        terminal.take(bytes)
        #expect(report.writes <= 1)
        #expect(bytes.count == report.bytes)
        #expect(differences(terminal, frame, colors: 256) == [], "seed \(seed), step \(step)")
      }
      #expect(terminal.unknown == [])
    }
  }
}

/// Cells in which the terminal and the frame differ to the eye.
private func differences(_ terminal: VirtualTerminal, _ frame: Frame, colors: Int) -> [String] {
  let map = ColorMap(count: colors)
  var found: [String] = []
  for row in 0..<frame.size.rows {
    for column in 0..<frame.size.columns {
      let cell = frame[row, column]
      let shown = terminal[row, column]
      var wanted = VirtualTerminal.Shown(
        glyph: cell.glyph, foreground: map.index(of: cell.style.foreground),
        background: map.index(of: cell.style.background), attributes: cell.style.attributes,
        isContinuation: cell.isContinuation)
      var actual = shown
      for blank in [0, 1] {
        var side = blank == 0 ? wanted : actual
        let isInvisible = side.glyph == " " || side.isContinuation
        if isInvisible { side.attributes.formIntersection([.reverse, .underline]) }
        if isInvisible, side.attributes.isEmpty { side.foreground = -1 }
        if blank == 0 { wanted = side } else { actual = side }
      }
      if wanted != actual { found.append("\(row),\(column): \(actual), wanted \(wanted)") }
    }
  }
  return found
}

extension Frame {
  private static let glyphs: [Character] = Array("aZ0 .  ─│╭●✓‖█▸é日本🟢") + ["e\u{301}"]

  fileprivate mutating func scribble(using random: inout SplitMix) {
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      let row = Int.random(in: 0..<size.rows, using: &random)
      var column = Int.random(in: 0..<size.columns, using: &random)
      let style = Self.style(using: &random)
      for _ in 0..<Int.random(in: 1...12, using: &random) where column < size.columns {
        column += write(Self.glyphs.randomElement(using: &random) ?? " ", style, row, column)
      }
    }
  }

  /// Keeps the rule of frames: a wide glyph has its continuation, and no half stays behind.
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

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
