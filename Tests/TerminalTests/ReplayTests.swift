import Canvas
import Glibc
import Testing

@testable import Terminal

extension RealTerminalTests {
  /// The differential test: bytes out of the screen, into a terminal of our own, cell by cell.
  ///
  /// A tenth of the edits by default, all 24,000 with `CAIRN_SOAK=1`.
  @Suite("Replay")
  struct ReplayTests {
    static let seeds = 1...4
    static let edits = getenv("CAIRN_SOAK") == nil ? 100 : 1000

    @Test(
      "the terminal shows the frame, after each of any edits, resizes and scrolls",
      arguments: TerminalKind.all, seeds)
    func replays(kind: TerminalKind, seed: Int) throws {
      var play = try Play(kind, seed: seed)
      defer { play.screen.close() }
      for step in 0..<Self.edits {
        play.change()
        let bytes = play.show()
        #expect(bytes.count == play.report.bytes)
        #expect(play.report.writes == (bytes.isEmpty ? 0 : 1))
        let found = differences(play.terminal, play.frame, as: kind)
        try #require(found == [], "seed \(seed), step \(step)")
      }
      #expect(play.terminal.unknown == [])
      #expect(play.terminal.strings == [])
      #expect(play.terminal.isBetweenSequences)
    }

    @Test(
      "more colours than there are numbers are told at once as near as can be, and again exactly")
    func crowded() throws {
      let kind = TerminalKind(
        type: "xterm-256color", colors: 1 << 24, erasesInColor: true, isDirect: true)
      var play = try Play(kind, seed: 5)
      defer { play.screen.close() }
      for cell in 0..<(60 * 16) {
        let color = Color.rgb(UInt8(cell % 256), UInt8(cell / 4), 9)
        play.frame[cell / 60, cell % 60] = Cell("x", style: Style(foreground: color))
      }
      _ = play.show()
      let last = play.terminal[15, 59].foreground
      #expect(last != 1 << 24 | 959 % 256 << 16 | 959 / 4 << 8 | 9)
      #expect(last & 0xff == 9)
      // A picture that alone is not too colourful is told anew.
      for column in 0..<60 { play.frame[3, column] = Cell("y") }
      for row in 4..<16 { for column in 0..<60 { play.frame[row, column] = Cell(" ") } }
      play.frame[9, 9] = Cell("z", style: Style(background: .rgb(1, 2, 3)))
      _ = play.show()
      #expect(differences(play.terminal, play.frame, as: kind) == [])
      #expect(play.terminal.unknown == [])
    }

    @Test("a picture that does not change costs nothing", arguments: TerminalKind.all)
    func isQuiet(kind: TerminalKind) throws {
      var play = try Play(kind, seed: 9)
      defer { play.screen.close() }
      for _ in 0..<20 {
        play.frame.scribble(using: &play.random)
        _ = play.show()
        #expect(play.show() == [])
      }
    }
  }

  /// A screen on a pseudo terminal, the terminal behind it, and the frame that both should show.
  private struct Play {
    let kind: TerminalKind
    let tty: PseudoTerminal
    var screen: TerminalScreen
    var terminal: VirtualTerminal
    var frame: Frame
    var random: SplitMix
    var report = FrameReport.skipped

    init(_ kind: TerminalKind, seed: Int) throws {
      self.kind = kind
      random = SplitMix(seed: UInt64(seed))
      tty = PseudoTerminal(Size(columns: 60, rows: 16))
      screen = try ScreenTests.open(tty, type: kind.type, abilities: kind.abilities)
      #expect(screen.traits.type == kind.type)
      #expect(screen.traits.colors == kind.colors)
      frame = Frame(size: screen.traits.size)
      terminal = VirtualTerminal(size: screen.traits.size, erasesInColor: kind.erasesInColor)
    }

    mutating func change() {
      switch Int.random(in: 0..<40, using: &random) {
      case 0, 1, 2: resize(to: anySize())
      case 3: resize(to: Size(columns: 1, rows: 1))
      case 4: screen.repaint()
      case 5:
        screen.leave()
        screen.enter()
      default: break
      }
      frame.scribble(using: &random)
    }

    private mutating func anySize() -> Size {
      Size(columns: .random(in: 1...90, using: &random), rows: .random(in: 1...30, using: &random))
    }

    private mutating func resize(to size: Size) {
      tty.resize(to: size)
      guard screen.adoptSize() != nil else { return }
      terminal.take(tty.read())
      terminal.resize(to: size)
      frame = Frame(size: size)
    }

    /// Draws, and returns the bytes that the terminal took for it.
    mutating func show() -> [UInt8] {
      terminal.take(tty.read())
      report = screen.show(frame)
      var bytes = tty.read()
      while screen.device.hasPendingOutput {
        screen.flush()
        bytes += tty.read()
      }
      terminal.take(bytes)
      return bytes
    }
  }
}
