import Foundation
import Model
import Testing

/// Outputs, terminals and readers that behave badly.
@Suite(.timeLimit(.minutes(15)))
struct StreamTests {
  @Test("a task that closes its outputs is still waited for, and its code told")
  func closesOutput() async throws {
    let project = try TemporaryProject(
      "tasks: { a: { run: 'echo before; exec >&- 2>&- <&-; sleep 0.2; exit 3' } }")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let outcome = try FactLines(run.output).status("a")?.lastAttempt?.outcome
    #expect(outcome?.status == .code(3))
    let logs = try await CairnBinary.run(["logs", "a"], in: project)
    #expect(logs.output == "before\n")
  }

  @Test("a process that holds the output open and ignores TERM delays nothing, and is ended")
  func holdsOutput() async throws {
    let mark = "cairn-held-\(UUID().uuidString.prefix(8))"
    let project = try TemporaryProject(
      """
      tasks:
        a: { run: '(trap "" TERM HUP; touch up; exec -a \(mark) sleep 900) & while ! test -e up; do sleep 0.02; done; echo done' }
        b: { after: [a], run: "true" }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try FactLines(run.output).done == ["a", "b"])
    try await poll("the end of the holder") {
      ProcessRow.all(withCommand: mark).isEmpty ? true : nil
    }
    let logs = try await CairnBinary.run(["logs", "a"], in: project)
    #expect(logs.output == "done\n")
  }

  @Test("a leader that heeds TERM, with a child that does not: nobody is left when it has ended")
  func stubbornChild() async throws {
    let mark = "cairn-child-\(UUID().uuidString.prefix(8))"
    let project = try TemporaryProject(
      """
      tasks:
        a:
          timeout: 1s
          run: |
            (trap "" TERM HUP; touch up; exec -a \(mark) sleep 900) &
            trap "exit 0" TERM
            while :; do sleep 0.05; done
        b: { after: [a], when: always, run: "! pgrep -f -- '^\(mark)'" }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let lines = try FactLines(run.output)
    #expect(lines.status("a")?.lastAttempt?.outcome?.class == .timeout)
    #expect(lines.status("b")?.state == .done)
    #expect(ProcessRow.all(withCommand: mark).isEmpty)
  }

  @Test("a reader that goes away ends the lines, not the run", arguments: ["--plain", "--json"])
  func brokenPipe(mode: String) async throws {
    let project = try TemporaryProject(
      """
      tasks:
        first: { run: "true" }
        wait: { after: [first], run: 'while ! test -e closed; do sleep 0.02; done' }
        last: { after: [wait], run: "touch last" }
      """)
    // One line is read, then the pipe is closed while the run goes on.
    try project.shell(
      "{ '\(CairnBinary.path)' run \(mode) 2> ../out/err; echo $? > ../out/status; } "
        + "| { read -r line; exec <&-; touch closed; }")
    let status = try project.shell("cat ../out/status").trimmingCharacters(
      in: .whitespacesAndNewlines)
    let errors = try project.shell("cat ../out/err")
    #expect(["0", "2", "141"].contains(status), "\(errors)")
    #expect(!errors.contains("Fatal error"))
    if status == "0" {
      #expect(project.exists("last"))
    } else {
      let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
      #expect(resumed.status == 0, "\(resumed.errors)")
    }
  }

  @Test("a terminal that nobody reads from holds up no task")
  func stoppedReader() async throws {
    let count = 200
    let project = try TemporaryProject(
      """
      tasks:
        go: { run: 'touch began; while ! test -e deaf; do sleep 0.02; done' }
        wide: { after: [go], matrix: { n: 1..\(count) }, run: 'echo $n' }
        last: { after: [wide], run: "touch last" }
      """)
    // script(1) stands for the terminal: stopped, it reads no more.
    let terminal = try Child(
      "/usr/bin/script",
      ["-qfec", "stty rows 50 cols 200; '\(CairnBinary.path)' run", "/dev/null"],
      in: project.root, environment: project.environment, files: project.newFiles())
    defer { terminal.send(SIGKILL) }
    try await poll("the first task") { project.exists("began") ? true : nil }
    terminal.send(SIGSTOP)
    try await poll("the terminal standing still") {
      ProcessRow(terminal.pid)?.state == "T" ? true : nil
    }
    try project.write("", to: "deaf")
    try await poll("the last task") { project.exists("last") ? true : nil }
    try await poll("the end of the run") {
      let status = try await CairnBinary.run(["status", "--json"], in: project)
      return status.output.contains("\"state\" : \"done\"") ? true : nil
    }
  }

  @Test("a file that leads to itself is no project, and is not followed for ever")
  func linkLoop() async throws {
    let project = try TemporaryProject()
    try project.shell("ln -s cairn.yaml cairn.yaml")
    let finished = try await CairnBinary.run(["list", "./cairn.yaml"], in: project)
    #expect(finished.status == 66)
    #expect(finished.errorLines.count == 1)
  }
}
