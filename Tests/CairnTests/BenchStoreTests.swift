import Foundation
import Testing

/// What `bench store` measures is on the disk, and it says so where something does not hold.
@Suite(.timeLimit(.minutes(15)))
struct BenchStoreTests {
  private static let trace = CairnBinary.repository + "/Examples/trace/rnaseq.json"
  private static let small = CairnBinary.repository + "/Tests/Goldens/Plan/branches.json"

  @Test("a trace's files, scaled, never lie there above the planned peak")
  func replay() async throws {
    let project = try TemporaryProject()
    let row = try await Self.row(["--bytes", "1MiB", "--every", "5", Self.trace], in: project)
    #expect(row["name"] as? String == "rnaseq")
    #expect(row["tasks"] as? Int == 74)
    #expect(row["faults"] as? [String] == [])
    #expect(row["overBytes"] as? Int == 0)
    let budget = try #require(row["budgetBytes"] as? Int)
    // Rounding up adds at most a block a file.
    #expect((1 << 20...(1 << 20) + 93 * 4096).contains(budget))
    #expect(row["plannedBytes"] as? Int == budget)
    let walked = try #require(row["walkedBytes"] as? Int)
    #expect(walked > budget / 2 && walked % 4096 == 0, "the walk saw \(walked)")
    #expect(try #require(row["peakBytes"] as? Int) <= budget)
    #expect(try #require(row["askedBytes"] as? Int) > 8 * budget)
  }

  @Test(
    "with a quota the file system itself is no larger than the budget",
    .enabled(if: SmallDisk.isPossible, "only root may mount file systems"))
  func quota() async throws {
    let project = try TemporaryProject()
    let row = try await Self.row(
      ["--bytes", "1MiB", "--every", "5", "--quota", Self.small], in: project)
    #expect(row["faults"] as? [String] == [])
    #expect(try #require(row["walkedBytes"] as? Int) > 0, "the walk sees a private file system")
  }

  @Test("where no file system may be mounted, --quota says so and ends with 69")
  func noQuota() async throws {
    let project = try TemporaryProject()
    try project.write("#!/bin/sh\nexit 1", to: "bin/unshare")
    try project.shell("chmod +x bin/unshare")
    let path = project.path("bin") + ":" + (project.environment["PATH"] ?? "")
    let bench = try await CairnBinary.run(
      ["bench", "store", "--quota", Self.small], in: project, environment: ["PATH": path])
    #expect(bench.status == 69)
    #expect(bench.errors.contains("--quota: this user may not mount a tmpfs"), "\(bench.errors)")
    #expect(bench.output == "")
  }

  @Test("what lies in the workspace besides is found, and the exit code is 1")
  func stray() async throws {
    let project = try TemporaryProject()
    // Writes what it is asked for, and once a file of 8 MiB where no artifact is.
    let row = try await Self.row(
      ["--bytes", "1MiB", "--every", "5", Self.small], in: project, status: 1,
      head: """
        /usr/bin/head "$@"
        /usr/bin/head -c 8388608 /dev/zero > "$(dirname "$(dirname "$CAIRN_SCRATCH")")/stray"
        sleep 0.05
        """)
    #expect(row["faults"] as? [String] == ["over the budget", "eta"])
    let over = try #require(row["overBytes"] as? Int)
    #expect((6 << 20...8 << 20).contains(over), "\(row)")
  }

  @Test("a task that fails is a fault")
  func failure() async throws {
    let project = try TemporaryProject()
    let row = try await Self.row(
      ["--bytes", "1MiB", Self.small], in: project, status: 1, head: "exit 1")
    let faults = try #require(row["faults"] as? [String])
    #expect(faults.contains("ended failed"))
    #expect(faults.contains { $0.hasSuffix(" tasks not done") })
  }

  @Test("for people it is a line a trace")
  func table() async throws {
    let project = try TemporaryProject()
    let bench = try await CairnBinary.run(
      ["bench", "store", "--bytes", "64KiB", Self.small], in: project)
    #expect(bench.status == 0, "\(bench.errors)")
    #expect(bench.outputLines.count == 2)
    #expect(bench.outputLines.last?.hasPrefix("branches ") == true)
    #expect(bench.outputLines.last?.hasSuffix("  holds") == true, "\(bench.output)")
  }

  @Test("a walk adds up the blocks of what lies there, each inode once, and follows no link")
  func walk() async throws {
    let project = try TemporaryProject()
    try project.shell(
      """
      mkdir -p walked/in/deep elsewhere
      head -c 5000 /dev/urandom > walked/one
      ln walked/one walked/in/again
      head -c 5000 /dev/urandom > "walked/in/"$'no\\xfftext\\nat all'
      head -c 40960 /dev/urandom > walked/in/deep/two
      truncate -s 1M walked/hole
      head -c 90000 /dev/urandom > elsewhere/three
      ln -s ../elsewhere walked/link
      """)
    let walk = try await CairnBinary.run(
      ["bench", "walk", "walked", "--limit", "20000"], in: project)
    #expect(walk.status == 0, "\(walk.errors)")
    let blocks = try project.shell(
      "stat -c %b walked/one walked/in/deep/two walked/in/no* walked/hole walked/link")
    let bytes = blocks.split(separator: "\n").compactMap { Int($0) }.reduce(0, +) * 512
    #expect(
      walk.output.hasPrefix("5 files of \(bytes) bytes, \(bytes - 20_000) over the limit, "))
  }

  private static let refusals: [(arguments: [String], code: Int32)] = [
    (["--bytes", "1KiB", small], 64), (["--bytes", "much", small], 64),
    (["--times", "0.5", small], 64), (["--jobs", "0", small], 64), ([], 64),
    (["missing.json"], 66), (["cairn.yaml"], 65),
  ]

  @Test("what cannot be measured is refused", arguments: refusals)
  func refused(arguments: [String], code: Int32) async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    let bench = try await CairnBinary.run(["bench", "store"] + arguments, in: project)
    #expect(bench.status == code, "\(bench.errors)")
    #expect(bench.errors.isEmpty == false)
  }

  /// The only trace of a bench; `head` is a script in the place of the program with that name.
  private static func row(
    _ arguments: [String], in project: TemporaryProject, status: Int32 = 0, head: String? = nil
  ) async throws -> [String: Any] {
    var environment: [String: String] = [:]
    if let head {
      try project.write("#!/bin/sh\n" + head, to: "bin/head")
      try project.shell("chmod +x bin/head")
      environment["PATH"] = project.path("bin") + ":" + (project.environment["PATH"] ?? "")
    }
    let bench = try await CairnBinary.run(
      ["bench", "store", "--json"] + arguments, in: project, environment: environment)
    #expect(bench.status == status, "\(bench.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
    let traces = try #require(object?["traces"] as? [[String: Any]])
    return try #require(traces.first)
  }
}
