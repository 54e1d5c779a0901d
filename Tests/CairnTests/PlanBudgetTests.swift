import Testing

/// Plans within a limit, and limits that no plan meets.
@Suite(.timeLimit(.minutes(15)))
struct PlanBudgetTests {
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
    let spilling = try await project.plan(["--budget", "130MiB"])
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
    let again = try await project.plan(["--budget", "122MiB"])
    #expect(again["recomputed"] as? [String] == ["base"])
    #expect(again["spilled"] as? [String] == [])
    #expect((again["order"] as? [String])?.count == 6, "each task once, where it runs first")
    try project.shell("mkdir sub && mv cairn.yaml sub")
    let words = try await CairnBinary.run(["plan", "sub", "--budget", "122MiB"], in: project)
    #expect(words.output.contains("run again     1         \"base\"\n"))
  }

  @Test("a budget that cannot be met is refused, and the one that is named works")
  func budget() async throws {
    let project = try TemporaryProject.trace()
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
}
