import Execution
import Model
import Planning
import Testing

@Suite("engine without room") struct EngineRoomTests {
  static let graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"]])

  func codes(_ scenario: Scenario) -> [String] {
    scenario.facts.compactMap { fact in
      guard case .notice(let notice) = fact.kind else { return nil }
      return notice.code
    }
  }

  func expectWhole(_ facts: [Fact]) {
    #expect(facts.map(\.sequence) == Array(1...facts.count))
  }

  @Test("a full disk pauses the run, and room lets it go on", arguments: [0, 3, 7, 12, 20])
  func pauses(facts: Int) async throws {
    let scenario = try Scenario(Self.graph)
    scenario.store.fill(after: facts, fails: 4)
    await scenario.run()
    #expect(scenario.ending == "done: 3 done")
    #expect(codes(scenario).first == "journal.full")
    expectWhole(scenario.facts)
    #expect(scenario.admitted() == ["a", "b", "c"])
  }

  @Test("the reserve records the pause at once; nothing is admitted before it is back")
  func reserve() async throws {
    let scenario = try Scenario(Self.graph)
    scenario.store.fill(after: 10, fails: 1, hasReserve: true, comesBackAfter: 3)
    await scenario.run()
    #expect(scenario.ending == "done: 3 done")
    let kinds = scenario.lines(of: ["notice", "task.admitted"])
    let full = try #require(kinds.firstIndex { $0.contains("journal.full") })
    #expect(kinds[full + 1].contains("journal.room"))
    expectWhole(scenario.facts)
  }

  @Test("what ends in time while nothing can be recorded has not timed out")
  func endsInTime() async throws {
    var graph = TaskGraph(["a": []])
    graph.tasks[0].timeoutSeconds = 8
    let scenario = try Scenario(graph, plays: ["a": [.init(seconds: 5)]])
    // Full from the hold on, for 17 s: the end is heard and the time passes, in this order.
    scenario.store.fill(after: 7, fails: 6)
    await scenario.run([(1, .hold)])
    #expect(scenario.ending == "done: 1 done")
  }

  @Test("nothing that is not durable is shown, and the signals say why")
  func shows() async throws {
    let scenario = try Scenario(Self.graph)
    scenario.store.fill(after: 0, fails: .max)
    await scenario.engine.open()
    #expect(scenario.facts.isEmpty)
    #expect(await scenario.engine.signals().problem?.contains("the disk is full") == true)
    for _ in 0..<20 {
      await scenario.engine.drain()
      _ = scenario.clock.ring()
    }
    #expect(await scenario.engine.closed == nil)
    let answer = await scenario.engine.send(.hold, by: Scenario.ana)
    guard case .refused(let reason) = answer else {
      Issue.record("held without a fact")
      return
    }
    #expect(reason.contains("can only be stopped"))
  }

  @Test("a snapshot shows only what is durable", arguments: [0, 5, 12], [1, 8_192])
  func snapshot(facts: Int, inMemory: Int) async throws {
    let scenario = try Scenario(Self.graph) { $0.factsInMemory = inMemory }
    scenario.store.fill(after: facts, fails: .max)
    await scenario.engine.open()
    for _ in 0..<20 {
      await scenario.engine.drain()
      _ = scenario.clock.ring()
    }
    try #require(await scenario.engine.signals().problem != nil)
    #expect(await scenario.engine.snapshot == RunHistory(scenario.facts).state)
  }

  @Test(
    "a stop without room ends all processes and fails", arguments: [Request.cancelRun, .killRun])
  func stops(request: Request) async throws {
    let scenario = try Scenario(Self.graph, plays: ["a": [.init(seconds: 100)]])
    scenario.store.fill(after: 12, fails: .max)
    await scenario.run([(5, .hold), (6, request)])
    #expect(await scenario.engine.closed == nil)
    #expect(scenario.facts.count <= 12)
    await #expect(throws: JournalProblem.self) { try await scenario.engine.run() }
  }

  @Test("an error that will not pass ends the run at once")
  func ends() async throws {
    let scenario = try Scenario(Self.graph, failsAfter: 6)
    await scenario.run()
    await #expect(throws: JournalProblem.self) { try await scenario.engine.run() }
  }

  @Test("an error that will not pass, met in the room of the reserve, ends the run at once")
  func endsInReserve() async throws {
    let scenario = try Scenario(Self.graph, failsAfter: 0)
    scenario.store.fill(after: 0, fails: 1, hasReserve: true)
    await scenario.engine.open()
    // Without a stall there is nothing that could be waited for.
    try #require(await scenario.engine.signals().problem == nil)
    await #expect(throws: JournalProblem.self) { try await scenario.engine.run() }
  }
}
