import Model

/// Writes the facts of a run by hand: what an engine would journal, without one.
struct FactScript {
  /// 2025-11-14 14:18:00 UTC.
  static let start: Int64 = 1_763_129_880_000_000_000

  private(set) var facts: [Fact] = []
  private(set) var graph: TaskGraph
  private var attempts: [TaskID: Int] = [:]
  var now = 0.0

  init(_ graph: TaskGraph, jobs: Int = 4, startsHeld: Bool = false, run: Int = 42) {
    self.graph = graph
    let host = Fact.Host(
      name: "vega", cores: 4, memoryBytes: 16 << 30, diskFreeBytes: 120 << 30)
    add(
      .runOpened(
        Fact.RunOpened(
          run: run, cairn: "1.0.0", host: host,
          config: RunConfig(jobs: jobs, startsHeld: startsHeld), isResumed: false, token: "t")))
    add(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in "f" })))
  }

  mutating func add(_ kind: Fact.Kind) {
    facts.append(
      Fact(
        sequence: facts.count + 1, session: 1, elapsedSeconds: now,
        wallTime: Self.start + Int64(now * 1e9), kind: kind))
  }

  func id(_ name: String) -> TaskID {
    guard let task = graph.task(named: name) else { preconditionFailure("no task \(name)") }
    return task.id
  }

  mutating func state(
    _ name: String, _ state: TaskState, _ reason: String? = nil, until: Double? = nil
  ) {
    add(
      .taskState(
        Fact.TaskStateChanged(task: id(name), state: state, reason: reason, untilSeconds: until)))
  }

  mutating func start(_ name: String, at seconds: Double) {
    now = max(now, seconds)
    let task = id(name)
    let attempt = attempts[task, default: 0] + 1
    attempts[task] = attempt
    state(name, .ready)
    add(
      .taskAdmitted(
        Fact.TaskAdmitted(
          task: task, attempt: attempt, admission: attempt == 1 ? .first : .retry, cpus: 1,
          memoryBytes: 0)))
    add(
      .attemptStarted(
        Fact.AttemptStarted(
          task: task, attempt: attempt, pid: 4_000 + Int32(task.index), startTime: 1,
          log: "42/\(name).\(attempt).log", slot: task.index % 4, fingerprint: "f")))
    state(name, .running)
  }

  mutating func end(
    _ name: String, at seconds: Double, _ outcome: Outcome = Outcome(.success, status: .code(0)),
    peak: Int64 = 24 << 20, bytes: Int64 = 0, scratch: Int64 = 0
  ) {
    now = max(now, seconds)
    let task = id(name)
    let attempt = attempts[task, default: 1]
    let started = facts.last {
      if case .attemptStarted(let fact) = $0.kind { fact.task == task } else { false }
    }
    let run = now - (started?.elapsedSeconds ?? 0)
    add(
      .attemptEnded(
        Fact.AttemptEnded(
          task: task, attempt: attempt, outcome: outcome,
          usage: Usage(userSeconds: run, peakResidentBytes: peak), phases: Phases(run: run))))
    if outcome.isSuccess, bytes > 0 {
      add(
        .artifactSealed(
          Fact.ArtifactSealed(
            task: task, attempt: attempt, artifact: "out", bytes: bytes, files: 1, digest: "d")))
    }
    add(
      .slotReleased(
        Fact.SlotReleased(
          slot: task.index % 4, task: task, attempt: attempt, askedBytes: scratch, freshBytes: 0,
          recycledBytes: 0)))
    if outcome.isSuccess { state(name, .done) }
  }

  mutating func drop(_ name: String, bytes: Int64) {
    add(.artifactDropped(Fact.ArtifactReference(task: id(name), artifact: "out", bytes: bytes)))
  }

  mutating func close(_ ending: Fact.RunClosed.Ending, at seconds: Double, _ reason: String) {
    now = max(now, seconds)
    add(.runClosed(Fact.RunClosed(ending: ending, reason: reason)))
  }
}

/// Writes graphs by names.
struct GraphScript {
  private(set) var graph: TaskGraph

  init(_ name: String) { graph = TaskGraph(name: name) }

  mutating func group(_ name: String, parent: Int? = nil) -> Int {
    graph.groups.append(TaskGraph.Group(name: name, parent: parent))
    return graph.groups.count - 1
  }

  mutating func task(
    _ name: String, needs: [String] = [], group: Int? = nil, memory: Int64? = nil, retries: Int = 0
  ) {
    var task = TaskGraph.Task(
      id: TaskID(graph.tasks.count), name: name, action: .exec(arguments: ["true"]))
    task.group = group
    task.memoryBytes = memory
    task.retries = RetryPolicy(.together(retries))
    task.outputs = [TaskGraph.Output(name: "out")]
    for need in needs {
      guard let id = graph.task(named: need)?.id else { preconditionFailure("no task \(need)") }
      task.needs.append(TaskGraph.Need(task: id, variable: need.uppercased()))
    }
    graph.tasks.append(task)
  }

  /// Gives a task its needs by number.
  mutating func edit(_ task: Int, _ needs: [Int]) {
    graph.tasks[task].needs = Set(needs).sorted().map {
      TaskGraph.Need(task: TaskID($0), variable: "T\($0)")
    }
  }
}
