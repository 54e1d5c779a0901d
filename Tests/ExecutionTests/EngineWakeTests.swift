import Execution
import Model
import Testing

@Suite("Engine: wake-ups")
struct EngineWakeTests {
  /// Elapsed seconds are a sum over the sessions, so a moment may read earlier than it was asked for.
  ///
  /// The engine then found nothing to do, and nobody woke it again.
  @Test(arguments: 1...40)
  func aBackoffEndsHoweverItsMomentIsRounded(part: Int) async throws {
    let graph = TaskGraph(
      ["a": []],
      [
        "a": {
          $0.retries = 1
          $0.backoff = Backoff(firstSeconds: 2.5)
        }
      ])
    let first = try Scenario(graph, plays: ["a": [.works(90)]])
    await first.run([(Double(part) / 77, .killRun)])
    let resumed = try Scenario(
      graph, plays: ["a": [.fails(after: 0.1), .works]], after: first.facts,
      artifacts: first.artifacts)
    await resumed.run()
    #expect(resumed.ending == "done: 1 done")
  }
}
