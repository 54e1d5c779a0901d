import Foundation
import Glibc
import Testing

/// What comes to the dashboard from outside: signals (F17), and the output of tasks (F10).
@Suite(
  .serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct TerminalFaultTests {
  @Test("a storm of resizes and continuations loses no key, no frame and no exit")
  func storm() async throws {
    let session = try DashboardSession()
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    let pid = try session.pid()
    for round in 0..<60 {
      for _ in 0..<50 { for signal in [SIGWINCH, SIGCONT, SIGCHLD, SIGURG] { kill(pid, signal) } }
      try session.tmux.resize(columns: 100 + round % 3 * 10, rows: 30 + round % 2 * 6)
    }
    try session.tmux.press("Space")
    try await poll("processes in state T") { session.isFrozen("alpha") ? true : nil }
    try await session.tmux.wait(for: "paused by")
    try session.tmux.press("Space")
    try session.project.write("", to: "go")
    try await session.tmux.wait(for: "3/3")
    // A terminal that is behind with reading may miss the bytes that give it back; one that shows the
    // answer to a key has read all that came before.
    try session.tmux.press("?")
    try await session.tmux.wait(for: "Keys here")
    try session.tmux.press("Escape")
    try await session.tmux.wait("the main screen") { !$0.joined().contains("Keys here") }
    try session.tmux.press("q")
    #expect(try await session.exitCode() == 0)
    try await session.expectShellUsable()
  }

  /// Leaves the alternate screen, sets the title, moves, shows the cursor, asks the terminal who it is,
  /// and ends in the middle of sequences and of characters.
  private static let poison =
    #"\033[?1049l\033]0;owned\007\033[2J\033[H\033[?25h\033[c\302\233\377\376\000\360\237\033["#

  @Test("hostile output, a line without end and progress bars are shown as harmless text")
  func hostileOutput() async throws {
    let session = try DashboardSession()
    let bytes = Soak.isOn ? 1 << 30 : 8 << 20
    try session.project.write(
      """
      #!/bin/sh
      head -c \(bytes) /dev/zero | tr '\\0' x
      for n in $(seq 500); do printf '\\r%s%%' $n; done
      printf '\(Self.poison)\\n'
      echo "stone by stone"
      touch "$1.up"
      while ! test -e go; do sleep 0.05; done
      """, to: "bin/work")
    try session.start()
    try await poll("alpha's output", limit: 6_000) {
      session.project.exists("alpha.up") ? true : nil
    }
    try await session.tmux.wait(for: "alpha")
    try session.tmux.press("Enter")
    try await session.tmux.wait(for: "stone by stone")
    // Ours, not what the task sets.
    #expect(try session.tmux.tell("#{pane_title}").hasPrefix("cairn "))
    #expect(try session.tmux.tell("#{alternate_on}") == "1")
    #expect(try session.tmux.tell("#{cursor_flag}") == "0")
    try session.tmux.press("Escape")
    // Two keys in one read would be one with Alt.
    try await session.tmux.wait("the main screen") { !$0.joined().contains("stone by stone") }
    try session.tmux.press("C-c", "C-c")
    #expect(try await session.exitCode() == 2)
    try await session.expectShellUsable()
  }
}
