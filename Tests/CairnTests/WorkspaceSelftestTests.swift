import Foundation
import Testing

/// What is borrowed is given back, as its user sees it.
@Suite(.timeLimit(.minutes(15)))
struct WorkspaceSelftestTests {
  @Test("every kernel restores what it borrowed, and says what that cost")
  func table() async throws {
    let project = try TemporaryProject()
    let test = try await CairnBinary.run(
      ["workspace", "selftest", "--contents", "100"], in: project)
    #expect(test.status == 0, "\(test.errors)")
    let lines = test.output.split(separator: "\n")
    let trials = lines.filter { $0.hasPrefix("Cook") || $0.hasPrefix("bilinear") }
    #expect(trials.count == 8, "\(test.output)")
    #expect(trials.allSatisfy { $0.hasSuffix("  yes  right") }, "\(test.output)")
    #expect(lines.last == "100 of 100 random contents restored exactly")
  }

  @Test("programs get bits and seconds", arguments: [1, 2])
  func json(seed: Int) async throws {
    let project = try TemporaryProject()
    let test = try await CairnBinary.run(
      ["workspace", "selftest", "--json", "--contents", "10", "--seed", "\(seed)"], in: project)
    #expect(test.status == 0, "\(test.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(test.output.utf8)) as? [String: Any])
    #expect(report["cairn"] as? Int == 1)
    let trials = try #require(report["trials"] as? [[String: Any]])
    // Cook and Mertz: three registers of three elements of GF(2^3).
    #expect(trials.first?["borrowedBits"] as? Int == 27)
    // The dial: each level that borrows saves one of seven vectors of 1 MiB.
    #expect(
      trials.dropFirst().map { $0["ownBits"] as? Int } == (0...6).reversed().map { $0 << 23 })
    #expect(
      trials.allSatisfy { $0["isRestored"] as? Bool == true && $0["isRight"] as? Bool == true })
  }
}
