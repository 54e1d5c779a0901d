import Foundation
import Testing

/// `cairn simulate` as a person types it.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct SimulateTests {
  /// Two cuts side by side, each carried, both laid; 100 bytes a cut, 40 a load, 10 that nobody reads.
  static let trace = #"""
    {"name": "wall", "schemaVersion": "1.5", "workflow": {
      "specification": {
        "files": [{"id": "c1", "sizeInBytes": 100}, {"id": "c2", "sizeInBytes": 100},
          {"id": "l1", "sizeInBytes": 40}, {"id": "l2", "sizeInBytes": 40},
          {"id": "w", "sizeInBytes": 10}],
        "tasks": [
          {"name": "cut1", "id": "cut1", "parents": [], "children": ["carry1"],
            "inputFiles": [], "outputFiles": ["c1"]},
          {"name": "cut2", "id": "cut2", "parents": [], "children": ["carry2"],
            "inputFiles": [], "outputFiles": ["c2"]},
          {"name": "carry1", "id": "carry1", "parents": ["cut1"], "children": ["lay"],
            "inputFiles": ["c1"], "outputFiles": ["l1"]},
          {"name": "carry2", "id": "carry2", "parents": ["cut2"], "children": ["lay"],
            "inputFiles": ["c2"], "outputFiles": ["l2"]},
          {"name": "lay", "id": "lay", "parents": ["carry1", "carry2"], "children": [],
            "inputFiles": ["l1", "l2"], "outputFiles": ["w"]}]},
      "execution": {"makespanInSeconds": 900, "tasks": [
        {"id": "cut1", "runtimeInSeconds": 100}, {"id": "cut2", "runtimeInSeconds": 200},
        {"id": "carry1", "runtimeInSeconds": 50}, {"id": "carry2", "runtimeInSeconds": 50},
        {"id": "lay", "runtimeInSeconds": 300}]}}}
    """#

  static func project() throws -> TemporaryProject {
    let project = try TemporaryProject()
    try project.write(trace, to: "wall.json")
    return project
  }

  static func simulate(_ arguments: String, in project: TemporaryProject) async throws -> Finished {
    try await CairnBinary.run(
      ["simulate"] + arguments.split(separator: " ").map(String.init), in: project)
  }

  @Test("prints a whole run at once, says first what it is and last what it came to")
  func lines() async throws {
    let end = try await Self.simulate("wall.json --plain --jobs 2", in: Self.project())
    #expect(end.status == 0)
    let lines = end.outputLines
    #expect(lines.first == "SIMULATION of wall, 2 jobs, seed 1; nothing runs")
    #expect(lines.contains { $0.hasPrefix("00:09:10 ✓ run") })
    #expect(lines.contains { $0.contains("lay") && $0.contains("done in 5:00") })
    #expect(lines.contains { $0.hasPrefix("simulation  wall  done") })
    #expect(
      lines.contains {
        $0.contains("makespan  9:10, no schedule below 9:10 (the critical path), +0%")
      })
    #expect(lines.contains { $0.contains("peak 280 B, no budget") })
  }

  @Test("keeps to a budget, and is slower for it")
  func budget() async throws {
    let project = try Self.project()
    let end = try await Self.simulate("wall.json --plain --jobs 2 --budget 180B", in: project)
    #expect(end.status == 0)
    #expect(end.output.contains("of 180 B"))
    #expect(end.output.contains("plan      peak 180 B one task at a time, which is the least"))
    #expect(end.output.contains("room      stood still never, given up never"))
    #expect(!end.output.contains("makespan  9:10,"))
  }

  @Test("counts what nobody reads when asked to")
  func products() async throws {
    let end = try await Self.simulate("wall.json --plain --products", in: Self.project())
    #expect(end.output.contains("peak 290 B, no budget"))
  }

  @Test("refuses a budget that no plan meets, with the task and the smallest that works")
  func infeasible() async throws {
    let end = try await Self.simulate("wall.json --plain --budget 100B", in: Self.project())
    #expect(end.status == 3)
    #expect(end.output.isEmpty)
    #expect(end.errors.contains("budget cannot be met: task \"carry"))
    #expect(end.errors.contains("workspace: 180B"))
  }

  @Test(
    "gives the same bytes for the same seed, wherever one is, and others for another",
    arguments: ["--plain", "--json"])
  func deterministic(form: String) async throws {
    let project = try Self.project()
    func output(_ seed: Int, _ zone: String) async throws -> String {
      let words =
        "simulate wall.json \(form) --noise 0.5 --fail 0.3 --retries 3 --jobs 2 --budget 1KiB"
      return try await CairnBinary.run(
        words.split(separator: " ").map(String.init) + ["--seed", "\(seed)"], in: project,
        environment: ["TZ": zone]
      ).output
    }
    let first = try await output(1, "UTC")
    #expect(try await output(1, "Asia/Tokyo") == first)
    #expect(try await output(2, "UTC") != first)
  }

  @Test("says in JSON that it is a simulation, in front of the facts and behind them")
  func json() async throws {
    let end = try await Self.simulate("wall.json --json --budget 1KiB --jobs 2", in: Self.project())
    let lines = try end.outputLines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    for line in [lines.first, lines.last] {
      #expect(line?["simulated"] as? Bool == true)
      #expect(line?["cairn"] as? Int == 1)
      #expect(line?["budgetBytes"] as? Int == 1024)
    }
    #expect(lines.last?["kind"] as? String == "simulation.ended")
    #expect(lines.last?["makespanSeconds"] as? Double == 550)
    #expect(lines.last?["makespanBoundSeconds"] as? Double == 550)
    #expect(lines.last?["plannedPeakBytes"] as? Int == 180)
    #expect((lines.last?["tasks"] as? [String: Int]) == ["done": 5])
    #expect(lines.dropFirst().dropLast().allSatisfy { $0["sequence"] != nil })
    #expect(lines.contains { $0["kind"] as? String == "plan.adopted" })
  }

  @Test(
    "ends as a run does",
    arguments: [
      ("wall.json --plain --fail 1", 1), ("wall.json --plain --noise 9", 64),
      ("wall.json --plain --fail 2", 64), ("wall.json --plain --jobs 0", 64),
      ("wall.json --plain --speed soon", 64), ("wall.json --plain --budget much", 64),
      ("none.json --plain", 66), ("wall.json cut1 --plain", 64), ("tasks.json --plain", 2),
      ("wall.json --plain --retries 900", 64),
    ])
  func exitCodes(arguments: String, code: Int32) async throws {
    let project = try Self.project()
    try project.write(
      """
      {"tasks": [{"id": 1, "title": "later", "status": "deferred", "dependencies": []},
        {"id": 2, "title": "then", "status": "pending", "dependencies": [1]}]}
      """, to: "tasks.json")
    let end = try await Self.simulate(arguments, in: project)
    #expect(end.status == code, "\(end.errors)")
    if code > 2 { #expect(!end.errors.isEmpty) }
  }

  @Test("takes a project's file, a second a task before the first run, and its times after it")
  func project() async throws {
    let project = try TemporaryProject(
      "tasks:\n  a: { run: sleep 0.3 }\n  b: { run: 'true', needs: [a] }\n")
    let before = try await Self.simulate("--plain", in: project)
    #expect(before.output.contains("makespan  2.0 s"))
    #expect(!project.exists(".cairn"))
    try project.shell("'\(CairnBinary.path)' run --plain")
    let after = try await Self.simulate("--plain", in: project)
    #expect(after.status == 0)
    #expect(!after.output.contains("makespan  2.0 s"))
  }

  @Test(
    "is shown on the dashboard as what it is, at any speed, back and forth",
    .enabled(if: Tmux.isInstalled, "needs tmux"), arguments: ["", "NO_COLOR=1 "])
  func dashboard(environment: String) async throws {
    let tmux = try Tmux(Self.project(), columns: 120, rows: 36)
    try tmux.type(
      "PS1='> '; clear; \(environment)'\(CairnBinary.path)' simulate wall.json --jobs 2 --budget 1KiB; "
        + "echo left with $?")
    try await tmux.wait("the run, and twice that it is none") { lines in
      let screen = lines.joined(separator: "\n")
      return lines[0].hasPrefix(" SIMULATION  wall ● running") && screen.contains("▸ SIMULATION ×9")
        && screen.contains("of 1 KiB") && screen.contains("planned 180B")
    }
    try tmux.press(">", ">")
    try await tmux.wait(for: "SIMULATION ×36")
    try tmux.press("@")
    try tmux.type("100%")
    try await tmux.wait("the end") { $0[0].contains("SIMULATION  wall ✓ done") }
    try tmux.press(",")
    try await tmux.wait("before the end") { $0[0].contains("SIMULATION  wall ● running") }
    try tmux.press("r")
    try await tmux.wait(for: "refused: this is a simulation")
    try tmux.press("o")
    try await tmux.wait("the output, full screen") { lines in
      lines.contains { $0.contains("SIMULATION") && $0.contains("attempt 1") }
    }
    try tmux.press("q")
    try await tmux.wait("the run again") { $0[0].contains("SIMULATION  wall") }
    try tmux.press("q")
    try await tmux.wait(for: "left with 0")
    try await tmux.wait(for: "simulation  wall  done")
  }
}

/// Recorded workflows lie outside the repository: `CAIRN_CORPUS` names their folder.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct SimulateCorpusTests {
  static let traces: [String] = {
    guard let corpus = ProcessInfo.processInfo.environment["CAIRN_CORPUS"] else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus + "/wf")) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { corpus + "/wf/" + $0 }
  }()

  @Test(
    "every recorded workflow ends, and no sooner than it can",
    .enabled(if: !traces.isEmpty, "set CAIRN_CORPUS to a folder of real files"), arguments: traces)
  func ends(path: String) async throws {
    let end = try await CairnBinary.run(
      ["simulate", path, "--json", "--jobs", "8"], in: TemporaryProject())
    #expect(end.status == 0, "\(end.errors)")
    let last = try #require(end.outputLines.last)
    let summary = try #require(
      try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    let makespan = try #require(summary["makespanSeconds"] as? Double)
    let bound = try #require(summary["makespanBoundSeconds"] as? Double)
    #expect(makespan >= bound - 1e-6)
  }
}
