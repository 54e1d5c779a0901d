import Foundation
import Model
import Testing

/// Commands that cannot be started.
@Suite(.timeLimit(.minutes(15)))
struct SpawnFaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Keys of the task.
    var task: String
    var making: String
    var message: String
  }

  static let cases = [
    Case(
      testDescription: "a file that is not there", task: "exec: [./gone]", making: "true",
      message: "cannot start \"./gone\": No such file or directory"),
    Case(
      testDescription: "a name that PATH does not lead to", task: "exec: [cairn-no-such]",
      making: "true", message: "cannot start \"cairn-no-such\": not found in PATH"),
    Case(
      testDescription: "a folder", task: "exec: [./folder]", making: "mkdir folder",
      message: "cannot start \"./folder\": not a file"),
    Case(
      testDescription: "a file that is not executable", task: "exec: [./plain]",
      making: "echo true > plain", message: "cannot start \"./plain\": not executable"),
    Case(
      testDescription: "a script whose interpreter is not there", task: "exec: [./script]",
      making: "printf '#!/no/such/interpreter\\n' > script; chmod +x script",
      message: "cannot start \"./script\": the interpreter it names does not exist"),
    Case(
      testDescription: "a script that names no interpreter", task: "exec: [./script]",
      making: "echo true > script; chmod +x script",
      message: "cannot start \"./script\": Exec format error"),
    Case(
      testDescription: "an empty program", task: "exec: [./empty]",
      making: ": > empty; chmod +x empty", message: "cannot start \"./empty\": Exec format error"),
    Case(
      testDescription: "a chain of links that ends nowhere", task: "exec: [./link]",
      making: "ln -s link link",
      message: "cannot start \"./link\": Too many levels of symbolic links"),
    Case(
      testDescription: "a folder to work in that is not there",
      task: "run: 'true', dir: nowhere", making: "true",
      message: "nowhere\" does not exist"),
    Case(
      testDescription: "a file to work in", task: "run: 'true', dir: plain",
      making: "echo > plain", message: "plain\": Not a directory"),
  ]

  @Test("what cannot start says why, and the rest of the run goes on", arguments: cases)
  func says(fault: Case) async throws {
    let project = try TemporaryProject(
      """
      tasks:
        bad: { \(fault.task), retries: 1, backoff: 10ms }
        child: { after: [bad], run: "true" }
        other: { run: "true" }
      """)
    try project.shell(fault.making)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1)
    let lines = try FactLines(run.output)
    let outcome = try #require(lines.status("bad")?.lastAttempt?.outcome)
    #expect(outcome.class == .spawn)
    #expect(outcome.status == nil)
    #expect(outcome.message?.contains(fault.message) == true, "\(outcome.message ?? "nothing")")
    #expect(lines.status("bad")?.state == .failed)
    #expect(lines.status("child")?.state == .skipped)
    #expect(lines.status("other")?.state == .done)
    let shown = try await CairnBinary.run(["show", "bad"], in: project)
    #expect(shown.output.contains(fault.message), "\(shown.output)")
  }

  private static let user = "unshare --user --map-root-user"
  private static let mayUnshare: Bool = {
    let project = try? TemporaryProject()
    return (try? project?.shell("\(user) true")) != nil
  }()

  @Test(
    "root of a user namespace, who cannot come back from a pid namespace, is contained otherwise",
    .enabled(if: mayUnshare, "the kernel lets nobody make user namespaces"))
  func userNamespace() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' }, b: { run: 'true' } }")
    let words = Self.user.split(separator: " ").map(String.init) + [CairnBinary.path]
    func cairn(_ arguments: [String]) async throws -> Finished {
      try await Child(
        "/usr/bin/env", words + arguments, in: project.root, environment: project.environment,
        files: project.newFiles()
      ).finished()
    }
    let run = try await cairn(["run", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try FactLines(run.output).done.count == 2)
    let doctor = try await cairn(["doctor"])
    #expect(doctor.output.contains("cannot leave a pid namespace again"), "\(doctor.output)")
  }
}
