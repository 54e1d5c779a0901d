import Model
import Planning
import Testing

@Suite("A task that conflicts waits for a person")
struct ScheduleConflictTests {
  private func conflicting(isAttended: Bool = false) -> Timeline {
    var line = Timeline("a retries=3; b: a; c", jobs: 2, isAttended: isAttended)
    line.admit()
    line.end("a", .conflict)
    line.admit()
    return line
  }

  @Test func itWaitsUsesUpNoRetryAndTheRestGoesOn() {
    var line = conflicting()
    #expect(line.states == "a waiting, b blocked, c ready")
    line.end("c")
    line.pass(1000)
    line.admit()
    #expect(line.states == "a waiting, b blocked, c done")
  }

  @Test func withoutAPersonTheRunEndsAndNamesIt() {
    var line = conflicting()
    #expect(line.closing == nil)
    line.end("c")
    #expect(line.closing == "stalled: 2 wait for a (conflicts with what others did)")
  }

  @Test func withAPersonTheRunWaits() {
    var line = conflicting(isAttended: true)
    line.end("c")
    #expect(line.closing == nil)
    line.schedule.drain(reason: "stopped")
    #expect(line.closing == "stopped: stopped")
  }

  @Test func aRetryRunsItAgain() throws {
    var line = conflicting()
    line.schedule.reset(try line.schedule.retrySet([line.id("a")], downstream: false))
    line.runAll()
    #expect(line.closing == "done: 3 done")
  }

  @Test func aReleaseRunsItAgainToo() throws {
    var line = conflicting()
    try line.schedule.release([line.id("a")])
    line.runAll()
    #expect(line.closing == "done: 3 done")
  }

  @Test func aSkipEndsItAndItsDependents() throws {
    var line = conflicting()
    try line.schedule.skip([line.id("a")], asDone: false, reason: "skipped by ana")
    line.runAll()
    #expect(line.states == "a skipped, b skipped, c done")
  }
}
