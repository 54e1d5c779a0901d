import Foundation
import Model
import Testing

/// `Examples/logs`, whole, through the real program.
@Suite(.timeLimit(.minutes(15)))
struct ExampleLogsTests {
  /// The same graph, small.
  private static let quick = ["--set", "REQUESTS=300", "--set", "SPREAD=1", "--set", "ROUNDS=3"]
  /// Larger, for a run that is killed in its middle.
  private static let steady = [
    "--set", "REQUESTS=2000", "--set", "SPREAD=20", "--set", "ROUNDS=300",
  ]

  @Test("its report is what a computation without it finds")
  func report() async throws {
    let project = try TemporaryProject(example: "logs")
    let run = try await CairnBinary.run(["run", "--json"] + Self.quick, in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("report.txt") == LogsReport(requests: 300, rounds: 3).text)
    let lines = try FactLines(run.output)
    #expect(lines.state.taskCount == 60)
    #expect(lines.done.count == 60)
    #expect(
      lines.admitted(session: 1).filter { $0 == "owners" }.count == 2, "fails once, then works")
    #expect(lines.admitted(session: 1).count == 61)
    #expect(try project.shell("git status --porcelain") == "")
  }

  @Test(
    "as shipped, it moves some 200 MB and its report is right",
    .enabled(if: Soak.isOn, "set CAIRN_SOAK=1 for the minute that it takes"))
  func full() async throws {
    let project = try TemporaryProject(example: "logs")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("report.txt") == LogsReport(requests: 55_000, rounds: 1400).text)
    let state = try FactLines(run.output).state
    #expect((150_000_000...300_000_000).contains(state.peakBytes))
  }

  @Test("under half of what keeping everything needs, it makes the same report")
  func halfOfEverything() async throws {
    let project = try TemporaryProject(example: "logs")
    let sizes = ["--set", "REQUESTS=2000", "--set", "SPREAD=1", "--set", "ROUNDS=3"]
    let all = try await CairnBinary.run(["run", "--json"] + sizes, in: project)
    #expect(all.status == 0, "\(all.errors)")
    let half = try FactLines(all.output).state.reuse.askedBytes / 2
    let run = try await CairnBinary.run(
      ["run", "--json", "--budget", "\(half)B"] + sizes, in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("report.txt") == LogsReport(requests: 2000, rounds: 3).text)
    let state = try FactLines(run.output).state
    #expect(state.peakBytes <= half)
    #expect(state.plan?.budgetBytes == half)
  }

  @Test("after kill -9, resume repeats nothing that was done and makes the same report")
  func killAndResume() async throws {
    let project = try TemporaryProject(example: "logs")
    // The merge, and all behind it, waits for a file that only the second session finds.
    try project.edit(
      "cairn.yaml", "run: sort -m", to: "run: until test -e go; do sleep 0.1; done; sort -m")
    let first = try CairnBinary.start(["run", "--json"] + Self.steady, in: project)
    try await poll("half of the tasks done") {
      try FactLines(first.output).done.count >= 30 ? true : nil
    }
    let token = try #require(try FactLines(first.output).token(session: 1))
    let old = Set(ProcessRow.all(withEnvironment: token))
    first.send(SIGKILL)
    #expect(await first.finished().signal == SIGKILL)
    let done = try await Self.done(in: project)
    #expect(try FactLines(first.output).done.isSubset(of: done), "what was shown was durable")
    #expect(done.count < 60)

    try project.write("", to: "go")
    let second = try CairnBinary.start(["resume", "--json"] + Self.steady, in: project)
    try await poll("the second session's first fact") {
      second.output.contains("\n") ? true : nil
    }
    #expect(old.filter(\.isAlive) == [], "the first run's processes are gone")
    let resumed = await second.finished()
    #expect(resumed.status == 0, "\(resumed.errors)")
    let repeated = try admittedNames(resumed.output).filter(done.contains)
    #expect(repeated == [])
    #expect(try project.read("report.txt") == LogsReport(requests: 2000, rounds: 300).text)
    #expect(try await Self.done(in: project).count == 60)
    #expect(try Self.integrity(project) == "ok\n")
  }

  @Test("after an edit of one shard, resume runs that shard and what depends on it, nothing else")
  func editShard() async throws {
    let project = try TemporaryProject(example: "logs")
    let first = try await CairnBinary.run(["run", "--json"] + Self.quick, in: project)
    #expect(first.status == 0, "\(first.errors)")
    try project.edit("cairn.yaml", "-v shard=3 -f", to: "-v shard='3' -f")
    let second = try await CairnBinary.run(["resume", "--json"] + Self.quick, in: project)
    #expect(second.status == 0, "\(second.errors)")
    let ran = try admittedNames(second.output)
    #expect(Set(ran) == (try Self.dependents(of: "shard-3", first.output)))
    #expect(
      !ran.contains("shard-2") && !ran.contains("parse[n=2]") && !ran.contains("generate[n=3]"))
    #expect(try project.read("report.txt") == LogsReport(requests: 300, rounds: 3).text)
  }
}

extension ExampleLogsTests {
  private static func dependents(of name: String, _ output: String) throws -> Set<String> {
    let lines = try FactLines(output)
    let task = try #require(lines.state.graph.task(named: name))
    return lines.names(of: lines.state.graph.links().descendants(of: [task.id]))
  }

  private static func integrity(_ project: TemporaryProject) throws -> String {
    try project.shell("sqlite3 .cairn/journal.sqlite 'PRAGMA integrity_check'")
  }

  private struct Listing: Decodable {
    struct Row: Decodable {
      var name: String
      var state: String
    }
    var tasks: [Row]
  }

  /// Names of tasks that the journal calls done.
  private static func done(in project: TemporaryProject) async throws -> Set<String> {
    let listed = try await CairnBinary.run(["list", "--json"], in: project)
    let listing = try JSONDecoder().decode(Listing.self, from: Data(listed.output.utf8))
    return Set(listing.tasks.filter { $0.state == "done" }.map(\.name))
  }
}

/// Tests that take minutes or gigabytes.
enum Soak {
  static let isOn = ProcessInfo.processInfo.environment["CAIRN_SOAK"] == "1"
  /// The one seed to replay; nil runs them all.
  static let seed = ProcessInfo.processInfo.environment["CAIRN_SEED"].flatMap { UInt64($0) }
}
