package import Model

/// A small run in which every text that comes from outside is the same one.
///
/// Tasks are done, failed, in backoff, running, waiting and blocked, so that reasons and messages show.
package struct HostileRun: Sendable {
  /// 2025-11-14 14:18:00 UTC.
  package static let start: Int64 = 1_763_129_880_000_000_000

  package private(set) var facts: [Fact] = []
  private let text: String
  private var now = 0.0

  package init(_ text: String) {
    self.text = text
    open()
    finish(0)
    fail(1, then: .backoff)
    begin(1, attempt: 2)
    fail(2, then: .failed)
    begin(3, attempt: 1)
    change(4, .waiting)
    change(5, .skipped)
    remark()
  }

  package var problem: String { text }

  private var graph: TaskGraph {
    var graph = TaskGraph(
      name: text, groups: [TaskGraph.Group(name: text, title: text)],
      agent: TaskGraph.Agent(command: [text]))
    for index in 0..<7 { graph.tasks.append(task(index)) }
    return graph
  }

  private func task(_ index: Int) -> TaskGraph.Task {
    let action: TaskGraph.Action =
      switch index % 3 {
      case 0: .shell(script: text, interpreter: [text, "-c"])
      case 1: .exec(arguments: [text, text])
      default: .prompt(text)
      }
    var task = TaskGraph.Task(id: TaskID(index), name: "\(text)\(index)", action: action)
    if index % 2 == 0 { task.title = text }
    if index > 3 { task.group = 0 }
    if index > 0 { task.needs = [TaskGraph.Need(task: TaskID(index - 1), variable: text)] }
    task.environment = [TaskGraph.Variable(text, text)]
    task.directory = text
    task.verify = text
    task.outputs = [TaskGraph.Output(name: text)]
    task.exports = [TaskGraph.Export(artifact: text, path: text)]
    task.inputs = [text]
    return task
  }
}

extension HostileRun {
  private mutating func add(_ kind: Fact.Kind) {
    now += 1
    facts.append(
      Fact(
        sequence: facts.count + 1, session: 1, elapsedSeconds: now,
        wallTime: Self.start + Int64(now * 1e9), kind: kind))
  }

  private mutating func open() {
    let host = Fact.Host(name: text, cores: 4, memoryBytes: 16 << 30, diskFreeBytes: 120 << 30)
    add(
      .runOpened(
        Fact.RunOpened(
          run: 42, cairn: text, host: host, config: RunConfig(jobs: 4), isResumed: false, token: "t"
        )))
    let graph = graph
    add(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in text })))
  }

  private mutating func begin(_ index: Int, attempt: Int) {
    let task = TaskID(index)
    change(index, .ready)
    add(
      .taskAdmitted(
        Fact.TaskAdmitted(
          task: task, attempt: attempt, admission: attempt == 1 ? .first : .retry, cpus: 1,
          memoryBytes: 0)))
    add(
      .attemptStarted(
        Fact.AttemptStarted(
          task: task, attempt: attempt, pid: 4_000, startTime: 1, log: text, slot: 1,
          fingerprint: text)))
    change(index, .running)
  }

  private mutating func finish(_ index: Int) {
    begin(index, attempt: 1)
    let task = TaskID(index)
    add(
      .attemptEnded(
        Fact.AttemptEnded(
          task: task, attempt: 1, outcome: Outcome(.success, status: .code(0)),
          usage: Usage(userSeconds: 1), phases: Phases(run: 1))))
    add(
      .artifactSealed(
        Fact.ArtifactSealed(
          task: task, attempt: 1, artifact: text, bytes: 1 << 20, files: 1, digest: text)))
    add(
      .artifactExported(
        Fact.ArtifactExported(task: task, artifact: text, bytes: 1 << 20, path: text)))
    change(index, .done)
  }

  private mutating func fail(_ index: Int, then state: TaskState) {
    begin(index, attempt: 1)
    add(
      .attemptEnded(
        Fact.AttemptEnded(
          task: TaskID(index), attempt: 1,
          outcome: Outcome(.exit, status: .code(3), message: text),
          usage: Usage(userSeconds: 1), phases: Phases(run: 1))))
    change(index, state)
  }

  private mutating func change(_ index: Int, _ state: TaskState) {
    add(.taskState(Fact.TaskStateChanged(task: TaskID(index), state: state, reason: text)))
  }

  private mutating func remark() {
    let person = Actor(kind: .person, name: text, source: text)
    let pause = Request.pause([TaskID(3), TaskID(4)])
    add(.artifactLost(Fact.ArtifactReference(task: TaskID(0), artifact: text, bytes: 1 << 20)))
    add(.requestMade(Fact.RequestMade(actor: person, request: pause)))
    add(.requestRefused(Fact.RequestRefused(actor: person, request: pause, reason: text)))
    add(.runHeld(Fact.Remark(text)))
    add(.runContinued(Fact.Remark(text)))
    add(.unknown(text))
    add(.notice(Fact.Notice(code: text, text: text, task: TaskID(3))))
  }
}
