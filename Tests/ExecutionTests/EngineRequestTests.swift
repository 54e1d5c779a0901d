import Execution
import Model
import Planning
import Testing

@Suite("Engine: requests and limits")
struct EngineRequestTests {
  static let chain = TaskGraph(["a": [], "b": ["a"]])
  static let pair = TaskGraph(["a": [], "b": []])
  static let one = TaskGraph(["a": []])

  @Test func aTimeoutEndsTheGroupGentlyThenForGood() async throws {
    let graph = TaskGraph(["a": []], ["a": { $0.timeoutSeconds = 3 }])
    let play = ScriptedExecutor.Play(seconds: 60, ignoresTerm: true)
    let scenario = try Scenario(graph, plays: ["a": [play]])
    await scenario.run()
    #expect(scenario.executor.signals == ["3.0 a TERM", "8.0 a KILL"])
    #expect(scenario.lines().contains("8.0 attempt.ended a #1 timeout"))
    #expect(scenario.lines().contains("8.0 task.state a failed (ran longer than 3 s)"))
  }

  @Test func pausedTimeDoesNotCountForTheTimeout() async throws {
    let graph = TaskGraph(["a": []], ["a": { $0.timeoutSeconds = 3 }])
    let scenario = try Scenario(graph, plays: ["a": [.works(2)]])
    let a = [graph.id("a")]
    await scenario.run([(1, .pause(a)), (10, .resume(a))])
    #expect(
      scenario.states() == [
        "0.0 a ready", "0.0 a running", "1.0 a paused", "10.0 a running", "11.0 a done",
      ])
    #expect(scenario.executor.signals == ["1.0 a STOP", "10.0 a CONT"])
  }

  @Test func pausedTimeIsNoRunningTime() async throws {
    let graph = TaskGraph(["a": []])
    let scenario = try Scenario(graph, plays: ["a": [.works(2)]])
    let a = [graph.id("a")]
    await scenario.run([
      (1, .pause(a)), (10, .resume(a)), (10.5, .freezeAll), (12.5, .thawAll),
    ])
    let attempt = try #require(await scenario.engine.snapshot[graph.id("a")].lastAttempt)
    #expect(attempt.phases?.run == 2)
    #expect(attempt.phases?.paused == 11)
    #expect(attempt.pausedSeconds == 11)
    #expect(attempt.seconds == 2)
  }

  @Test func pausesOfATaskAndOfTheRunAreFactsOfTheirOwn() async throws {
    let scenario = try Scenario(Self.one, plays: ["a": [.works(9)]])
    let a = [Self.one.id("a")]
    await scenario.run([
      (1, .pause(a)), (2, .resume(a)), (3, .hold), (4, .continue), (5, .freezeAll), (6, .thawAll),
    ])
    #expect(
      scenario.lines(of: ["run.held", "run.continued", "task.state"]) == [
        "0.0 task.state a ready", "0.0 task.state a running",
        "1.0 task.state a paused (paused by ana)", "2.0 task.state a running",
        "3.0 run.held held by ana", "4.0 run.continued continued by ana",
        "5.0 run.held frozen by ana", "5.0 task.state a paused (frozen by ana)",
        "6.0 run.continued thawed by ana", "6.0 task.state a running", "11.0 task.state a done",
      ])
  }

  @Test func aVerificationHasTheSameTimeout() async throws {
    let graph = TaskGraph(
      ["a": []],
      [
        "a": {
          $0.timeoutSeconds = 3
          $0.verify = "sleep"
        }
      ])
    let scenario = try Scenario(graph, plays: ["a": [.works(2)], "a!": [.works(60)]])
    await scenario.run()
    #expect(
      scenario.lines().contains("5.0 task.state a failed (verification ran longer than 3 s)"))
  }

  @Test func aFloodOfOutputIsKilled() async throws {
    let play = ScriptedExecutor.Play(seconds: 60, bytesPerSecond: 1_000)
    let scenario = try Scenario(Self.one, plays: ["a": [play]]) { $0.outputBytes = 2_500 }
    await scenario.run()
    #expect(scenario.executor.signals == ["3.0 a KILL"])
    #expect(scenario.lines().contains("3.0 attempt.ended a #1 output"))
  }

  @Test func aHeldTaskIsSkippedByAdmissionUntilItIsReleased() async throws {
    let b = [Self.pair.id("b")]
    let scenario = try Scenario(Self.pair, config: RunConfig(jobs: 1))
    await scenario.run([(0.5, .pause(b)), (5, .resume(b))])
    #expect(
      scenario.states() == [
        "0.0 a ready", "0.0 b ready", "0.0 a running", "0.5 b held", "1.0 a done", "5.0 b ready",
        "5.0 b running", "6.0 b done",
      ])
  }

  @Test func aHeldRunStepsOneByOneAndContinues() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": [], "d": []])
    let scenario = try Scenario(graph, config: RunConfig(jobs: 1, startsHeld: true))
    let answers = await scenario.run([
      (1, .step(graph.id("c"))), (5, .step(nil)), (10, .continue),
    ])
    #expect(answers == [.accepted, .accepted, .accepted])
    #expect(scenario.admitted() == ["c", "a", "b", "d"])
    #expect(
      scenario.lines(of: ["task.admitted", "request.made", "run.continued"]) == [
        "1.0 request.made step by ana", "1.0 task.admitted c #1 first",
        "5.0 request.made step by ana", "5.0 task.admitted a #1 first",
        "10.0 request.made continue by ana", "10.0 run.continued continued by ana",
        "10.0 task.admitted b #1 first", "11.0 task.admitted d #1 first",
      ])
  }

  @Test func aWaveIsAllThatIsReady() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": ["a"]])
    let scenario = try Scenario(graph, config: RunConfig(jobs: 1, startsHeld: true))
    await scenario.run([(1, .stepWave), (20, .stepWave)])
    #expect(scenario.admitted() == ["a", "b", "c"])
    #expect(scenario.lines().contains("20.0 task.admitted c #1 first"))
  }

  @Test func holdLetsRunningTasksEnd() async throws {
    let scenario = try Scenario(Self.chain)
    await scenario.run([(0.5, .hold), (7, .continue)])
    #expect(
      scenario.states() == [
        "0.0 a ready", "0.0 a running", "1.0 a done", "1.0 b ready", "7.0 b running",
        "8.0 b done",
      ])
  }

  @Test func freezingEverythingHoldsToo() async throws {
    let scenario = try Scenario(Self.chain)
    await scenario.run([(0.5, .freezeAll), (7, .thawAll)])
    #expect(
      scenario.lines(of: ["run.held", "run.continued", "task.state"]) == [
        "0.0 task.state a ready", "0.0 task.state a running",
        "0.5 run.held frozen by ana", "0.5 task.state a paused (frozen by ana)",
        "7.0 run.continued thawed by ana", "7.0 task.state a running", "7.5 task.state a done",
        "7.5 task.state b ready", "7.5 task.state b running", "8.5 task.state b done",
      ])
  }

  @Test func aPausedTaskCanBeStopped() async throws {
    let a = [Self.chain.id("a")]
    let scenario = try Scenario(Self.chain)
    await scenario.run([(0.5, .pause(a)), (2, .stop(a))])
    #expect(scenario.executor.signals == ["0.5 a STOP", "2.0 a TERM", "2.0 a CONT"])
    #expect(scenario.lines().contains("2.0 task.state a cancelled (stopped by ana)"))
    #expect(scenario.lines().contains("2.0 task.state b skipped (needs a, which was stopped)"))
    #expect(scenario.ending == "stopped: 1 stopped: a")
  }

  @Test func aSignalIsJustSent() async throws {
    let scenario = try Scenario(Self.one, plays: ["a": [.works(9)]])
    await scenario.run([(1, .signal([Self.one.id("a")], number: 10))])
    #expect(scenario.executor.signals == ["1.0 a 10"])
    #expect(scenario.lines().contains("1.0 attempt.ended a #1 signal"))
  }

  @Test func skippingLetsDependentsGo() async throws {
    let graph = TaskGraph(
      ["slow": [], "a": [], "b": ["a"]], ["slow": { $0.priority = 1 }])
    let artifacts = ScriptedArtifacts()
    artifacts.held = ["a.out"]
    let a = [graph.id("a")]
    let scenario = try Scenario(graph, config: RunConfig(jobs: 1), artifacts: artifacts)
    await scenario.run([(0, .hold), (2, .skip(a, asDone: true)), (3, .continue)])
    #expect(scenario.lines().contains("2.0 task.state a done (called done by ana)"))
    #expect(scenario.admitted() == ["slow", "b"])
  }

  @Test func aRetryDownstreamRunsAllAgain() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "slow": []])
    let scenario = try Scenario(graph, plays: ["slow": [.works(20)]])
    await scenario.run([(5, .retry([graph.id("a")], downstream: true))])
    #expect(scenario.admitted() == ["a", "slow", "b", "a", "b"])
    #expect(scenario.lines().contains("5.0 task.state a ready (retried by ana)"))
    #expect(scenario.lines().contains("5.0 task.admitted a #2 retry"))
  }

  @Test(
    "a retry brings dropped inputs back where that is safe", arguments: [true, false])
  func droppedInputs(isPure: Bool) async throws {
    let graph = TaskGraph(
      ["a": [], "b": ["a"], "slow": []],
      [
        "a": {
          $0.keep = false
          $0.isPure = isPure
        }
      ])
    let scenario = try Scenario(graph, plays: ["slow": [.works(20)]])
    let answers = await scenario.run([(5, .retry([graph.id("b")], downstream: false))])
    if isPure {
      #expect(scenario.admitted() == ["a", "slow", "b", "a", "b"])
      #expect(scenario.lines().contains("5.0 task.admitted a #2 recompute"))
      #expect(scenario.artifacts.held == ["b.out", "slow.out"])
    } else {
      #expect(
        answers == [
          .refused(
            reason: "b needs a, whose artifact was dropped, and that one is not pure")
        ])
      #expect(scenario.admitted() == ["a", "slow", "b"])
    }
  }

  @Test(
    "what makes no sense is refused and journaled",
    arguments: [
      (Request.resume([TaskID(0)]), "nothing of this is paused"),
      (.continue, "the run is not held"),
      (.stop([TaskID(1)]), "nothing of this runs"),
      (.signal([TaskID(0)], number: 99), "there is no signal 99"),
      (.signal([TaskID(1)], number: 15), "nothing of this runs"),
      (.skip([TaskID(1)], asDone: true), "b has no artifact out"),
      (.skip([TaskID(0)], asDone: false), "a is running: stop it first"),
      (.retry([TaskID(1)], downstream: false), "b has not run yet"),
      (.pause([TaskID(77)]), "there is no task #77"),
      (.pause([]), "no task is named"),
      (.step(nil), "nothing is ready"),
    ])
  func refusals(request: Request, reason: String) async throws {
    let scenario = try Scenario(Self.chain)
    let answers = await scenario.run([(0.5, request)])
    #expect(answers == [.refused(reason: reason)])
    #expect(scenario.lines().contains("0.5 request.refused \(request.verb): \(reason)"))
    #expect(scenario.ending == "done: 2 done")
  }

  @Test func cancellingTheRunInterruptsWhatRuns() async throws {
    let play = ScriptedExecutor.Play(seconds: 60, ignoresTerm: true)
    let scenario = try Scenario(Self.chain, plays: ["a": [play]])
    await scenario.run([(2, .cancelRun)])
    #expect(scenario.executor.signals == ["2.0 a TERM", "7.0 a KILL"])
    #expect(
      scenario.lines().suffix(3) == [
        "7.0 attempt.ended a #1 interrupted",
        "7.0 task.state a ready (the run was stopped by ana)",
        "7.0 run.closed stopped: the run was stopped by ana",
      ])
  }

  @Test func killingTheRunDoesNotWait() async throws {
    let play = ScriptedExecutor.Play(seconds: 60, ignoresTerm: true)
    let scenario = try Scenario(Self.pair, plays: ["a": [play], "b": [play]])
    await scenario.run([(2, .cancelRun), (3, .killRun)])
    #expect(
      scenario.executor.signals == [
        "2.0 a TERM", "2.0 b TERM", "3.0 a KILL", "3.0 b KILL",
      ])
    #expect(scenario.ending == "stopped: the run was stopped by ana")
  }

  @Test func anEndedRunRefusesEverything() async throws {
    let scenario = try Scenario(Self.one)
    await scenario.run()
    let count = scenario.facts.count
    let answer = await scenario.engine.send(.hold, by: Scenario.ana)
    #expect(answer == .refused(reason: "the run has ended; `cairn resume` goes on with it"))
    #expect(scenario.facts.count == count)
  }

  @Test func aJournalThatFailsKillsEverythingAndShowsNothing() async throws {
    let scenario = try Scenario(
      Self.pair, plays: ["a": [.works(1)], "b": [.works(60)]], failsAfter: 14)
    await scenario.run()
    await #expect(throws: JournalProblem(.storage, "the disk is full")) {
      try await scenario.engine.run()
    }
    #expect(scenario.executor.signals == ["1.0 b KILL"])
    let seen = await scenario.engine.facts(after: 0)
    #expect(seen == scenario.facts)
    #expect(await scenario.engine.facts(after: seen.count).isEmpty)
  }
}
