import Foundation
import Testing

/// `cairn doctor` on real machines and projects.
@Suite(.timeLimit(.minutes(15)))
struct DoctorTests {
  private struct Document: Decodable {
    struct Check: Decodable {
      var section: String
      var name: String
      var level: String
      var finding: String
      var advice: String?
    }
    var cairn: Int
    var version: String
    var warnings: Int
    var problems: Int
    var exitCode: Int32
    var checks: [Check]

    func check(_ name: String) throws -> Check {
      try #require(checks.first { $0.name == name }, "no check \"\(name)\"")
    }
  }

  private static func examine(
    _ project: TemporaryProject, _ arguments: [String] = []
  ) async throws -> (Document, Finished) {
    let finished = try await CairnBinary.run(["doctor", "--json"] + arguments, in: project)
    let document = try JSONDecoder().decode(Document.self, from: Data(finished.output.utf8))
    #expect(document.exitCode == finished.status)
    #expect(document.problems == document.checks.count { $0.level == "problem" })
    #expect(document.warnings == document.checks.count { $0.level == "warning" })
    return (document, finished)
  }

  @Test("a sound project on a sound machine is fine, and says so in lines")
  func sound() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' }, b: { run: 'true' } }")
    let (document, finished) = try await Self.examine(project)
    #expect(finished.status == 0, "\(finished.output)")
    #expect(document.cairn == 1)
    #expect(try document.check("kernel").finding.contains("Linux"))
    #expect(try document.check("file").finding == "cairn.yaml, 2 tasks")
    #expect(try document.check("lock").finding == "free")
    #expect(try document.check("journal").finding == "no run yet")
    #expect(try document.check("SQLite").finding.hasPrefix("3."))
    let names = document.checks.map(\.name)
    for name in [
      "namespaces", "cgroup", "open files", "processes", "file system", "space", "locale", "size",
    ] { #expect(names.contains(name), "\(name)") }
    #expect(!project.exists(".cairn"), "looking makes nothing")

    let lines = try await CairnBinary.run(["doctor"], in: project)
    #expect(lines.outputLines.contains { $0.hasPrefix("  ✓ kernel ") })
    #expect(lines.errors == "")
    let plain = try await CairnBinary.run(["doctor", "--glyphs", "ascii"], in: project)
    #expect(plain.outputLines.contains { $0.hasPrefix("  + kernel ") })
    #expect(plain.output.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("without a project it looks at the machine, and one that is named must be there")
  func noProject() async throws {
    let project = try TemporaryProject()
    let (document, finished) = try await Self.examine(project)
    #expect(finished.status == 0)
    #expect(try document.check("file").finding.contains("cairn init"))
    let named = try await CairnBinary.run(["doctor", "./gone"], in: project)
    #expect(named.status == 66)
  }

  @Test("it exits as a run would", arguments: [("tasks: [", Int32(65)), ("include: x", 78)])
  func badFile(text: String, status: Int32) async throws {
    let project = try TemporaryProject(text)
    let (document, finished) = try await Self.examine(project)
    #expect(finished.status == status)
    #expect(try document.check("file").finding.hasPrefix("cairn.yaml:"))
  }

  @Test("a run that was killed: what is alive, half-written and to be resumed")
  func killedRun() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        first: { run: "true" }
        long: { after: [first], run: 'touch "$CAIRN_OUT/half"; touch started; sleep 600' }
      """)
    let run = try CairnBinary.start(["run", "--plain"], in: project)
    try await poll("the long task") { project.exists("started") ? true : nil }
    let (during, _) = try await Self.examine(project)
    #expect(try during.check("lock").finding.contains("pid \(run.pid)"))
    #expect(try during.check("last run").level == "fine")
    run.send(SIGKILL)
    _ = await run.finished()

    let before = try Self.content(project)
    let (after, finished) = try await Self.examine(project)
    #expect(finished.status == 0, "\(finished.output)")
    #expect(try Self.content(project) == before, "not a byte changes")
    #expect(try after.check("lock").finding.contains("died"))
    let last = try after.check("last run")
    #expect(last.level == "warning")
    #expect(last.finding == "run 1 interrupted, 1 of 2 tasks done")
    #expect(last.advice?.contains("cairn resume") == true)
    #expect(try after.check("half-written").finding.contains("1/1-long/"))
    #expect(try after.check("journal").finding.hasPrefix("whole, schema "))
  }

  /// Digest and mode of every file and the time of its last change; the index of a WAL is no content.
  private static func content(_ project: TemporaryProject) throws -> String {
    try project.shell(
      """
      find . ! -name '*-shm' -printf '%p %M %s %T@\\n' | sort
      find . -type f ! -name '*-shm' -print0 | sort -z | xargs -0 sha256sum
      """)
  }

  @Test("a project that may only be read is looked at, and left as it is")
  func readOnly() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'echo x > \"$CAIRN_OUT/x\"' } }")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    try project.shell("chmod -R a-w,a+rX .")
    let before = try Self.content(project)
    let looked = try await CairnBinary.runBound(["doctor", "--json"], in: project)
    let document = try JSONDecoder().decode(Document.self, from: Data(looked.output.utf8))
    #expect(looked.status == 74)
    #expect(try document.check("rights").level == "problem")
    #expect(try document.check("journal").finding.hasPrefix("whole"))
    #expect(try document.check("last run").finding == "run 1 done, 1 of 1 tasks done")
    #expect(try Self.content(project) == before)
  }

  @Test("a damaged journal is a problem, and stays as it is")
  func damagedJournal() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    try project.write(String(repeating: "no database ", count: 100), to: ".cairn/journal.sqlite")
    let before = try Self.content(project)
    let (document, finished) = try await Self.examine(project)
    #expect(finished.status == 74)
    #expect(try document.check("journal").level == "problem")
    #expect(try Self.content(project) == before)
  }

  @Test("few open files and a full disk are named, with what to do")
  func limits() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    let text = try project.shell("ulimit -n 64; '\(CairnBinary.path)' doctor")
    #expect(text.contains("! open files"))
    #expect(text.contains("ulimit -n 4096"))
  }

  @Test(
    "a full disk would stop a run: 74", .enabled(if: SmallDisk.isPossible, "needs root and mount"))
  func fullDisk() async throws {
    let outer = try TemporaryProject()
    let disk = try SmallDisk(outer, megabytes: 20)
    defer { disk.remove() }
    try outer.write("tasks: { a: { run: 'true' } }", to: "disk/cairn.yaml")
    try outer.shell("head -c 15M /dev/zero > disk/filler")
    let (document, finished) = try await Self.examine(outer, ["./disk"])
    #expect(finished.status == 74)
    #expect(try document.check("space").level == "problem")
    #expect(try document.check("file system").finding.hasPrefix("tmpfs"))
  }
}
