import Glibc
import Model
import Planning
import Testing

@testable import Execution

/// The engine with real processes, files and a real journal.
@Suite("Engine: for real")
struct EngineRealTests {
  let folder: TemporaryFolder
  let journal: Journal
  let executor: ProcessExecutor

  init() throws {
    folder = try TemporaryFolder()
    let layout = WorkspaceLayout(root: folder.path)
    try layout.makeStateFolder()
    journal = try Journal(path: folder.path + "/.cairn/journal.sqlite")
    executor = try ProcessExecutor()
  }

  func engine(
    _ graph: TaskGraph, run: Int, jobs: Int = 2, after facts: [Fact] = [],
    limits: EngineContext.Limits = EngineContext.Limits()
  ) throws -> Engine {
    try Engine(
      graph: graph,
      fingerprints: graph.tasks.map { Fingerprint.definition(of: $0, in: graph, inputs: nil) },
      config: RunConfig(jobs: jobs), history: facts.isEmpty ? nil : RunHistory(facts),
      context: EngineContext(
        run: run, root: folder.path,
        host: Fact.Host(name: "host", cores: 2, memoryBytes: 0, diskFreeBytes: 0),
        version: "test", token: "test-\(run)", environment: ["PATH=/usr/bin:/bin"],
        limits: limits,
        combine: Fingerprint.combine),
      executor: executor, store: journal, artifacts: Workspace(root: folder.path, run: run),
      logs: LogFiles(), clock: SystemClock(), thread: executor)
  }

  static func shell(_ tasks: KeyValuePairs<String, ([String], String)>) -> TaskGraph {
    var graph = TaskGraph(name: "real")
    for (name, (needs, script)) in tasks {
      var task = TaskGraph.Task(
        id: TaskID(graph.tasks.count), name: name,
        action: .shell(script: script, interpreter: ["bash", "-euo", "pipefail", "-c"]))
      task.outputs = [TaskGraph.Output(name: "out")]
      task.needs = needs.compactMap { need in
        graph.task(named: need).map { TaskGraph.Need(task: $0.id, variable: need.uppercased()) }
      }
      graph.tasks.append(task)
    }
    return graph
  }

  @Test func aPipelineIsRunVerifiedAndExported() async throws {
    var graph = Self.shell([
      "make": ([], "seq 5 > $CAIRN_OUT/n"),
      "sum": (["make"], "awk '{s += $1} END {print s}' $CAIRN_IN_MAKE/n > $CAIRN_OUT/sum"),
    ])
    graph.tasks[1].verify = "grep -qx 15 $CAIRN_OUT/sum"
    graph.tasks[1].exports = [TaskGraph.Export(artifact: "out", path: "sum.txt")]
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    let closed = try await engine(graph, run: run).run()
    #expect(closed == Fact.RunClosed(ending: .done, reason: "2 done"))
    #expect(folder.read("sum.txt") == "15\n")
    let facts = try journal.facts(run: run, after: 0, limit: 1_000)
    #expect(facts.map(\.sequence) == Array(1...facts.count))
    let resumed = try engine(graph, run: run, after: facts)
    #expect(try await resumed.run().ending == .done)
    #expect(try journal.facts(run: run, after: facts.count, limit: 10).count == 2)
  }

  @Test func aPausedProcessStopsAndIsEndedAllTheSame() async throws {
    let graph = Self.shell(["sleeper": ([], "trap '' TERM INT; while :; do sleep 1; done")])
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    let engine = try engine(graph, run: run)
    let ana = Actor(kind: .person, name: "ana", source: "test")
    let ending = Task { try await engine.run() }
    var state = RunState()
    func follow(until condition: (RunState) -> Bool) async {
      while !condition(state) {
        let batch = await engine.facts(after: state.sequence)
        if batch.isEmpty { return }
        for fact in batch { state.apply(fact) }
      }
    }
    await follow { $0.counts[.running] == 1 }
    let task = graph.tasks[0].id
    #expect(await engine.send(.pause([task]), by: ana) == .accepted)
    await follow { $0[task].state == .paused }
    let pid = try #require(state[task].attempts.last?.pid)
    #expect(ProcessTable.record(of: pid) != nil)
    #expect(await engine.send(.killRun, by: ana) == .accepted)
    #expect(try await ending.value.ending == .stopped)
    #expect(ProcessTable.record(of: pid) == nil)
  }

  @Test func aCommandThatIsNotThereIsAnOutcome() async throws {
    var graph = TaskGraph(name: "real")
    graph.tasks = [
      TaskGraph.Task(
        id: TaskID(0), name: "typo", action: .exec(arguments: ["no-such-command-at-all"]))
    ]
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    let closed = try await engine(graph, run: run).run()
    #expect(closed.ending == .failed)
    let facts = try journal.facts(run: run, after: 0, limit: 100)
    let reasons = facts.compactMap { fact -> String? in
      guard case .taskState(let change) = fact.kind, change.state == .failed else { return nil }
      return change.reason
    }
    #expect(reasons == ["cannot start \"no-such-command-at-all\": not found in PATH"])
  }

  @Test func hundredsOfTasksRunInAsManySlotsAsJobsAndLeaveNoFile() async throws {
    let count = getenv("CAIRN_SOAK") == nil ? 1_000 : 10_000
    var graph = TaskGraph(name: "wide")
    graph.tasks = (0..<count).map { index in
      TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["true"]))
    }
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    let engine = try engine(graph, run: run, jobs: 4)
    let closed = try await engine.run()
    #expect(closed == Fact.RunClosed(ending: .done, reason: "\(count) done"))
    let failures = try journal.facts(run: run, after: 0, limit: 10 * count).filter {
      if case .taskState(let change) = $0.kind { change.state == .failed } else { false }
    }
    #expect(failures == [])
    var left: [String] = []
    try FileTree.walk(folder.path + "/.cairn") { entry throws(WorkspaceProblem) in
      left.append(String(decoding: entry.path, as: UTF8.self))
    }
    // A spool a slot, empty, for as long as the launcher lives.
    let slots = (0..<4).flatMap { ["workspace/slots/\($0)", "logs/\(run)/slot-\($0).spool"] }
    let expected = ["logs", "logs/\(run)", "workspace", "workspace/\(run)", "workspace/slots"]
    let rest = Set(left).subtracting(slots + expected).filter { !$0.hasPrefix("journal.sqlite") }
    #expect(rest == [".gitignore"])
  }

  @Test("without threads for the disk, its jobs are done in the engine's turns")
  func noLanes() async throws {
    var limits = EngineContext.Limits()
    limits.lanes = 0
    let graph = Self.shell([
      "make": ([], "seq 5 > $CAIRN_OUT/n"), "sum": (["make"], "wc -l $CAIRN_IN_MAKE/n"),
    ])
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    #expect(try await engine(graph, run: run, limits: limits).run().reason == "2 done")
  }

  @Test("a run whose task is cancelled before it begins stops without waiting for a process")
  func cancelledBefore() async throws {
    let graph = Self.shell(["sleeper": ([], "sleep 1000")])
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    let engine = try engine(graph, run: run)
    let ending = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await engine.run()
    }
    #expect(try await ending.value.ending == .stopped)
  }

  @Test func finishedTasksLeaveTheirArtifactsAndNoHalfWrittenFile() async throws {
    let script = "echo $CAIRN_TASK > $CAIRN_OUT/f; echo x > $CAIRN_SCRATCH/s"
    var graph = Self.shell(["one": ([], script), "two": (["one"], script)])
    for index in 2..<40 {
      var task = graph.tasks[1]
      task.id = TaskID(index)
      task.name = "t\(index)"
      task.needs = [
        TaskGraph.Need(task: TaskID(index - 1), variable: "IN", folder: "n=\(index)")
      ]
      task.keep = index % 2 == 0 ? false : nil
      graph.tasks.append(task)
    }
    let run = try journal.newRun(wallTime: 0, cairn: "test")
    #expect(try await engine(graph, run: run, jobs: 4).run().reason == "40 done")
    var names: Set<String> = []
    for task in folder.names(".cairn/workspace/\(run)") {
      names.formUnion(folder.names(".cairn/workspace/\(run)/\(task)"))
    }
    #expect(names == ["out"])
    for slot in folder.names(".cairn/workspace/slots") {
      #expect(folder.names(".cairn/workspace/slots/\(slot)") == [])
    }
    let facts = try journal.facts(run: run, after: 0, limit: 10_000)
    var recipes: [TaskID: String] = [:]
    var digests: [TaskID: String] = [:]
    var dropped = 0
    for fact in facts {
      switch fact.kind {
      case .attemptStarted(let started): recipes[started.task] = started.fingerprint
      case .artifactSealed(let sealed): digests[sealed.task] = sealed.digest
      case .artifactDropped(let gone):
        dropped += 1
        #expect(gone.digest == digests[gone.task] && gone.recipe == recipes[gone.task])
      default: break
      }
    }
    #expect(dropped == 19)
  }
}
