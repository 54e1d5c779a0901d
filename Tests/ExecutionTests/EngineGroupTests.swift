import Execution
import Model
import Planning
import Testing

/// Commits in groups: facts are durable in their turn and seen together a moment later.
@Suite("Engine: groups of commits")
struct EngineGroupTests {
  private func scenario(
    _ graph: TaskGraph, plays: [String: [ScriptedExecutor.Play]] = [:], jobs: Int = 2
  ) throws -> Scenario {
    let scenario = try Scenario(graph, plays: plays, config: RunConfig(jobs: jobs)) {
      $0.groupCommitSeconds = 0.5
    }
    scenario.store.beginSaving()
    return scenario
  }

  @Test("what happens soon after a commit is saved, and seen with the next")
  func grouped() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": []])
    let scenario = try scenario(
      graph, plays: ["a": [.works(0.1)], "b": [.works(0.2)], "c": [.works(3)]], jobs: 1)
    await scenario.engine.open()
    await scenario.engine.drain()
    let first = scenario.facts.count
    #expect(first > 0)
    while scenario.clock.next ?? .infinity < 0.5, scenario.clock.ring() {
      await scenario.engine.drain()
    }
    #expect(scenario.executor.running == ["c"], "nothing waits for what is only not seen yet")
    #expect(scenario.facts.count == first)
    #expect(!scenario.store.saved.isEmpty)
    #expect(await scenario.engine.facts(after: 0).count == first)
    while scenario.facts.count == first, scenario.clock.ring() { await scenario.engine.drain() }
    #expect(scenario.store.saved.isEmpty)
    #expect(scenario.states().contains("0.3 c running"))
    await scenario.run()
    #expect(scenario.ending == "done: 3 done")
    #expect(scenario.facts.map(\.sequence) == Array(1...scenario.facts.count))
  }

  @Test("who asks for something sees at once what came of it")
  func urgent() async throws {
    let scenario = try scenario(
      TaskGraph(["a": [], "b": []]), plays: ["a": [.works(9)], "b": [.works(9)]])
    await scenario.engine.open()
    await scenario.engine.drain()
    #expect(await scenario.engine.send(.hold, by: Scenario.ana) == .accepted)
    #expect(scenario.store.saved.isEmpty)
    #expect(scenario.lines(of: ["run.held"]).count == 1)
    #expect(await scenario.engine.snapshot.isHeld)
  }

  @Test("a session that ends shows all that was saved")
  func ends() async throws {
    let scenario = try scenario(TaskGraph(["a": [], "b": ["a"], "c": ["b"]]))
    await scenario.run()
    #expect(scenario.ending == "done: 3 done")
    #expect(scenario.store.saved.isEmpty)
  }
}
