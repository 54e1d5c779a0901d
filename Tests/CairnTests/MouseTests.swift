import Foundation
import Testing

/// The mouse in a real terminal, by the bytes that a terminal sends for it.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct MouseTests {
  @Test("by mouse a failed task is selected, opened, and its error copied")
  func copiesAnError() async throws {
    let project = try TemporaryProject(
      """
      name: path
      tasks:
        cairn: { run: echo stone }
        scree: { run: "echo looking; echo the ground gave way; exit 3" }
        summit: { run: echo top, needs: [scree] }
      """)
    let tmux = try Tmux(project, columns: 100, rows: 30)
    try tmux.type("clear; '\(CairnBinary.path)' run; echo left with $?")
    try await tmux.wait(for: "failed: ")
    // Selects, then opens.
    try await tmux.click(on: "scree")
    try await tmux.wait("the selection") {
      $0.contains { $0.contains("›") && $0.contains("scree") }
    }
    try await tmux.click(on: "scree")
    try await tmux.wait(for: "2 Output")
    try await tmux.click(on: "2 Output")
    try await tmux.wait("the output alone") { lines in
      lines.contains { $0.contains("the ground gave way") }
        && !lines.contains { $0.contains("attempt 1") && $0.contains("queued") }
    }
    let place = try tmux.place(of: "the ground gave way", in: try tmux.screen())
    try tmux.drag(from: place, to: (place.row, place.column + 4))
    try tmux.press("y")
    // The toast passes, and a busy machine may not look in time; the clipboard stays.
    try await poll("the copied line") {
      (try? tmux.copied()) == "the ground gave way" ? true : nil
    }
    // Outside the popup: it closes.
    try tmux.click(row: 0, column: 0)
    try await tmux.wait("the main screen") { !$0.contains { $0.contains("2 Output") } }
    try await tmux.click(on: "quit")
    try await tmux.wait(for: "left with 1")
    #expect(try tmux.tell("#{mouse_any_flag}") == "0")
  }

  @Test("switched off by m the terminal has its mouse back")
  func off() async throws {
    let session = try DashboardSession()
    try session.start("--mouse scroll")
    try await session.tmux.wait(for: "alpha")
    try await poll("reports of the wheel") {
      try session.tmux.tell("#{mouse_any_flag}") == "1" ? true : nil
    }
    try session.tmux.press("m", "m")
    try await poll("no reports any more") {
      try session.tmux.tell("#{mouse_any_flag}") == "0" ? true : nil
    }
  }
}
