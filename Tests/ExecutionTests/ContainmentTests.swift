import Glibc
import Model
import Testing

@testable import Execution

private typealias ExitStatus = Model.ExitStatus

/// What the machine offers; each test runs in every kind.
private let kinds = Containment.Kind.allCases.filter {
  (try? ProcessExecutor(containment: $0)) != nil
}

@Suite("containment", .timeLimit(.minutes(15))) struct ContainmentTests {
  let folder: TemporaryFolder
  let token = "contain-\(UInt64.random(in: 0 ... .max))"

  init() throws { folder = try TemporaryFolder() }

  func start(
    _ executor: ProcessExecutor, _ script: String, task: String = "t", tty: Bool = false,
    limits: Launch.Limits = Launch.Limits(), log: String = "log"
  ) throws -> RunningProcess {
    let launch = Launch(
      arguments: ["sh", "-c", script],
      environment: [
        "PATH=/usr/bin:/bin", "CAIRN_TASK=\(task)", "CAIRN_ATTEMPT=1", "CAIRN_TOKEN=\(token)",
      ], directory: folder.path, log: folder.path + "/" + log, limits: limits, tty: tty)
    let (stream, bell) = AsyncStream.makeStream(of: ProcessExit.self)
    return RunningProcess(
      process: try executor.start(launch) { bell.yield($0) }, exits: stream)
  }

  func wait(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  /// The processes that carry our token, dead or alive.
  func marked() -> [ProcessRecord] {
    ProcessTable.pids().filter {
      ProcessTable.environment(of: $0, holds: "CAIRN_TOKEN=\(token)")
    }.compactMap { ProcessTable.record(of: $0) }
  }

  func log(_ name: String = "log") -> String { folder.read(name) ?? "" }

  static let daemon =
    "setsid sh -c 'trap \"\" TERM; (sleep 1000 &); echo up > up; sleep 1000' & "
    + "while [ ! -s up ]; do sleep 0.01; done"

  @Test("the kind in use is told, and why no better one is")
  func selection() throws {
    let best = try ProcessExecutor().containment
    #expect(best.refusals.map(\.kind) == Containment.Kind.allCases.prefix { $0 != best.kind })
    #expect(best.refusals.allSatisfy { !$0.reason.isEmpty })
    #expect(try ProcessExecutor(containment: .guardian).containment.refusals == [])
  }

  @Test(
    "a task in a namespace sees its own pids in /proc", .enabled(if: kinds.contains(.namespace)))
  func view() async throws {
    let executor = try ProcessExecutor(containment: .namespace)
    let script =
      "test -d /proc/$$ && readlink /proc/self >/dev/null && cat /proc/1/comm; echo $PPID"
    _ = try await start(executor, script).exit()
    #expect(log() == "cairn-init\n0\n")
  }

  @Test(
    "daemons that left their session end with their attempt, not with another", arguments: kinds)
  func daemons(kind: Containment.Kind) async throws {
    let executor = try ProcessExecutor(containment: kind)
    let other = try start(executor, "setsid sleep 1000 & echo on; sleep 1000", task: "u", log: "b")
    try await wait { log("b") == "on\n" && marked().count == 3 }
    #expect(try await start(executor, Self.daemon).exit().status == .code(0))
    #expect(marked().filter { !$0.isZombie }.count == 3)
    executor.signal(other.process, SIGKILL)
    _ = try await other.exit()
    #expect(marked().filter { !$0.isZombie }.isEmpty)
  }

  @Test(
    "a pause stops the whole tree, daemons too, and TERM ends it all the same", arguments: kinds)
  func pause(kind: Containment.Kind) async throws {
    let executor = try ProcessExecutor(containment: kind)
    let running = try start(executor, "setsid sleep 1000 & (sleep 1000 & sleep 1000) & wait")
    try await wait { marked().filter { $0.state == "S" }.count == 4 }
    executor.signal(running.process, SIGSTOP)
    try await wait { marked().allSatisfy { $0.state == "T" } }
    executor.signal(running.process, SIGCONT)
    try await wait { marked().allSatisfy { $0.state == "S" } }
    executor.signal(running.process, SIGSTOP)
    try await wait { marked().allSatisfy { $0.state == "T" } }
    executor.signal(running.process, SIGTERM)
    #expect(try await running.exit().status == .signal(SIGTERM))
    #expect(marked().filter { !$0.isZombie }.isEmpty)
  }

  @Test("tasks go on being started when the keeper was killed", arguments: kinds)
  func keeper(kind: Containment.Kind) async throws {
    let executor = try ProcessExecutor(containment: kind)
    for _ in 0..<3 {
      let name = kind == .namespace ? "cairn-init" : "cairn-guardian"
      let running = try start(executor, "sleep 1000")
      // It names itself a little after it was made.
      try await wait { executor.keepers(named: name).count == 1 }
      for keeper in executor.keepers(named: name) { keeper.signal(SIGKILL) }
      // The tasks of a namespace die with its first process.
      if kind != .namespace { executor.signal(running.process, SIGKILL) }
      #expect(try await running.exit().status == .signal(SIGKILL))
      #expect(try await start(executor, "exit 3").exit().status == .code(3))
      try await wait { executor.keepers(named: name).count == 1 }
    }
  }

  @Test("limits hold in the process and are not Cairn's")
  func limits() async throws {
    let executor = try ProcessExecutor()
    let limits = Launch.Limits(openFiles: 40, fileBytes: 4096, cpuSeconds: 1)
    _ = try await start(executor, "ulimit -n; ulimit -f; ulimit -t", limits: limits).exit()
    #expect(log() == "40\n8\n1\n")
    let writer = try start(executor, "exec head -c 9000 /dev/zero", limits: limits, log: "big")
    #expect(try await writer.exit().status == .signal(SIGXFSZ))
    let spinner = try start(executor, "while :; do :; done", limits: limits, log: "spin")
    #expect(try await spinner.exit().status == .signal(SIGXCPU))
  }

  @Test("a task can have a terminal, which is typed into and whose output is the log")
  func terminal() async throws {
    let executor = try ProcessExecutor()
    let script = "stty size; [ -t 0 ] && [ -t 1 ] && tty >/dev/tty; read x; echo got $x; seq 20000"
    let running = try start(executor, script, tty: true)
    try await wait { log().contains("/dev/pts/") }
    #expect(executor.write(Array("hello\n".utf8), to: running.process) == 6)
    let exit = try await running.exit()
    #expect(exit.status == .code(0))
    let lines = log().replacing("\r\n", with: "\n").split(separator: "\n")
    #expect(lines.first == "36 120" && lines.contains("got hello") && lines.last == "20000")
    #expect(exit.outputBytes == Int64(log().utf8.count))
  }

  @Test("a sample counts children that have ended, and what is written")
  func samples() async throws {
    let executor = try ProcessExecutor()
    let script =
      "sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; setsid sleep 1000 & sleep 1000"
    let running = try start(executor, script)
    try await wait { executor.sample([running.process]).first?.processes == 3 }
    let sample = try #require(executor.sample([running.process]).first)
    #expect(sample.cpuSeconds > 0)
    executor.signal(running.process, SIGKILL)
    #expect(try await running.exit().usage.peakResidentBytes >= sample.residentBytes)
  }
}

extension ProcessExecutor {
  /// The processes of that name which hold the other end of this executor's lifeline: its keeper.
  fileprivate func keepers(named name: String) -> [ProcessRecord] {
    keeperPid.map { pid in
      ProcessTable.text("/proc/\(pid)/comm")?.hasPrefix(String(name.prefix(15))) == true
        ? ProcessTable.record(of: pid).map { [$0] } ?? [] : []
    } ?? []
  }
}
