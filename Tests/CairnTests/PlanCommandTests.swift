import Foundation
import Testing

@Suite(.timeLimit(.minutes(15)))
struct PlanCommandTests {
  @Test(
    "a trace is planned in words and a picture",
    arguments: [
      ("branches", []), ("branches-compare", ["--compare"]),
      ("branches-budget", ["--budget", "560MB", "--products"]),
    ])
  func words(name: String, options: [String]) async throws {
    let project = try Self.traceProject()
    let plan = try await CairnBinary.run(
      ["plan", "trace.json", "--jobs", "2"] + options, in: project)
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(plan.errors == "")
    try expectGolden(plan.output, name + ".txt")
    let again = try await CairnBinary.run(
      ["plan", "trace.json", "--jobs", "2"] + options, in: project)
    #expect(again.output == plan.output, "the same graph and seed give the same plan")
    #expect(!project.exists(".cairn"), "a plan leaves nothing behind")
  }

  @Test("without a UTF-8 locale the picture is ASCII")
  func ascii() async throws {
    let project = try Self.traceProject()
    let plan = try await CairnBinary.run(
      ["plan", "trace.json", "--jobs", "2", "--compare", "--budget", "600MB"], in: project,
      environment: ["LC_ALL": "C"])
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(!plan.output.contains { !$0.isASCII })
    try expectGolden(plan.output, "branches-ascii.txt")
  }

  @Test("--json keeps its contract")
  func json() async throws {
    let project = try Self.traceProject()
    let plan = try await Self.document(
      ["trace.json", "--jobs", "2", "--compare"], in: project)
    #expect(plan["cairn"] as? Int == 1)
    #expect(plan["tasks"] as? Int == 8)
    #expect(plan["artifacts"] as? Int == 11)
    #expect(plan["guesses"] as? Int == 0)
    #expect(plan["peakBytes"] as? Int == 556_000_000)
    #expect(plan["floorBytes"] as? Int == 540_000_000)
    #expect(plan["floorTask"] as? String == "decode-2")
    #expect(plan["keepAllBytes"] as? Int == 1_128_000_000)
    #expect(plan["jobs"] as? Int == 2)
    #expect(plan["criticalPathSeconds"] as? Double == 87.5)
    #expect(plan["workSeconds"] as? Double == 162.5)
    #expect(plan["makespanBoundSeconds"] as? Double == 87.5)
    #expect(plan["workFactor"] as? Double == 1)
    for key in ["budgetBytes", "moves"] { #expect(plan[key] is NSNull, "\(key)") }
    for key in ["spilled", "recomputed"] { #expect(plan[key] as? [String] == []) }
    let dropped = try #require(plan["dropped"] as? [String])
    #expect(dropped.contains("decode-2.frames-2") && dropped.count == 10)
    let order = try #require(plan["order"] as? [String])
    #expect(order.first == "unpack" && order.last == "report" && Set(order).count == 8)
    let footprint = try #require(plan["footprintBytes"] as? [Int])
    #expect(footprint.count == 8 && footprint.max() == 556_000_000)
    let bound = try #require(plan["lowerBoundBytes"] as? Int)
    let gap = try #require(plan["gap"] as? Double)
    #expect(bound >= 540_000_000 && bound <= 556_000_000)
    #expect(abs(gap - (556e6 / Double(bound) - 1)) < 1e-9)
    let rows = try #require(plan["compare"] as? [[String: Any]])
    #expect(
      rows.compactMap { $0["order"] as? String } == [
        "keepEverything", "breadthFirst", "fifo", "random", "depthFirst", "smallest", "greedyNet",
        "cairn",
      ])
    #expect(rows.allSatisfy { ($0["peakBytes"] as? Int ?? 0) >= 556_000_000 })
  }

  @Test("a Cairn file counts its products, and guesses what it is not told")
  func cairnFile() async throws {
    let project = try TemporaryProject(
      """
      budget: { workspace: 1GiB, jobs: 3 }
      spill: { path: ../spill, limit: 2GiB }
      tasks:
        a: { run: 'true', output: 10MiB }
        b: { needs: [a], run: 'true', pure: true, recompute: never }
        c: { needs: [b], run: 'true', outputs: { big: 5MiB, small: } }
        d: { needs: [c.big], run: 'true', output: none }
      """)
    let plan = try await Self.document([], in: project)
    #expect(plan["guesses"] as? Int == 2)
    #expect(plan["guessBytes"] as? Int == 64 << 20)
    #expect(plan["countsProducts"] as? Bool == true)
    #expect(plan["budgetBytes"] as? Int == 1 << 30)
    #expect(plan["spillLimitBytes"] as? Int == 2 << 30)
    #expect(plan["jobs"] as? Int == 3)
    #expect(plan["peakBytes"] as? Int == 133 << 20, "b's, c's big and c's small")
    #expect(plan["makespanSeconds"] is NSNull)
    #expect(plan["dropped"] as? [String] == ["a", "b", "c.big"])
    let words = try await CairnBinary.run(["plan"], in: project)
    #expect(words.output.contains("2 guesses  of 64 MiB each"))
    let small = try await Self.document(["--budget", "30MiB"], in: project)
    #expect(
      small["guessBytes"] as? Int ?? .max < 64 << 20, "only what is known makes it impossible")
    #expect(words.output.contains("makespan      n/a       no task has run yet"))
  }

  @Test("below the best order artifacts are spilled, or made again where nothing can be spilled")
  func evictions() async throws {
    let tasks = """
      defaults: { output: 1MiB }
      tasks:
        base: { run: 'true', pure: true, output: 40MiB }
        wide: { needs: [base], run: 'true', output: 80MiB }
        small: { needs: [wide], run: 'true', output: 5MiB }
        second: { needs: [small], run: 'true', output: 85MiB }
        third: { needs: [second], run: 'true', output: 2MiB }
        end: { needs: [third, base, small], run: 'true', export: end.txt }
      """
    let project = try TemporaryProject("spill: { path: ../spill, limit: 1GiB }\n" + tasks)
    let spilling = try await Self.document(["--budget", "130MiB"], in: project)
    #expect(spilling["spilled"] as? [String] == ["small"])
    #expect(spilling["spilledBytes"] as? Int == 5 << 20)
    #expect(spilling["recomputed"] as? [String] == [])
    #expect(spilling["boundBy"] as? String == "floor")
    #expect(spilling["lowerBoundBytes"] as? Int == 120 << 20)
    #expect(spilling["peakBytes"] as? Int ?? .max <= 130 << 20)
    let moves = try #require(spilling["moves"] as? [[String: String]])
    #expect(moves.count == (spilling["footprintBytes"] as? [Int])?.count)
    #expect(moves.contains(["spill": "small"]) && moves.contains(["restore": "small"]))
    try project.write(tasks, to: "cairn.yaml")
    let again = try await Self.document(["--budget", "122MiB"], in: project)
    #expect(again["recomputed"] as? [String] == ["base"])
    #expect(again["spilled"] as? [String] == [])
    #expect((again["order"] as? [String])?.count == 6, "each task once, where it runs first")
    try project.shell("mkdir sub && mv cairn.yaml sub")
    let words = try await CairnBinary.run(["plan", "sub", "--budget", "122MiB"], in: project)
    #expect(words.output.contains("run again     1         \"base\"\n"))
  }

  @Test("after a run, its times tell when the next one ends")
  func times() async throws {
    let project = try TemporaryProject(
      """
      tasks:
        a: { run: sleep 0.3, output: 1MiB }
        b: { needs: [a], run: 'true', output: 1MiB }
      """)
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let plan = try await Self.document([], in: project)
    #expect(plan["knownTimes"] as? Int == 2)
    #expect(plan["makespanSeconds"] as? Double ?? 0 >= 0.3)
  }

  @Test("a budget that cannot be met is refused, and the one that is named works")
  func budget() async throws {
    let project = try Self.traceProject()
    let refused = try await CairnBinary.run(
      ["plan", "trace.json", "--budget", "1B", "--json"], in: project)
    #expect(refused.status == 3)
    #expect(refused.output == "")
    #expect(
      refused.errors.hasPrefix(
        "cairn: budget cannot be met: task \"decode-2\" alone takes 515 MiB, of 1 B; "
          + "the smallest that works: budget: { workspace: "))
    let size = try #require(
      refused.errors.split(separator: " ").last { $0.hasSuffix("B") }.map(String.init))
    let accepted = try await CairnBinary.run(["plan", "trace.json", "--budget", size], in: project)
    #expect(accepted.status == 0, "\(accepted.errors)")
    let wide = try await CairnBinary.run(
      ["plan", "trace.json", "--budget", "8000000TiB"], in: project)
    #expect(wide.status == 0, "larger than any disk: \(wide.errors)")
  }

  @Test(
    "a budget in the file that cannot be met is refused in the same words by every command",
    arguments: [["plan"], ["plan", "--json"], ["plan", "--compare"], ["run", "--plain"]])
  func budgetOfFile(arguments: [String]) async throws {
    let project = try TemporaryProject(
      """
      budget: { workspace: 10MiB }
      tasks:
        a: { run: 'true', output: 8MiB }
        b: { needs: [a], run: 'true', output: 3MiB, export: b }
      """)
    let refused = try await CairnBinary.run(arguments, in: project)
    #expect(refused.status == 3)
    #expect(refused.output == "")
    #expect(
      refused.errors
        == "cairn: budget cannot be met: task \"b\" alone takes 11 MiB, of 10 MiB; "
        + "the smallest that works: budget: { workspace: 11534336B }\n")
  }

  @Test("graphs without bytes or without tasks are planned, too")
  func empty() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true', output: none } }")
    let plan = try await Self.document([], in: project)
    #expect(plan["peakBytes"] as? Int == 0)
    #expect(plan["gap"] is NSNull)
    #expect(plan["order"] as? [String] == ["a"])
    let words = try await CairnBinary.run(["plan", "--compare"], in: project)
    #expect(words.status == 0)
    try project.write(#"{"master": {"tasks": []}}"#, to: "tasks.json")
    let none = try await Self.document(["tasks.json"], in: project)
    #expect(none["tasks"] as? Int == 0)
    #expect(none["floorTask"] is NSNull)
  }
}

extension PlanCommandTests {
  @Test("a trace is drawn, listed and not run")
  func otherCommands() async throws {
    let project = try Self.traceProject()
    let graph = try await CairnBinary.run(["graph", "trace.json", "--format", "dot"], in: project)
    #expect(graph.output.contains("decode-2"))
    let list = try await CairnBinary.run(["list", "trace.json"], in: project)
    #expect(list.output.hasPrefix("branches: 8 tasks\n"))
    for command in ["run", "resume"] {
      let run = try await CairnBinary.run([command, "trace.json", "--plain"], in: project)
      #expect(run.status == 65)
      #expect(
        run.errors == "cairn: trace.json: a recorded workflow has no commands to run; "
          + "`cairn plan` and `cairn simulate` read it\n")
    }
    #expect(!project.exists(".cairn"))
  }

  @Test("foreign names do nothing but be read")
  func hostile() async throws {
    let project = try TemporaryProject()
    try project.write(
      """
      {"name": "x\\u001b[2J\\u202ey", "schemaVersion": "1.5", "workflow": {"specification": {"tasks": [
        {"name": "a\\u001b]52;c;AAAA\\u0007", "id": "a", "parents": [], "inputFiles": [],
         "outputFiles": ["f\\u001b[31m"]},
        {"name": "b", "id": "b", "parents": ["a"], "inputFiles": ["f\\u001b[31m"],
         "outputFiles": []}],
        "files": [{"id": "f\\u001b[31m", "sizeInBytes": 5}]}}}
      """, to: "t.json")
    for options in [[], ["--json"], ["--compare"], ["--budget", "1B"]] {
      let plan = try await CairnBinary.run(["plan", "t.json"] + options, in: project)
      let text = plan.output + plan.errors
      #expect(!text.isEmpty)
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202E}" })
    }
  }

  @Test(
    "what is wrong with a plan's input",
    arguments: [
      (["--budget", "0"], "--budget \"0\": expected a size, as 512MiB or 4GiB", 64),
      (["--budget=-1GiB"], "--budget \"-1GiB\": expected a size, as 512MiB or 4GiB", 64),
      (["--budget", "lots"], "--budget \"lots\": expected a size, as 512MiB or 4GiB", 64),
      (
        ["--budget", "9999999TiB"], "--budget \"9999999TiB\": expected a size, as 512MiB or 4GiB",
        64
      ),
      (["--budget", "64"], "--budget \"64\": expected a size, as 512MiB or 4GiB", 64),
      (["--jobs", "0"], "--jobs 0: expected 1 to 10000", 64),
      (["--set", "A=1"], "--set A: trace.json is a recorded workflow without params", 64),
    ])
  func badOptions(options: [String], message: String, status: Int32) async throws {
    let project = try Self.traceProject()
    let plan = try await CairnBinary.run(["plan", "trace.json"] + options, in: project)
    #expect(plan.errors == "cairn: \(message)\n")
    #expect(plan.status == status)
    #expect(plan.output == "")
  }

  @Test(
    "a file that is no sound trace",
    arguments: [
      ("no.json", nil, "no.json: no such file or folder", 66),
      (
        "t.json", #"{"schemaVersion": "9.9", "workflow": {"specification": {"tasks": []}}}"#,
        "t.json:1:19: ", 65
      ),
      ("t.json", #"{"schemaVersion": "1.5", "workflow": {"specification": "#, "t.json:1:", 65),
      (
        "t.json",
        #"{"schemaVersion": "1.5", "workflow": {"specification": {"tasks": [{"id": "a", "#
          + #""name": "a", "outputFiles": ["f"]}], "files": [{"id": "f", "sizeInBytes": -1}]}}}"#,
        "t.json:1:", 65
      ),
    ] as [(String, String?, String, Int32)])
  func badFiles(name: String, text: String?, message: String, status: Int32) async throws {
    let project = try TemporaryProject()
    if let text { try project.write(text, to: name) }
    let plan = try await CairnBinary.run(["plan", name], in: project)
    #expect(plan.errors.hasPrefix("cairn: \(message)"), "\(plan.errors)")
    #expect(plan.errorLines.count == 1)
    #expect(plan.status == status)
    #expect(plan.output == "")
  }
}

extension PlanCommandTests {
  /// A project that holds the trace of `Tests/Goldens/Plan`.
  private static func traceProject() throws -> TemporaryProject {
    let project = try TemporaryProject()
    let trace = CairnBinary.repository + "/Tests/Goldens/Plan/branches.json"
    try project.write(String(contentsOfFile: trace, encoding: .utf8), to: "trace.json")
    return project
  }

  static func document(
    _ arguments: [String], in project: TemporaryProject
  ) async throws -> [String: Any] {
    let plan = try await CairnBinary.run(["plan"] + arguments + ["--json"], in: project)
    #expect(plan.status == 0, "\(plan.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(plan.output.utf8))
    return try #require(object as? [String: Any])
  }

  /// Compares with a file in `Tests/Goldens/Plan`; `RECORD=1` writes it.
  private func expectGolden(_ text: String, _ name: String) throws {
    let path = CairnBinary.repository + "/Tests/Goldens/Plan/" + name
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    let golden = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == golden)
  }
}

/// Traces of other people's workflows; they are not part of this project.
@Suite(.timeLimit(.minutes(30)))
struct PlanCorpusTests {
  private static let folder = ProcessInfo.processInfo.environment["CAIRN_CORPUS"].map { $0 + "/wf" }
  /// A folder with a `best.json`, of peaks that no plan may exceed.
  private static let baseline = ProcessInfo.processInfo.environment["CAIRN_BASELINE"]

  static let traces = files(in: folder)
  static let variants = files(in: folder.map { $0 + "/schema-variants" })

  private static func files(in folder: String?) -> [String] {
    guard let folder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
  }

  private struct Best: Decodable {
    var instance: String
    var breadthFirst: Int
    var fifo: Int
    var keepAllBytes: Int
    var bestPeakBytes: Int
  }

  private static func best(_ path: String) throws -> Best? {
    guard let baseline else { return nil }
    let data = try Data(contentsOf: URL(fileURLWithPath: baseline + "/best.json"))
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    return try JSONDecoder().decode([Best].self, from: data).first { $0.instance == name }
  }

  @Test(
    "a real trace is planned within its bounds, and no worse than the baseline",
    .enabled(if: !traces.isEmpty, "set CAIRN_CORPUS to a folder of real files"),
    arguments: traces)
  func plans(path: String) async throws {
    let project = try TemporaryProject()
    let plan = try await PlanCommandTests.document([path, "--compare", "--jobs", "8"], in: project)
    let peak = try #require(plan["peakBytes"] as? Int)
    #expect(peak >= plan["lowerBoundBytes"] as? Int ?? .max)
    #expect(plan["lowerBoundBytes"] as? Int ?? 0 >= plan["floorBytes"] as? Int ?? .max)
    #expect((plan["footprintBytes"] as? [Int])?.max() == peak)
    #expect((plan["order"] as? [String])?.count == plan["tasks"] as? Int)
    let bound = try #require(plan["makespanBoundSeconds"] as? Double)
    // The same seconds, added up in another sequence.
    #expect(plan["makespanSeconds"] as? Double ?? 0 >= bound * (1 - 1e-9))
    guard let best = try Self.best(path) else { return }
    #expect(peak <= best.bestPeakBytes)
    #expect(plan["keepAllBytes"] as? Int == best.keepAllBytes)
    let rows = try #require(plan["compare"] as? [[String: Any]])
    for (name, bytes) in [("breadthFirst", best.breadthFirst), ("fifo", best.fifo)] {
      #expect(rows.first { $0["order"] as? String == name }?["peakBytes"] as? Int == bytes)
    }
  }

  @Test(
    "a trace is planned alike in every version of its format",
    .enabled(if: variants.count > 1, "set CAIRN_CORPUS to a folder of real files"))
  func versions() async throws {
    let project = try TemporaryProject()
    var plans: [NSDictionary] = []
    for path in Self.variants {
      var plan = try await PlanCommandTests.document([path, "--jobs", "8"], in: project)
      // Older versions write no name of their own.
      plan["name"] = nil
      plans.append(plan as NSDictionary)
    }
    #expect(plans.allSatisfy { $0 == plans[0] })
  }
}

/// What the README shows of a plan is what the program says.
@Suite(.timeLimit(.minutes(15)))
struct PlanReadmeTests {
  @Test("the README's table is the end of the output of the command beside it")
  func table() async throws {
    let project = try TemporaryProject(example: "trace")
    let run = try await CairnBinary.run(["plan", "--compare", "rnaseq.json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let start = try #require(run.output.range(of: "order   "))
    let table = String(run.output[start.lowerBound...])
    let readme = try String(contentsOfFile: CairnBinary.repository + "/README.md", encoding: .utf8)
    #expect(readme.contains(table))
  }
}
