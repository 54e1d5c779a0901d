import Model
import Planning
import Testing

@Suite("Schedule requests")
struct ScheduleRequestTests {
  @Test func aHeldRunWaitsAndSteps() throws {
    var line = Timeline("a; b; c", jobs: 2, startsHeld: true)
    line.admit()
    #expect(line.active.isEmpty)
    #expect(line.closing == nil)
    try line.schedule.step(line.id("b"))
    line.admit()
    #expect(line.active == ["b"])
    try line.schedule.step(nil)
    line.admit()
    #expect(line.active == ["a", "b"])
    line.schedule.continue()
    line.runAll()
    #expect(line.closing == "done: 3 done")
  }

  @Test func aWaveIsWhatIsReadyNow() throws {
    var line = Timeline("a; b; c: a", jobs: 1, startsHeld: true)
    try line.schedule.stepWave()
    line.runAll()
    #expect(line.started == ["a", "b"])
    #expect(line.states == "a done, b done, c ready")
    #expect(line.closing == nil)
  }

  @Test func aRetryOfASteppedTaskWaitsToo() throws {
    var line = Timeline("a retries=1", jobs: 1, startsHeld: true)
    try line.schedule.step(nil)
    line.admit()
    line.end("a", .exit)
    line.pass(400)
    line.admit()
    #expect(line.active.isEmpty)
    #expect(line.states == "a ready")
  }

  @Test func whatWasSteppedAndDidNotFitGoesOnWithTheRun() throws {
    var line = Timeline("a; b", jobs: 1, startsHeld: true)
    try line.schedule.stepWave()
    line.admit()
    line.schedule.continue()
    line.end("a")
    line.runAll()
    #expect(line.closing == "done: 2 done")
  }

  @Test func thereIsNothingToStepWhenNothingIsReady() {
    var line = Timeline("a", jobs: 1)
    line.admit()
    #expect(throws: Schedule.Refusal("nothing is ready")) { try line.schedule.step(nil) }
    #expect(throws: Schedule.Refusal("nothing is ready")) { try line.schedule.stepWave() }
  }

  @Test func aHeldTaskKeepsTheRunWaiting() throws {
    var line = Timeline("a; b: a; c", jobs: 1)
    try line.schedule.hold([line.id("b")], reason: "held by ana")
    line.runAll()
    #expect(line.states == "a done, b held, c done")
    #expect(line.closing == nil)
    try line.schedule.release([line.id("b")])
    line.runAll()
    #expect(line.closing == "done: 3 done")
  }

  @Test func aHeldTaskIsNotReadyWhenItsBackoffEnds() throws {
    var line = Timeline("a retries=1", jobs: 1)
    line.admit()
    line.end("a", .exit)
    #expect(line.states == "a backoff")
    try line.schedule.hold([line.id("a")], reason: "held")
    line.pass(400)
    line.admit()
    #expect(line.states == "a held")
    try line.schedule.release([line.id("a")])
    line.runAll()
    #expect(line.closing == "done: 1 done")
  }

  @Test func retryBringsSkippedDependentsBack() throws {
    var line = Timeline("a; b: a; c: b; live", jobs: 1)
    line.runAll(failing: ["a"])
    try line.retry("a")
    #expect(line.states == "a ready, b blocked, c blocked, live done")
    line.runAll()
    #expect(line.closing == "done: 4 done")
  }

  @Test func retryOfADoneTaskLeavesItsDependentsDone() throws {
    var line = Timeline("a; b: a; c: a", jobs: 1)
    line.runAll()
    try line.retry("a")
    #expect(line.states == "a ready, b done, c done")
    line.runAll()
    #expect(line.started == ["a", "b", "c", "a"])
  }

  @Test func retryDownstreamResetsWhatFollows() throws {
    var line = Timeline("a; b: a; c: b; other", jobs: 1)
    line.runAll()
    try line.retry("a", downstream: true)
    #expect(line.states == "a ready, b blocked, c blocked, other done")
    line.runAll()
    #expect(line.started == ["a", "b", "c", "other", "a", "b", "c"])
  }

  @Test func aReadyTaskBlocksAgainWhenItsNeedIsRetried() throws {
    var line = Timeline("a; b; c: a", jobs: 1)
    line.admit()
    line.end("a")
    try line.retry("a")
    #expect(line.states == "a ready, b ready, c blocked")
  }

  @Test func retryDuringABackoffStartsAtOnce() throws {
    var line = Timeline("a retries=1 backoff=60", jobs: 1)
    line.admit()
    line.end("a", .exit)
    try line.retry("a")
    line.admit()
    #expect(line.active == ["a"])
  }

  @Test(
    "a request that makes no sense is refused by name",
    arguments: [
      ("retry b", "b has not run yet"), ("retry a", "a is running"),
      ("retry done", "done is used by user, which runs"),
      ("retry orphan", "orphan needs bad, which failed"), ("skip a", "a is running: stop it first"),
      ("skip done", "done is done"), ("hold a", "a is running"), ("hold done", "done has ended"),
      ("release b", "b is not held"),
    ])
  func refusals(request: String, reason: String) {
    var line = Timeline("done; bad; orphan: bad; a; user: done; b: a", jobs: 2)
    line.admit()
    line.end("done")
    line.end("bad", .exit)
    line.admit()
    #expect(line.active == ["a", "user"])
    let words = request.split(separator: " ").map(String.init)
    let task = [line.id(words[1])]
    #expect(throws: Schedule.Refusal(reason)) {
      switch words[0] {
      case "retry": _ = try line.schedule.retrySet(task, downstream: false)
      case "skip": try line.schedule.skip(task, asDone: false, reason: "")
      case "hold": try line.schedule.hold(task, reason: "")
      default: try line.schedule.release(task)
      }
    }
  }

  @Test func aSkippedTaskSkipsItsDependents() throws {
    var line = Timeline("a; b: a", jobs: 1)
    try line.schedule.skip([line.id("a")], asDone: false, reason: "skipped by ana")
    line.runAll()
    #expect(line.states == "a skipped, b skipped")
    #expect(line.closing == "done: 0 done, 2 skipped")
  }

  @Test func aFailedTaskThatIsSkippedAsDoneLetsItsDependentsRun() throws {
    var line = Timeline("a; b: a", jobs: 1)
    line.runAll(failing: ["a"])
    try line.schedule.skip([line.id("a")], asDone: true, reason: "done by ana")
    line.runAll()
    #expect(line.closing == "done: 2 done")
  }

  @Test func aDrainingRunAdmitsNothingAndEndsStopped() {
    var line = Timeline("a; b", jobs: 1)
    line.admit()
    line.schedule.drain(reason: "stopped by ana")
    line.end("a", .interrupted)
    line.admit()
    #expect(line.active.isEmpty)
    #expect(line.closing == "stopped: stopped by ana")
  }

  @Test func aStoppedTaskEndsTheRunAsStopped() {
    var line = Timeline("a; b: a", jobs: 1)
    line.admit()
    line.end("a", .stopped)
    #expect(line.states == "a cancelled, b skipped")
    #expect(line.closing == "stopped: 1 stopped: a")
  }

  @Test func everyChangeIsToldOnce() throws {
    var line = Timeline("a retries=1; b: a", jobs: 1)
    line.admit()
    line.end("a", .exit)
    line.pass(400)
    line.admit()
    line.end("a")
    let told = line.schedule.takeChanges().map { "\(line.name($0.task)) \($0.state)" }
    #expect(told == ["a backoff", "a ready", "a done", "b ready"])
    #expect(line.schedule.takeChanges().isEmpty)
  }

  /// The cleanup runs because the build failed, though only by way of what was skipped for it.
  @Test func whatRunsBecauseATaskFailedKeepsItFromBeingRetriedOrSkipped() throws {
    var line = Timeline("build; test: build; ship: test; cleanup when=failure: ship", jobs: 1)
    line.admit()
    line.end("build", .exit)
    line.admit()
    #expect(line.active == ["cleanup"])
    let refusal = Schedule.Refusal("build is used by cleanup, which runs")
    #expect(throws: refusal) { try line.retry("build") }
    #expect(throws: refusal) {
      try line.schedule.skip([line.id("build")], asDone: true, reason: "called done by ana")
    }
    line.end("cleanup")
    try line.retry("build")
    line.runAll()
    #expect(line.states == "build done, test done, ship done, cleanup done")
  }
}
