import Execution
import Model
import Planning
import Synchronization
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
    let subject = scenario.engine.opening.schedule.planSubject()
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

  @Test("a young attempt is measured again when it is twice as old, up to the usual interval")
  func young() async throws {
    let scenario = try await Self.scenario(1_000_000, ["a": .works(1)], rate: 0)
    let times = Mutex<[Int]>([])
    let clock = scenario.clock
    scenario.artifacts.grow { _ in
      times.withLock { $0.append(Int((clock.seconds * 1000).rounded())) }
      return [:]
    }
    await scenario.run()
    #expect(times.withLock(\.self) == [25, 50, 100, 200, 400, 650, 900])
  }

  @Test("a workspace that fills up is looked at more often, and hardly overshot")
  func nearlyFull() async throws {
    let scenario = try await Self.scenario(5_000, ["a": .works(10)], rate: 4_000)
    let most = Mutex<Int64>(0)
    let executor = scenario.executor
    scenario.artifacts.grow { place in
      let bytes = Int64(4_000 * executor.ranSeconds(place.task.name))
      most.withLock { $0 = max($0, bytes) }
      return ["out": bytes]
    }
    await scenario.run()
    #expect((5_001...5_100).contains(most.withLock(\.self)), "25 ms are 100 bytes")
    #expect(Self.told(scenario).last == most.withLock(\.self), "what it stands still with is told")
    #expect(scenario.states().count { $0.hasSuffix("a paused") } == 1, "it stands still once")
    #expect(scenario.ending?.hasPrefix("stalled: ") == true)
  }

  @Test("one that writes in bursts is looked at as often")
  func bursts() async throws {
    let scenario = try await Self.scenario(5_000, ["a": .works(10)], rate: 4_000)
    let most = Mutex<Int64>(0)
    let executor = scenario.executor
    scenario.artifacts.grow { place in
      let bytes = Int64(4_000 * (executor.ranSeconds(place.task.name) * 10).rounded(.down) / 10)
      most.withLock { $0 = max($0, bytes) }
      return ["out": bytes]
    }
    await scenario.run()
    #expect(most.withLock(\.self) == 5_200, "the burst that passes the budget, and no other")
  }

  @Test("what was written before it could be measured is told once it is sealed")
  func tooFast() async throws {
    let scenario = try await Self.scenario(5_000, ["a": .works(0.01)], rate: 1_000_000)
    await scenario.run()
    let notices = scenario.lines(of: ["notice"])
    #expect(notices.count { $0.contains("workspace.over") } == 1, "\(notices)")
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
