import Model
import Testing

/// The definition by examples.
@Suite("The autonomy score, by examples")
struct AutonomyExampleTests {
  typealias Story = AutonomyStory

  private static func untouched(_ credits: [Double]) -> AutonomyScore {
    AutonomyScore(
      credits: credits, busySeconds: 1, waitedSeconds: 0, incidents: 0, recoveries: 0)
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

  @Test(
    "two-sided intervals",
    arguments: [
      (20, 20, 0.839, 1), (100, 100, 0.963, 1), (98, 100, 0.930, 0.994), (195, 200, 0.943, 0.989),
      (965, 1000, 0.952, 0.975),
    ] as [(Double, Double, Double, Double)])
  func intervals(done: Double, of count: Double, low: Double, high: Double) {
    let interval = AutonomyScore.interval(done / count, count: count, z: 1.96)
    #expect(Self.rounded(interval.low) == low)
    #expect(Self.rounded(interval.high) == high)
  }

  @Test("how many tasks a claim takes when nobody ever intervened")
  func neededTasks() {
    func least(_ reaches: (Int) -> Bool) -> Int? { (1...200).first(where: reaches) }
    #expect(least { AutonomyScore.interval(1, count: Double($0)).low >= 0.95 } == 52)
    #expect(least { AutonomyScore.interval(1, count: Double($0), z: 1.96).low >= 0.95 } == 73)
    #expect(least { Self.untouched(Array(repeating: 1, count: $0)).claims(0.95) } == 31)
  }

  @Test("what each factor must be with the others at 1")
  func thresholds() {
    func value(_ u: Double, _ waited: Double, _ incidents: Int) -> Double {
      AutonomyScore(
        credits: [u], busySeconds: 1 - waited, waitedSeconds: waited, incidents: incidents,
        recoveries: 774 - 1
      ).value
    }
    #expect(value(0.9181, 0, 773) >= 0.95 && value(0.918, 0, 773) < 0.95)
    #expect(value(1, 1 - 0.7738, 773) >= 0.95 && value(1, 1 - 0.7737, 773) < 0.95)
    // 774 of 1,000 and 774 of 1,001.
    #expect(value(1, 0, 999) >= 0.95 && value(1, 0, 1_000) < 0.95)
  }

  @Test("a target is claimed by the bound alone, and nothing is rounded up to it")
  func claims() {
    #expect(Self.untouched(Array(repeating: 1, count: 30)).words == "1.00 (at least 0.94, n=30)")
    #expect(!Self.untouched(Array(repeating: 1, count: 30)).claims(0.95))
    let one = Self.untouched(Array(repeating: 1, count: 39) + [0.5])
    #expect(one.words == "0.99 (at least 0.94, n=40)")
    #expect(AutonomyScore.hundredths(0.94999) == "0.94")
    #expect(AutonomyScore.thousandths(0.0004) == "<0.001")
    #expect(AutonomyScore.thousandths(0) == "0.000")
    #expect(AutonomyScore.thousandths(0.0236) == "0.024")
  }

  @Test("without data it says so, and a run of no-ops says why")
  func noData() {
    var story = Story()
    story.tasks = [Story.Task("a")]
    story.tasks[0].ending = .blocked
    #expect(story.score == nil)
    #expect(AutonomyReport(story.state).line == "n/a: no task has ended")
    story.tasks = (0..<5_000).map { index in
      var task = Story.plain("t\(index)", from: Double(index), seconds: 0.002)
      task.hasOutput = false
      return task
    }
    #expect(AutonomyReport(story.state).line == "n/a: 5,000 tasks were too short to count")
    story.tasks = Array(story.tasks.prefix(1))
    #expect(AutonomyReport(story.state).words == "n/a: 1 task was too short to count")
    story.tasks[0].hasOutput = true
    #expect(story.score?.value == 1)
  }

  @Test("a short task counts once something went wrong with it or somebody was waited for")
  func noOps() {
    var short = Story.plain("a", from: 5, seconds: 0.01)
    short.hasOutput = false
    var failed = short
    failed.tries = [Story.Try(from: 1, to: 1.01, outcome: .exit), Story.Try(from: 2, to: 2.01)]
    var gate = short
    gate.wait = 1...5
    var undelivered = short
    undelivered.ending = .failed
    undelivered.tries[0].outcome = .exit
    for (task, isUnit) in [(short, false), (failed, true), (gate, true), (undelivered, true)] {
      #expect((Story(tasks: [task]).score != nil) == isUnit)
    }
  }

  @Test("ten tasks of which two were retried by a person")
  func twoRetries() throws {
    var story = Story()
    story.tasks = (0..<10).map { Story.plain("t\($0)", from: Double($0) * 10) }
    for index in 0..<2 {
      story.tasks[index].tries = [
        Story.Try(from: 0, to: 10, outcome: .exit), Story.Try(from: 20, to: 30),
      ]
      story.tasks[index].acts = [Story.person(Story.weighing[0], at: 15)]
    }
    let score = try #require(story.score)
    #expect(score.untouched == 0.9)
    #expect(score.timely == 1)
    #expect(score.recovered == 1.0 / 3, "two failures, none of them got over unattended")
    // 0.9^0.6 · (1/3)^0.2
    #expect(abs(score.value - 0.753566) < 1e-6)
    let report = AutonomyReport(story.state)
    #expect(
      report.line
        == "0.75 (at least 0.46, n=10); 0.246 lost: 0.096 a failure of t0 not got over unattended, "
        + "0.096 a failure of t1 not got over unattended, and 2 more; "
        + "U is 0.90 by task and 0.83 by time: long tasks need people more")
    #expect(report.losses.last?.words == "0.028 manual retry of t1")
  }

  @Test("a wait is told once, however many wait, and a hold of the run costs nothing")
  func waits() throws {
    var story = Story()
    story.tasks = [Story.plain("a", from: 0, seconds: 30)]
    for name in ["b", "c"] {
      var task = Story.plain(name, from: 40)
      task.wait = 30...40
      story.tasks.append(task)
    }
    var score = try #require(story.score)
    #expect(story.tally.blockedSeconds == 10 && story.tally.busySeconds == 40)
    #expect(score.timely == 0.8)
    #expect(
      AutonomyReport(story.state).losses.map(\.what).sorted() == [
        "b waited for a person", "c waited for a person",
      ])
    story.holds = [20...25, 35...45]
    score = try #require(story.score)
    #expect(story.tally.blockedSeconds == 5 && story.tally.busySeconds == 30)
    #expect(score.timely == 1 - 5.0 / 35)
  }

  @Test(
    "an act on the run is charged to what ran or was due, together to a tenth at most",
    arguments: [(1, 1.0), (4, 1), (8, 0.5), (16, 0.25)] as [(Int, Double)])
  func runActs(touched: Int, severity: Double) throws {
    var story = Story()
    story.tasks = (0..<40).map {
      // The last ones begin just too late.
      Story.plain("t\($0)", from: $0 < touched ? 100 + Double($0) * 3 : 160.5, seconds: 20)
    }
    story.acts = [Story.person({ _ in .killRun }, at: 100)]
    let units = story.tally.units
    #expect(
      units.filter { $0.severity > 0 }.map(\.severity) == Array(repeating: severity, count: touched)
    )
    let lost = try #require(AutonomyReport(story.state).losses.first)
    #expect(lost.cause == .runAct("kill-run"))
    #expect(touched == 1 || lost.what == "kill of the run while \(touched) tasks ran or were due")
  }

  @Test("whatever a person asks that weighs is charged, and nothing else is")
  func everyRequest() throws {
    let one: [TaskID] = [TaskID(0)]
    let free: [Request] = [
      .pause(one), .resume(one), .hold, .continue, .step(nil), .step(TaskID(0)), .stepWave,
      .freezeAll, .thawAll,
    ]
    let heavy: [(Request, Double)] = [
      (.retry(one, downstream: false), 0.5), (.skip(one, asDone: false), 0.5), (.stop(one), 1),
      (.signal(one, number: 15), 1), (.cancelRun, 0.5), (.killRun, 1),
    ]
    func severity(_ request: Request, _ kind: Actor.Kind) -> Double? {
      var story = Story()
      story.tasks = (0..<10).map { Story.plain("t\($0)", from: $0 == 0 ? 0 : 500) }
      story.acts = [Story.Act(seconds: 5, request: { _ in request }, kind: kind)]
      return story.tally.units.first?.severity
    }
    for request in free { #expect(severity(request, .person) == 0) }
    for (request, weight) in heavy {
      #expect(severity(request, .person) == weight)
      #expect(severity(request, .cairn) == 0)
      #expect(severity(request, .file) == 0)
    }
  }

  @Test("what Cairn does by itself is no act of a person, and what it got over is recovered")
  func policies() throws {
    var story = Story()
    story.tasks = (0..<4).map { Story.plain("t\($0)") }
    story.tasks[0].tries = [
      Story.Try(from: 0, to: 10, outcome: .verification), Story.Try(from: 12, to: 20),
    ]
    let score = try #require(story.score)
    #expect(score.value == 1)
    #expect((score.incidents, score.recoveries) == (1, 1))
    #expect(AutonomyReport(story.state).losses.isEmpty)
  }
}

@Suite("The autonomy score's fold")
struct AutonomyFoldTests {
  typealias Story = AutonomyStory

  private static func fact(_ state: RunState, session: Int, _ kind: Fact.Kind) -> Fact {
    Fact(
      sequence: state.sequence + 1, session: session,
      elapsedSeconds: state.elapsedSeconds + 1, wallTime: 1, kind: kind)
  }

  private static func failed() -> RunState {
    var story = Story()
    story.tasks = [Story.plain("a"), Story.plain("b")]
    story.tasks[0].tries[0].outcome = .exit
    story.tasks[0].ending = .failed
    return story.state
  }

  @Test("a resume that tries a failed task again weighs as a retry, one that goes on does not")
  func resumes() {
    for (session, severity, acts) in [(1, 0.0, [String]()), (2, 0.5, ["resume"])] {
      var state = Self.failed()
      for kind in [TaskState.ready, .running] {
        state.apply(
          Self.fact(
            state, session: session,
            .taskState(Fact.TaskStateChanged(task: TaskID(0), state: kind))))
      }
      #expect(state[TaskID(0)].severity == severity)
      #expect(state[TaskID(0)].interventions == acts)
      #expect(state[TaskID(1)].severity == 0)
    }
  }

  @Test("a crash of Cairn is an incident, a drained run is none")
  func interruptions() {
    for (seconds, incidents) in [(0.0, 1), (3, 0)] {
      var story = Story()
      story.tasks = [Story.plain("a")]
      story.tasks[0].tries = [
        Story.Try(from: 0, to: 3, outcome: .interrupted, busySeconds: seconds),
        Story.Try(from: 4, to: 9),
      ]
      #expect(story.score?.incidents == incidents)
      #expect(story.score?.recoveries == incidents)
    }
  }

  @Test("lost artifacts and an overrun budget are incidents")
  func incidents() {
    var state = Self.failed()
    #expect(AutonomyScore(state)?.incidents == 1)
    let lost = Fact.ArtifactReference(task: TaskID(1), artifact: "out", bytes: 7)
    state.apply(Self.fact(state, session: 1, .artifactLost(lost)))
    state.apply(Self.fact(state, session: 1, .notice(Fact.Notice(.workspaceOver, "much"))))
    let score = AutonomyScore(state)
    #expect(score?.incidents == 3 && score?.recoveries == 2)
    let stop = Fact.RequestMade(
      actor: Actor(kind: .person, name: "a", source: "s"), request: .cancelRun)
    state.apply(Self.fact(state, session: 1, .requestMade(stop)))
    #expect(AutonomyScore(state)?.recoveries == 1, "a stopped run did not get over its overrun")
  }

  @Test("what ran when the run closed was due")
  func closing() {
    var story = Story()
    story.tasks = [Story.plain("a"), Story.plain("b")]
    story.tasks[1].ending = .blocked
    #expect(story.score?.units == 1)
    story.closing = .stopped
    #expect(story.score?.units == 2)
    #expect(story.score?.untouched == 0.5)
  }

  @Test("acts and holds beyond their limits change what is kept, and no more")
  func limits() {
    var meter = AutonomyStory()
    meter.tasks = [Story.plain("a")]
    meter.acts = (0..<300).map { index in
      Story.person({ _ in .cancelRun }, at: Double(index))
    }
    let state = meter.state
    #expect(state.autonomy.acts.count == AutonomyMeter.maximumActs)
    #expect(state.autonomy.acts.last?.seconds == 299)
    meter.holds = (0..<5_000).map { Double(3 * $0)...Double(3 * $0 + 1) }
    meter.acts = []
    #expect(meter.state.autonomy.holds.count == AutonomyMeter.maximumHolds)
  }
}
