import Foundation
import Testing

/// From a failure among many tasks to its mending, as a person goes who leaves the mouse alone.
@Suite(.timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct JourneyTests {
  /// Tasks of the run; the issue asks for 10,000.
  private static let tasks = Soak.isOn ? 10_000 : 300
  private static let downstream = 4

  /// The failing task hides among many, and others wait for it.
  private static func project() throws -> TemporaryProject {
    var file = "name: quarry\ntasks:\n"
    for number in 0..<tasks - downstream - 2 {
      file += "  cut\(number): { run: 'true', output: none }\n"
    }
    file += """
        watch: { run: "while ! test -e go; do sleep 0.05; done", output: none, priority: 1 }
        scree:
          run: "test -e mended || { echo looking; echo the ground gave way; exit 3; }"
          output: none
      """
    for number in 0..<downstream {
      let need = number == 0 ? "scree" : "haul\(number - 1)"
      file += "\n  haul\(number): { run: 'true', output: none, after: [\(need)] }"
    }
    return try TemporaryProject(file + "\n")
  }

  @Test("a failed task among many is found, read, copied, mended, and its run replayed, by keys")
  func byKeys() async throws {
    let project = try Self.project()
    try project.write("", to: "go")
    try project.shell("'\(CairnBinary.path)' run --plain > yesterday; test $? -eq 1 && rm go")
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type("PS1='> '; clear; '\(CairnBinary.path)' run --fresh; echo left with $?")
    // All but those that wait for the failed one; the run goes on.
    try await tmux.wait(for: "\(Self.tasks - Self.downstream - 2)/\(Self.tasks)")

    try tmux.press("/")
    try tmux.write("state:failed")
    try await tmux.wait(for: "/state:failed")
    try tmux.press("Enter")
    try await tmux.wait("the failed task, selected") { $0.contains { $0.contains("›✗ scree") } }
    try tmux.press("Enter")
    try await tmux.wait(for: "─ scree")
    try tmux.press("2")
    try await tmux.wait("its output alone") { lines in
      lines.contains { $0.contains("the ground gave way") }
        && !lines.contains { $0.contains("queued") }
    }
    try tmux.press("y")
    try await poll("the copied error") {
      (try? tmux.copied())?.contains("the ground gave way") == true ? true : nil
    }

    try project.write("", to: "mended")
    try tmux.press("Escape")
    try await tmux.wait("the main screen") { !$0.contains { $0.contains("2 Output") } }
    try tmux.press("R")
    try await tmux.wait(for: "and \(Self.downstream) downstream tasks again?")
    try tmux.press("y")
    try await tmux.wait(for: "\(Self.tasks - 1)/\(Self.tasks)")
    try project.write("", to: "go")
    try await tmux.wait(for: "#2 ✓ done")

    // Escape and a key at once were one key, as terminals send Alt.
    try tmux.press("Escape")
    try await tmux.wait("no filter") { !$0.contains { $0.contains("/state:failed") } }
    try tmux.press("T")
    try await tmux.wait(for: "─ Themes")
    try tmux.press("j", "Enter")
    try await tmux.wait("the main screen") { !$0.contains { $0.contains("─ Themes") } }

    try tmux.press("{")
    try await tmux.wait("the run before, played") { lines in
      let screen = lines.joined(separator: "\n")
      return screen.contains("REPLAY ×10") && screen.contains("#1 ")
    }
    try await tmux.wait("its end") { $0.contains { $0.contains("#1 ✗ failed") } }
    try tmux.press("q")
    try await tmux.wait(for: "#2 ✓ done")
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
  }
}
