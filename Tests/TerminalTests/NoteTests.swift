import Canvas
import CNcurses
import Glibc
import Testing

@testable import Terminal

extension RealTerminalTests {
  @Suite("Notes to the terminal")
  struct NoteTests {
    static func open(_ tty: PseudoTerminal, _ environment: [String: String] = [:]) throws
      -> TerminalScreen
    {
      let unused = SignalPipe()
      let type = "xterm-256color"
      return try TerminalScreen(
        tty: tty.device, type: type, signals: unused.writing,
        abilities: TerminalAbilities(type: type, environment: environment))
    }

    static func add(_ note: TerminalNote, to screen: inout TerminalScreen) -> Bool {
      screen.add(note)
    }

    static let mouseModes: Set<String> = ["?1000", "?1002", "?1006"]

    @Test("the mouse is switched by the frame's own write, and off by leaving")
    func mouse() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty)
      let frame = Frame(size: screen.traits.size)
      var terminal = VirtualTerminal(size: screen.traits.size)
      #expect(Self.add(.mouse(.full), to: &screen))
      #expect(screen.show(frame).writes == 1)
      terminal.take(tty.read())
      #expect(terminal.modes.isSuperset(of: Self.mouseModes))
      #expect(Self.add(.mouse(.scroll), to: &screen))
      let report = screen.show(frame)
      let bytes = tty.read()
      #expect(report == FrameReport(bytes: bytes.count, writes: 1, isSkipped: false))
      terminal.take(bytes)
      #expect(terminal.modes.intersection(Self.mouseModes) == ["?1000", "?1006"])
      screen.close()
      terminal.take(tty.read())
      #expect(terminal.modes.isDisjoint(with: Self.mouseModes))
      #expect(terminal.unknown == [])
    }

    @Test("reports that nobody has read are not left for the shell")
    func drains() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty)
      #expect(Self.add(.mouse(.full), to: &screen))
      screen.show(Frame(size: screen.traits.size))
      tty.type("\u{1b}[<0;10;20M")
      screen.close()
      var waiting: Int32 = -1
      #expect(ioctl(tty.device, UInt(FIONREAD), &waiting) == 0)
      #expect(waiting == 0)
    }

    @Test("what lasts is told again after another program had the terminal")
    func suspends() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty)
      defer { screen.close() }
      let frame = Frame(size: screen.traits.size)
      var terminal = VirtualTerminal(size: screen.traits.size)
      #expect(Self.add(.mouse(.full), to: &screen))
      screen.show(frame)
      screen.leave()
      terminal.take(tty.read())
      #expect(terminal.modes.isDisjoint(with: Self.mouseModes))
      screen.enter()
      screen.show(frame)
      terminal.take(tty.read())
      #expect(terminal.modes.isSuperset(of: Self.mouseModes))
    }

    @Test("a title and a progress are given back, also by the bytes of the last resort")
    func givesBack() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty, ["WT_SESSION": "x"])
      #expect(Self.add(.title("stones"), to: &screen))
      #expect(Self.add(.progress(TaskbarProgress(.normal, percent: 3)), to: &screen))
      screen.show(Frame(size: screen.traits.size))
      let shown = String(decoding: tty.read(), as: UTF8.self)
      #expect(shown.contains("\u{1b}[22;0t\u{1b}]2;stones\u{7}\u{1b}]9;4;1;3\u{7}"))
      var bytes = [CChar](repeating: 0, count: 512)
      let count = cairn_guard_restore_bytes(&bytes, bytes.count)
      let restore = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      #expect(restore.hasSuffix("\u{1b}[23;0t\u{1b}]9;4;0;0\u{7}"))
      screen.close()
      #expect(String(decoding: tty.read(), as: UTF8.self) == restore)
    }

    @Test("a note told while the terminal takes nothing goes out when it does again")
    func waits() throws {
      let tty = PseudoTerminal(Size(columns: 200, rows: 60))
      var screen = try Self.open(tty)
      defer { screen.close() }
      var frame = Frame(size: screen.traits.size)
      for glyph in "abcdefgh" where !screen.device.hasPendingOutput {
        for row in 0..<60 {
          for column in 0..<200 {
            let style = Style(foreground: .palette(UInt8((row + column) % 8)))
            frame[row, column] = Cell(glyph, style: style)
          }
        }
        screen.show(frame)
      }
      #expect(screen.device.hasPendingOutput)
      #expect(Self.add(.title("stones"), to: &screen))
      #expect(screen.show(frame).isSkipped)
      #expect(screen.waitsForOutput)
      while screen.device.hasPendingOutput {
        _ = tty.read()
        screen.flush()
      }
      _ = tty.read()
      #expect(screen.show(frame).writes == 1)
      #expect(String(decoding: tty.read(), as: UTF8.self).contains("]2;stones\u{7}"))
    }

    @Test("more than a terminal may owe us is refused")
    func limit() throws {
      let tty = PseudoTerminal()
      var screen = try Self.open(tty)
      defer { screen.close() }
      let text = [UInt8](repeating: 0x41, count: TerminalNote.clipboardLimit)
      var taken = 0
      while Self.add(.clipboard(text), to: &screen) { taken += 1 }
      #expect(taken == 2)
      #expect(screen.outbox.bytes.count <= Outbox.limit)
      #expect(!Self.add(.clipboard(text + [0x41]), to: &screen))
    }
  }
}
