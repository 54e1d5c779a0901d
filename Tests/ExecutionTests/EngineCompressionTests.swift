import Execution
import Model
import Planning
import Testing

/// What `a` makes is needed at the end; in between, `c` has no room beside it.
@Suite("compressions that a plan asks for") struct EngineCompressionTests {
  private static var config: RunConfig {
    var config = RunConfig(jobs: 2)
    config.workspace = WorkspaceBudget(bytes: 900_000)
    return config
  }

  private static func scenario() async throws -> Scenario {
    var graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"], "d": ["a", "c"]])
    let sizes: [Int64] = [400_000, 400_000, 200_000, 4_096]
    for index in graph.tasks.indices {
      graph.tasks[index].outputs = [.init(name: "out", expectedBytes: sizes[index])]
    }
    let scenario = try Scenario(graph, config: config)
    for (task, bytes) in zip(graph.tasks, sizes) {
      scenario.artifacts.size("\(task.name).out", bytes)
    }
    scenario.artifacts.sample("a.out", 80_000)
    var subject = scenario.engine.opening.schedule.planSubject()
    subject.compressedShares[RunState.ArtifactKey(task: TaskID(0), name: "out")] = 0.2
    let limits = Planner.Budget(WorkspaceBudget(bytes: 900_000), workers: 2, seed: 1)
    let plan = try Planner(limits).plan(subject)
    #expect(plan.moves.cost.compressedBytes == 400_000 && plan.peakBytes <= 900_000)
    await scenario.engine.follow(plan, of: subject)
    return scenario
  }

  private static let kinds: Set<String> = [
    "artifact.compressed", "artifact.expanded", "artifact.lost", "task.admitted",
  ]

  @Test("one is compressed behind its reader and expanded in front of its next")
  func carriedOut() async throws {
    let scenario = try await Self.scenario()
    await scenario.run()
    #expect(scenario.ending == "done: 4 done")
    let kinds = scenario.facts.map(\.kind.name).filter { Self.kinds.contains($0) }
    #expect(
      kinds == [
        "task.admitted", "task.admitted", "artifact.compressed", "task.admitted",
        "artifact.expanded", "task.admitted",
      ])
    let state = RunHistory(scenario.facts).state
    #expect(state.peakBytes <= 900_000 && state.compressed.isEmpty)
  }

  /// What `a` and `e` make lies still while `c` runs, and one of them may lie there as a whole.
  @Test("one that cannot be compressed leads to a new plan, without it")
  func failing() async throws {
    var graph = TaskGraph(["a": [], "e": [], "b": ["a", "e"], "c": ["b"], "d": ["a", "e", "c"]])
    let sizes: [String: Int64] = [
      "a": 400_000, "e": 400_000, "b": 100_000, "c": 250_000, "d": 4_096,
    ]
    var config = RunConfig(jobs: 2)
    config.workspace = WorkspaceBudget(bytes: 1_140_000)
    for index in graph.tasks.indices {
      let bytes = sizes[graph.tasks[index].name] ?? 0
      graph.tasks[index].outputs = [.init(name: "out", expectedBytes: bytes)]
    }
    let scenario = try Scenario(graph, config: config)
    var subject = scenario.engine.opening.schedule.planSubject()
    for task in graph.tasks {
      scenario.artifacts.size("\(task.name).out", sizes[task.name] ?? 0)
      guard ["a", "e"].contains(task.name) else { continue }
      scenario.artifacts.sample("\(task.name).out", 80_000)
      subject.compressedShares[RunState.ArtifactKey(task: task.id, name: "out")] = 0.2
    }
    let plan = try Planner(Planner.Budget(bytes: 1_140_000, workers: 2)).plan(subject)
    let first = try #require(
      plan.moves.moves.indices.compactMap { plan.storeMove($0) }.first { $0.isEviction })
    let name = graph[first.key.task].name
    scenario.artifacts.fail("compress \(name)", "it is not compressed: too large")
    await scenario.engine.follow(plan, of: subject)
    await scenario.run()
    #expect(scenario.ending == "done: 5 done")
    let calls = scenario.artifacts.calls.filter { $0.hasPrefix("compress") }
    #expect(calls == ["compress \(name)", "compress \(name == "a" ? "e" : "a")"])
    #expect(scenario.facts.count { $0.kind.name == "plan.adopted" } >= 2)
    let notices = scenario.facts.compactMap { fact -> String? in
      guard case .notice(let notice) = fact.kind else { return nil }
      return notice.text
    }
    #expect(notices.contains("it is not compressed: too large"))
  }

  @Test("one that cannot be expanded is lost, and made again")
  func lost() async throws {
    let scenario = try await Self.scenario()
    scenario.artifacts.fail("expand a", "the compressed form is damaged")
    await scenario.run()
    #expect(scenario.ending == "done: 4 done")
    #expect(scenario.admitted() == ["a", "b", "c", "a", "d"])
    #expect(RunHistory(scenario.facts).state.compressed.isEmpty)
  }

  @Test("what a death left compressed, and the journal does not know, is told and expanded")
  func untold() async throws {
    let whole = try await Self.scenario()
    await whole.run([(2.5, .cancelRun)])
    let facts = whole.facts.filter { fact in
      switch fact.kind {
      case .artifactCompressed, .artifactExpanded: false
      default: true
      }
    }
    #expect(facts.count < whole.facts.count)
    let numbered = facts.enumerated().map { index, fact in
      var fact = fact
      fact.sequence = index + 1
      return fact
    }
    let state = RunHistory(numbered).state
    let key = RunState.ArtifactKey(task: TaskID(0), name: "out")
    #expect(state.artifacts[key] != nil)
    // The opening asks for whatever form there is.
    whole.artifacts.held.insert("a.out")
    let again = try Scenario(
      whole.graph, config: Self.config, after: numbered, artifacts: whole.artifacts)
    whole.artifacts.held.remove("a.out")
    var subject = again.engine.opening.schedule.planSubject()
    for other in state.artifacts.keys where other != key {
      subject.lying[other] = state.artifacts[other]?.bytes
    }
    subject.compressed[key] = PlanGraph.Compressed(wholeBytes: 400_000, bytes: 80_000)
    let plan = try Planner(Planner.Budget(bytes: 900_000)).plan(subject)
    await again.engine.follow(plan, of: subject)
    await again.run()
    #expect(again.ending == "done: 4 done")
    let kinds = again.facts.filter { $0.session == 2 }.map(\.kind.name)
    #expect(kinds.contains("artifact.compressed") && kinds.contains("artifact.expanded"))
  }
}
