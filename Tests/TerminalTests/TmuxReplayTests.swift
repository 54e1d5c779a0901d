import Canvas
import Glibc
import Testing

@testable import Terminal

extension RealTerminalTests {
  /// The differential test once more, with tmux as the terminal: it was written by others.
  @Suite("Replay in tmux", .enabled(if: TmuxPane.isInstalled, "needs tmux"))
  struct TmuxReplayTests {
    static let edits = getenv("CAIRN_SOAK") == nil ? 30 : 300
    /// How often tmux is asked before what it shows counts.
    private static let patience = 200

    @Test("tmux shows the frame, after any edits, resizes and scrolls", arguments: 1...2)
    func replays(seed: Int) throws {
      let kind = TerminalKind(type: "tmux-256color", erasesInColor: true, pushesCorner: true)
      var random = SplitMix(seed: UInt64(seed))
      let pane = try TmuxPane(Size(columns: 60, rows: 16))
      unsetenv("LC_ALL")
      var screen = try TerminalScreen(tty: pane.device, type: kind.type, signals: -1)
      defer { screen.close() }
      var frame = Frame(size: screen.traits.size)
      for step in 0..<Self.edits {
        if step % 6 == 5 { frame = try resize(pane, &screen, using: &random) }
        frame.scribble(using: &random)
        screen.show(frame)
        while screen.device.hasPendingOutput { screen.flush() }
        try #require(try settled(pane, frame, kind) == [], "seed \(seed), step \(step)")
      }
    }

    private func resize(
      _ pane: TmuxPane, _ screen: inout TerminalScreen, using random: inout SplitMix
    ) throws -> Frame {
      let size = Size(
        columns: .random(in: 2...90, using: &random), rows: .random(in: 2...30, using: &random))
      try pane.resize(to: size)
      for _ in 0..<Self.patience where screen.traits.size != size {
        _ = screen.adoptSize()
        usleep(2_000)
      }
      try #require(screen.traits.size == size)
      return Frame(size: size)
    }

    /// Asks until tmux has read all that was written, and returns what then still differs.
    private func settled(_ pane: TmuxPane, _ frame: Frame, _ kind: TerminalKind) throws -> [String]
    {
      var found: [String] = []
      for _ in 0..<Self.patience {
        found = differences(try pane.capture(frame.size), frame, as: kind)
        if found.isEmpty { break }
        usleep(5_000)
      }
      return found
    }
  }
}
