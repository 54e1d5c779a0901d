import Glibc
import Model
import Testing

@testable import Execution

@Suite("leftovers") struct LeftoversTests {
  let folder: TemporaryFolder
  let executor: ProcessExecutor
  let token: String

  init() throws {
    folder = try TemporaryFolder()
    executor = try ProcessExecutor(containment: .guardian)
    token = "test-\(UInt64.random(in: 0 ... .max))"
  }

  func start(_ script: String, token: String?, log: String = "log") throws -> RunningProcess {
    let marks = token.map { ["CAIRN_TOKEN=\($0)"] } ?? []
    let launch = Launch(
      arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"] + marks,
      directory: folder.path, log: folder.path + "/" + log)
    let (stream, bell) = AsyncStream.makeStream(of: ProcessExit.self)
    return RunningProcess(
      process: try executor.start(launch) { bell.yield($0) }, exits: stream)
  }

  func pid(_ log: String = "log") async throws -> Int32 {
    while folder.read(log)?.contains("\n") != true { try await Task.sleep(for: .milliseconds(2)) }
    let text = folder.read(log)?.split(separator: "\n").first
    return try #require(text.flatMap { Int32($0) })
  }

  func isAlive(_ pid: Int32) -> Bool { ProcessTable.record(of: pid).map { !$0.isZombie } ?? false }

  @Test("a daemon in a session of its own, which ignores TERM, is found by the mark and ended")
  func daemon() async throws {
    let running = try start(
      // The first process ends only when the other has left its session.
      "setsid sh -c 'trap \"\" TERM; echo $$; sleep 1000; sleep 1000' & "
        + "while [ ! -s log ]; do sleep 0.01; done", token: token)
    let daemon = try await pid()
    _ = try await running.exit()
    #expect(isAlive(daemon))
    let report = Leftovers.end(token: token)
    #expect(report.alive == [] && report.ended >= 1)
    #expect(!isAlive(daemon))
    #expect(Leftovers.end(token: token).ended == 0)
  }

  @Test("a stopped process is ended, too")
  func stopped() async throws {
    let running = try start("kill -STOP $$; sleep 1000", token: token)
    while ProcessTable.record(of: running.process.pid)?.state != "T" {
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(Leftovers.end(token: token).alive == [])
    #expect(try await running.exit().status == .signal(SIGKILL))
  }

  @Test("another run's mark, a longer token and an unmarked process are left alone")
  func strangers() async throws {
    let others = [
      try start("echo $$; sleep 1000", token: token + "x", log: "a"),
      try start("echo $$; sleep 1000", token: nil, log: "b"),
    ]
    let pids = [try await pid("a"), try await pid("b")]
    #expect(Leftovers.end(token: token) == Leftovers.Report(ended: 0, alive: []))
    #expect(pids.allSatisfy(isAlive))
    for other in others { executor.signal(other.process, SIGKILL) }
  }

  @Test("an unmarked attempt is known by its pid and start time, not by its pid")
  func recorded() async throws {
    let running = try start("echo $$; sleep 1000", token: nil)
    _ = try await pid()
    var reused = running.process
    reused.startTime += 1
    #expect(Leftovers.end(token: token, started: [reused]).ended == 0)
    #expect(isAlive(running.process.pid))
    #expect(Leftovers.end(token: token, started: [running.process]).ended >= 1)
    #expect(try await running.exit().status == .signal(SIGKILL))
  }
}
