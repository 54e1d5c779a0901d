import Foundation
import Model
import Testing

/// Tasks that misbehave.
@Suite(.timeLimit(.minutes(15)))
struct HostileTaskTests {
  @Test("of a flood of output the beginning and the end are kept, and the run goes on")
  func flood() async throws {
    let megabytes = Soak.isOn ? 5 << 10 : 200
    let project = try TemporaryProject(
      """
      tasks:
        flood: { run: "echo first; head -c \(megabytes)M /dev/zero | tr '\\\\0' x; echo; echo last" }
        quiet: { run: "true" }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    let lines = try FactLines(run.output)
    #expect(lines.status("quiet")?.state == .done)
    let outcome = try #require(lines.status("flood")?.lastAttempt?.outcome)
    #expect(outcome.class == .success || outcome.class == .output)
    #expect(run.status == (outcome.isSuccess ? 0 : 1))
    #expect(run.output.utf8.count < 1_000_000, "output goes to the log, not into facts")
    let shown = try await CairnBinary.run(["show", "flood"], in: project)
    #expect(shown.status == 0)
    let log = "$(ls .cairn/logs/1/*flood*)"
    #expect(try project.shell("head -n 1 \(log); tail -n 1 \(log)") == "first\nlast\n")
    let bytes = Int(try project.shell("stat -c %s \(log) | tr -d '\\n'"))
    #expect(try #require(bytes) < 64 << 20, "the middle is dropped")
  }

  /// Sequences that move the cursor, set the title and the clipboard, and forge a line of ours.
  private static let poison =
    #"\033[2J\033[H\033]0;owned\007\033]52;c;aGk=\007\r[31m\302\233\377\376"#

  @Test("escape sequences and binary in output, names and messages reach no terminal raw")
  func escapes() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        noisy:
          run: |
            printf '\(Self.poison)'
            head -c 4096 /dev/urandom
            exit 1
        binary: { run: head -c 100000 /dev/urandom }
      """)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 1)
    expectHarmless(run.output + run.errors)
    for arguments in [["show", "noisy"], ["status"], ["list"], ["graph"]] {
      let looked = try await CairnBinary.run(arguments, in: project)
      #expect(looked.status == 0, "\(arguments): \(looked.errors)")
      expectHarmless(looked.output + looked.errors)
    }
    for task in ["noisy", "binary"] {
      let onTerminal = try project.shell("script -qec '\(CairnBinary.path) logs \(task)' /dev/null")
      #expect(onTerminal.contains("\r\n"), "script stands for a terminal")
      expectHarmless(onTerminal.replacing("\r\n", with: "\n"))
    }
    let piped = try project.shell(
      "'\(CairnBinary.path)' logs binary | cmp - .cairn/logs/1/1-binary.1.log")
    #expect(piped == "", "a program gets the bytes as they are")
  }

  private func expectHarmless(_ text: String) {
    let bad = text.unicodeScalars.filter {
      $0.value < 0x20 && $0 != "\n" && $0 != "\t" || (0x7F...0x9F).contains($0.value)
    }
    #expect(bad.isEmpty)
  }

  @Test("no process outlives the run: not a daemon, not one that ignores TERM")
  func background() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        daemon: { run: 'setsid -f bash -c "trap \\"\\" TERM HUP; touch up; while :; do sleep 1; done" < /dev/null > /dev/null 2>&1; while ! test -e up; do sleep 0.05; done' }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let token = try #require(try FactLines(run.output).token(session: 1))
    try await poll("the end of every process") {
      ProcessRow.all(withEnvironment: token).isEmpty ? true : nil
    }
  }

  @Test("a task that ignores TERM is killed after its time")
  func ignoresTerm() async throws {
    let project = try TemporaryProject(
      "tasks: { stubborn: { run: 'trap \"\" TERM; while :; do sleep 0.2; done', timeout: 500ms } }")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let outcome = try #require(try FactLines(run.output).status("stubborn")?.lastAttempt?.outcome)
    #expect(outcome.class == .timeout)
    #expect(outcome.status == .signal(SIGKILL))
  }

  @Test("a task that heeds TERM times out without KILL")
  func heedsTerm() async throws {
    let project = try TemporaryProject(
      "tasks: { slow: { run: 'trap \"exit 7\" TERM; while :; do sleep 0.05; done', timeout: 500ms } }"
    )
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let outcome = try #require(try FactLines(run.output).status("slow")?.lastAttempt?.outcome)
    #expect(outcome.class == .timeout)
    #expect(outcome.status != .signal(SIGKILL))
  }

  @Test("standard input is empty, and the environment is what the design says")
  func surroundings() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        look:
          run: |
            test -z "$(cat)"
            test "$(pwd)" = "$ROOT"
            test "$(umask)" = 0022
            test "$CAIRN_TASK" = look
            test "$CAIRN_ATTEMPT" = 1
            test "$CAIRN_RUN" = 1
            test -d "$CAIRN_OUT"
            test -d "$CAIRN_SCRATCH"
            test -z "$(ls -A "$CAIRN_SCRATCH")"
          env: { ROOT: "\(CairnBinary.repository)" }
      """)
    try project.edit("cairn.yaml", CairnBinary.repository, to: project.root)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.output)")
  }

  @Test(
    "a full disk stops the run with a message, and resume ends it",
    .enabled(if: SmallDisk.isPossible, "needs root and mount"))
  func fullDisk() async throws {
    let outer = try TemporaryProject()
    let disk = try SmallDisk(outer, megabytes: 4)
    defer { disk.remove() }
    let file = """
      tasks:
        small: { run: 'echo x > "$CAIRN_OUT/x"' }
        large: { needs: [small], run: 'head -c 8M /dev/zero > "$CAIRN_OUT/x"' }
      """
    try outer.write(file, to: "disk/cairn.yaml")
    let run = try await CairnBinary.run(["run", "--plain", "./disk"], in: outer)
    #expect(run.status == 1 || run.status == 74, "\(run.errors)")
    let says = run.status == 74 ? "the disk is full" : "large: failed, exit 1"
    #expect((run.output + run.errors).contains(says))
    #expect(
      try outer.shell("sqlite3 disk/.cairn/journal.sqlite 'PRAGMA integrity_check'") == "ok\n")
    try outer.edit("disk/cairn.yaml", "8M", to: "8k")
    let resumed = try await CairnBinary.run(["resume", "--plain", "./disk"], in: outer)
    #expect(resumed.status == 0, "\(resumed.errors)")
  }
}
