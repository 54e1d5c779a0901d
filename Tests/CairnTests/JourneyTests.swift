import Foundation
import Testing

/// From a failure among many tasks to its mending and to the run before, as a person goes.
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

  /// A run of yesterday, and one under way that has done all but what waits for the failed task.
  private static func begin(_ project: TemporaryProject) async throws -> Tmux {
    try project.write("", to: "go")
    try project.shell("'\(CairnBinary.path)' run --plain > yesterday; test $? -eq 1 && rm go")
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type("PS1='> '; clear; '\(CairnBinary.path)' run --fresh; echo left with $?")
    try await tmux.wait(for: "\(tasks - downstream - 2)/\(tasks)")
    return tmux
  }

  /// The output tab, whose text is nowhere else on the screen.
  private static func isOutput(_ lines: [String]) -> Bool {
    lines.contains { $0.contains("the ground gave way") }
      && !lines.contains { $0.contains("queued") }
  }

  private static func isYesterday(_ lines: [String]) -> Bool {
    let screen = lines.joined(separator: "\n")
    return screen.contains("REPLAY ×10") && screen.contains("#1 ")
  }

  @Test("a failed task among many is found, read, copied, mended, and its run replayed, by keys")
  func byKeys() async throws {
    let project = try Self.project()
    let tmux = try await Self.begin(project)
    try tmux.press("/")
    try tmux.write("state:failed")
    try await tmux.wait(for: "/state:failed")
    try tmux.press("Enter")
    try await tmux.wait("the failed task, selected") { $0.contains { $0.contains("›✗ scree") } }
    try tmux.press("Enter")
    try await tmux.wait(for: "─ scree")
    try tmux.press("2")
    try await tmux.wait("its output alone", until: Self.isOutput)
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
    try await tmux.wait("the run before, played", until: Self.isYesterday)
    try await tmux.wait("its end") { $0.contains { $0.contains("#1 ✗ failed") } }
    try tmux.press("q")
    try await tmux.wait(for: "#2 ✓ done")
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
  }
  @Test("the same is done with the mouse; only the filter is typed")
  func byMouse() async throws {
    let project = try Self.project()
    let tmux = try await Self.begin(project)
    try await tmux.click(on: "/ filter")
    try tmux.write("state:failed")
    try await tmux.wait(for: "/state:failed")
    // Selects, then opens.
    try await tmux.click(on: "✗ scree")
    try await tmux.wait("the failed task, selected") { $0.contains { $0.contains("›✗ scree") } }
    try await tmux.click(on: "✗ scree")
    try await tmux.click(on: "2 Output")
    let lines = try await tmux.wait("its output alone", until: Self.isOutput)
    let place = try tmux.place(of: "the ground gave way", in: lines)
    try tmux.drag(from: place, to: (place.row, place.column + 4))
    try await tmux.click(on: "y copy")
    try await poll("the copied error") {
      (try? tmux.copied()) == "the ground gave way" ? true : nil
    }

    try project.write("", to: "mended")
    // Outside the popup: it closes.
    try tmux.click(row: 0, column: 110)
    try await tmux.wait("the main screen") { !$0.contains { $0.contains("2 Output") } }
    try await tmux.click(on: "R downstream")
    try await tmux.wait(for: "and \(Self.downstream) downstream tasks again?")
    try await tmux.click(on: "yes")
    try await tmux.wait(for: "\(Self.tasks - 1)/\(Self.tasks)")
    try project.write("", to: "go")
    try await tmux.wait(for: "#2 ✓ done")

    try await tmux.click(on: "cairn")
    try tmux.write("theme peat")
    try await tmux.wait(for: ":theme peat ")
    try await tmux.click(on: "peat-dark")
    try await tmux.wait("the main screen") { !$0.contains { $0.contains("─ Do") } }

    try await tmux.click(on: "#1 ✗")
    try await tmux.wait("the run before, played", until: Self.isYesterday)
    try await tmux.wait("its end") { $0.contains { $0.contains("#1 ✗ failed") } }
    try await tmux.click(on: "#2 ✓")
    try await tmux.wait(for: "#2 ✓ done")
    try await tmux.click(on: "quit")
    try await tmux.wait(for: "left with 0")
  }
}
