import Formats
import Model
import Testing

@Suite("Retries, limits and logs are read as they are written")
struct PolicyKeyTests {
  private func task(_ keys: String) throws -> TaskGraph.Task {
    try graph("tasks: { a: { run: x, \(keys) } }").tasks[0]
  }

  @Test(arguments: [
    ("retries: 3", RetryPolicy(.together(3))),
    ("retries: { exit: 2, memory: 3 }", RetryPolicy(.apart([.exit: 2, .memory: 3], others: 0))),
    ("retries: { timeout: 0, default: 1 }", RetryPolicy(.apart([.timeout: 0], others: 1))),
    ("retries: {}", RetryPolicy(.apart([:], others: 0))),
    (
      "retries: { exit: 2, codes: [75, 100..110, 255] }",
      RetryPolicy(.apart([.exit: 2], others: 0), codes: [75...75, 100...110, 255...255])
    ),
  ])
  func retries(_ keys: String, _ policy: RetryPolicy) throws {
    #expect(try task(keys).retries == policy)
  }

  @Test(arguments: [
    ("backoff: 250ms", Backoff(firstSeconds: 0.25)),
    ("backoff: 10m", Backoff(firstSeconds: 600, capSeconds: 600)),
    ("backoff: {}", Backoff()),
    (
      "backoff: { first: 2s, factor: 1.5, cap: 1h }",
      Backoff(firstSeconds: 2, factor: 1.5, capSeconds: 3600)
    ),
    ("backoff: { first: 10m }", Backoff(firstSeconds: 600, capSeconds: 600)),
  ])
  func backoffs(_ keys: String, _ backoff: Backoff) throws {
    #expect(try task(keys).backoff == backoff)
  }

  @Test func memoryMayGrowWithTheAttempt() throws {
    for text in ["2GiB * attempt", "2GiB*attempt", "2 GiB  *  attempt"] {
      let task = try task("memory: \(text)")
      #expect(task.memoryBytes == 2 << 30)
      #expect(task.memoryGrows)
    }
    #expect(try !task("memory: 2GiB").memoryGrows)
  }

  @Test func theKernelsLimitsAndTheTerminalAreOfATaskOrOfAll() throws {
    let graph = try graph(
      """
      defaults:
        tty: true
        grace: 30s
        limits: { files: 1024, fileSize: 1GiB, cpuTime: 90500ms }
      tasks:
        a: { run: x }
        b: { run: x, tty: false, grace: 1ms, limits: { files: 64 } }
      """)
    #expect(graph.tasks.map(\.tty) == [true, false])
    #expect(graph.tasks.map(\.graceSeconds) == [30, 0.001])
    #expect(
      graph.tasks[0].limits == .init(openFiles: 1024, fileSizeBytes: 1 << 30, cpuSeconds: 91))
    #expect(graph.tasks[1].limits == .init(openFiles: 64))
  }

  @Test func theTopLevelSaysWhatARunKeepsAndSpends() throws {
    let file = try load(
      """
      logs: { cap: 1MiB, keep: 3, bytes: 64MiB }
      durability: full
      loans: on
      budget: { retries: 50 }
      tasks: { a: { run: x } }
      """)
    #expect(file.logs == LogLimits(capBytes: 1 << 20, runs: 3, totalBytes: 64 << 20))
    #expect(file.durability == .full)
    #expect(file.lends)
    #expect(file.retryBudget == 50)
  }

  @Test func aTaskTakesNamedResourcesAndTheBudgetSaysHowManyThereAre() throws {
    let file = try load(
      """
      budget: { resources: { gpu: 2, licence: 0, spare: 1000000 } }
      defaults: { resources: { gpu: 1, licence: 3 } }
      tasks:
        a: { run: x }
        b: { run: x, resources: { gpu: 2 } }
        c: { run: x, resources: {} }
        d: { run: x, resources: { gpu: 0 }, matrix: { n: 1..2 } }
      """)
    #expect(file.resources == ["gpu": 2, "spare": 1_000_000])
    #expect(
      file.graph.tasks.map(\.resources)
        == [["gpu": 1, "licence": 3], ["gpu": 2], [:], [:], [:]])
  }

  @Test func theTopLevelSaysWhereBytesMayLie() throws {
    let file = try load(
      """
      budget: { workspace: 2GiB, jobs: 3 }
      spill: { path: ../other disk, limit: 20GB }
      tasks: { a: { run: x } }
      """)
    #expect(file.workspaceBytes == 2 << 30)
    #expect(file.jobs == 3)
    #expect(
      file.spill == LoadedFile.Spill(path: "../other disk", limitBytes: 20_000_000_000))
  }

  @Test func aPureTaskMayBeKeptFromRunningAgain() throws {
    let tasks = try graph(
      """
      tasks:
        a: { run: x, pure: true }
        b: { run: x, pure: true, recompute: never }
        c: { run: x }
      """
    ).tasks
    #expect(tasks.map(\.mayRecompute) == [true, false, true])
    #expect(tasks.map(\.isRecomputable) == [true, false, false])
  }

  @Test func aFileThatSaysNothingHasTheLimitsThatAreDocumented() throws {
    let file = try load("tasks: { a: { run: x } }")
    #expect(file.logs == LogLimits(capBytes: 64 << 20, runs: 20, totalBytes: 2 << 30))
    #expect(file.durability == .normal)
    #expect(!file.lends)
    #expect(file.retryBudget == nil)
    #expect(file.graph.tasks[0].limits == TaskGraph.Limits())
  }

  @Test(arguments: bad)
  func refused(_ bad: BadFile) {
    #expect(
      message { () throws(FormatProblem) in _ = try load(bad.text) } == "cairn.yaml:" + bad.message)
  }
}

private let bad: [BadFile] =
  [
    ("retries: { exits: 2 }", "2:27: unknown key \"exits\" in \"retries\"; did you mean \"exit\"?"),
    ("retries: { spawn: 2 }", "2:27: unknown key \"spawn\" in \"retries\""),
    ("retries: { exit: -1 }", "2:33: \"exit\" of \"retries\": expected 0 to 1000, found -1"),
    ("retries: { codes: [0] }", "2:35: \"codes\" of \"retries\": expected 1 to 255, found \"0\""),
    ("retries: { codes: [9..7] }", "2:35: \"codes\" of \"retries\": range \"9..7\" runs backwards"),
    ("retries: { codes: 9 }", "2:34: \"codes\" of \"retries\": expected a list, found \"9\""),
    ("retries: { codes: [] }", "2:34: \"codes\" of \"retries\": must not be empty"),
    (
      "retries: { codes: [1..2..3] }",
      "2:35: \"codes\" of \"retries\": expected an exit code from 1 to 255 or a range such as 100..110, found \"1..2..3\""
    ),
    (
      "backoff: { factor: 0.5 }",
      "2:35: \"factor\" of \"backoff\": expected a number from 1 to 100, found \"0.5\""
    ),
    (
      "backoff: { factor: nan }",
      "2:35: \"factor\" of \"backoff\": expected a number from 1 to 100, found \"nan\""
    ),
    (
      "backoff: { first: 2s, cap: 1s }",
      "2:25: \"backoff\" of task \"a\": the first pause is longer than the cap"
    ),
    ("backoff: 25h", "2:25: \"backoff\" of task \"a\": \"25h\" is too long"),
    (
      "memory: 2GiB * 3",
      "2:24: \"memory\" of task \"a\": expected a size, or one such as 2GiB * attempt, found \"2GiB * 3\""
    ),
    (
      "memory: 2 * attempt",
      "2:24: \"memory\" of task \"a\": expected a size such as 64MiB or 2GB, found \"2\""
    ),
    ("tty: 1", "2:21: \"tty\" of task \"a\": expected true or false, found \"1\""),
    ("grace: 0s", "2:23: \"grace\" of task \"a\": must be more than nothing"),
    ("grace: 2h", "2:23: \"grace\" of task \"a\": \"2h\" is too long"),
    ("limits: 5", "2:24: \"limits\" of task \"a\": expected a map, found \"5\""),
    ("limits: { files: 2 }", "2:33: \"files\" of \"limits\": expected 3 to 1048576, found 2"),
    (
      "limits: { filesize: 1MiB }",
      "2:26: unknown key \"filesize\" in \"limits\"; did you mean \"fileSize\"?"
    ),
    ("limits: { cpuTime: 0 }", "2:35: \"cpuTime\" of \"limits\": must be more than nothing"),
  ].map { BadFile("tasks:\n  a: { run: x, \($0.0) }\n", $0.1) }
  + [
    ("logs: { cap: 1KiB }", "1:14: \"cap\" of \"logs\": must be at least 4096 bytes"),
    ("logs: { keep: 0 }", "1:15: \"keep\" of \"logs\": expected 1 to 1000000, found 0"),
    ("logs: { rotate: 1 }", "1:9: unknown key \"rotate\" in \"logs\""),
    ("loans: maybe", "1:8: \"loans\": expected on or off, found \"maybe\""),
    ("durability: none", "1:13: \"durability\": expected normal or full, found \"none\""),
    (
      "budget: { retries: many }",
      "1:20: \"retries\" of \"budget\": expected a whole number, found \"many\""
    ),
  ].map { BadFile("\($0.0)\ntasks: { a: { run: x } }\n", $0.1) }
