import Model
import Testing

@testable import Planning

@Suite("An estimate")
struct EstimateTests {
  /// Two grouped tasks, one alone, all independent.
  static func graph(_ weights: [Double?]) -> TaskGraph {
    var graph = TaskGraph(name: "g", groups: [TaskGraph.Group(name: "pair")])
    for (index, group) in [0, 0, 0, nil].enumerated() {
      var task = TaskGraph.Task(
        id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["true"]))
      task.group = group
      task.weight = weights[index]
      graph.tasks.append(task)
    }
    return graph
  }

  /// Folds a run in which the given tasks took so long.
  static func state(
    done: [(Int, Double)], running: [Int] = [], failed: [(Int, Double)] = [], jobs: Int = 1,
    weights: [Double?] = [nil, nil, nil, nil]
  ) -> RunState {
    var state = RunState()
    var sequence = 0
    func add(_ kind: Fact.Kind, at seconds: Double = 0) {
      sequence += 1
      state.apply(
        Fact(
          sequence: sequence, session: 1, elapsedSeconds: seconds, wallTime: 1, kind: kind))
    }
    let host = Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0)
    add(
      .runOpened(
        .init(
          run: 1, cairn: "1", host: host, config: RunConfig(jobs: jobs), isResumed: false,
          token: "")))
    add(.graphDefined(.init(graph: graph(weights), fingerprints: ["", "", "", ""])))
    func start(_ index: Int) {
      let task = TaskID(index)
      add(
        .taskAdmitted(
          .init(task: task, attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)))
      add(.taskState(.init(task: task, state: .running)))
    }
    func end(_ index: Int, _ seconds: Double, _ outcome: Outcome, _ next: TaskState) {
      start(index)
      let phases = Phases(queue: 100, run: seconds)
      add(
        .attemptEnded(
          .init(task: TaskID(index), attempt: 1, outcome: outcome, usage: Usage(), phases: phases)))
      add(.taskState(.init(task: TaskID(index), state: next)))
    }
    for (index, seconds) in done { end(index, seconds, Outcome(.success), .done) }
    for (index, seconds) in failed { end(index, seconds, Outcome(.exit), .backoff) }
    for index in running { start(index) }
    return state
  }

  @Test("knows nothing while no task is done")
  func unknown() {
    let state = Self.state(done: [], running: [0])
    let estimate = Estimate(state)
    #expect(estimate.expectations == [nil, nil, nil, nil])
    #expect(estimate.remaining(state, now: 5) == nil)
  }

  @Test("takes a task's own attempts first, then its group, then the run")
  func basis() {
    let state = Self.state(done: [(0, 4), (3, 20)], failed: [(1, 9)])
    let estimate = Estimate(state)
    #expect(estimate[TaskID(0)]?.basis == .own)
    #expect(estimate[TaskID(1)] == .init(seconds: 9, variance: 128, basis: .own))
    #expect(estimate[TaskID(2)] == .init(seconds: 4, variance: 128, basis: .group))
    #expect(estimate[TaskID(3)]?.seconds == 20)
  }

  @Test("counts what others took by the work that they were judged to be")
  func weights() {
    // 4 s for a third of the mean work; nobody has judged the last one, which then is the mean.
    let state = Self.state(done: [(0, 4)], weights: [1, 5, 3, nil])
    #expect(Estimate(state).expectations.map { $0?.seconds } == [4, 20, 12, 12])
    let two = Self.state(done: [(0, 4), (1, 22)], weights: [1, 5, 3, nil])
    // 12 s and 13.2 s for the mean work; the variance goes with its square.
    let expected = Estimate(two)[TaskID(2)]
    #expect(abs((expected?.seconds ?? 0) - 12.6) < 1e-9)
    #expect(abs((expected?.variance ?? 0) - 0.72) < 1e-9)
  }

  @Test("does not count the time in the queue")
  func queue() {
    #expect(Estimate(Self.state(done: [(0, 4)]))[TaskID(3)]?.seconds == 4)
  }

  @Test("subtracts what a running task has run already, and never below nothing")
  func remaining() {
    let state = Self.state(done: [(0, 4)], running: [1])
    let estimate = Estimate(state)
    #expect(estimate.remaining(state, now: 1) == [0, 3, 4, 4])
    #expect(estimate.remaining(state, now: 50) == [0, 0, 4, 4])
  }

  @Test(
    "forecasts the larger of the critical path and the work over the jobs",
    arguments: [(1, 12.0), (2, 6.0), (8, 4.0)])
  func forecast(jobs: Int, seconds: Double) {
    let state = Self.state(done: [(0, 4)], jobs: jobs)
    let estimate = Estimate(state)
    let remaining = estimate.remaining(state, now: 0) ?? []
    let path = CriticalPath(
      order: state.graph.topologicalOrder(), links: state.links, seconds: remaining)
    let forecast = estimate.forecast(
      state, path: path, remaining: remaining, onPath: path.path(state.links))
    #expect(forecast == .known(seconds: seconds, spreadSeconds: nil))
  }

  @Test("spreads by the root of the summed variances")
  func spread() {
    let state = Self.state(done: [(0, 4), (1, 6)], jobs: 1)
    let estimate = Estimate(state)
    let remaining = estimate.remaining(state, now: 0) ?? []
    let path = CriticalPath(
      order: state.graph.topologicalOrder(), links: state.links, seconds: remaining)
    let forecast = estimate.forecast(
      state, path: path, remaining: remaining, onPath: path.path(state.links))
    #expect(forecast == .known(seconds: 10, spreadSeconds: 2))
  }

  @Test("tells the share of the expected work that is done")
  func progress() {
    let state = Self.state(done: [(0, 4), (1, 6)])
    let estimate = Estimate(state)
    let remaining = estimate.remaining(state, now: 0) ?? []
    #expect(estimate.progress(state, remaining: remaining) == 0.5)
  }

  /// A run in which the tasks of `graph()` took so long.
  static func earlier(_ runs: [[(Int, Double)]]) -> EarlierRuns {
    var earlier = EarlierRuns()
    for run in runs { earlier.add(state(done: run)) }
    return earlier
  }

  static func forecast(_ state: RunState, _ earlier: EarlierRuns) -> Forecast {
    let estimate = Estimate(state, earlier: earlier)
    guard let remaining = estimate.remaining(state, now: 0) else {
      return .unknown(.nothingMeasured)
    }
    let path = CriticalPath(
      order: state.graph.topologicalOrder(), links: state.links, seconds: remaining)
    return estimate.forecast(
      state, path: path, remaining: remaining, onPath: path.path(state.links))
  }

  // Four independent tasks at 10 ± 2, 20 ± 4, 30 ± 0 and 40 ± 6 (sample variances of pairs:
  // (8, 12): 8; (16, 24): 32; (30, 30): 0; (34, 46): 72).
  static let pairs = earlier([
    [(0, 8), (1, 16), (2, 30), (3, 34)], [(0, 12), (1, 24), (2, 30), (3, 46)],
  ])

  @Test("knows from earlier runs what no task of this one has shown yet")
  func earlierRuns() {
    let estimate = Estimate(Self.state(done: []), earlier: Self.pairs)
    #expect(
      estimate.expectations == [
        .init(seconds: 10, variance: 8, basis: .earlier),
        .init(seconds: 20, variance: 32, basis: .earlier),
        .init(seconds: 30, variance: 0, basis: .earlier),
        .init(seconds: 40, variance: 72, basis: .earlier),
      ])
    #expect(!estimate.isGuess(Self.state(done: [])))
  }

  // One job: 10 + 20 + 30 + 40 = 100 with the root of 8 + 32 + 0 + 72 = 112. Two jobs: 100 / 2 is
  // more than the longest task, the spread is halved. Four: the longest task, the root of 72.
  @Test(
    "spreads by what earlier runs tell, along whichever bound is the larger",
    arguments: [(1, 100.0, 112.0), (2, 50, 28), (4, 40, 72)])
  func earlierSpread(jobs: Int, seconds: Double, variance: Double) {
    #expect(
      Self.forecast(Self.state(done: [], jobs: jobs), Self.pairs)
        == .known(seconds: seconds, spreadSeconds: variance.squareRoot()))
  }

  // Task 0 twice: mean 10, variance 8, relative 0.08. Task 1 once at 20: 0.08 × 400 = 32. Tasks 2 and
  // 3 were never seen, and nothing has ended in this run.
  @Test("lends a task that was measured once the relative spread of the others")
  func onceMeasured() {
    let earlier = Self.earlier([[(0, 8), (1, 20)], [(0, 12)]])
    let estimate = Estimate(Self.state(done: []), earlier: earlier)
    #expect(estimate[TaskID(0)] == .init(seconds: 10, variance: 8, basis: .earlier))
    #expect(estimate[TaskID(1)] == .init(seconds: 20, variance: 32, basis: .earlier))
    #expect(estimate[TaskID(2)] == nil)
    #expect(Self.forecast(Self.state(done: []), earlier) == .unknown(.nothingMeasured))
  }

  @Test("trusts a success of this run more than the past, and the past more than a failure")
  func order() {
    let state = Self.state(done: [(0, 50)], failed: [(1, 1)])
    let estimate = Estimate(state, earlier: Self.pairs)
    #expect(estimate[TaskID(0)] == .init(seconds: 50, variance: 8, basis: .own))
    #expect(estimate[TaskID(1)] == .init(seconds: 20, variance: 32, basis: .earlier))
  }

  @Test("looks back over a limited number of runs")
  func limit() {
    let many = Self.earlier(
      (0..<EarlierRuns.maximumRuns).map { _ in [(0, 10)] } + [[(0, 1_000)]])
    #expect(Estimate(Self.state(done: []), earlier: many)[TaskID(0)]?.seconds == 10)
  }

  @Test("takes what a running task says of the time that it has left before all else")
  func told() {
    let state = Self.state(done: [], running: [0])
    let estimate = Estimate(state, earlier: Self.pairs)
    #expect(estimate.remaining(state, now: 4) == [6, 20, 30, 40])
    #expect(estimate.remaining(state, now: 4, told: [TaskID(0): 90]) == [90, 20, 30, 40])
    #expect(Estimate(state).remaining(state, now: 4, told: [TaskID(0): 90]) == nil)
  }
}
