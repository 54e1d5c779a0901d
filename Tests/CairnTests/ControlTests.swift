import Foundation
import Model
import Testing

/// A run in one process, and people who ask things of it from another.
@Suite("Control from another terminal", .timeLimit(.minutes(15)))
struct ControlTests {
  @Test("hold, step, continue, pause and unpause are carried out, answered and journaled")
  func requests() async throws {
    let bench = try ControlBench()
    let run = try bench.start("--step")
    try await bench.expect(["hold"], 1, "refused: the run is held already", of: run)
    try await bench.expect(["step"], 0, "step accepted")
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    #expect(!bench.project.exists("beta[n=1].up"))
    try await bench.expect(["pause", "alpha"], 0, "pause accepted")
    try await poll("alpha frozen") { bench.isFrozen("alpha") ? true : nil }
    try await bench.expect(["unpause", "alpha"], 0, "resume accepted")
    try await poll("alpha thawed") { bench.isFrozen("alpha") ? nil : true }
    try await bench.expect(["continue"], 0, "continue accepted")
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
    let lines = try FactLines(run.output)
    let asked = lines.facts.compactMap { fact -> Fact.RequestMade? in
      if case .requestMade(let made) = fact.kind { made } else { nil }
    }
    #expect(asked.map(\.request.verb) == ["step", "pause", "resume", "continue"])
    #expect(asked.allSatisfy { $0.actor.kind == .person && $0.actor.source == "command" })
    #expect(asked.allSatisfy { $0.actor.name == "\(NSUserName())@no tty" })
  }

  @Test("the name of a matrix means all its instances; unknown names are told with the nearest")
  func names() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    try await bench.expect(["pause", "beta"], 0, "pause accepted", of: run)
    try await bench.expect(["skip", "beta[n=2]"], 0, "skip accepted")
    try await bench.expect(["pause", "alpa"], 64, #"did you mean "alpha"?"#)
    try await bench.expect(["pause"], 64, "which task?")
    try await bench.expect(["hold", "alpha"], 64, "takes no")
    try await bench.expect(["signal", "-s", "NOPE", "alpha"], 64, "no such signal")
    try bench.project.write("", to: "go")
    try await bench.expect(["unpause", "beta[n=1]"], 0, "resume accepted")
    _ = await run.finished()
    let lines = try FactLines(run.output)
    #expect(lines.status("beta[n=1]")?.state == .done)
    #expect(lines.status("beta[n=2]")?.state == .skipped)
  }

  @Test("a failed task is retried, a running one signalled and stopped")
  func retries() async throws {
    let bench = try ControlBench(
      """
      name: work
      budget: { jobs: 2 }
      tasks:
        shy: { run: "test -e brave" }
        long: { run: "touch long.up; trap 'touch long.hup' HUP; while ! test -e go; do sleep 0.05 || true; done" }
      """)
    let run = try bench.start()
    try await poll("a failure") { try bench.state(run, "shy") == .failed ? true : nil }
    try bench.project.write("", to: "brave")
    try await bench.expect(["retry", "shy"], 0, "retry accepted")
    try await poll("its success") { try bench.state(run, "shy") == .done ? true : nil }
    try await poll("long") { bench.project.exists("long.up") ? true : nil }
    try await bench.expect(["signal", "--signal", "HUP", "long"], 0, "signal accepted")
    try await poll("the signal") { bench.project.exists("long.hup") ? true : nil }
    try await bench.expect(["stop", "long"], 0, "stop accepted")
    #expect(await run.finished().status == 2)
    #expect(try bench.state(run, "long") == .cancelled)
  }

  @Test("stop drains the run, which can be resumed")
  func stops() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    try await bench.expect(["stop"], 0, "cancel-run accepted", of: run)
    #expect(await run.finished().status == 2)
    try bench.project.write("", to: "go")
    #expect(try await CairnBinary.run(["resume", "--plain"], in: bench.project).status == 0)
  }

  static let verbs = [
    ["hold"], ["continue"], ["step"], ["freeze"], ["thaw"], ["stop"], ["pause", "alpha"],
    ["unpause", "alpha"], ["signal", "alpha"], ["retry", "alpha"], ["skip", "alpha"],
  ]

  @Test("where nothing runs every verb ends with 69 and says what to type", arguments: verbs)
  func nothingRuns(words: [String]) async throws {
    let bench = try ControlBench()
    try await bench.expect(words, 69, "`cairn run` starts a run")
  }

  @Test("attached lines are the run's own, and end with its exit code")
  func attachedLines() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    let attached = try CairnBinary.start(["attach", "--json"], in: bench.project)
    let plain = try CairnBinary.start(["attach", "--plain"], in: bench.project)
    try await poll("its first lines") { attached.output.contains("attempt.started") ? true : nil }
    try await poll("plain lines") { plain.output.contains("alpha") ? true : nil }
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
    #expect(await attached.finished().status == 0)
    #expect(await plain.finished().status == 0)
    #expect(try FactLines(attached.output).facts == FactLines(run.output).facts)
  }

  @Test("a reader that stops reading costs the run nothing, and misses nothing once it goes on")
  func stoppedReader() async throws {
    let bench = try ControlBench(
      """
      name: work
      budget: { jobs: 2 }
      tasks:
        gate: { run: sh bin/work gate }
        many: { matrix: { n: 1..200 }, needs: [gate], run: "true", output: none }
      """)
    let run = try bench.start()
    try await poll("the gate") { bench.project.exists("gate.up") ? true : nil }
    let attached = try CairnBinary.start(["attach", "--json"], in: bench.project)
    try await poll("its first lines") { attached.output.contains("attempt.started") ? true : nil }
    attached.send(SIGSTOP)
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
    attached.send(SIGCONT)
    #expect(await attached.finished().status == 0)
    #expect(try FactLines(attached.output).facts == FactLines(run.output).facts)
  }

  @Test("clients that come and go leave no descriptor behind in the run's Cairn")
  func descriptors() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    try await bench.expect(["status"], 0, "running")
    let folder = "/proc/\(run.pid)/fd"
    func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: folder).count }
    let before = try open()
    try bench.project.shell(
      "for n in 1 2 3 4 5 6 7 8; do '\(CairnBinary.path)' status > /dev/null & done; wait")
    try await poll("as many as before") { try open() <= before ? true : nil }
    try bench.project.write("", to: "go")
    #expect(await run.finished().status == 0)
  }

  @Test("after kill -9 an attached reader ends with 69, and resume listens again")
  func killed() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    let attached = try CairnBinary.start(["attach", "--plain"], in: bench.project)
    try await poll("its first lines") { attached.output.contains("alpha") ? true : nil }
    run.send(SIGKILL)
    _ = await run.finished()
    #expect(await attached.finished().status == 69)
    try await bench.expect(["hold"], 69, "`cairn resume` goes on with it")
    let resumed = try CairnBinary.start(["resume", "--json"], in: bench.project)
    try await bench.expect(["hold"], 0, "hold accepted", of: resumed)
    try await bench.expect(["continue"], 0, "continue accepted")
    try bench.project.write("", to: "go")
    #expect(await resumed.finished().status == 0)
  }

  @Test("status of a live run has its clock and what runs; its JSON keeps the contract")
  func liveStatus() async throws {
    let bench = try ControlBench()
    let run = try bench.start()
    try await poll("alpha") { bench.project.exists("alpha.up") ? true : nil }
    let words = try await poll("what runs") { () -> String? in
      let status = try await CairnBinary.run(["status"], in: bench.project)
      return status.output.contains("running   alpha") ? status.output : nil
    }
    #expect(words.contains("run 1  work  running"))
    func elapsed() async throws -> Double {
      let status = try await CairnBinary.run(["status", "--json"], in: bench.project)
      let object = try JSONSerialization.jsonObject(with: Data(status.output.utf8))
      let fields = try #require(object as? [String: Any])
      #expect(fields["cairn"] as? Int == 1 && fields["state"] as? String == "running")
      return try #require(fields["elapsedSeconds"] as? Double)
    }
    // Nothing happens meanwhile, so only the engine's own clock can go on.
    let first = try await elapsed()
    try await poll("a clock that goes on") { try await elapsed() > first ? true : nil }
    try bench.project.write("", to: "go")
    _ = await run.finished()
  }

  @Test("a reader of lines that goes away ends the run as a hang-up does, not with a signal")
  func brokenPipe() async throws {
    let bench = try ControlBench()
    try bench.project.write("", to: "go")
    let status = try bench.project.shell(
      "'\(CairnBinary.path)' run --json | head -c 1 > first; echo ${PIPESTATUS[0]}")
    #expect(["0\n", "2\n"].contains(status))
  }
}

/// A project of tasks that wait for a file called `go`.
struct ControlBench {
  let project: TemporaryProject

  init(
    _ file: String = """
    name: work
    budget: { jobs: 2 }
    tasks:
      alpha: { run: sh bin/work alpha }
      beta: { matrix: { n: 1..2 }, needs: [alpha], run: 'sh bin/work "beta[n=$n]"' }
    """
  ) throws {
    project = try TemporaryProject(file)
    try project.write(
      """
      #!/bin/sh
      touch "$1.up"
      while ! test -e go; do sleep 0.05; done
      """, to: "bin/work")
  }

  func start(_ options: String...) throws -> Child {
    try CairnBinary.start(["run", "--json"] + options, in: project)
  }

  /// A terminal with a dashboard on the run that has started.
  func attach() async throws -> Tmux {
    try await poll("alpha") { project.exists("alpha.up") ? true : nil }
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type("PS1='> '; clear; '\(CairnBinary.path)' attach; echo left with $?")
    try await tmux.wait(for: "alpha")
    return tmux
  }

  /// Runs a command that talks to the run; with `run`, once that one listens.
  func expect(_ words: [String], _ code: Int32, _ text: String, of run: Child? = nil) async throws {
    if let run { try await poll("an open run") { run.output.contains("\n") ? true : nil } }
    let ended = try await CairnBinary.run(words, in: project)
    #expect(ended.status == code, "\(words): \(ended.errors)")
    #expect((ended.output + ended.errors).contains(text), "\(ended.output)\(ended.errors)")
  }

  func state(_ run: Child, _ task: String) throws -> TaskState? {
    try FactLines(run.output).status(task)?.state
  }

  func isFrozen(_ task: String) -> Bool {
    let folder = "PWD=" + project.root
    let all = Set(ProcessRow.all(withEnvironment: folder).map(\.pid))
    let rows = ProcessRow.all(withEnvironment: "CAIRN_TASK=\(task)").filter { all.contains($0.pid) }
    return ProcessRow.areFrozen(rows)
  }
}
