import Foundation
import Testing

/// The person's pager and editor on the file of a log, in a real terminal.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct PagerTests {
  /// Says that it has the terminal, and what it was given; ends on `x`.
  private static let viewer = """
    #!/bin/bash
    trap 'echo $$ > ended; exit 3' TERM
    echo $$ > viewer
    printf '\\033[2J\\033[Hviewing with %s: %s\\n' "$1" "$(cat "${@: -1}")"
    ps -o stat= -p $$ | grep -q '+' && echo in the foreground
    stty -a | grep -q -- ' icanon' && echo lines as usual
    while read -r -s -n 1 key; do
      case $key in x) exit 0 ;; z) kill -TSTP 0 ;; esac
    done
    """

  private func session() throws -> DashboardSession {
    let session = try DashboardSession()
    try session.project.write(Self.viewer, to: "bin/viewer")
    try session.project.shell("chmod +x bin/viewer")
    let viewer = session.project.path("bin/viewer")
    try session.tmux.type("export PAGER='\(viewer) paging' EDITOR='\(viewer) editing'")
    return session
  }

  private func open(_ session: DashboardSession, _ key: String, _ word: String) async throws {
    try session.tmux.press("o")
    try await session.tmux.wait(for: "alpha, attempt 1")
    try await session.tmux.wait(for: "stone by stone")
    try session.tmux.press(key)
    try await session.tmux.wait("the viewer, as a program of the terminal") { lines in
      let text = lines.joined(separator: "\n")
      return ["viewing with \(word): stone by stone", "in the foreground", "lines as usual"]
        .allSatisfy(text.contains)
    }
  }

  @Test("have the terminal until they end, then the screen is whole", arguments: ["|", "E"])
  func comesBack(key: String) async throws {
    let session = try session()
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    try await open(session, key, key == "E" ? "editing" : "paging")
    // The run goes on meanwhile.
    try session.project.write("", to: "go")
    try await poll("all tasks") { session.started().count == 3 ? true : nil }
    try session.tmux.press("x")
    try await session.tmux.wait("the output") { lines in
      lines.first == "stone by stone" && lines.last?.contains("alpha, attempt 1") == true
    }
    try session.tmux.press("q")
    try await session.tmux.wait(for: "done: 3 done")
    // A finished run, from its journal.
    try session.tmux.press("q")
    #expect(try await session.exitCode() == 0)
    try session.tmux.type("clear; \(CairnBinary.path)")
    try await session.tmux.wait(for: "alpha")
    try await open(session, key, key == "E" ? "editing" : "paging")
    try session.tmux.press("x")
    try await session.tmux.wait("the output") { $0.last?.contains("alpha, attempt 1") == true }
    try session.tmux.press("q", "q")
    try await poll("the shell") { try session.tmux.tell("#{alternate_on}") == "0" ? true : nil }
  }

  @Test("stop with the dashboard on ^Z, and go on with it")
  func suspended() async throws {
    let session = try session()
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    try await open(session, "|", "paging")
    try session.tmux.press("z")
    try await session.tmux.wait(for: "Stopped")
    try session.tmux.type("fg")
    try await poll("the viewer in the foreground") {
      let viewer = try session.project.read("viewer").trimmingCharacters(
        in: .whitespacesAndNewlines)
      return try session.project.shell("ps -o stat= -p \(viewer)").contains("+") ? true : nil
    }
    try session.tmux.press("x")
    try await session.tmux.wait("the output") { $0.last?.contains("alpha, attempt 1") == true }
  }

  @Test("end with the dashboard when that is asked to end")
  func ends() async throws {
    let session = try session()
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    try await open(session, "|", "paging")
    kill(try session.pid(), SIGTERM)
    #expect(try await session.exitCode() == 2)
    #expect(session.project.exists("ended"))
    try await session.expectShellUsable()
  }

  @Test("are missed in words")
  func missing() async throws {
    let session = try session()
    try session.tmux.type("export PAGER=no-such-pager")
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    try session.tmux.press("Enter")
    try await session.tmux.wait(for: "stone by stone")
    try session.tmux.press("|")
    try await session.tmux.wait(for: "no-such-pager: not found")
    try session.tmux.press("Escape")
  }
}
