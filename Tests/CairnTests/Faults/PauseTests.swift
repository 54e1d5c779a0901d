import Foundation
import Model
import Testing

/// A task that stands still because somebody wants it so.
@Suite(.timeLimit(.minutes(15)))
struct PauseTests {
  private static let timeoutSeconds = 4.0

  /// Asks for its own pause, so that no slow test process comes too late for the timeout.
  private static let pausesItself = """
    tasks:
      alpha:
        run: '"\(CairnBinary.path)" pause alpha || true; sh bin/work alpha'
        timeout: \(Int(timeoutSeconds))s
    """

  @Test("a task that is paused for longer than its timeout goes on afterwards and is done")
  func outlastsTimeout() async throws {
    let bench = try ControlBench(Self.pausesItself)
    let run = try bench.start()
    try await poll("alpha frozen") { bench.isFrozen("alpha") ? true : nil }
    try bench.project.write("", to: "go")
    let before = try await Self.elapsed(bench)
    try await poll("more than its timeout") {
      try await Self.elapsed(bench) - before > Self.timeoutSeconds + 1 ? true : nil
    }
    #expect(bench.isFrozen("alpha"))
    try await bench.expect(["unpause", "alpha"], 0, "resume accepted")
    let ended = await run.finished()
    #expect(ended.status == 0, "\(ended.errors)")
    let phases = try #require(try FactLines(ended.output).ended("alpha")?.phases)
    #expect(phases.paused > Self.timeoutSeconds, "it did stand still for longer")
    #expect(phases.run < Self.timeoutSeconds, "and that is no part of its run")
  }

  @Test("what was left of the timeout is what it has after the pause")
  func timesOutAfterPause() async throws {
    let bench = try ControlBench(Self.pausesItself)
    let run = try bench.start()
    try await poll("alpha frozen") { bench.isFrozen("alpha") ? true : nil }
    try await bench.expect(["unpause", "alpha"], 0, "resume accepted")
    #expect(await run.finished().status == 1)
    let ended = try #require(try FactLines(run.output).ended("alpha"))
    #expect(ended.outcome.class == .timeout)
    #expect(ended.phases.run >= Self.timeoutSeconds, "a pause takes nothing from it")
  }

  @Test("a paused task dies when it is stopped, one that ignores TERM too")
  func diesOnStop() async throws {
    let bench = try ControlBench(
      """
      budget: { jobs: 2 }
      tasks:
        heeds: { run: sh bin/work heeds }
        ignores: { run: 'trap "" TERM HUP; sh bin/work ignores', grace: 100ms }
      """)
    let run = try bench.start()
    for task in ["heeds", "ignores"] {
      try await poll(task) { bench.project.exists(task + ".up") ? true : nil }
      try await bench.expect(["pause", task], 0, "pause accepted")
      try await poll("\(task) frozen") { bench.isFrozen(task) ? true : nil }
      try await bench.expect(["stop", task], 0, "stop accepted")
    }
    let ended = await run.finished()
    #expect(ended.status == 2, "\(ended.errors)")
    let lines = try FactLines(ended.output)
    #expect(lines.ended("heeds")?.outcome.class == .stopped)
    #expect(lines.ended("ignores")?.outcome.class == .stopped)
    #expect(lines.ended("ignores")?.outcome.status == .signal(SIGKILL))
    #expect(ProcessRow.all(withEnvironment: "PWD=" + bench.project.root).isEmpty)
  }

  /// The run's own clock, in seconds.
  private static func elapsed(_ bench: ControlBench) async throws -> Double {
    let status = try await CairnBinary.run(["status", "--json"], in: bench.project)
    let object = try JSONSerialization.jsonObject(with: Data(status.output.utf8))
    return try #require((object as? [String: Any])?["elapsedSeconds"] as? Double)
  }
}

extension FactLines {
  /// How the last attempt of the task ended.
  fileprivate func ended(_ name: String) -> Fact.AttemptEnded? {
    let found = facts.last { fact in
      if case .attemptEnded(let ended) = fact.kind {
        state.graph[ended.task].name == name
      } else {
        false
      }
    }
    guard case .attemptEnded(let ended)? = found?.kind else { return nil }
    return ended
  }
}
