import Foundation
import Model
import Synchronization
import Testing

/// A machine that has no more of something.
@Suite(.timeLimit(.minutes(20)))
struct ScarcityTests {
  /// So few that slots cannot be hidden, and so few that their namespaces cannot all be kept.
  @Test(
    "few open files: the run is throttled, no task is lost and none fails", arguments: [32, 160])
  func openFiles(limit: Int) async throws {
    let count = 150
    let project = try TemporaryProject(
      """
      tasks:
        wide: { matrix: { n: 1..\(count) }, run: 'echo $n > "$CAIRN_OUT/n"; sleep 0.02' }
        all: { needs: [wide], run: 'cat "$CAIRN_IN_WIDE"/*/n | wc -l', verify: "true" }
      """)
    let run = try await Self.limited("ulimit -n \(limit)", project)
    #expect(run.status == 0, "\(run.errors)")
    let lines = try FactLines(run.output)
    #expect(lines.done.count == count + 1)
    let retried = lines.state.tasks.filter { $0.attempts.count != 1 }
    #expect(retried.isEmpty, "nothing was counted as a failure")
  }

  @Test(
    "few processes: starts wait for room, with a visible reason",
    .enabled(if: getuid() == 0, "needs root, to become a user of its own"))
  func processes() async throws {
    let count = 60
    let project = try TemporaryProject(
      """
      tasks:
        wide: { matrix: { n: 1..\(count) }, exec: [sleep, "0.3"] }
      """)
    let run = try await Self.limited("ulimit -u 40", project, command: Self.stranger(project))
    #expect(run.status == 0, "\(run.errors)")
    let lines = try FactLines(run.output)
    #expect(lines.done.count == count)
    #expect(lines.state.tasks.allSatisfy { $0.attempts.count == 1 })
    let notices = lines.notices("start.postponed")
    #expect(notices.contains { $0.contains("Resource temporarily unavailable") }, "\(notices)")
  }

  @Test(
    "few threads: Cairn says so before it begins",
    .enabled(if: getuid() == 0, "needs root, to become a user of its own"), arguments: [1, 4, 7])
  func threads(count: Int) async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    let command = try Self.stranger(project)
    let run = try await Self.limited("ulimit -u \(count)", project, command: command)
    #expect(run.status == 69)
    #expect(run.errors.hasPrefix("cairn: too few threads: "), "\(run.errors)")
    #expect(run.errors.contains("ulimit -u"))
    #expect(!project.exists(".cairn"))
  }

  @Test(
    "little address space: Cairn does with it, or says before it begins that it cannot",
    arguments: [(130_000, 69), (250_000, 0), (400_000, 0), (700_000, 0)])
  func addressSpace(kibibytes: Int, status: Int32) async throws {
    // Artifacts, so that the threads that seal them are needed too.
    let project = try TemporaryProject(
      """
      tasks:
        wide: { matrix: { n: 1..40 }, run: 'echo $n > "$CAIRN_OUT/n"' }
        all: { needs: [wide], run: 'cat "$CAIRN_IN_WIDE"/*/n | wc -l' }
      """)
    let run = try await Self.limited("ulimit -v \(kibibytes)", project)
    #expect(run.status == status, "\(run.errors)")
    if status == 0 {
      #expect(try FactLines(run.output).done.count == 41)
    } else {
      #expect(run.errors.hasPrefix("cairn: too little address space: `ulimit -v` is \(kibibytes),"))
      #expect(!project.exists(".cairn"))
    }
  }

  private static let strangers = Atomic(0)

  /// The command of Cairn as a user of nobody else's, for some limits count all that a user has.
  private static func stranger(_ project: TemporaryProject) throws -> String {
    let number = strangers.add(1, ordering: .relaxed).newValue
    let user = 40_000 + (Int(getpid()) * 8 + number) % 20_000
    try project.shell(
      "cp '\(CairnBinary.path)' ../out/cairn && chmod 755 .. ../out && chown -R \(user) . ../home ../runtime"
    )
    return "exec setpriv --reuid=\(user) --regid=\(user) --clear-groups ../out/cairn"
  }

  /// Runs the project's tasks, as many at a time as there are, below a limit.
  private static func limited(
    _ limit: String, _ project: TemporaryProject, command: String? = nil
  ) async throws -> Finished {
    let command = command ?? "exec '\(CairnBinary.path)'"
    let child = try Child(
      "/bin/bash", ["-c", "\(limit); \(command) run --json --jobs 100"], in: project.root,
      environment: project.environment, files: project.newFiles())
    return await child.finished()
  }

  @Test("a thousand processes that end at once are all heard of")
  func massExit() async throws {
    let count = Soak.isOn ? 1000 : 200
    let project = try TemporaryProject(
      "tasks: { wide: { matrix: { n: 1..\(count) }, exec: [cat, gate] } }")
    try project.shell("mkfifo gate")
    let run = try CairnBinary.start(["run", "--json", "--jobs", "\(count)"], in: project)
    try await poll("all processes") {
      run.output.split(separator: "\n").count { $0.contains("\"attempt.started\"") } == count
        ? true : nil
    }
    // Opening the gate ends every process that waits at it; one that came late waits for the next.
    while run.isAlive {
      let gate = open(project.path("gate"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if gate >= 0 { close(gate) }
      try await Task.sleep(for: .milliseconds(50))
    }
    let ended = await run.finished()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try FactLines(ended.output).done.count == count)
  }

  @Test("signals without meaning, a thousand a second, disturb nothing")
  func signalStorm() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        wide: { matrix: { n: 1..60 }, run: 'sleep 0.02; echo $n > "$CAIRN_OUT/n"' }
        all: { needs: [wide], run: 'cat "$CAIRN_IN_WIDE"/*/n | wc -l' }
      """)
    let run = try CairnBinary.start(["run", "--json"], in: project)
    var sent = 0
    while run.isAlive {
      for signal in [SIGWINCH, SIGCHLD, SIGCONT, SIGURG] { run.send(signal) }
      sent += 4
      try await Task.sleep(for: .milliseconds(2))
    }
    let ended = await run.finished()
    #expect(ended.status == 0, "\(ended.errors), after \(sent) signals")
    #expect(try FactLines(ended.output).done.count == 61)
  }

  @Test("a Cairn that was stopped for a while goes on when it is continued")
  func stopped() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        a: { run: "touch started; while ! test -e go; do sleep 0.02; done", timeout: 5m }
        b: { after: [a], run: "true" }
      """)
    let run = try CairnBinary.start(["run", "--json"], in: project)
    try await poll("the first task") { project.exists("started") ? true : nil }
    run.send(SIGSTOP)
    try await poll("Cairn standing still") { ProcessRow(run.pid)?.state == "T" ? true : nil }
    try project.write("", to: "go")
    run.send(SIGCONT)
    let ended = await run.finished()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try FactLines(ended.output).done == ["a", "b"])
  }
}
