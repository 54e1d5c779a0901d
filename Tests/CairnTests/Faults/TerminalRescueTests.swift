import Foundation
import Testing

/// `kill -9` of the dashboard: whoever ends the run's processes gives the terminal back, too.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct TerminalRescueTests {
  @Test("after kill -9 the terminal is as it was", arguments: Containment.offered)
  func killed(containment: Containment) async throws {
    let session = try DashboardSession()
    try start(session, "run", containment.environment)
    try await session.tmux.wait(for: "alpha")
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    #expect(try session.tmux.tell("#{alternate_on}") == "1")
    kill(try session.pid(), SIGKILL)
    #expect(try await session.exitCode() == 137)
    try await session.expectShellUsable()
  }

  @Test("after kill -9 of who only watches the terminal is as it was, and the run goes on")
  func killedWatcher() async throws {
    let session = try DashboardSession()
    let run = try CairnBinary.start(["run", "--plain"], in: session.project)
    try await poll("alpha's processes") { session.project.exists("alpha.up") ? true : nil }
    try start(session, "attach")
    try await session.tmux.wait(for: "alpha")
    kill(try session.pid(), SIGKILL)
    #expect(try await session.exitCode() == 137)
    try await session.expectShellUsable()
    try session.project.write("", to: "go")
    #expect(await run.finished().status == 0)
    #expect(session.started() == ["alpha", "beta", "gamma"])
  }

  @Test("a terminal that takes nothing keeps nobody alive", arguments: Containment.offered)
  func stopped(containment: Containment) async throws {
    let bench = try ControlBench()
    let terminal = try StoppedTerminal()
    let mark = "CAIRN_TEST_MARK=" + UUID().uuidString
    let run = try Child(
      "/bin/bash",
      ["-c", "\(mark) exec '\(CairnBinary.path)' run < \(terminal.name) > \(terminal.name)"],
      in: bench.project.root,
      environment: bench.project.environment.merging(containment.environment) { $1 },
      files: bench.project.newFiles())
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    run.send(SIGKILL)
    #expect(await run.finished().signal == SIGKILL)
    try await poll("the end of all") { ProcessRow.all(withEnvironment: mark).isEmpty ? true : nil }
    terminal.startReading()
  }

  /// Under a shell that, unlike an interactive one, mends no modes; it waits for them to be mended.
  private func start(
    _ session: DashboardSession, _ command: String, _ environment: [String: String] = [:]
  ) throws {
    let variables = environment.map { "\($0)=\($1)" }.joined(separator: " ")
    try session.project.write(
      """
      \(variables) sh -c 'echo $$ > pid; exec "\(CairnBinary.path)" \(command)'
      echo $? > code
      tries=0
      until stty -a > now && cmp -s before now || test $tries -ge 200; do
        tries=$((tries + 1)); sleep 0.05
      done
      mv now after
      """, to: "bin/dashboard")
    try session.tmux.type("PS1='> '; clear; stty -a > before")
    try session.tmux.type("env \(session.mark) sh bin/dashboard")
  }
}
