import Execution
import Model
import Planning
import Testing

@Suite("Engine: a graph that changes while it runs")
struct EngineGraphChangeTests {
  private static func newer(
    _ graph: TaskGraph, edits: [String: Schedule.StatusEdit] = [:], version: String = "v1"
  ) -> NewerGraph {
    NewerGraph(
      graph: graph, fingerprints: graph.tasks.map { "\(version) of \($0.name)" }, edits: edits,
      source: "tasks.json")
  }

  /// Runs to the end, with one change on the way.
  @discardableResult
  private static func run(
    _ scenario: Scenario, at seconds: Double, _ newer: NewerGraph
  ) async -> NewerGraph.Answer? {
    var answer: NewerGraph.Answer?
    await scenario.engine.open()
    while true {
      await scenario.engine.drain()
      if answer == nil, seconds <= scenario.clock.next ?? .infinity {
        scenario.clock.move(to: seconds)
        answer = await scenario.engine.change(to: newer)
      } else if await scenario.engine.closed != nil || !scenario.clock.ring() {
        return answer
      }
    }
  }

  /// Names of the admitted tasks, in order, of those that have come later too.
  private static func admitted(_ facts: [Fact]) -> [String] {
    let state = RunHistory(facts).state
    return facts.compactMap { fact in
      guard case .taskAdmitted(let admitted) = fact.kind else { return nil }
      return state.graph[admitted.task].name
    }
  }

  @Test("tasks come and go in one turn, and the log says so in an order that folds")
  func comesAndGoes() async throws {
    let scenario = try Scenario(
      TaskGraph(["a": [], "b": ["a"], "c": ["a"]]), plays: ["a": [.works(2)]])
    let newer = TaskGraph(["n": [], "a": [], "c": ["a", "n"]])
    #expect(await Self.run(scenario, at: 1, Self.newer(newer)) == .taken)
    #expect(Self.admitted(scenario.facts) == ["a", "n", "c"])
    #expect(scenario.ending == "done: 3 done")
    let state = await scenario.engine.snapshot
    #expect(state == RunHistory(scenario.facts).state)
    #expect(state.counts.total == 3)
    #expect(state.counts[.done] == 3)
    let kinds = scenario.facts.filter { $0.elapsedSeconds == 1 }.map(\.kind.name)
    #expect(kinds.starts(with: ["task.state", "graph.changed", "task.state"]))
  }

  @Test("a task sees the artifact that it has come to need")
  func newNeed() async throws {
    let scenario = try Scenario(
      TaskGraph(["a": [], "b": [], "c": ["b"]]), plays: ["b": [.works(2)]])
    await Self.run(scenario, at: 1.5, Self.newer(TaskGraph(["a": [], "b": [], "c": ["a", "b"]])))
    let launch = try #require(scenario.executor.launches.last)
    #expect(launch.environment.contains { $0.hasPrefix("CAIRN_IN_A=") })
    #expect(launch.environment.contains { $0.hasPrefix("CAIRN_IN_B=") })
  }

  @Test("what keeps its definition is told of once, and runs again with the next session")
  func keeps() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"]])
    let scenario = try Scenario(graph, plays: ["a": [.works(2)]])
    let change: (inout TaskGraph.Task) -> Void = { $0.action = .exec(arguments: ["other"]) }
    let newer = TaskGraph(["a": [], "b": ["a"]], ["a": change])
    await scenario.engine.open()
    scenario.clock.move(to: 1)
    for _ in 0..<2 {
      #expect(await scenario.engine.change(to: Self.newer(newer, version: "v2")) == .taken)
    }
    await scenario.run()
    #expect(
      scenario.lines(of: ["notice"]) == [
        "1.0 notice a file.kept: "
          + "the file defines it otherwise now; it keeps the definition it began with"
      ])
    #expect(
      scenario.facts.compactMap { fact -> [String]? in
        guard case .attemptStarted(let started) = fact.kind else { return nil }
        return [started.fingerprint]
      }.flatMap { $0 }.first == "v1 of a")
    let next = try Scenario(
      newer, after: scenario.facts, versions: ["a": "v2 of a", "b": "v2 of b"])
    await next.run()
    #expect(next.admitted(session: 2) == ["a", "b"])
  }

  @Test("a file that sets aside what runs has it stopped, by an actor of its own")
  func stops() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "c": []], ["a": { $0.retries = 3 }])
    let scenario = try Scenario(
      graph, plays: ["a": [.works(9)], "c": [.works(3)]])
    var newer = graph
    newer.tasks[0].standing = .cancelled
    await Self.run(scenario, at: 1, Self.newer(newer, edits: ["a": .overRunning]))
    #expect(scenario.lines(of: ["request.made"]) == ["1.0 request.made stop by file"])
    #expect(scenario.executor.signals == ["1.0 a TERM"])
    #expect(scenario.ending == "stalled: 1 wait for a (cancelled in the file)")
  }

  @Test("what failed runs again when somebody sets it back to pending")
  func retries() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "c": []])
    let scenario = try Scenario(
      graph, plays: ["a": [.fails(), .works(1)], "c": [.works(5)]])
    await Self.run(scenario, at: 3, Self.newer(graph, edits: ["a": .overEnding]))
    #expect(scenario.admitted() == ["a", "c", "a", "b"])
    #expect(scenario.lines(of: ["request.made"]) == ["3.0 request.made retry by file"])
    #expect(scenario.ending == "done: 3 done")
  }

  @Test("a circle is refused, and the run goes on with what it has")
  func circles() async throws {
    let change: (inout TaskGraph.Task) -> Void = {
      $0.when = .always
      $0.after = [TaskID(0)]
    }
    let graph = TaskGraph(["a": [], "b": []], ["b": change])
    let scenario = try Scenario(graph, plays: ["a": [.fails()], "b": [.works(5)]])
    let newer = TaskGraph(["b": [], "a": ["b"], "n": []])
    #expect(
      await Self.run(scenario, at: 3, Self.newer(newer))
        == .refused("tasks would wait for each other: b → a → b"))
    #expect(scenario.admitted() == ["a", "b"])
    #expect(!scenario.facts.contains { $0.kind.name == "graph.changed" })
  }

  /// What `a` makes is dropped once `b` has it, so that the room goes to whoever comes next.
  @Test("a run within a budget plans anew for what has come, and keeps to the budget")
  func plans() async throws {
    func graph(_ tasks: KeyValuePairs<String, [String]>) -> TaskGraph {
      var graph = TaskGraph(tasks)
      for index in graph.tasks.indices {
        graph.tasks[index].outputs = [.init(name: "out", expectedBytes: 400_000)]
        graph.tasks[index].keep = false
      }
      return graph
    }
    var config = RunConfig(jobs: 2)
    config.workspace = WorkspaceBudget(bytes: 900_000)
    let scenario = try Scenario(graph(["a": [], "b": ["a"]]), config: config)
    for name in ["a", "b", "n", "m"] { scenario.artifacts.size("\(name).out", 400_000) }
    let subject = scenario.engine.opening.schedule.planSubject()
    let limits = Planner.Budget(WorkspaceBudget(bytes: 900_000), workers: 2, seed: 1)
    await scenario.engine.follow(try Planner(limits).plan(subject), of: subject)
    let newer = graph(["n": [], "a": [], "b": ["a"], "m": ["n"]])
    #expect(await Self.run(scenario, at: 0.5, Self.newer(newer)) == .taken)
    #expect(scenario.ending == "done: 4 done")
    #expect(Set(Self.admitted(scenario.facts)) == ["a", "b", "n", "m"])
    let state = RunHistory(scenario.facts).state
    #expect(state.peakBytes <= 900_000)
    #expect(scenario.facts.count { $0.kind.name == "plan.adopted" } >= 2)
  }

  @Test("nothing is taken of a run that is over")
  func over() async throws {
    let scenario = try Scenario(TaskGraph(["a": []]))
    await scenario.run()
    let count = scenario.facts.count
    #expect(
      await scenario.engine.change(to: Self.newer(TaskGraph(["a": [], "n": []]))) == .taken)
    #expect(scenario.facts.count == count)
  }
}
