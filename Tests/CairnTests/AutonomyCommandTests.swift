import Foundation
import Testing

/// `cairn autonomy` on runs of a real project.
@Suite(.timeLimit(.minutes(5)))
struct AutonomyCommandTests {
  private static let file = """
    name: score
    tasks:
      steady: { run: "sleep 0.06; echo a > $CAIRN_OUT/a" }
      fetch:
        run: "sleep 0.06; test -e ok && echo b > $CAIRN_OUT/b"
    """

  private static func json(_ run: Finished) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
    return try #require(value as? [String: Any])
  }

  @Test("explains the last run, resumed by a person, and has its history")
  func explains() async throws {
    let project = try TemporaryProject(Self.file)
    let none = try await CairnBinary.run(["autonomy"], in: project)
    #expect(none.status == 66 && none.errors.contains("no run yet"))
    let failed = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(failed.status == 1)
    #expect(failed.output.contains("autonomy  0.57 (at least 0."), "\(failed.output)")
    try project.shell("touch ok")
    let resumed = try await CairnBinary.run(["resume", "--plain"], in: project)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let text = try await CairnBinary.run(["autonomy"], in: project)
    #expect(text.status == 0)
    #expect(text.output.contains("resume after the failure of fetch"), "\(text.output)")
    #expect(text.output.contains("by agent"))
    let json = try Self.json(try await CairnBinary.run(["autonomy", "--json"], in: project))
    let score = try #require(json["score"] as? [String: Any])
    #expect(score["untouched"] as? Double == 0.75)
    #expect(score["recovered"] as? Double == 0.5)
    #expect(score["incidents"] as? Int == 1)
    #expect((json["history"] as? [[String: Any]])?.count == 1)
    let lost = try #require(json["lost"] as? [[String: Any]])
    let sum = lost.compactMap { $0["amount"] as? Double }.reduce(0, +)
    #expect(abs(sum + (score["value"] as? Double ?? 0) - 1) < 1e-9)
    #expect(lost.allSatisfy { $0["tasks"] as? [String] == ["fetch"] })
  }

  @Test("the JSON is a contract: names, units and version")
  func contract() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true', output: none } }\n")
    _ = try await CairnBinary.run(["run", "--plain"], in: project)
    let json = try Self.json(try await CairnBinary.run(["autonomy", "--json"], in: project))
    #expect(
      Set(json.keys) == [
        "cairn", "run", "target", "words", "score", "tooShort", "busySeconds", "blockedSeconds",
        "lost", "byAgent", "byClass", "lastTasks", "history", "lessons",
      ])
    #expect(json["cairn"] as? Int == 1)
    // Whether the task took less than 50 ms is the machine's affair.
    let words = try #require(json["words"] as? String)
    let isShort = words == "n/a: 1 task was too short to count"
    #expect(isShort || words == "1.00 (at least 0.45, n=1)")
    #expect((json["score"] is NSNull) == isShort)
    #expect(json["tooShort"] as? Int == (isShort ? 1 : 0))
    let refused = try await CairnBinary.run(["autonomy", "--runs", "0"], in: project)
    #expect(refused.status == 64 && refused.errors.contains("--runs takes 1 to 1000"))
  }
}
