import Model
import Planning
import Testing

@Suite("Failures are retried by their class")
struct RetryTests {
  /// Outcomes in order, and the state behind the last of them.
  struct Story: Sendable, CustomTestStringConvertible {
    var policy: RetryPolicy
    var outcomes: [Outcome.Class]
    var state: TaskState

    init(_ policy: RetryPolicy, _ outcomes: [Outcome.Class], _ state: TaskState) {
      self.policy = policy
      self.outcomes = outcomes
      self.state = state
    }

    var testDescription: String {
      "\(policy): \(outcomes.map(\.rawValue).joined(separator: ", ")) → \(state)"
    }
  }

  static let apart = RetryPolicy(.apart([.exit: 2, .memory: 1, .timeout: 0], others: 0))
  static let others = RetryPolicy(.apart([.exit: 0], others: 1))

  @Test(arguments: [
    Story(2, [.exit, .signal], .ready),
    Story(2, [.exit, .signal, .memory], .failed),
    Story(3, [.exit, .timeout, .lost, .success], .done),
    Story(5, [.spawn], .failed),
    Story(5, [.stopped], .cancelled),
    Story(apart, [.exit, .exit, .memory], .ready),
    Story(apart, [.exit, .exit, .exit], .failed),
    Story(apart, [.memory, .exit, .memory], .failed),
    Story(apart, [.timeout], .failed),
    Story(apart, [.signal], .failed),
    Story(others, [.signal, .lost, .verification], .ready),
    Story(others, [.signal, .signal], .failed),
    Story(others, [.exit], .failed),
    Story(0, [.interrupted, .interrupted], .ready),
    Story(0, [.interrupted, .interrupted, .interrupted], .failed),
  ])
  func classes(_ story: Story) {
    var line = Timeline("a", policy: story.policy)
    for outcome in story.outcomes { line.endAndWait("a", outcome) }
    #expect(line.schedule[line.id("a")].state == story.state)
  }

  @Test(
    arguments: [
      (75, .ready), (100, .ready), (110, .ready), (1, .failed), (76, .failed),
    ] as [(Int32, TaskState)])
  func onlyTheNamedExitCodesAreRetried(_ code: Int32, _ state: TaskState) {
    let policy = RetryPolicy(.apart([.exit: 2], others: 2), codes: [75...75, 100...110])
    var line = Timeline("a", policy: policy)
    line.endAndWait("a", .exit, status: .code(code))
    #expect(line.schedule[line.id("a")].state == state)
  }

  @Test func codesSayNothingOfSignals() {
    var line = Timeline("a", policy: RetryPolicy(.apart([:], others: 1), codes: [75...75]))
    line.endAndWait("a", .signal, status: .signal(11))
    #expect(line.schedule[line.id("a")].state == .ready)
  }

  @Test func aSystemWithoutRoomIsWaitedForWithoutUsingUpARetry() {
    var line = Timeline("a")
    for _ in 1..<Schedule.maximumExhaustions {
      line.admit()
      let before = line.seconds
      line.end("a", .exhausted)
      #expect(line.schedule[line.id("a")].state == .backoff)
      line.pass((line.schedule.nextWakeSeconds ?? before) - before)
      #expect(line.seconds > before)
    }
    line.admit()
    line.end("a", .exhausted)
    #expect(line.closing == "failed: 1 failed: a")
    #expect(
      line.schedule[line.id("a")].reason
        == "the system had no room to start it, \(Schedule.maximumExhaustions) times in a row")
  }

  @Test func anAttemptThatRanEndsTheCountOfStartsWithoutRoom() {
    var line = Timeline("a retries=1")
    for _ in 1..<Schedule.maximumExhaustions { line.endAndWait("a", .exhausted) }
    line.endAndWait("a", .exit)
    for _ in 1..<Schedule.maximumExhaustions { line.endAndWait("a", .exhausted) }
    #expect(line.schedule[line.id("a")].state == .ready)
  }

  @Test func theRunsBudgetMakesFailuresFinalAndSaysSoOnce() {
    var line = Timeline("a retries=2; b retries=2; c retries=2", retryBudget: 2)
    line.endAndWait("a", .exit)
    line.endAndWait("a", .exit)
    line.endAndWait("a", .success)
    #expect(line.schedule.takeNotices().isEmpty)
    line.endAndWait("b", .exit)
    line.endAndWait("c", .exit)
    #expect(line.states == "a done, b failed, c failed")
    #expect(line.schedule[line.id("b")].reason == "failed; the run has no retry left")
    #expect(line.schedule.takeNotices().map(\.code) == [Fact.Notice.Code.retriesSpent.rawValue])
  }

  @Test func aRetryThatAPersonAsksForIsNotOfTheBudget() throws {
    var line = Timeline("a", retryBudget: 0)
    line.endAndWait("a", .exit)
    try line.retry("a")
    line.endAndWait("a", .success)
    #expect(line.states == "a done")
    #expect(line.schedule.takeNotices().isEmpty)
  }

  @Test func memoryGrowsWithEveryFailureUpToTheBudget() {
    var line = Timeline("a retries=9 memory=100 grows=yes", memoryBytes: 250)
    var reserves: [Int64] = []
    for outcome in [Outcome.Class.memory, .interrupted, .memory, .exhausted, .exit] {
      for admission in line.admissions() { reserves.append(admission.memoryBytes) }
      line.end("a", outcome)
      if let wake = line.schedule.nextWakeSeconds { line.pass(wake - line.seconds) }
    }
    #expect(reserves == [100, 200, 200, 250, 250])
  }

  @Test func whatGrewIsGivenBackWhole() {
    var line = Timeline("a retries=1 memory=60 grows=yes; b memory=100: a", memoryBytes: 100)
    line.endAndWait("a", .memory)
    line.endAndWait("a", .success)
    line.endAndWait("b", .success)
    #expect(line.states == "a done, b done")
  }

  @Test func hugeReservesOverflowNothing() {
    let most = Int64.max
    for limit in [nil, most] {
      var line = Timeline(
        "a memory=\(most) retries=3 grows=yes; b memory=\(most)", jobs: 2, memoryBytes: limit)
      line.admit()
      #expect(line.active == (limit == nil ? ["a", "b"] : ["a"]))
      line.end("a", .memory)
      if let wake = line.schedule.nextWakeSeconds { line.pass(wake - line.seconds) }
      line.runAll()
      #expect(line.states == "a done, b done")
    }
  }

  @Test func aBackoffGrowsByItsFactorUpToItsCap() {
    let backoff = Backoff(firstSeconds: 2, factor: 3, capSeconds: 40)
    #expect((1...5).map { backoff.seconds(afterFailures: $0) } == [2, 6, 18, 40, 40])
    #expect(Backoff(firstSeconds: 9, capSeconds: 5).seconds(afterFailures: 1) == 5)
    #expect(Backoff(firstSeconds: 0).seconds(afterFailures: 100) == 0)
    #expect(Backoff(firstSeconds: 1, factor: 1).seconds(afterFailures: .max) == 1)
    #expect(Backoff(firstSeconds: 1, factor: 2).seconds(afterFailures: .max) == 300)
  }
}
