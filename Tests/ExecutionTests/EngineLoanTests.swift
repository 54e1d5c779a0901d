import Model
import Planning
import Synchronization
import Testing

@testable import Execution

/// `a` and `b` lie still while `work` runs, and fill the workspace but for a twentieth.
@Suite("loans within a run") struct EngineLoanTests {
  private static let workSeconds = 20.0
  private static let budget: Int64 = 850_000

  /// A loan takes so long, anything else no time.
  private final class SlowLoans: EngineDriver {
    private let seconds: Double
    private let clock: VirtualClock

    init(_ seconds: Double, _ clock: VirtualClock) {
      self.seconds = seconds
      self.clock = clock
    }

    func carryOut(_ job: @escaping @Sendable () -> Void, lane: Int) {
      guard lane == EngineLanes.lending else { return job() }
      clock.wake(at: clock.seconds + seconds, job)
    }
  }

  private static func scenario(
    budget: Int64 = budget, more: KeyValuePairs<String, [String]> = [:],
    after: [String: [String]] = [:], plays: [String: Double] = [:], loanSeconds: Double = 0,
    lends: Bool = true, resuming facts: [Fact] = [], on artifacts: ScriptedArtifacts? = nil
  ) async throws -> Scenario {
    var graph = TaskGraph(["a": [], "b": [], "work": [], "end": ["a", "b", "work"]])
    for (name, needs) in more {
      var task = TaskGraph.Task(
        id: TaskID(graph.tasks.count), name: name, action: .exec(arguments: ["run", name]))
      task.outputs = [.init(name: "out")]
      task.needs = needs.map { .init(task: graph.id($0), variable: $0.uppercased()) }
      graph.tasks.append(task)
    }
    for (name, others) in after.merging(["work": ["a", "b"]], uniquingKeysWith: { one, _ in one }) {
      graph.tasks[graph.id(name).index].after = others.map { graph.id($0) }
    }
    var config = RunConfig(jobs: 4)
    config.workspace = WorkspaceBudget(bytes: budget)
    let seconds = plays.merging(["work": workSeconds], uniquingKeysWith: { one, _ in one })
    for index in graph.tasks.indices {
      let isBig = ["a", "b"].contains(graph.tasks[index].name)
      graph.tasks[index].outputs = [.init(name: "out", expectedBytes: isBig ? 400_000 : 4_096)]
      graph.tasks[index].isPure = true
    }
    let clock = VirtualClock()
    let scenario = try Scenario(
      graph, plays: seconds.mapValues { [.works($0)] }, config: config, after: facts,
      artifacts: artifacts ?? ScriptedArtifacts(),
      driver: SlowLoans(loanSeconds, clock), clock: clock, lends: lends)
    for task in graph.tasks {
      scenario.artifacts.size("\(task.name).out", task.outputs[0].expectedBytes ?? 0)
    }
    var subject = scenario.engine.opening.schedule.planSubject()
    for (key, artifact) in RunHistory(facts).state.artifacts.map({ ($0, $1) }) {
      subject.lying[key] = artifact.bytes
    }
    let plan = try Planner(Planner.Budget(bytes: budget, workers: 4)).plan(subject)
    await scenario.engine.follow(plan, of: subject)
    return scenario
  }

  /// As `5.0 artifact.lent a`.
  private static func loans(_ scenario: Scenario) -> [String] {
    scenario.lines(of: ["artifact.lent", "artifact.returned"])
  }

  private static func seconds(_ scenario: Scenario, _ name: String) -> [Double] {
    scenario.facts.compactMap { fact in
      guard case .taskAdmitted(let admitted) = fact.kind,
        scenario.graph[admitted.task].name == name
      else { return nil }
      return fact.elapsedSeconds
    }
  }

  @Test("one that lies still is lent for the proof of the other, once")
  func lends() async throws {
    let scenario = try await Self.scenario()
    await scenario.run()
    #expect(scenario.ending == "done: 4 done")
    #expect(Self.loans(scenario) == ["5.0 artifact.lent a", "5.0 artifact.returned a"])
    #expect(scenario.artifacts.calls.filter { $0.hasPrefix("lend") } == ["lend a for b"])
    let lent = scenario.facts.compactMap { fact -> Fact.ArtifactLent? in
      guard case .artifactLent(let lent) = fact.kind else { return nil }
      return lent
    }
    #expect(
      lent.first?.reason
        == "45 KiB of 830 KiB are free: proves 1 dormant artifact in its memory")
    #expect(lent.first?.digest == "digest of a" && lent.first?.bytes == 131_072)
    let state = RunHistory(scenario.facts).state
    #expect((state.loans.restored, state.loans.failed, state.lent.isEmpty) == (1, 0, true))
  }

  @Test("the intent is in the journal, and flushed, before the borrower begins")
  func durable() async throws {
    let scenario = try await Self.scenario()
    scenario.store.beginSaving()
    let store = scenario.store
    let seen = Mutex<[Bool]>([])
    scenario.artifacts.lends { _ in
      let isThere = store.facts.last.map { $0.kind.name == "artifact.lent" } ?? false
      seen.withLock { $0.append(isThere && store.flushes == [store.facts.count]) }
      return LoanEnd()
    }
    await scenario.run()
    #expect(seen.withLock(\.self) == [true])
  }

  @Test("where there is room, or the file says nothing, nothing is lent")
  func doesNot() async throws {
    let roomy = try await Self.scenario(budget: 1_000_000)
    await roomy.run()
    #expect(Self.loans(roomy) == [])
    let silent = try await Self.scenario(lends: false)
    await silent.run()
    #expect(Self.loans(silent) == [])
    #expect(silent.ending == "done: 4 done")
  }

  @Test("who needs what is lent waits, and nothing else does")
  func waits() async throws {
    let scenario = try await Self.scenario(
      more: ["reads": ["b"]], after: ["reads": ["work"]], loanSeconds: 30)
    await scenario.run()
    #expect(scenario.ending == "done: 5 done")
    #expect(Self.loans(scenario) == ["5.0 artifact.lent a", "35.0 artifact.returned a"])
    #expect(Self.seconds(scenario, "end") == [35])
    #expect(Self.seconds(scenario, "reads") == [21], "what is proved can be read meanwhile")
  }

  @Test("what is proved goes only when it is proved")
  func dropsLater() async throws {
    // `c` would be dropped at 22 s.
    let scenario = try await Self.scenario(
      more: ["c": [], "reads": ["c"]], after: ["c": [], "reads": ["work"]], loanSeconds: 30)
    await scenario.run()
    #expect(scenario.ending == "done: 6 done")
    let lines = scenario.lines(of: ["artifact.returned", "artifact.dropped"])
    let returned = try #require(lines.firstIndex { $0.contains("returned") })
    let dropped = try #require(lines.firstIndex { $0.contains("dropped c") })
    #expect(returned < dropped, "\(lines)")
    #expect(Self.seconds(scenario, "reads") == [21])
  }

  @Test("one loan is open at a time, and what came meanwhile is proved by the next")
  func oneAtATime() async throws {
    let scenario = try await Self.scenario(
      more: ["late": [], "last": ["late"]], after: ["late": ["a"], "last": ["work"]],
      plays: ["work": 60, "late": 6], loanSeconds: 12)
    await scenario.run()
    #expect(scenario.ending == "done: 6 done")
    #expect(
      Self.loans(scenario).map { String($0.dropLast(2)) } == [
        "5.0 artifact.lent", "17.0 artifact.returned", "22.0 artifact.lent",
        "34.0 artifact.returned",
      ])
    #expect(scenario.artifacts.calls.last { $0.hasPrefix("lend") }?.hasSuffix("for late") == true)
  }

  @Test("what the proof finds damaged is told, lost and made again")
  func damaged() async throws {
    let scenario = try await Self.scenario()
    let b = RunState.ArtifactKey(task: scenario.graph.id("b"), name: "out")
    let artifacts = scenario.artifacts
    scenario.artifacts.lends { loan in
      guard artifacts.held.contains("b.out"), artifacts.calls.filter({ $0 == "seal b" }).count == 1
      else { return LoanEnd() }
      artifacts.held.remove("b.out")
      return LoanEnd(damaged: [b], problem: "\"b\" is not what was sealed")
    }
    await scenario.run()
    #expect(scenario.ending == "done: 4 done")
    #expect(scenario.lines(of: ["artifact.lost"]) == ["5.0 artifact.lost b.out"])
    #expect(Self.seconds(scenario, "b") == [0, 5])
    #expect(
      scenario.lines(of: ["notice"]).contains {
        $0.contains("artifact \"out\" of task \"b\" is not what was sealed")
      })
    #expect(Self.loans(scenario).count == 4, "the next loan proves what was made again")
  }

  @Test("what is not given back as it was is lost and made again, before anybody reads it")
  func lost() async throws {
    let scenario = try await Self.scenario(loanSeconds: 30)
    let artifacts = scenario.artifacts
    scenario.artifacts.lends { loan in
      guard loan.lent.task.name == "a", artifacts.calls.filter({ $0 == "seal a" }).count == 1
      else { return LoanEnd() }
      artifacts.held.remove("a.out")
      return LoanEnd(lent: .lost, problem: "the borrower ended with status 9: it said nothing")
    }
    await scenario.run()
    #expect(scenario.ending == "done: 4 done")
    #expect(scenario.lines(of: ["artifact.lost"]) == ["35.0 artifact.lost a.out"])
    #expect(Self.seconds(scenario, "a") == [0, 35] && Self.seconds(scenario, "end") == [36])
    let state = RunHistory(scenario.facts).state
    #expect((state.loans.restored, state.loans.failed, state.lent.isEmpty) == (0, 1, true))
  }

  /// The first session ends while `work` runs; `a` was away once.
  private static func resumed() async throws -> Scenario {
    let first = try await scenario(lends: false)
    await first.run([(3, .killRun)])
    var facts = first.facts
    let a = Fact.ArtifactReference(task: first.graph.id("a"), artifact: "out", bytes: 400_000)
    for kind in [Fact.Kind.artifactSpilled(a), .artifactRestored(a)] {
      facts.append(
        Fact(
          sequence: facts.count + 1, session: 1, elapsedSeconds: 3, wallTime: 0, kind: kind))
    }
    return try await scenario(resuming: facts, on: first.artifacts)
  }

  @Test("what has a copy is replaced by it, which counts as a loan that failed")
  func restored() async throws {
    let scenario = try await Self.resumed()
    let copies = Mutex<[Bool]>([])
    scenario.artifacts.lends { loan in
      copies.withLock { $0.append(loan.hasCopy) }
      return LoanEnd(lent: .restored(400_000), problem: "it said nothing")
    }
    await scenario.run([(5.5, .cancelRun)])
    #expect(copies.withLock(\.self) == [true])
    let kinds = scenario.facts.filter { $0.session == 2 }.map(\.kind.name)
    let loan = kinds.filter { $0.hasPrefix("artifact.") }
    #expect(loan == ["artifact.lent", "artifact.dropped", "artifact.restored"])
    let state = RunHistory(scenario.facts).state
    #expect((state.loans.restored, state.loans.failed, state.lent.isEmpty) == (0, 1, true))
    let a = RunState.ArtifactKey(task: scenario.graph.id("a"), name: "out")
    #expect(state.artifacts[a] != nil && state[a.task].state == .done)
  }

  @Test("borrowers that die three times are the last")
  func givesUp() async throws {
    let scenario = try await Self.scenario(plays: ["work": 60])
    scenario.artifacts.lends { _ in LoanEnd(problem: "it said nothing") }
    await scenario.run()
    #expect(scenario.ending == "done: 4 done")
    #expect(Self.loans(scenario).count == 2 * StorePolicy.maximumFailures)
    #expect(RunHistory(scenario.facts).state.loans.restored == StorePolicy.maximumFailures)
  }

  @Test("the end of a run waits for what is lent; a run that is killed cuts the loan short")
  func ends() async throws {
    for (request, isCut) in [(Request.cancelRun, false), (.killRun, true)] {
      let scenario = try await Self.scenario(loanSeconds: 30)
      let cuts = Mutex<[Bool]>([])
      scenario.artifacts.lends { loan in
        cuts.withLock { $0.append(loan.leash.isCut) }
        return LoanEnd()
      }
      await scenario.run([(6, request)])
      #expect(scenario.ending?.hasPrefix("stopped") == true)
      #expect(cuts.withLock(\.self) == [isCut])
      #expect(RunHistory(scenario.facts).state.lent.isEmpty)
    }
  }

  @Test("a pause of everything leaves the loan alone, and what waits for it goes on after it")
  func paused() async throws {
    let scenario = try await Self.scenario(loanSeconds: 30)
    await scenario.run([(6, .freezeAll), (10, .thawAll)])
    #expect(scenario.ending == "done: 4 done")
    #expect(Self.loans(scenario) == ["5.0 artifact.lent a", "35.0 artifact.returned a"])
  }

  @Test("a retry of who made it waits until it is given back")
  func retried() async throws {
    let scenario = try await Self.scenario(after: ["work": []], loanSeconds: 30)
    let a = scenario.graph.id("a")
    await scenario.run([(6, .retry([a], downstream: false))])
    #expect(scenario.ending == "done: 4 done")
    #expect(Self.seconds(scenario, "a") == [0, 35])
  }
}
