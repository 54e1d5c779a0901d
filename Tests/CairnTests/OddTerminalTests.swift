import Foundation
import Testing

/// Terminals and locales that are not what one has at home, in a real pseudo terminal.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct OddTerminalTests {
  struct Place: Sendable, CustomTestStringConvertible {
    var environment: String
    var isASCII = false
    var testDescription: String { environment }
  }

  static let places = [
    Place(environment: "TERM=xterm"), Place(environment: "TERM=linux"),
    Place(environment: "TERM=screen"), Place(environment: "TERM=vt100"),
    Place(environment: "TERM=xterm-kitty"), Place(environment: "TERM=xterm-ghostty"),
    Place(environment: "TERM=alacritty"), Place(environment: "TERM=no-such-terminal"),
    Place(environment: "TERM=xterm-256color LC_ALL=C", isASCII: true),
    Place(environment: "TERM=linux LC_ALL=C LANG=", isASCII: true),
    Place(environment: "TERM=xterm-256color NO_COLOR=1 LANG="),
  ]

  @Test("the dashboard is drawn, obeys keys and gives the terminal back", arguments: places)
  func draws(place: Place) async throws {
    let session = try OddSession(place.environment)
    let lines = try await session.tmux.wait("the whole dashboard") { lines in
      lines.contains { $0.contains("Tasks 1") } && lines.contains { $0.contains("done") }
        && lines.last { !$0.isEmpty }?.contains("quit") == true
    }
    if place.isASCII {
      #expect(lines.joined().unicodeScalars.allSatisfy { $0.isASCII })
    }
    try session.tmux.press("Enter")
    try await session.tmux.wait(for: "1 Overview")
    try session.tmux.press("Escape")
    try await session.tmux.wait("the main screen") { !$0.joined().contains("1 Overview") }
    try await session.leave()
  }

  @Test("every size is drawn", arguments: [(300, 100), (40, 9), (12, 3), (2, 2), (1, 1)])
  func sizes(columns: Int, rows: Int) async throws {
    let session = try OddSession("TERM=xterm-256color")
    try await session.tmux.wait(for: "Tasks 1")
    try session.tmux.resize(columns: columns, rows: rows)
    try await session.tmux.wait("a frame of \(columns)x\(rows)") { lines in
      rows >= 100 ? lines[rows - 1].contains("quit") : !lines.joined().contains("Tasks 1")
    }
    try session.tmux.resize(columns: 90, rows: 24)
    try await session.tmux.wait(for: "Tasks 1")
    try await session.leave()
  }

  @Test("a dumb terminal, and whoever asks for it, gets lines")
  func lines() async throws {
    for (environment, option) in [
      ("TERM=dumb", ""), ("CAIRN_SCREEN_READER=1", ""), ("TERM=xterm", "--screen-reader"),
    ] {
      let session = try OddSession(environment, option)
      try await session.tmux.wait(for: "left with 0")
      let text = try session.tmux.screen().joined(separator: "\n")
      #expect(text.contains("plain lines"))
      #expect(text.contains("stone"))
      #expect(option.isEmpty || text.contains("stone: started"))
    }
  }
}

/// A shell in a terminal, with a run of one short task in it.
struct OddSession {
  let project: TemporaryProject
  let tmux: Tmux

  init(_ environment: String, _ options: String = "") throws {
    project = try TemporaryProject("tasks: { stone: { run: echo laid } }")
    tmux = try Tmux(project, columns: 90, rows: 24)
    try tmux.type("PS1='> '; clear; stty -a > before")
    try tmux.type(
      "env \(environment) '\(CairnBinary.path)' run \(options); echo left with $?; stty -a > modes; mv modes after"
    )
  }

  func leave() async throws {
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
    try await poll("the modes") { project.exists("after") ? true : nil }
    #expect(try project.read("after") == project.read("before"))
    #expect(try tmux.tell("#{cursor_flag} #{mouse_any_flag} #{alternate_on}") == "1 0 0")
  }
}
