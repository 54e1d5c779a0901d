import Execution
import Model
import Planning
import Testing

@Suite("Engine: what waits for a person's leave")
struct EngineLeaveTests {
  private static func attended(_ change: (inout RunConfig) -> Void = { _ in }) -> RunConfig {
    var config = RunConfig(jobs: 2)
    config.isAttended = true
    change(&config)
    return config
  }

  private static let deploy = TaskGraph(
    ["build": [], "deploy": ["build"]], ["deploy": { $0.approval = .always }])

  private static func agent(
    _ change: @escaping (inout TaskGraph.Task) -> Void = { _ in }
  ) -> TaskGraph {
    var graph = TaskGraph(
      ["a": [], "b": ["a"]],
      [
        "a": { task in
          task.action = .prompt("do it")
          task.approval = .always
          change(&task)
        }
      ])
    graph.agent = TaskGraph.Agent(command: ["agent"])
    return graph
  }

  @Test func aCommandWaitsWhenAllElseIsThereAndRunsWithLeave() async throws {
    let graph = Self.deploy
    let scenario = try Scenario(graph, config: Self.attended())
    await scenario.run([(5, .approve([graph.id("deploy")]))])
    #expect(
      scenario.states() == [
        "0.0 build ready", "0.0 build running", "1.0 build done", "1.0 deploy waiting",
        "5.0 deploy ready", "5.0 deploy running", "6.0 deploy done",
      ])
  }

  @Test func aRefusedCommandFailsWithoutRunning() async throws {
    let graph = Self.deploy
    let scenario = try Scenario(graph, config: Self.attended())
    await scenario.run([(5, .reject([graph.id("deploy")], words: nil))])
    #expect(scenario.admitted() == ["build"])
    #expect(scenario.lines().contains("5.0 task.state deploy failed (rejected by ana)"))
    #expect(scenario.ending == "failed: 1 failed: deploy")
  }

  @Test func aCommandCannotBeToldAnything() async throws {
    let graph = Self.deploy
    let scenario = try Scenario(graph, config: Self.attended())
    let answers = await scenario.run([
      (5, .reject([graph.id("deploy")], words: "slower")), (6, .cancelRun),
    ])
    #expect(
      answers.first
        == .refused(
          reason: "deploy is a command and cannot be told anything: approve or reject it"))
  }

  @Test func withoutAPersonTheRunEndsAndNamesIt() async throws {
    let scenario = try Scenario(Self.deploy)
    await scenario.run()
    #expect(scenario.ending == "stalled: 1 wait for deploy (approve: its command runs then)")
  }

  @Test func anAgentsWorkCountsOnlyWithLeave() async throws {
    let graph = Self.agent()
    let scenario = try Scenario(graph, config: Self.attended())
    await scenario.run([(5, .approve([graph.id("a")]))])
    #expect(
      scenario.states() == [
        "0.0 a ready", "0.0 a running", "1.0 a waiting", "5.0 a done", "5.0 b ready",
        "5.0 b running", "6.0 b done",
      ])
    #expect(await scenario.engine.snapshot[graph.id("a")].severity == 0.25)
  }

  @Test func whatWaitsKeepsNoProcessorFromOthers() async throws {
    var graph = TaskGraph(
      ["a": [], "c": []],
      [
        "a": {
          $0.action = .prompt("x"); $0.approval = .always
        }
      ])
    graph.agent = TaskGraph.Agent(command: ["agent"])
    let scenario = try Scenario(graph, config: Self.attended { $0.jobs = 1 })
    await scenario.run([(5, .approve([graph.id("a")]))])
    #expect(scenario.states().contains("2.0 c done"))
    #expect(scenario.ending == "done: 2 done")
  }

  @Test func toldOtherwiseAnAgentTriesAgainAndReadsIt() async throws {
    let graph = Self.agent()
    let scenario = try Scenario(graph, config: Self.attended())
    await scenario.run([
      (5, .reject([graph.id("a")], words: "shorter, please")), (9, .approve([graph.id("a")])),
    ])
    #expect(scenario.lines().contains("5.0 attempt.ended a #1 revised"))
    #expect(scenario.ending == "done: 2 done")
    let prompt = try #require(scenario.logs["/logs/1/a.2.prompt.md"])
    #expect(prompt.contains("## What a person asked for after looking at the work"))
    #expect(prompt.contains("shorter, please"))
  }

  @Test func aRefusedAgentFailsForGood() async throws {
    let graph = Self.agent { $0.retries = 3 }
    let scenario = try Scenario(graph, config: Self.attended())
    await scenario.run([(5, .reject([graph.id("a")], words: nil))])
    #expect(scenario.admitted() == ["a"])
    #expect(scenario.ending == "failed: 1 failed: a")
  }

  @Test func whatFailedIsTriedAgainOnlyWithLeave() async throws {
    let graph = TaskGraph(
      ["a": []],
      [
        "a": {
          $0.approval = .onFailure; $0.retries = 2
        }
      ])
    let scenario = try Scenario(
      graph, plays: ["a": [.fails(), .works]], config: Self.attended())
    await scenario.run([(50, .approve([graph.id("a")]))])
    #expect(
      scenario.lines().contains(
        "1.0 task.state a waiting (approve another try: failed, exit 1)"))
    #expect(scenario.states().last == "51.0 a done")
  }

  @Test func withoutAPersonAnAgentsWorkIsGivenUpAfterAWhile() async throws {
    let scenario = try Scenario(Self.agent())
    await scenario.run()
    #expect(scenario.lines().contains("16.0 attempt.ended a #1 question"))
    #expect(scenario.ending?.hasPrefix("stalled: 2 wait for a (waited for approval") == true)
  }

  @Test func somebodyMayAnswerFromElsewhere() async throws {
    let graph = Self.agent()
    let scenario = try Scenario(graph)
    await scenario.run([(10, .approve([graph.id("a")]))])
    #expect(scenario.ending == "done: 2 done")
  }

  @Test func whatWaitsCanBeStopped() async throws {
    let graph = Self.agent()
    let scenario = try Scenario(graph, config: Self.attended())
    await scenario.run([(3, .pause([graph.id("a")])), (5, .stop([graph.id("a")]))])
    #expect(
      scenario.lines().contains("3.0 request.refused pause: a waits for you and does not run"))
    #expect(scenario.states().contains("5.0 a cancelled"))
  }

  @Test func aDeathOfCairnLeavesNothingHalfApproved() async throws {
    let graph = Self.agent()
    let first = try Scenario(graph, config: Self.attended())
    await first.run([(5, .killRun)])
    let second = try Scenario(graph, config: Self.attended(), after: first.facts)
    await second.run([(20, .approve([graph.id("a")]))])
    #expect(second.admitted(session: 2) == ["a", "b"])
    #expect(second.ending == "done: 2 done")
  }
}

@Suite("Engine: a run that stops by itself")
struct EngineStopTests {
  private static let five = TaskGraph(["a": [], "b": [], "c": [], "d": [], "e": []])

  private static func config(_ stops: StopRules) -> RunConfig {
    var config = RunConfig(jobs: 1)
    config.stops = stops
    return config
  }

  @Test func afterSoManyTasks() async throws {
    let scenario = try Scenario(
      Self.five, plays: ["a": [.fails(), .works]], config: Self.config(StopRules(tasks: 2)))
    await scenario.run()
    #expect(scenario.admitted() == ["a", "b"])
    #expect(scenario.ending == "stopped: 2 tasks have been worked on, as asked")
  }

  @Test func retriesOfWhatItBeganAreItsOwn() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": []], ["a": { $0.retries = 1 }])
    let scenario = try Scenario(
      graph, plays: ["a": [.fails(), .works]], config: Self.config(StopRules(tasks: 2)))
    await scenario.run()
    #expect(scenario.admitted().sorted() == ["a", "a", "b"])
    #expect(scenario.states().contains { $0.hasSuffix("a done") })
  }

  @Test func whenItsTimeIsUp() async throws {
    let scenario = try Scenario(Self.five, config: Self.config(StopRules(seconds: 1.5)))
    await scenario.run()
    #expect(scenario.admitted() == ["a", "b"])
    #expect(scenario.ending == "stopped: its time is up, as asked")
    let again = try Scenario(
      Self.five, config: Self.config(StopRules(seconds: 1.5)), after: scenario.facts)
    await again.run()
    #expect(again.admitted(session: 2).count == 2, "the time of a session counts")
  }

  @Test func whenATaskHasFailed() async throws {
    let scenario = try Scenario(
      Self.five, plays: ["b": [.fails()]], config: Self.config(StopRules(until: .failed)))
    await scenario.run()
    #expect(scenario.admitted() == ["a", "b"])
    #expect(scenario.ending == "stopped: b has failed, as asked")
  }

  @Test func whenATaskWaitsForAPerson() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": []], ["b": { $0.approval = .always }])
    var config = Self.config(StopRules(until: .waiting))
    config.isAttended = true
    let scenario = try Scenario(graph, config: config)
    await scenario.run()
    #expect(scenario.ending == "stopped: b waits for a person, as asked")
  }

  @Test func afterFailuresInARow() async throws {
    let plays: [String: [ScriptedExecutor.Play]] = [
      "a": [.fails()], "c": [.fails()], "d": [.fails()],
    ]
    let scenario = try Scenario(
      Self.five, plays: plays, config: Self.config(StopRules(failuresInRow: 2)))
    await scenario.run()
    #expect(scenario.admitted() == ["a", "b", "c", "d"])
    #expect(scenario.ending == "stopped: 2 tasks in a row have failed, as asked")
  }

  @Test func nothingIsStoppedThatIsDoneAnyway() async throws {
    let scenario = try Scenario(Self.five, config: Self.config(StopRules(tasks: 5)))
    await scenario.run()
    #expect(scenario.ending == "done: 5 done")
  }
}
