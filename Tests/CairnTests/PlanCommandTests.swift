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
    let project = try TemporaryProject.trace()
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
    let project = try TemporaryProject.trace()
    let plan = try await CairnBinary.run(
      ["plan", "trace.json", "--jobs", "2", "--compare", "--budget", "600MB"], in: project,
      environment: ["LC_ALL": "C"])
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(!plan.output.contains { !$0.isASCII })
    try expectGolden(plan.output, "branches-ascii.txt")
  }

  @Test("--json keeps its contract")
  func json() async throws {
    let project = try TemporaryProject.trace()
    let plan = try await project.plan(["trace.json", "--jobs", "2", "--compare"])
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
    let plan = try await project.plan([])
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
    let small = try await project.plan(["--budget", "30MiB"])
    #expect(
      small["guessBytes"] as? Int ?? .max < 64 << 20, "only what is known makes it impossible")
    #expect(words.output.contains("makespan      n/a       no task has run yet"))
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
    let plan = try await project.plan([])
    #expect(plan["knownTimes"] as? Int == 2)
    #expect(plan["makespanSeconds"] as? Double ?? 0 >= 0.3)
  }

  @Test("graphs without bytes or without tasks are planned, too")
  func empty() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true', output: none } }")
    let plan = try await project.plan([])
    #expect(plan["peakBytes"] as? Int == 0)
    #expect(plan["gap"] is NSNull)
    #expect(plan["order"] as? [String] == ["a"])
    let words = try await CairnBinary.run(["plan", "--compare"], in: project)
    #expect(words.status == 0)
    try project.write(#"{"master": {"tasks": []}}"#, to: "tasks.json")
    let none = try await project.plan(["tasks.json"])
    #expect(none["tasks"] as? Int == 0)
    #expect(none["floorTask"] is NSNull)
  }
}

extension PlanCommandTests {
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
