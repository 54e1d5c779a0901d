import Model
import Planning
import Testing

@Suite("Schedule")
struct ScheduleTests {
  @Test func aDiamondRunsInOrder() {
    var line = Timeline("a; b: a; c: a; d: b c", jobs: 2)
    line.runAll()
    #expect(line.started == ["a", "b", "c", "d"])
    #expect(line.closing == "done: 4 done")
  }

  @Test func priorityGoesBeforeTheLongestPathAndThatBeforeFileOrder() {
    var line = Timeline("x; y; z; long: z; p priority=1", jobs: 1)
    line.runAll()
    #expect(line.started == ["p", "z", "x", "y", "long"])
  }

  @Test func weightsReplaceHopsInTheLongestPath() {
    var line = Timeline("a; b; c: b", jobs: 1, weights: [10, 1, 1])
    line.runAll()
    #expect(line.started == ["a", "b", "c"])
  }

  @Test(arguments: [
    ("a weight=10; b weight=1; c: b", ["a", "b", "c"]),
    ("a weight=1; b weight=1; c: b", ["b", "a", "c"]),
    // Nobody has judged b: it counts as the mean of the others.
    ("a weight=3; b; c weight=1", ["a", "b", "c"]),
    ("a weight=1; b; c weight=3", ["c", "b", "a"]),
  ])
  func workThatTheFileHasJudgedMakesThePathLong(text: String, order: [String]) {
    var line = Timeline(text, jobs: 1)
    line.runAll()
    #expect(line.started == order)
  }

  @Test func cpusAndMemoryLimitAdmission() {
    var line = Timeline(
      "wide cpus=2; a memory=60; b memory=60; c memory=30", jobs: 3, memoryBytes: 100)
    line.admit()
    #expect(line.active == ["wide", "a"])
    line.end("wide")
    line.admit()
    #expect(line.active == ["a", "c"])
  }

  @Test func aTaskWiderThanTheMachineRunsAlone() {
    var line = Timeline("a; wide cpus=64", jobs: 2)
    line.admit()
    #expect(line.active == ["a"])
    line.end("a")
    line.admit()
    #expect(line.active == ["wide"])
  }

  @Test func whoWaitsForTheOnlyGPULetsOthersPass() {
    var line = Timeline(
      "a GPU=1; b GPU=1; c; d GPU=1 LICENCE=2; e LICENCE=1; f", jobs: 3,
      resources: ["GPU": 1, "LICENCE": 2])
    line.admit()
    #expect(line.active == ["a", "c", "e"])
    line.end("c")
    line.admit()
    #expect(line.active == ["a", "e", "f"], "b waits for the GPU")
    line.end("a")
    line.admit()
    #expect(line.active == ["b", "e", "f"])
    line.end("b")
    line.admit()
    #expect(line.active == ["e", "f"], "d has its GPU and waits for a licence without taking it")
    line.end("e")
    line.admit()
    #expect(line.active == ["d", "f"])
  }

  @Test func howeverManyWaitForAResourceOthersPass() {
    let many = (0..<200).map { "g\($0) GPU=1 priority=1" }.joined(separator: ";")
    var line = Timeline(many + "; a; b", jobs: 3, resources: ["GPU": 1])
    line.admit()
    #expect(line.active == ["g0", "a", "b"])
    line.runAll()
    #expect(line.closing == "done: 202 done")
    #expect(line.started.filter { $0 != "a" && $0 != "b" } == (0..<200).map { "g\($0)" })
  }

  @Test func whatWaitsForAResourceIsFoundWhenThoseBeforeItAreHeld() throws {
    let many = (0..<100).map { "g\($0) GPU=1" }.joined(separator: ";")
    var line = Timeline(many, jobs: 2, resources: ["GPU": 1])
    line.admit()
    let others = (1..<99).map { line.id("g\($0)") }
    try line.schedule.hold(others, reason: "held by test")
    line.end("g0")
    line.admit()
    #expect(line.active == ["g99"])
  }

  @Test func aStepLetsThroughWhatWaitsForAResource() throws {
    var line = Timeline("a GPU=1; b GPU=1; c GPU=1", jobs: 2, resources: ["GPU": 1])
    line.admit()
    line.schedule.hold()
    try line.schedule.step(nil)
    line.admit()
    #expect(line.active == ["a"])
    line.end("a")
    line.admit()
    #expect(line.active == ["b"])
    line.end("b")
    line.admit()
    #expect(line.active.isEmpty, "only one step was asked for")
    try line.schedule.stepWave()
    line.admit()
    #expect(line.active == ["c"])
  }

  @Test func aTaskThatAsksForTooMuchOfAResourceIsSetAside() {
    var line = Timeline("big GPU=3; after: big; other GPU=2", jobs: 2, resources: ["GPU": 2])
    line.runAll()
    #expect(line.started == ["other"])
    #expect(
      line.closing
        == "stalled: 2 wait for big (asks for 3 of the resource GPU, the limit is 2)")
    #expect(throws: Schedule.Refusal.self) { try line.schedule.release([line.id("big")]) }
  }

  @Test func aTaskThatAsksForTooMuchMemoryIsSetAside() {
    var line = Timeline("big memory=200; after: big; other", jobs: 2, memoryBytes: 100)
    line.runAll()
    #expect(line.started == ["other"])
    #expect(
      line.closing
        == "stalled: 2 wait for big (asks for 200 bytes of memory, the limit is 100)")
    #expect(throws: Schedule.Refusal.self) { try line.schedule.release([line.id("big")]) }
  }

  @Test func aFailureSkipsDependentsAndNothingElse() {
    var line = Timeline("a; b: a; c: b; other", jobs: 1)
    line.runAll(failing: ["a"])
    #expect(line.started == ["a", "other"])
    #expect(line.states == "a failed, b skipped, c skipped, other done")
    #expect(line.schedule[line.id("c")].reason == "needs b, which was skipped")
    #expect(line.closing == "failed: 1 failed: a")
  }

  @Test func failFastAdmitsNothingMore() {
    var line = Timeline("a; b; c: b", jobs: 1, failFast: true)
    line.admit()
    line.end("b", .exit)
    line.admit()
    #expect(line.active.isEmpty)
    #expect(line.closing == "failed: 1 failed: b")
  }

  @Test(
    "a condition decides by how the needs ended",
    arguments: [
      ("success", Outcome.Class.success, "done"), ("success", .exit, "skipped"),
      ("failure", .success, "skipped"), ("failure", .exit, "done"),
      ("always", .success, "done"), ("always", .exit, "done"),
      ("always", .stopped, "done"), ("failure", .stopped, "done"),
    ])
  func conditions(when: String, outcome: Outcome.Class, expected: String) {
    var line = Timeline("a; b; t when=\(when): a b", jobs: 1)
    line.runAll { $0 == "a" ? outcome : .success }
    #expect(line.states.hasSuffix("t \(expected)"))
  }

  @Test func aConditionWaitsUntilAllNeedsHaveEnded() {
    var line = Timeline("a; b; t when=failure: a b", jobs: 2)
    line.admit()
    line.end("a", .exit)
    line.admit()
    #expect(line.active == ["b"])
  }

  @Test func cleanUpThatSucceedsDoesNotHideAFailure() {
    var line = Timeline("a; clean when=always: a", jobs: 1)
    line.runAll(failing: ["a"])
    #expect(line.started == ["a", "clean"])
    #expect(line.closing == "failed: 1 failed: a")
  }

  @Test func backoffsGrowAndStayUnderTheCap() throws {
    var line = Timeline("a retries=12 backoff=1", jobs: 1)
    var delays: [Double] = []
    for _ in 0..<12 {
      line.admit()
      line.end("a", .exit)
      let until = try #require(line.schedule.nextWakeSeconds)
      delays.append(until - line.seconds)
      line.pass(until - line.seconds)
    }
    for (index, delay) in delays.enumerated() {
      let middle = Double(1 << index)
      #expect(delay >= min(middle * 0.75, Backoff.standardCapSeconds * 0.75))
      #expect(delay <= min(middle * 1.25, Backoff.standardCapSeconds) + 1e-9)
    }
    line.admit()
    line.end("a", .exit)
    #expect(line.closing == "failed: 1 failed: a")
  }

  @Test func jitterDependsOnTheSeedAlone() {
    func wake(_ seed: UInt64) -> Double? {
      var line = Timeline("a retries=1 backoff=10", jobs: 1, seed: seed)
      line.admit()
      line.end("a", .exit)
      return line.schedule.nextWakeSeconds
    }
    #expect(wake(1) == wake(1))
    #expect(wake(1) != wake(2))
  }

  @Test func interruptionsUseNoRetryButThreeInARowFail() {
    var line = Timeline("a", jobs: 1)
    for _ in 0..<2 {
      line.admit()
      line.end("a", .interrupted)
      #expect(line.states == "a ready")
    }
    line.admit()
    line.end("a", .interrupted)
    #expect(line.states == "a failed")
    #expect(line.schedule[line.id("a")].reason == "interrupted 3 times in a row")
  }

  @Test(
    "the file's standing decides what runs",
    arguments: [
      ("done", false, "a done, b done", "done: 2 done"),
      ("review", true, "a done, b done", "done: 2 done"),
      ("review", false, "a held, b blocked", "stalled: 2 wait for a (in review in the file)"),
      (
        "external", false, "a held, b blocked",
        "stalled: 2 wait for a (external: somebody works on it)"
      ),
      (
        "deferred", false, "a skipped, b blocked", "stalled: 1 wait for a (deferred in the file)"
      ),
      (
        "cancelled", false, "a skipped, b blocked",
        "stalled: 1 wait for a (cancelled in the file)"
      ),
      ("blocked", false, "a done, b done", "done: 2 done"),
    ])
  func standings(standing: String, trusted: Bool, states: String, closing: String) {
    var line = Timeline("a standing=\(standing); b: a", jobs: 1, trustsReview: trusted)
    line.runAll()
    #expect(line.states == states)
    #expect(line.closing == closing)
  }

  @Test func externalWorkCanBeTakenOver() throws {
    var line = Timeline("a standing=external; b: a", jobs: 1)
    try line.schedule.release([line.id("a")])
    line.runAll()
    #expect(line.closing == "done: 2 done")
  }

  @Test func tasksOutsideTheSelectionDoNotRun() {
    var line = Timeline(
      "a; b: a; c: b", jobs: 1, selection: ["b"], satisfied: ["a"])
    line.runAll()
    #expect(line.started == ["b"])
    #expect(line.states == "a skipped, b done, c skipped")
    #expect(line.closing == "done: 1 done")
  }

  @Test func aNeedOutsideTheSelectionWithoutArtifactsStalls() {
    var line = Timeline("a; b: a", jobs: 1, selection: ["b"])
    line.runAll()
    #expect(line.closing == "stalled: 1 wait for a (not selected)")
  }
}
