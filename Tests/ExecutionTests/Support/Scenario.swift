import Execution
import Model
import Planning
import Testing

/// One session of a run, played in virtual time.
struct Scenario {
  let engine: Engine
  let clock: VirtualClock
  let executor: ScriptedExecutor
  let store: MemoryFactStore
  let artifacts: ScriptedArtifacts
  let logs: MemoryLogs
  let graph: TaskGraph

  static let ana = Actor(kind: .person, name: "ana", source: "test")

  init(
    _ graph: TaskGraph, plays: [String: [ScriptedExecutor.Play]] = [:],
    config: RunConfig = RunConfig(jobs: 2), after facts: [Fact] = [],
    versions: [String: String] = [:], artifacts: ScriptedArtifacts = ScriptedArtifacts(),
    logs: MemoryLogs = MemoryLogs(), failsAfter: Int? = nil,
    driver: (any EngineDriver)? = nil, clock: VirtualClock = VirtualClock(), lends: Bool = false,
    limits change: (inout EngineContext.Limits) -> Void = { _ in }
  ) throws {
    var limits = EngineContext.Limits()
    limits.lanes = 0
    change(&limits)
    self.clock = clock
    self.graph = graph
    self.artifacts = artifacts
    self.logs = logs
    store = MemoryFactStore(facts, failsAfter: failsAfter)
    executor = ScriptedExecutor(plays, clock: clock)
    var context = EngineContext(
      run: 1, root: "/project",
      host: Fact.Host(name: "host", cores: 2, memoryBytes: 0, diskFreeBytes: 0),
      version: "test", token: "token", environment: ["PATH=/bin", "LANG=C", "SECRET=x"],
      limits: limits, driver: driver, combine: { $0.joined(separator: "+") })
    context.lends = lends
    engine = try Engine(
      graph: graph, fingerprints: graph.tasks.map { versions[$0.name] ?? "v1 of \($0.name)" },
      config: config, history: facts.isEmpty ? nil : RunHistory(facts),
      context: context, executor: executor, store: store, artifacts: artifacts, logs: logs,
      clock: clock)
  }

  /// Runs to the end, or until nothing moves any more; requests are made at their times.
  @discardableResult
  func run(_ requests: [(Double, Request)] = []) async -> [Answer] {
    var requests = requests[...]
    var answers: [Answer] = []
    await engine.open()
    while true {
      await engine.drain()
      if let (seconds, request) = requests.first, seconds <= clock.next ?? .infinity {
        requests.removeFirst()
        clock.move(to: seconds)
        answers.append(await engine.send(request, by: Self.ana))
      } else if await engine.closed != nil || !clock.ring() {
        return answers
      }
    }
  }

  var facts: [Fact] { store.facts }

  /// The facts as text, without those that are in every session.
  func lines(of kinds: Set<String> = [], session: Int = 1) -> [String] {
    facts.filter { fact in
      guard fact.session == session else { return false }
      return kinds.isEmpty ? fact.kind.name != "graph.defined" : kinds.contains(fact.kind.name)
    }.map { text($0) }
  }

  /// Only the states, as `1.0 a running`.
  func states(session: Int = 1) -> [String] {
    facts.compactMap { fact in
      guard fact.session == session, case .taskState(let change) = fact.kind else { return nil }
      return "\(time(fact)) \(graph[change.task].name) \(change.state)"
    }
  }

  var ending: String? {
    facts.last.flatMap { fact in
      guard case .runClosed(let closed) = fact.kind else { return nil }
      return "\(closed.ending): \(closed.reason)"
    }
  }

  /// Names of the admitted tasks, in order.
  func admitted(session: Int = 1) -> [String] {
    facts.compactMap { fact in
      guard fact.session == session, case .taskAdmitted(let admitted) = fact.kind else {
        return nil
      }
      return graph[admitted.task].name
    }
  }

  private func time(_ fact: Fact) -> String {
    "\((fact.elapsedSeconds * 1000).rounded() / 1000)"
  }

  private func text(_ fact: Fact) -> String {
    let task = fact.kind.task.map { " \(graph[$0].name)" } ?? ""
    return "\(time(fact)) \(fact.kind.name)\(task)\(detail(fact.kind))"
  }

  private func detail(_ kind: Fact.Kind) -> String {
    switch kind {
    case .taskAdmitted(let fact): " #\(fact.attempt) \(fact.admission)"
    case .attemptStarted(let fact): " #\(fact.attempt)"
    case .attemptEnded(let fact): " #\(fact.attempt) \(fact.outcome.class)"
    case .verifyEnded(let fact): " \(fact.status)"
    case .taskState(let fact): " \(fact.state)\(fact.reason.map { " (\($0))" } ?? "")"
    case .artifactSealed(let fact): ".\(fact.artifact)"
    case .artifactDropped(let fact), .artifactLost(let fact): ".\(fact.artifact)"
    case .artifactGrew(let fact): ".\(fact.artifact) \(fact.bytes)"
    case .artifactExported(let fact): " to \(fact.path)"
    case .slotLeased(let fact): " \(fact.slot)"
    case .slotReleased(let fact): " \(fact.slot)"
    case .requestMade(let fact): " \(fact.request.verb) by \(fact.actor.name)"
    case .requestRefused(let fact): " \(fact.request.verb): \(fact.reason)"
    case .runHeld(let fact), .runContinued(let fact): " \(fact.reason)"
    case .runClosed(let fact): " \(fact.ending): \(fact.reason)"
    case .notice(let fact): " \(fact.code): \(fact.text)"
    default: ""
    }
  }
}

extension TaskGraph {
  /// Tasks in order, each with its needs; every task has the artifact `out` unless told otherwise.
  init(
    _ tasks: KeyValuePairs<String, [String]>,
    _ change: [String: (inout Task) -> Void] = [:]
  ) {
    self.init(name: "test")
    for (name, needs) in tasks {
      var task = Task(
        id: TaskID(self.tasks.count), name: name, action: .exec(arguments: ["run", name]))
      task.outputs = [Output(name: "out")]
      task.needs = needs.compactMap { need in
        self.task(named: need).map { Need(task: $0.id, variable: need.uppercased()) }
      }
      change[name]?(&task)
      self.tasks.append(task)
    }
  }

  func id(_ name: String) -> TaskID {
    guard let task = task(named: name) else { preconditionFailure("no task \(name)") }
    return task.id
  }
}
