import Foundation
import Testing

/// The dashboard in a real terminal, with real keys and real processes.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct DashboardTests {
  @Test("Space freezes the processes of a running task, and thaws them")
  func pauseAndResume() async throws {
    let session = try DashboardSession()
    try session.start()
    try await session.tmux.wait(for: "alpha")
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try session.tmux.press("Space")
    try await poll("processes in state T") { session.isFrozen("alpha") ? true : nil }
    // Space thaws only what the screen shows as paused; its glyph alone also stands in the legend.
    try await session.tmux.wait(for: "paused by")
    try session.tmux.press("Space")
    try await poll("processes that run again") { session.isFrozen("alpha") ? nil : true }
    try session.project.write("", to: "go")
    try await session.tmux.wait("the end of the run") { $0.contains { $0.contains("gamma") } }
  }

  @Test("a stepped run starts one task a key press")
  func step() async throws {
    let session = try DashboardSession()
    try session.project.write("", to: "go")
    try session.start("--step")
    try await session.tmux.wait(for: "alpha")
    #expect(session.started() == [])
    try session.tmux.press("s")
    try await poll("the first task") { session.started() == ["alpha"] ? true : nil }
    try session.tmux.press("c")
    try await poll("all tasks") { session.started() == ["alpha", "beta", "gamma"] ? true : nil }
  }

  @Test("Enter opens all about a task: command, process, attempt, usage, needs, feeds, output")
  func details() async throws {
    let session = try DashboardSession()
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    try session.tmux.press("Enter")
    try await session.tmux.wait("the details") { lines in
      let text = lines.joined(separator: "\n")
      return ["bin/work alpha", "pid", "attempt", "needs", "feeds", "beta", "stone by stone"]
        .allSatisfy(text.contains)
    }
    try session.tmux.press("Escape")
    try await session.tmux.wait("the main screen") { !$0.joined().contains("stone by stone") }
  }

  @Test("after every resize the screen is what a full repaint draws")
  func resize() async throws {
    let session = try DashboardSession(columns: 200, rows: 60)
    try session.start()
    try await session.tmux.wait(for: "alpha")
    try await session.tmux.wait("a first sample of its memory") { lines in
      lines.contains { $0.contains("alpha") && $0.contains("M ") }
    }
    for (columns, rows) in [(120, 36), (80, 24), (40, 10), (80, 24), (200, 60)] {
      try session.tmux.resize(columns: columns, rows: rows)
      try await session.tmux.wait("a frame of \(columns)x\(rows)") { lines in
        lines.count >= rows && lines[rows - 1].contains("q quit")
          && lines.contains { $0.count == columns && $0.hasPrefix("╭") && $0.hasSuffix("╮") }
          // What is drawn or read beside the drawing of frames may come later.
          && !lines.joined().contains("drawing")
          && (columns < 160 || lines.joined().contains("stone by stone"))
      }
      let settled = try await session.settledScreen()
      #expect(settled.joined().contains("work"), "the run's name is shown at \(columns)x\(rows)")
      try session.tmux.press("C-l")
      try await session.tmux.wait("the same screen after a repaint at \(columns)x\(rows)") {
        session.withoutTime($0) == settled
      }
    }
  }

  /// A way out of the dashboard while a task runs.
  struct WayOut: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var keys: [String] = []
    var signal: Int32?
  }

  private static let waysOut = [
    WayOut(testDescription: "q and s", keys: ["q", "s"]),
    WayOut(testDescription: "^C ^C", keys: ["C-c", "C-c"]),
    WayOut(testDescription: "kill", signal: SIGTERM),
    WayOut(testDescription: "hang-up", signal: SIGHUP),
    WayOut(testDescription: "a crash: SEGV", signal: SIGSEGV),
    WayOut(testDescription: "a crash: ABRT", signal: SIGABRT),
    WayOut(testDescription: "a trap of Swift", signal: SIGILL),
    WayOut(testDescription: "a bus error", signal: SIGBUS),
  ]

  @Test("every way out leaves the terminal as it was", arguments: waysOut)
  func leaves(way: WayOut) async throws {
    let session = try DashboardSession()
    try session.start()
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try await session.tmux.wait(for: "alpha")
    for key in way.keys { try session.tmux.press(key) }
    if let signal = way.signal { kill(try session.pid(), signal) }
    let code = try await session.exitCode()
    try await session.expectShellUsable()
    let isCrash = way.signal.map { ![SIGTERM, SIGHUP].contains($0) } ?? false
    #expect(code == (isCrash ? way.signal.map { 128 + $0 } : 2))
  }

  @Test("^Z gives the shell its terminal back, fg brings the dashboard back")
  func suspend() async throws {
    let session = try DashboardSession()
    try session.start()
    try await session.tmux.wait(for: "alpha")
    try session.tmux.press("C-z")
    try await session.tmux.wait(for: "Stopped")
    #expect(try session.tmux.tell("#{alternate_on}") == "0")
    #expect(try session.tmux.tell("#{cursor_flag}") == "1")
    try session.tmux.type("stty -a > after; touch told")
    try await poll("the modes") { session.project.exists("told") ? true : nil }
    #expect(try session.project.read("after") == session.project.read("before"))
    try session.tmux.type("fg")
    try await poll("the dashboard") { try session.tmux.tell("#{alternate_on}") == "1" ? true : nil }
    try await session.tmux.wait(for: "alpha")
  }

  @Test("at the end the dashboard stays, and q leaves with the run's exit code")
  func staysAtTheEnd() async throws {
    let session = try DashboardSession()
    try session.project.write("", to: "go")
    try session.start()
    try await poll("all tasks") { session.started().count == 3 ? true : nil }
    try await session.tmux.wait(for: "done: 3 done")
    try session.tmux.press("q")
    #expect(try await session.exitCode() == 0)
    try await session.expectShellUsable()
  }

  @Test("a program that was copied without its themes says so")
  func noThemes() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    try project.shell("cp '\(CairnBinary.path)' alone")
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type("./alone run --theme nord; echo \"code $?\"")
    let screen = try await tmux.wait(for: "code 66").joined(separator: " ")
    #expect(screen.contains("cairn_cairn.resources"))
  }
}

/// A shell in a terminal, in a project of three tasks that wait for a file called `go`.
struct DashboardSession {
  let project: TemporaryProject
  let tmux: Tmux
  let mark = "CAIRN_TEST_MARK=" + UUID().uuidString

  init(columns: Int = 120, rows: Int = 36) throws {
    project = try TemporaryProject(
      """
      name: work
      budget: { jobs: 2 }
      tasks:
        alpha: { run: sh bin/work alpha }
        beta: { run: sh bin/work beta, needs: [alpha] }
        gamma: { run: sh bin/work gamma, needs: [beta] }
      """)
    try project.write(
      """
      #!/bin/sh
      echo "stone by stone"
      touch "$1.up"
      while ! test -e go; do sleep 0.05; done
      """, to: "bin/work")
    tmux = try Tmux(project, columns: columns, rows: rows)
  }

  /// Types the command; its process writes its number into `pid` first.
  func start(_ options: String...) throws {
    let line = (["exec", CairnBinary.path, "run"] + options).joined(separator: " ")
    try tmux.type("PS1='> '; clear; stty -a > before")
    try tmux.type(
      "env \(mark) sh -c 'echo $$ > pid; \(line)'; code=$?; echo $code > code; stty -a > now; mv now after"
    )
  }

  func pid() throws -> Int32 {
    let text = try project.read("pid").trimmingCharacters(in: .whitespacesAndNewlines)
    guard let pid = Int32(text) else { throw PollProblem(description: "no pid in \"\(text)\"") }
    return pid
  }

  /// Names of the tasks whose command has begun.
  func started() -> [String] { ["alpha", "beta", "gamma"].filter { project.exists($0 + ".up") } }

  /// Every process of the task is stopped, and there is one.
  func isFrozen(_ task: String) -> Bool {
    let all = Set(ProcessRow.all(withEnvironment: mark).map(\.pid))
    let rows = ProcessRow.all(withEnvironment: "CAIRN_TASK=\(task)").filter { all.contains($0.pid) }
    return ProcessRow.areFrozen(rows)
  }

  /// The screen once it has stopped changing, but for clocks and meters.
  func settledScreen() async throws -> [String] {
    var last: [String] = []
    var same = 0
    return try await poll("a screen that stays") {
      let now = withoutTime(try tmux.screen())
      same = now == last ? same + 1 : 0
      last = now
      return same >= 4 ? now : nil
    }
  }

  /// The screen without numbers, as only those change while a task waits; they are set to the right.
  func withoutTime(_ lines: [String]) -> [String] {
    lines.map { String($0.map { $0.isNumber || $0 == "." ? " " : $0 }) }
  }

  /// Waits until the shell has its terminal back.
  ///
  /// The code is not read off the screen: tmux, resized while the other screen shows, may put the cursor
  /// back into the middle of older lines.
  func exitCode() async throws -> Int32 {
    try await poll("the shell") { project.exists("after") ? true : nil }
    let code = try project.read("code").trimmingCharacters(in: .whitespacesAndNewlines)
    return Int32(code) ?? -1
  }

  func expectShellUsable() async throws {
    #expect(try project.read("after") == project.read("before"))
    #expect(try tmux.tell("#{alternate_on}") == "0")
    #expect(try tmux.tell("#{cursor_flag}") == "1")
    #expect(try tmux.tell("#{mouse_any_flag}") == "0")
    try tmux.type("echo $((6 * 7))")
    try await tmux.wait("an answer of the shell") { $0.contains("42") }
  }
}
