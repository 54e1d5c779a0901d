import Execution
import Model
import Planning
import Testing

@Suite("Engine: readers")
struct EngineReaderTests {
  static let graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"], "d": ["c"]])

  @Test func aSlowReaderGetsAllFactsWithoutGaps() async throws {
    let scenario = try Scenario(Self.graph) {
      $0.factsInMemory = 4
      $0.factsInBatch = 3
    }
    await scenario.run()
    var seen: [Fact] = []
    while true {
      let batch = await scenario.engine.facts(after: seen.last?.sequence ?? 0)
      if batch.isEmpty { break }
      #expect(batch.count <= 3)
      seen += batch
    }
    #expect(seen == scenario.facts)
  }

  @Test func readersFollowALiveRun() async throws {
    let scenario = try Scenario(Self.graph)
    let readers = (0..<3).map { _ in
      Task {
        var state = RunState()
        while true {
          let batch = await scenario.engine.facts(after: state.sequence)
          if batch.isEmpty { return state }
          for fact in batch { state.apply(fact) }
        }
      }
    }
    await scenario.run()
    let state = RunHistory(scenario.facts).state
    for reader in readers { #expect(await reader.value == state) }
  }

  @Test func aCancelledReaderReturnsAtOnce() async throws {
    let scenario = try Scenario(Self.graph, config: RunConfig(jobs: 1, startsHeld: true))
    await scenario.run()
    let last = scenario.facts.count
    let reader = Task { await scenario.engine.facts(after: last) }
    reader.cancel()
    #expect(await reader.value.isEmpty)
    #expect(await scenario.engine.closed == nil)
  }

  @Test func aCancelledRunIsStopped() async throws {
    let scenario = try Scenario(Self.graph, plays: ["a": [.works(60)]])
    let run = Task { try await scenario.engine.run() }
    var state = RunState()
    while state.counts[.running] == 0 {
      for fact in await scenario.engine.facts(after: state.sequence) { state.apply(fact) }
    }
    run.cancel()
    #expect(try await run.value.ending == .stopped)
    #expect(scenario.executor.signals == ["0.0 a TERM"])
    #expect(scenario.executor.running.isEmpty)
  }

  @Test func signalsAreTheNewestSamples() async throws {
    let scenario = try Scenario(
      Self.graph, plays: ["a": [.works(10)]], config: RunConfig(jobs: 1))
    await scenario.engine.open()
    await scenario.engine.drain()
    #expect(scenario.clock.ring())
    await scenario.engine.drain()
    let signals = await scenario.engine.signals()
    #expect(signals.elapsedSeconds == 1)
    #expect(signals.tasks[Self.graph.id("a")]?.residentBytes == 1_000)
  }

  @Test func windowsAndSearchesReadTheAttemptsLog() async throws {
    let scenario = try Scenario(Self.graph)
    try scenario.logs.write(Array("hello".utf8), to: "/logs/1/a.1.log")
    let log = LogReference(task: Self.graph.id("a"), attempt: 1)
    #expect(await scenario.engine.window(log, at: .end).bytes == Array("hello".utf8))
    #expect(await scenario.engine.find("ell", in: log, from: 0, backwards: false) == 0)
    let nowhere = LogReference(task: TaskID(99), attempt: 1)
    #expect(await scenario.engine.window(nowhere, at: .end).problem == "there is no such task")
  }
}
