import Execution
import Model
import Planning
import Testing

/// What attempts write is measured, where the workspace has a limit.
@Suite("growth of what attempts write") struct EngineGrowthTests {
  /// One task a name, each expected to make 1,000 bytes, under a limit.
  private static func scenario(
    _ budget: Int64, _ plays: [String: ScriptedExecutor.Play], rate: Double
  ) async throws -> Scenario {
    var graph = TaskGraph(name: "growth")
    for name in plays.keys.sorted() {
      var task = TaskGraph.Task(
        id: TaskID(graph.tasks.count), name: name, action: .exec(arguments: ["write"]))
      task.outputs = [.init(name: "out", expectedBytes: 1_000)]
      graph.tasks.append(task)
    }
    var config = RunConfig(jobs: plays.count)
    config.workspace = WorkspaceBudget(bytes: budget)
    let scenario = try Scenario(graph, plays: plays.mapValues { [$0] }, config: config)
    for (name, play) in plays {
      scenario.artifacts.size("\(name).out", Int64(rate * play.seconds))
    }
    let executor = scenario.executor
    scenario.artifacts.grow { place in
      ["out": Int64(rate * executor.ranSeconds(place.task.name)), "": 50]
    }
    let subject = await scenario.engine.opening.schedule.planSubject()
    let limits = Planner.Budget(WorkspaceBudget(bytes: budget), workers: plays.count, seed: 1)
    let plan = try Planner(limits, effort: .first).plan(PlanGraph(subject))
    await scenario.engine.follow(plan, of: subject)
    return scenario
  }

  private static func told(_ scenario: Scenario) -> [Int64] {
    scenario.facts.compactMap { fact in
      guard case .artifactGrew(let grown) = fact.kind else { return nil }
      return grown.bytes
    }
  }

  @Test("an artifact that outgrows its plan is told, and then at every further eighth")
  func everyEighth() async throws {
    let scenario = try await Self.scenario(1_000_000, ["a": .works(100)], rate: 1_000)
    await scenario.run()
    let told = Self.told(scenario)
    let first = try #require(told.first)
    #expect((1_001...1_250).contains(first))
    for (before, after) in zip(told, told.dropFirst()) {
      #expect(after > before + before / 8)
      #expect(after <= before + before / 8 + 250)
    }
    #expect(told.count < 45, "400 measurements")
    #expect(scenario.ending == "done: 1 done")
  }

  @Test("what grows within its plan is not told, and neither is scratch")
  func withinPlan() async throws {
    let scenario = try await Self.scenario(1_000_000, ["a": .works(10)], rate: 100)
    await scenario.run()
    #expect(Self.told(scenario).isEmpty)
  }

  @Test("what grows counts as footprint until the attempt ends")
  func footprint() async throws {
    let scenario = try await Self.scenario(1_000_000, ["a": .fails(after: 10)], rate: 1_000)
    await scenario.run()
    var state = RunState()
    for fact in scenario.facts {
      state.apply(fact)
      if case .artifactGrew(let grown) = fact.kind { #expect(state.footprintBytes == grown.bytes) }
    }
    #expect(state.footprintBytes == 0)
    let last = try #require(Self.told(scenario).last)
    #expect(state.peakBytes == last + 100, "with the scratch of its slot")
  }
}
