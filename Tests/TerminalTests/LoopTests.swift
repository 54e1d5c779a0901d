import Canvas
import Glibc
import Synchronization
import Testing

@testable import Terminal

extension RealTerminalTests {
  @Suite("Loop")
  struct LoopTests {
    /// A loop on a pseudo terminal, its events as a sequence.
    final class Bench {
      let tty: PseudoTerminal
      let loop = TerminalLoop()
      let traits: TerminalTraits
      var events: AsyncStream<TerminalEvent>.Iterator

      init(_ size: Size = Size(columns: 80, rows: 24)) throws {
        tty = PseudoTerminal(size)
        let (stream, events) = AsyncStream.makeStream(of: TerminalEvent.self)
        traits = try loop.start(tty: tty.device, type: "xterm-256color") { events.yield($0) }
        self.events = stream.makeAsyncIterator()
      }

      deinit { loop.stop() }
    }

    @Test("keys come in the order in which they were typed; a lone ESC comes too")
    func keys() async throws {
      let bench = try Bench()
      bench.tty.type("j\u{1b}[Aé\u{1b}")
      var events: [TerminalEvent?] = []
      for _ in 0..<4 { events.append(await bench.events.next()) }
      #expect(events == [.key(.character("j")), .key(.up), .key(.character("é")), .key(.escape)])
    }

    @Test("a new size is told once the kernel knows it")
    func resizes() async throws {
      let bench = try Bench()
      bench.tty.resize(to: Size(columns: 0, rows: 0))
      kill(getpid(), SIGWINCH)
      bench.tty.resize(to: Size(columns: 100, rows: 30))
      kill(getpid(), SIGWINCH)
      #expect(await bench.events.next() == .resized(Size(columns: 100, rows: 30)))
    }

    @Test("a lost terminal is told, and frames are skipped from then on")
    func hangsUp() async throws {
      let bench = try Bench()
      bench.tty.hangUp()
      #expect(await bench.events.next() == .hangup)
      #expect(bench.loop.show(Frame(size: bench.traits.size)).isSkipped)
    }

    @Test("a signal from outside is an event", arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
    func signals(number: Int32) async throws {
      let bench = try Bench()
      kill(getpid(), number)
      #expect(await bench.events.next() == .signal(number))
    }

    @Test("being continued takes the terminal again")
    func continues() async throws {
      let bench = try Bench()
      let raw = bench.tty.modes
      var cooked = termios()
      tcgetattr(bench.tty.device, &cooked)
      cooked.c_lflag |= UInt32(ICANON | ECHO)
      tcsetattr(bench.tty.device, TCSANOW, &cooked)
      #expect(bench.tty.modes != raw)
      kill(getpid(), SIGCONT)
      #expect(await bench.events.next() == .resumed(bench.traits.size))
      #expect(bench.tty.modes == raw)
    }

    @Test("the time that was asked for comes once")
    func ticks() async throws {
      let bench = try Bench()
      bench.loop.wake(after: .milliseconds(1))
      #expect(await bench.events.next() == .tick)
      bench.tty.type("x")
      #expect(await bench.events.next() == .key(.character("x")))
    }

    @Test("frames are skipped while the terminal takes nothing, and asked for when it does again")
    func isPatient() async throws {
      let bench = try Bench(Size(columns: 200, rows: 60))
      var frame = Frame(size: bench.traits.size)
      var glyphs = "abcdefgh".makeIterator()
      var isFull = false
      while !isFull, let glyph = glyphs.next() {
        for row in 0..<60 {
          for column in 0..<200 {
            let color = Color.palette(UInt8((row + column) % 8))
            frame[row, column] = Cell(glyph, style: Style(foreground: color))
          }
        }
        isFull = bench.loop.show(frame).isSkipped
      }
      #expect(isFull)
      var terminal = VirtualTerminal(size: bench.traits.size)
      // Reading makes room; the loop then goes on by itself, and tells when it is done.
      let (tty, loop) = (bench.tty, bench.loop)
      var isAsked = false
      while !isAsked {
        terminal.take(tty.read())
        isAsked = loop.state.withLock { $0.screen?.device.hasPendingOutput == false }
      }
      #expect(await bench.events.next() == .tick)
      bench.loop.show(frame)
      while loop.state.withLock({ $0.screen?.device.hasPendingOutput == true }) {
        terminal.take(tty.read())
      }
      terminal.take(tty.read())
      #expect(terminal[30, 100].glyph == frame[30, 100].glyph)
      #expect(terminal.unknown == [])
    }

    @Test("stopping gives the terminal back, and another loop can take it")
    func stops() throws {
      let tty = PseudoTerminal()
      let before = tty.modes
      let first = TerminalLoop()
      _ = try first.start(tty: tty.device, type: "xterm-256color") { _ in }
      #expect(throws: TerminalProblem.busy) {
        try TerminalLoop().start(tty: tty.device, type: "xterm") { _ in }
      }
      first.stop()
      first.stop()
      #expect(tty.modes == before)
      let second = TerminalLoop()
      _ = try second.start(tty: tty.device, type: "xterm-256color") { _ in }
      second.stop()
      #expect(tty.modes == before)
    }

    @Test("an actor on the loop runs on its thread, and so does the handler")
    func executes() async throws {
      actor Screen {
        private let loop: TerminalLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private(set) var keys: [Key] = []
        private var waiter: CheckedContinuation<[Key], Never>?

        init(_ loop: TerminalLoop) { self.loop = loop }

        func handle(_ event: TerminalEvent) {
          if case .key(let key) = event { keys.append(key) }
          if keys.count == 2 { waiter?.resume(returning: keys) }
          if keys.count == 2 { waiter = nil }
        }

        func twoKeys() async -> [Key] {
          if keys.count == 2 { return keys }
          return await withCheckedContinuation { waiter = $0 }
        }
      }
      let tty = PseudoTerminal()
      let loop = TerminalLoop()
      let screen = Screen(loop)
      _ = try loop.start(tty: tty.device, type: "xterm-256color") { event in
        screen.assumeIsolated { $0.handle(event) }
      }
      defer { loop.stop() }
      tty.type("ab")
      #expect(await screen.twoKeys() == [.character("a"), .character("b")])
    }
  }
}
