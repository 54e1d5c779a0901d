import Foundation
import Testing

/// Cairn is killed when its first process runs and Cairn itself does not know of it yet.
@Suite(.timeLimit(.minutes(15)), .enabled(if: Strace.isPossible, "needs strace"))
struct StartDeathTests {
  /// What is told of a start follows on an `epoll_ctl`, which is delayed until long after the kill.
  @Test(
    "what a process started that was not noted yet dies with Cairn", arguments: Containment.offered)
  func unnoted(containment: Containment) async throws {
    let mark = "cairn-start-\(UUID().uuidString.prefix(8))"
    let project = try TemporaryProject(
      """
      tasks:
        a:
          run: setsid -f bash -c 'exec -a \(mark) sleep 900' < /dev/null > /dev/null 2>&1; sleep 900
      """)
    let strace = try Child(
      "/usr/bin/strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=epoll_ctl", "-e",
        "inject=epoll_ctl:delay_enter=1500000", CairnBinary.path, "run", "--json",
      ],
      in: project.root,
      environment: project.environment.merging(containment.environment) { $1 },
      files: project.newFiles())
    let daemons = try await poll("the daemon") {
      let found = ProcessRow.all(withCommand: mark + "\0")
      return found.isEmpty ? nil : found
    }
    for cairn in ProcessRow.children(of: strace.pid) { kill(cairn.pid, SIGKILL) }
    let isOver: Bool? = try? await poll("the end of the daemon", limit: 100) {
      daemons.contains(where: \.isAlive) ? nil : true
    }
    // strace follows whatever outlives Cairn, as an empty namespace that nobody has buried.
    for daemon in daemons where daemon.isAlive { kill(daemon.pid, SIGKILL) }
    strace.send(SIGKILL)
    let ended = await strace.finished()
    #expect(!ended.output.contains("attempt.started"), "the kill came too late: \(ended.output)")
    #expect(isOver == true)
  }
}
