import Glibc
import Model
import Testing

@testable import Execution

@Suite("logs that are kept") struct LogKeepingTests {
  let folder: TemporaryFolder
  let layout: WorkspaceLayout

  init() throws {
    folder = try TemporaryFolder()
    layout = WorkspaceLayout(root: folder.path)
  }

  struct Excess: Sendable {
    var newest: Int
    var bytes: Int64
    var spared: Set<Int> = []
    var gone: [Int] = []
  }

  private static let excesses: [Excess] = [
    Excess(newest: 20, bytes: 100), Excess(newest: 3, bytes: 100, gone: [1]),
    Excess(newest: 2, bytes: 100, gone: [1, 2]),
    Excess(newest: 2, bytes: 100, spared: [1], gone: [2, 3]),
    Excess(newest: 20, bytes: 35, gone: [1]), Excess(newest: 20, bytes: 10, gone: [1, 2, 3]),
    Excess(newest: 20, bytes: 0, spared: [4, 2], gone: [1, 3]),
    Excess(newest: 0, bytes: 0, spared: [1, 2, 3, 4]),
  ]

  @Test(
    "the oldest runs' logs go until count and bytes are met, spared ones never", arguments: excesses
  )
  func excess(_ row: Excess) {
    let runs = [4, 2, 1, 3].map { LogRetention.Run(number: $0, bytes: 10) }
    let found = LogRetention.excess(
      runs, newest: row.newest, bytes: row.bytes, sparing: row.spared)
    #expect(found.map(\.number) == row.gone)
  }

  @Test("swept logs are a line of news, and what is no run stays")
  func sweep() throws {
    for run in ["1", "2", "3", "other"] { try folder.write(".cairn/logs/\(run)/0-a.1.log", "x") }
    let news = layout.sweepLogs(newest: 1, bytes: 1 << 30, sparing: [1])
    #expect(news.map(\.text) == ["deleted the logs of 2 runs up to 3, which took 8.0 KiB"])
    #expect(folder.names(".cairn/logs") == ["1", "other"])
    #expect(layout.sweepLogs(newest: 1, bytes: 1 << 30, sparing: [1]) == [])
  }

  @Test("of many attempts the logs of the first and the newest stay")
  func rotation() throws {
    let workspace = try Workspace(root: folder.path, run: 1)
    let task = TaskGraph.Task(id: TaskID(0), name: "a", action: .gate)
    for attempt in 1...30 {
      let place = AttemptPlace(task: task, attempt: attempt, slot: 0, needed: [])
      if workspace.prepareNow(place) == nil { _ = try workspace.prepare(place) }
      for stream in [LogReference.Stream.output, .verify, .prompt] {
        let log = workspace.log(task, attempt: attempt, stream: stream)
        try folder.write(".cairn/logs/" + log.name, "x")
      }
    }
    let kept = Set(
      folder.names(".cairn/logs/1").compactMap { $0.split(separator: ".").dropFirst().first })
    #expect(kept == Set((12...30).map { "\($0)"[...] } + ["1"]))
    #expect(folder.names(".cairn/logs/1").count == 3 * WorkspaceLayout.maximumAttempts)
  }

  @Test("what dead attempts wrote becomes their logs, and nothing else of them stays")
  func recovery() throws {
    var graph = TaskGraph(name: "g")
    graph.tasks = ["ran", "checked", "silent", "ended"].enumerated().map {
      TaskGraph.Task(id: TaskID($0.offset), name: $0.element, action: .gate)
    }
    var kinds: [Fact.Kind] = [.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: []))]
    for task in graph.tasks {
      let admitted = Fact.TaskAdmitted(
        task: task.id, attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)
      let started = Fact.AttemptStarted(
        task: task.id, attempt: 1, pid: 1, startTime: 1, log: "", slot: task.id.index,
        fingerprint: "")
      kinds += [.taskAdmitted(admitted), .attemptStarted(started)]
    }
    kinds.append(.taskState(Fact.TaskStateChanged(task: TaskID(1), state: .verifying)))
    kinds.append(
      .attemptEnded(
        Fact.AttemptEnded(
          task: TaskID(3), attempt: 1, outcome: Outcome(.success), usage: Usage(),
          phases: Phases())))
    var state = RunState()
    for (index, kind) in kinds.enumerated() {
      state.apply(
        Fact(sequence: index + 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: kind))
    }
    for (name, text) in [
      ("slot-0.spool", "zero"), ("slot-1.spool", "one"), ("slot-2.spool", ""),
      ("slot-3.spool", "of nobody"), ("1-checked.1.log", "command"), ("3-ended.1.log.part", "half"),
    ] { try folder.write(".cairn/logs/7/" + name, text) }
    layout.recoverLogs(run: 7, state)
    #expect(
      folder.names(".cairn/logs/7") == ["0-ran.1.log", "1-checked.1.log", "1-checked.1.verify.log"])
    #expect(folder.read(".cairn/logs/7/0-ran.1.log") == "zero")
    #expect(folder.read(".cairn/logs/7/1-checked.1.verify.log") == "one")
  }
}

/// Logs of real processes.
@Suite("logs while tasks run") struct LiveLogTests {
  let real: EngineRealTests

  init() throws { real = try EngineRealTests() }

  private func engine(_ script: String, cap: LogCap = LogCap()) throws -> (Engine, run: Int) {
    var graph = EngineRealTests.shell(["t": ([], script)])
    graph.tasks[0].outputs = []
    var limits = EngineContext.Limits()
    limits.logCap = cap
    limits.sampleSeconds = 0.02
    let run = try real.journal.newRun(wallTime: 0, cairn: "test")
    return (try real.engine(graph, run: run, limits: limits), run)
  }

  private func allocated(_ name: String) -> Int64 {
    var status = stat()
    return lstat(real.folder.path + "/" + name, &status) == 0 ? Int64(status.st_blocks) * 512 : -1
  }

  @Test("a task may write without an end: it sees its log lose the middle, and is done")
  func flood() async throws {
    let cap = LogCap(bytes: 1 << 20)
    let (engine, run) = try engine(
      """
      exec 3>&1
      echo first
      until [ $(($(stat -Lc %b /dev/fd/3) * 512)) -lt $(($(stat -Lc %s /dev/fd/3) / 2)) ]
      do yes | head -c 1M || true; done
      echo last
      """, cap: cap)
    #expect(try await engine.run().reason == "1 done")
    let log = ".cairn/logs/\(run)/0-t.1.log"
    #expect(allocated(log) <= cap.bytes)
    let text = try #require(real.folder.read(log))
    #expect(text.hasPrefix("first\ny\n") && text.hasSuffix("\ny\nlast\n"))
    #expect(text.contains("\n[... ") && text.contains(" of output dropped here ...]\ny\n"))
    #expect(real.folder.names(".cairn/logs/\(run)") == ["0-t.1.log"])
  }

  @Test("a log is written anew even if nobody looked while it grew")
  func burst() async throws {
    let cap = LogCap(bytes: 1 << 20)
    let (engine, run) = try engine("yes | head -c 8M || true", cap: cap)
    #expect(try await engine.run().reason == "1 done")
    #expect((1...cap.bytes).contains(allocated(".cairn/logs/\(run)/0-t.1.log")))
  }

  @Test("the output of a running task is read by the engine and by another program")
  func live() async throws {
    let gate = real.folder.path + "/gate"
    mkfifo(gate, 0o600)
    let (engine, run) = try engine("echo hello; read -r word < \(gate); echo $word")
    let ending = Task { try await engine.run() }
    let log = LogReference(task: TaskID(0), attempt: 1)
    // The pipe can be opened for writing as soon as the task reads it: it has said hello.
    let descriptor = await Task.detached { open(gate, O_WRONLY | O_CLOEXEC) }.value
    #expect(descriptor >= 0)
    var sequence = 0
    while let last = await engine.facts(after: sequence).last, sequence < last.sequence {
      sequence = last.sequence
      if await engine.snapshot[TaskID(0)].state == .running { break }
    }
    #expect(await engine.window(log, at: .end).bytes == Array("hello\n".utf8))
    let other = try JournalRun(
      real.journal, run: run, layout: WorkspaceLayout(root: real.folder.path))
    #expect(await other.window(log, at: .end).bytes == Array("hello\n".utf8))
    #expect(await other.find("ell", in: log, from: 0, backwards: false) == 0)
    let verify = LogReference(task: TaskID(0), attempt: 1, stream: .verify)
    #expect(await other.window(verify, at: .end).bytes == [])
    #expect(write(descriptor, "bye\n", 4) == 4)
    close(descriptor)
    #expect(try await ending.value.reason == "1 done")
    #expect(await other.window(log, at: .end).bytes == Array("hello\nbye\n".utf8))
    #expect(real.folder.names(".cairn/logs/\(run)").contains("0-t.1.log"))
  }

  @Test("a task that writes nothing has an empty log and no file")
  func silent() async throws {
    let (engine, run) = try engine("true")
    #expect(try await engine.run().reason == "1 done")
    let window = await engine.window(LogReference(task: TaskID(0), attempt: 1), at: .end)
    #expect(window.bytes == [] && window.problem == nil)
    #expect(!real.folder.names(".cairn/logs/\(run)").contains("0-t.1.log"))
  }
}
