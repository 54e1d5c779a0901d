import Execution
import Model
import Planning
import Testing

@Suite("Engine: resume")
struct EngineResumeTests {
  static let graph = TaskGraph(
    ["a": [], "b": ["a"], "c": ["a"], "flaky": ["b"], "d": ["c", "flaky"], "bad": []],
    [
      "a": { $0.keep = false },
      "flaky": {
        $0.retries = 2
        $0.verify = "test"
      },
      "bad": { $0.outputs = [] },
    ])
  static let plays: [String: [ScriptedExecutor.Play]] = [
    "flaky": [.fails(), .works], "c": [.works(4)], "bad": [.fails()],
  ]

  /// What a run comes to, whatever happened on the way.
  static func finals(_ facts: [Fact]) -> [String] {
    let state = RunHistory(facts).state
    return state.graph.tasks.map { "\($0.name) \(state[$0.id].state)" }
      + state.artifacts.keys.map { "\(state.graph[$0.task].name).\($0.name)" }.sorted()
  }

  @Test func aCrashBehindAnyFactLosesNothingAndRepeatsNothing() async throws {
    let whole = try Scenario(Self.graph, plays: Self.plays)
    await whole.run()
    #expect(whole.ending == "failed: 1 failed: bad")
    for cut in 1...whole.facts.count {
      let facts = Array(whole.facts.prefix(cut))
      let before = RunHistory(facts).state
      let artifacts = ScriptedArtifacts()
      artifacts.held = Set(
        before.artifacts.keys.map { "\(Self.graph[$0.task].name).\($0.name)" })
      let resumed = try Scenario(
        Self.graph, plays: Self.plays, after: facts, artifacts: artifacts)
      await resumed.run()
      #expect(resumed.facts.map(\.sequence) == Array(1...resumed.facts.count))
      #expect(Self.finals(resumed.facts) == Self.finals(whole.facts), "cut behind fact \(cut)")
      #expect(resumed.ending == whole.ending)
      for name in resumed.admitted(session: 2) {
        let done = before.tasks.isEmpty ? false : before[Self.graph.id(name)].state == .done
        #expect(!done, "\(name) ran again after a cut behind fact \(cut)")
      }
    }
  }

  @Test func aResumedSessionSaysWhatWasInterrupted() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"]])
    let first = try Scenario(graph, plays: ["b": [.works(60)]])
    await first.engine.open()
    await first.engine.drain()
    while first.executor.running != ["b"], first.clock.ring() { await first.engine.drain() }
    let resumed = try Scenario(graph, after: first.facts, artifacts: first.artifacts)
    await resumed.run()
    #expect(
      resumed.lines(session: 2) == [
        "1.0 run.opened",
        "1.0 attempt.ended b #1 interrupted",
        "1.0 task.state b ready (was interrupted)",
        "1.0 task.admitted b #2 retry",
        "1.0 slot.leased b 0",
        "1.0 attempt.started b #2",
        "1.0 task.state b running",
        "2.0 artifact.sealed b.out",
        "2.0 slot.released b 0",
        "2.0 attempt.ended b #2 success",
        "2.0 task.state b done",
        "2.0 run.closed done: 2 done",
      ])
  }

  @Test func threeInterruptionsInARowFailTheTask() async throws {
    let graph = TaskGraph(["a": []])
    var facts: [Fact] = []
    for _ in 0..<3 {
      let session = try Scenario(graph, plays: ["a": [.works(60)]], after: facts)
      await session.engine.open()
      await session.engine.drain()
      facts = session.facts
    }
    let last = try Scenario(graph, after: facts)
    await last.run()
    #expect(last.ending == "failed: 1 failed: a")
    #expect(last.admitted(session: 4).isEmpty)
    let tried = try Scenario(graph, after: last.facts)
    await tried.run()
    #expect(tried.ending == "done: 1 done")
  }

  @Test func aStoppedRunGoesOnWhereItWas() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"]])
    let first = try Scenario(graph, plays: ["b": [.works(60)]])
    await first.run([(3, .cancelRun)])
    let resumed = try Scenario(graph, after: first.facts, artifacts: first.artifacts)
    await resumed.run()
    #expect(resumed.admitted(session: 2) == ["b", "c"])
    #expect(resumed.ending == "done: 3 done")
    #expect(resumed.facts.last?.elapsedSeconds == 5)
  }

  @Test func aChangedTaskRunsAgainWithItsDependentsAndNothingElse() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"], "other": ["a"]])
    let first = try Scenario(graph)
    await first.run()
    var edited = graph
    edited.tasks[1].action = .exec(arguments: ["run", "better"])
    let resumed = try Scenario(
      edited, after: first.facts, versions: ["b": "v2 of b"], artifacts: first.artifacts)
    await resumed.run()
    #expect(
      resumed.lines(of: ["graph.changed", "task.state", "task.admitted"], session: 2)
        .prefix(5)
        == [
          "3.0 graph.changed", "3.0 task.state b ready (its definition changed)",
          "3.0 task.state c blocked (needs b, which runs again)", "3.0 task.admitted b #2 retry",
          "3.0 task.state b running",
        ])
    #expect(resumed.admitted(session: 2) == ["b", "c"])
  }

  @Test func newTasksAreAddedAndRemovedOnesLeave() async throws {
    let graph = TaskGraph(["a": [], "gone": ["a"]])
    let first = try Scenario(graph)
    await first.run()
    let edited = TaskGraph(["fresh": [], "a": [], "last": ["fresh", "a"]])
    let resumed = try Scenario(edited, after: first.facts, artifacts: first.artifacts)
    await resumed.run()
    let state = RunHistory(resumed.facts).state
    let names = state.tasks.indices.filter { state.tasks[$0].attempts.last?.session == 2 }
      .map { state.graph.tasks[$0].name }
    #expect(names == ["fresh", "last"])
    #expect(state.graph.tasks.map(\.name) == ["a", "gone", "fresh", "last"])
    #expect(resumed.ending == "done: 3 done")
  }

  @Test func aLostArtifactIsMadeAgainForWhoNeedsIt() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"], "user": ["b"]])
    let first = try Scenario(graph, plays: ["user": [.fails()]])
    await first.run()
    first.artifacts.held = ["c.out"]
    let resumed = try Scenario(graph, after: first.facts, artifacts: first.artifacts)
    await resumed.run()
    #expect(resumed.admitted(session: 2) == ["a", "b", "user"])
    #expect(
      resumed.lines(of: ["artifact.lost"], session: 2) == [
        "3.0 artifact.lost a.out", "3.0 artifact.lost b.out",
      ])
    #expect(resumed.lines(session: 2).contains("3.0 task.admitted a #2 recompute"))
    #expect(resumed.ending == "done: 4 done")
  }

  @Test func anExportedProductWhoseDeletionWasNotRecordedStaysDone() async throws {
    let graph = TaskGraph(
      ["a": [], "b": ["a"]], ["b": { $0.exports = [.init(artifact: "out", path: "b.txt")] }])
    let first = try Scenario(graph)
    await first.run()
    let facts = Array(first.facts.prefix { $0.kind.name != "artifact.dropped" })
    #expect(facts.count < first.facts.count)
    first.artifacts.held = ["a.out"]
    let resumed = try Scenario(graph, after: facts, artifacts: first.artifacts)
    await resumed.run()
    #expect(resumed.admitted(session: 2) == [])
    #expect(resumed.ending == "done: 2 done")
  }

  @Test func aDoneRunThatIsResumedEndsAtOnce() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"]], ["a": { $0.keep = false }])
    let first = try Scenario(graph)
    await first.run()
    let resumed = try Scenario(graph, after: first.facts, artifacts: first.artifacts)
    await resumed.run()
    #expect(
      resumed.lines(session: 2) == ["2.0 run.opened", "2.0 run.closed done: 2 done"])
  }

  @Test func aTaskThatAPersonSkippedStaysSkipped() async throws {
    let graph = TaskGraph(["a": [], "b": [], "c": []])
    let first = try Scenario(graph, plays: ["a": [.fails()]], config: RunConfig(jobs: 1))
    await first.run([(0.5, .skip([graph.id("b")], asDone: false))])
    let resumed = try Scenario(graph, after: first.facts, artifacts: first.artifacts)
    await resumed.run()
    #expect(resumed.admitted(session: 2) == ["a"])
    #expect(resumed.ending == "done: 2 done, 1 skipped")
  }

  @Test func aLostInputOfASkippedTaskIsMadeAgainWhenAPersonRetriesThat() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "other": []], ["a": { $0.isPure = true }])
    let first = try Scenario(graph, plays: ["other": [.fails()]])
    await first.run([(0.5, .skip([graph.id("b")], asDone: false))])
    #expect(first.artifacts.held.remove("a.out") != nil)
    let resumed = try Scenario(
      graph, plays: ["other": [.works(60)]], after: first.facts, artifacts: first.artifacts)
    let answers = await resumed.run([(10, .retry([graph.id("b")], downstream: false))])
    #expect(answers == [.accepted])
    #expect(resumed.lines(of: ["artifact.lost"], session: 2).count == 1)
    #expect(resumed.admitted(session: 2) == ["other", "a", "b"])
    #expect(resumed.ending == "done: 3 done")
  }

  @Test func aSelectionRunsOnTheArtifactsThatAreThere() async throws {
    let graph = TaskGraph(["a": [], "b": ["a"], "c": ["b"]])
    let artifacts = ScriptedArtifacts()
    artifacts.held = ["a.out"]
    let scenario = try Scenario(
      graph, config: RunConfig(jobs: 1, selection: .only(["b"])), artifacts: artifacts)
    await scenario.run()
    #expect(scenario.admitted() == ["b"])
    #expect(scenario.ending == "done: 1 done")
  }

  @Test func aSelectionOfNothingIsAnError() throws {
    #expect(throws: UnknownSelection.self) {
      try Scenario(
        TaskGraph(["a": []]), config: RunConfig(jobs: 1, selection: .targets(["zebra"])))
    }
  }
}
