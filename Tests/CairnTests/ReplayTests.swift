import Foundation
import Testing

/// `cairn replay` as a person types it.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct ReplayTests {
  /// A finished run of three tasks, of which the last fails.
  static func finished() throws -> TemporaryProject {
    let project = try TemporaryProject(
      """
      name: quarry
      tasks:
        cut: { run: sleep 0.2; echo cut }
        carry: { run: echo carried, needs: [cut] }
        lift: { run: "sleep 0.1; echo too heavy; exit 4", needs: [carry] }
      """)
    try project.shell("'\(CairnBinary.path)' run --plain; test $? -eq 1")
    return project
  }

  @Test(
    "plays a finished run on the dashboard, to its end and back to the failure",
    .enabled(if: Tmux.isInstalled, "needs tmux"), arguments: ["10", "max"])
  func dashboard(speed: String) async throws {
    let project = try Self.finished()
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type(
      "PS1='> '; clear; '\(CairnBinary.path)' replay --speed \(speed); echo left with $?")
    let label = speed == "max" ? "REPLAY max" : "REPLAY ×10"
    try await tmux.wait("the end of the run") { lines in
      let screen = lines.joined(separator: "\n")
      return screen.contains("✓ " + label) && screen.contains("✗ failed")
    }
    try tmux.press("(")
    try await tmux.wait("the failure, from which the run goes on") { lines in
      let screen = lines.joined(separator: "\n")
      return screen.contains("‖ " + label) && screen.contains("● running")
    }
    try tmux.press("r")
    try await tmux.wait(for: "refused: run 1 is replayed")
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
  }

  @Test("prints the events of a run that is over, as the run did")
  func lines() throws {
    let project = try Self.finished()
    try project.shell("'\(CairnBinary.path)' replay --plain > whole 2> news")
    let whole = try project.read("whole")
    #expect(whole.contains("lift"))
    #expect(whole.contains("exit 4"))
    try project.shell("'\(CairnBinary.path)' replay 1 --json > facts; test $(wc -l < facts) -gt 10")
    #expect(try project.read("facts").contains("\"run.closed\""))
    try project.shell("'\(CairnBinary.path)' replay --plain --at 100% > rest")
    #expect(try project.read("rest").isEmpty)
  }

  @Test(
    "says what is wrong with its arguments",
    arguments: [
      ("replay 7", 66), ("replay soon", 64), ("replay --speed 3", 64), ("replay --at x", 64),
    ])
  func refusals(arguments: String, code: Int) throws {
    let project = try Self.finished()
    try project.shell("'\(CairnBinary.path)' \(arguments) > out 2> err; test $? -eq \(code)")
    #expect(try !project.read("err").isEmpty)
  }

  @Test(
    "goes to the project's older runs and back, while a run of one's own goes on",
    .enabled(if: Tmux.isInstalled, "needs tmux"))
  func history() async throws {
    let project = try TemporaryProject(
      """
      name: quarry
      tasks:
        cut: { run: "echo cut; while ! test -e go; do sleep 0.05; done" }
      """)
    try project.write("", to: "go")
    try project.shell(
      "'\(CairnBinary.path)' run --plain && '\(CairnBinary.path)' run --plain && rm go")
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type("PS1='> '; clear; '\(CairnBinary.path)' run; echo left with $?")
    try await tmux.wait(for: "#3 ● running")
    try await tmux.wait(for: "#2 ✓ #1 ✓")
    try tmux.press("{")
    try await tmux.wait("the run before, as it ended") { lines in
      let screen = lines.joined(separator: "\n")
      return screen.contains("#2 ✓ done") && screen.contains("REPLAY ×10")
        && screen.contains("#3 ● #1 ✓")
    }
    try tmux.press("Space")
    try tmux.press("{")
    try await tmux.wait(for: "#1 ✓ done")
    try tmux.press("q")
    try await tmux.wait("the live run") { lines in
      let screen = lines.joined(separator: "\n")
      return screen.contains("#3 ● running") && !screen.contains("REPLAY")
    }
    try project.write("", to: "go")
    try await tmux.wait(for: "#3 ✓ done")
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
  }
}
