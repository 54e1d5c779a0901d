import Foundation
import Model
import Testing

/// Exit codes and messages of runs that begin.
@Suite(.timeLimit(.minutes(15)))
struct ExitCodeTests {
  @Test("0: all done, and the export is there")
  func allDone() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        a: { run: 'echo stone > "$CAIRN_OUT/x"' }
        b: { needs: [a], run: 'cat "$CAIRN_IN_A/x" > "$CAIRN_OUT/y"', export: y.txt }
      """)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("y.txt") == "stone\n")
    let again = try await CairnBinary.run(["resume", "--plain"], in: project)
    #expect(again.status == 0, "nothing left to do is no failure: \(again.errors)")
  }

  @Test("1: a task failed; what does not need it goes on, what needs it is skipped")
  func taskFailed() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        bad: { run: exit 3 }
        child: { needs: [bad], run: "true" }
        other: { run: "true" }
        cleanup: { after: [bad], when: always, run: "true" }
        alarm: { after: [bad], when: failure, run: "true" }
        quiet: { after: [other], when: failure, run: "true" }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let lines = try FactLines(run.output)
    let states = ["bad", "child", "other", "cleanup", "alarm", "quiet"].map {
      lines.status($0)?.state
    }
    #expect(states == [.failed, .skipped, .done, .done, .done, .skipped])
    #expect(lines.status("bad")?.lastAttempt?.outcome?.status == .code(3))
    #expect(lines.state.closed?.ending == .failed)
  }

  @Test("--fail-fast admits nothing more")
  func failFast() async throws {
    let project = try TemporaryProject(
      """
      budget: { jobs: 1 }
      tasks:
        bad: { run: exit 1, priority: 5 }
        other: { run: touch ran }
      """)
    let run = try await CairnBinary.run(["run", "--plain", "--fail-fast"], in: project)
    #expect(run.status == 1)
    #expect(!project.exists("ran"))
  }

  @Test(
    "a command that does not exist fails its task and names it",
    arguments: [
      ("exec: [cairn-no-such-program]", Outcome.Class.spawn), ("run: cairn-no-such-program", .exit),
      ("exec: [./notes.txt]", .spawn),
    ])
  func noSuchCommand(action: String, expected: Outcome.Class) async throws {
    let project = try TemporaryProject("tasks: { a: { \(action) } }")
    try project.write("no program", to: "notes.txt")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    #expect(try FactLines(run.output).status("a")?.lastAttempt?.outcome?.class == expected)
  }

  @Test("a task that leaves no folder for its artifact fails")
  func noArtifact() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'rmdir \"$CAIRN_OUT\"' } }")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    #expect(try FactLines(run.output).status("a")?.lastAttempt?.outcome?.class == .artifact)
  }

  @Test("2: an interrupt drains the run, and resume ends it", arguments: [SIGINT, SIGTERM, SIGHUP])
  func interrupted(signal: Int32) async throws {
    let project = try TemporaryProject(
      """
      budget: { jobs: 1 }
      tasks:
        first: { run: "true" }
        long: { after: [first], run: 'test -e go || { touch started; sleep 600; }' }
        last: { after: [long], run: "true" }
      """)
    let run = try CairnBinary.start(["run", "--json"], in: project)
    try await poll("the long task") { project.exists("started") ? true : nil }
    run.send(signal)
    let ended = await run.finished()
    #expect(ended.status == 2, "\(ended.errors)")
    #expect(try FactLines(ended.output).state.closed?.ending == .stopped)
    let second = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(second.status == 2)
    #expect(
      second.errors.contains("`cairn resume` goes on with it, `cairn run --fresh` starts anew"))
    try project.write("", to: "go")
    let resumed = try await CairnBinary.run(["resume", "--json"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try admittedNames(resumed.output) == ["long", "last"])
  }

  @Test("2: tasks that wait for a person's status in the file are named")
  func stalled() async throws {
    let project = try TemporaryProject()
    try project.write(
      """
      {"tasks": [{"id": 1, "title": "later", "status": "deferred"},
        {"id": 2, "title": "then", "status": "pending", "dependencies": [1]}]}
      """, to: ".taskmaster/tasks/tasks.json")
    try project.write(
      "from: task-master\nagent: { command: [cat] }\nverify: \"true\"\n", to: "cairn.yaml")
    let run = try await CairnBinary.run(["run", "--plain", "--trust"], in: project)
    #expect(run.status == 2)
    #expect((run.output + run.errors).contains("2"))
  }

  @Test("75: a second Cairn names the first")
  func twoCairns() async throws {
    let project = try TemporaryProject(
      "tasks: { a: { run: 'touch started; while ! test -e go; do sleep 0.05; done' } }")
    let first = try CairnBinary.start(["run", "--plain"], in: project)
    try await poll("the first run") { project.exists("started") ? true : nil }
    let second = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(second.status == 75)
    #expect(second.errors.contains("\(first.pid)"))
    let looking = try await CairnBinary.run(["status"], in: project)
    #expect(looking.status == 0, "looking is allowed: \(looking.errors)")
    try project.write("", to: "go")
    #expect(await first.finished().status == 0)
  }

  @Test("74: a read-only project")
  func readOnly() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    try project.shell("chmod a-w .")
    let run = try await CairnBinary.runBound(["run", "--plain"], in: project)
    #expect(run.status == 74)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.contains(".cairn"))
  }

  @Test("74: a file where the state folder should be")
  func stateFolderIsFile() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    try project.write("mine", to: ".cairn")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 74)
    #expect(run.errors.contains(".cairn"))
    #expect(try project.read(".cairn") == "mine")
  }

  @Test("74: a journal of a newer version is refused and left alone")
  func newerJournal() async throws {
    let project = try await Self.projectWithRun()
    try project.shell("sqlite3 .cairn/journal.sqlite 'PRAGMA user_version = 9999'")
    let before = try project.shell("sha256sum .cairn/journal.sqlite")
    for arguments in [["run", "--plain"], ["resume", "--plain"], ["status"], ["list"]] {
      let refused = try await CairnBinary.run(arguments, in: project)
      #expect(refused.status == 74)
      #expect(refused.errors.contains("newer"), "\(arguments): \(refused.errors)")
      #expect(refused.errorLines.count == 1)
    }
    #expect(try project.shell("sha256sum .cairn/journal.sqlite") == before)
  }

  @Test(
    "74: a corrupt journal is refused and left alone",
    arguments: [
      "printf 'not a database at all, but long enough to be one, or so it seems' > .cairn/journal.sqlite",
      "yes damage | dd of=.cairn/journal.sqlite bs=512 seek=8 count=40 conv=notrunc iflag=fullblock status=none",
    ])
  func corruptJournal(damage: String) async throws {
    let project = try await Self.projectWithRun()
    try project.shell("rm -f .cairn/journal.sqlite-wal .cairn/journal.sqlite-shm; " + damage)
    let before = try project.shell("sha256sum .cairn/journal.sqlite")
    let refused = try await CairnBinary.run(["resume", "--plain"], in: project)
    let after = try project.shell("sha256sum .cairn/journal.sqlite")
    #expect(refused.status != 0)
    #expect(refused.errorLines.count == 1)
    #expect(refused.status == 74, "\(refused.errors)")
    #expect(refused.errors.contains("journal"))
    #expect(after == before)
  }

  private static func projectWithRun() async throws -> TemporaryProject {
    let project = try TemporaryProject("tasks: { a: { matrix: { n: 0..40 }, run: 'true' } }")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    return project
  }
}
