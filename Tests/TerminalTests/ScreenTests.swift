import Canvas
import Glibc
import Testing

@testable import Terminal

extension RealTerminalTests {
  @Suite("Screen")
  struct ScreenTests {
    static func open(
      _ tty: PseudoTerminal, type: String = "xterm-256color",
      abilities: TerminalAbilities = .none
    ) throws -> TerminalScreen {
      unsetenv("LC_ALL")
      let unused = SignalPipe()
      return try TerminalScreen(
        tty: tty.device, type: type, signals: unused.writing, abilities: abilities)
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
      #expect(differences(terminal, frame, as: .xterm) == [])
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
      terminal.take(tty.read())
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
  }
}
