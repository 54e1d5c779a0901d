import Execution
import Model
import Planning
import Testing

@Suite("Engine: lives of attempts")
struct EngineLifeTests {
  static let diamond = TaskGraph(["a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]])

  @Test func oneAttemptIsToldInOrder() async throws {
    let graph = TaskGraph(
      ["a": []],
      [
        "a": { task in
          task.verify = "test -s out"
          task.exports = [TaskGraph.Export(artifact: "out", path: "report")]
        }
      ])
    let scenario = try Scenario(graph)
    await scenario.run()
    #expect(
      scenario.lines() == [
        "0.0 run.opened",
        "0.0 task.state a ready",
        "0.0 task.admitted a #1 first",
        "0.0 slot.leased a 0",
        "0.0 attempt.started a #1",
        "0.0 task.state a running",
        "1.0 task.state a verifying",
        "2.0 verify.ended a code(0)",
        "2.0 artifact.sealed a.out",
        "2.0 artifact.exported a to report",
        "2.0 slot.released a 0",
        "2.0 attempt.ended a #1 success",
        "2.0 task.state a done",
        "2.0 artifact.dropped a.out",
        "2.0 run.closed done: 1 done",
      ])
  }

  @Test func aDiamondRunsTwoAtATime() async throws {
    let scenario = try Scenario(Self.diamond, plays: ["b": [.works(2)], "c": [.works(3)]])
    await scenario.run()
    #expect(
      scenario.states() == [
        "0.0 a ready", "0.0 a running", "1.0 a done", "1.0 b ready", "1.0 c ready",
        "1.0 b running", "1.0 c running", "3.0 b done", "4.0 c done", "4.0 d ready",
        "4.0 d running", "5.0 d done",
      ])
    #expect(scenario.ending == "done: 4 done")
    #expect(scenario.executor.most == 2)
  }

  @Test func factsAreNumberedWithoutGapsAndAppendedInTurns() async throws {
    let scenario = try Scenario(Self.diamond)
    await scenario.run()
    #expect(scenario.facts.map(\.sequence) == Array(1...scenario.facts.count))
    #expect(scenario.store.batches.reduce(0, +) == scenario.facts.count)
    // The end of the two in the middle and the start of the last share an append.
    #expect(scenario.store.batches.count < scenario.facts.count / 2)
    #expect(await scenario.engine.snapshot == RunHistory(scenario.facts).state)
  }

  @Test func aFailureIsTriedAgainAfterABackoff() async throws {
    let graph = TaskGraph(
      ["a": []],
      [
        "a": {
          $0.retries = 1
          $0.backoff.firstSeconds = 10
        }
      ])
    let scenario = try Scenario(graph, plays: ["a": [.fails(3), .works]])
    await scenario.run()
    let lines = scenario.lines(of: ["task.state", "attempt.ended", "task.admitted"])
    let until = try #require(
      scenario.facts.compactMap { fact -> Double? in
        guard case .taskState(let change) = fact.kind else { return nil }
        return change.untilSeconds
      }.first)
    #expect((8.5...13.5).contains(until))
    #expect(lines[3] == "1.0 attempt.ended a #1 exit")
    #expect(lines[4] == "1.0 task.state a backoff (failed, exit 3)")
    #expect(lines[5].hasSuffix("task.state a ready"))
    #expect(lines[6].hasSuffix("task.admitted a #2 retry"))
    #expect(scenario.ending == "done: 1 done")
  }

  @Test func aFailureForGoodSkipsItsDependents() async throws {
    let scenario = try Scenario(Self.diamond, plays: ["b": [.fails()]])
    await scenario.run()
    #expect(scenario.ending == "failed: 1 failed: b")
    #expect(scenario.lines().contains("2.0 task.state d skipped (needs b, which failed)"))
    #expect(scenario.lines().contains("2.0 task.state c done"))
  }

  @Test func failFastAdmitsNothingMore() async throws {
    let graph = TaskGraph(["bad": [], "next": []])
    let scenario = try Scenario(
      graph, plays: ["bad": [.fails()]], config: RunConfig(jobs: 1, failFast: true))
    await scenario.run()
    #expect(scenario.admitted() == ["bad"])
    #expect(scenario.ending == "failed: 1 failed: bad")
  }

  @Test func conditionsRunAfterAFailure() async throws {
    let graph = TaskGraph(
      ["bad": [], "onFailure": ["bad"], "always": ["bad"]],
      [
        "bad": { $0.outputs = [] },
        "onFailure": { $0.when = .failure },
        "always": { $0.when = .always },
      ])
    let scenario = try Scenario(graph, plays: ["bad": [.fails()]])
    await scenario.run()
    #expect(scenario.admitted() == ["bad", "onFailure", "always"])
    #expect(scenario.ending == "failed: 1 failed: bad")
  }

  @Test func aVerificationThatFailsFailsTheAttempt() async throws {
    let graph = TaskGraph(["a": []], ["a": { $0.verify = "false" }])
    let scenario = try Scenario(graph, plays: ["a!": [.fails(1)]])
    await scenario.run()
    #expect(
      scenario.lines(of: ["verify.ended", "attempt.ended", "artifact.sealed", "task.state"])
        .suffix(3) == [
          "2.0 verify.ended a code(1)", "2.0 attempt.ended a #1 verification",
          "2.0 task.state a failed (verification failed, exit 1)",
        ])
  }

  @Test func aGateIsOnlyItsVerification() async throws {
    let graph = TaskGraph(
      ["plain": [], "checked": []],
      [
        "plain": {
          $0.action = .gate
          $0.outputs = []
        },
        "checked": {
          $0.action = .gate
          $0.outputs = []
          $0.verify = "true"
        },
      ])
    let scenario = try Scenario(graph)
    await scenario.run()
    #expect(scenario.executor.launches.map(\.log) == ["/logs/1/checked.1.verify.log"])
    #expect(scenario.ending == "done: 2 done")
  }

  @Test(
    "trouble with files or the start of a command is an outcome",
    arguments: [
      ("prepare a", "artifact"), ("seal a", "artifact"), ("export a", "artifact"),
      ("spawn", "spawn"),
    ])
  func troubles(call: String, outcome: String) async throws {
    let graph = TaskGraph(
      ["a": []], ["a": { $0.exports = [TaskGraph.Export(artifact: "out", path: "x")] }])
    var play = ScriptedExecutor.Play()
    if call == "spawn" { play.problem = "no such directory" }
    let scenario = try Scenario(graph, plays: ["a": [play]])
    scenario.artifacts.fail(call, "the disk is full")
    await scenario.run()
    let words = call == "spawn" ? "no such directory" : "the disk is full"
    #expect(scenario.lines().contains { $0.hasSuffix("attempt.ended a #1 \(outcome)") })
    #expect(scenario.lines().contains { $0.hasSuffix("task.state a failed (\(words))") })
    #expect(scenario.artifacts.calls.last == "release a")
  }

  @Test func artifactsThatNobodyNeedsAreDropped() async throws {
    let graph = TaskGraph(
      ["a": [], "b": ["a"], "c": ["a"]], ["a": { $0.keep = false }])
    let scenario = try Scenario(graph, config: RunConfig(jobs: 1))
    await scenario.run()
    #expect(
      scenario.lines(of: ["task.state", "artifact.dropped", "run.closed"]).suffix(3) == [
        "3.0 task.state c done", "3.0 artifact.dropped a.out", "3.0 run.closed done: 3 done",
      ])
    #expect(scenario.artifacts.held == ["b.out", "c.out"])
  }

  @Test func inputsOfAFailedTaskStayForARetry() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"]], ["a": { $0.keep = false }])
    let scenario = try Scenario(graph, plays: ["b": [.fails()]])
    await scenario.run()
    #expect(scenario.artifacts.held == ["a.out"])
  }

  @Test func whatAnUnusedReaderLeavesIsDroppedAtTheEnd() async throws {
    let graph = TaskGraph(
      ["a": [], "rescue": ["a"]], ["a": { $0.keep = false }, "rescue": { $0.when = .failure }])
    let scenario = try Scenario(graph)
    await scenario.run()
    #expect(scenario.artifacts.held.isEmpty)
    #expect(scenario.ending == "done: 1 done, 1 skipped")
  }

  @Test func anAttemptsFingerprintCoversItsInputs() async throws {
    let scenario = try Scenario(Self.diamond)
    await scenario.run()
    let seen = scenario.facts.compactMap { fact -> String? in
      guard case .attemptStarted(let started) = fact.kind else { return nil }
      return started.fingerprint
    }
    #expect(seen.last == "v1 of d+digest of b+digest of c")
  }

  @Test func slotsAreTakenFromBelow() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": [], "d": []])
    let scenario = try Scenario(graph, plays: ["a": [.works(5)]])
    await scenario.run()
    #expect(
      scenario.lines(of: ["slot.leased"]) == [
        "0.0 slot.leased a 0", "0.0 slot.leased b 1", "1.0 slot.leased c 1",
        "2.0 slot.leased d 1",
      ])
  }

  @Test func aThousandTasksRun() async throws {
    var graph = TaskGraph(name: "wide")
    for index in 0..<1_000 {
      graph.tasks.append(
        TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["true"])))
    }
    let scenario = try Scenario(graph, config: RunConfig(jobs: 8))
    await scenario.run()
    #expect(scenario.ending == "done: 1000 done")
    #expect(scenario.executor.most == 8)
  }
}
