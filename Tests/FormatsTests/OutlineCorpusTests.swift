import Formats
import Foundation
import Testing

/// Documents of others lie outside the repository: `CAIRN_CORPUS` names their folder.
private let documents = ProcessInfo.processInfo.environment["CAIRN_CORPUS"].map { $0 + "/prd" }

@Suite(
  "Product requirement documents become acyclic graphs",
  .enabled(if: documents != nil, "skipped: CAIRN_CORPUS is not set"))
struct OutlineCorpusTests {
  private func load(_ name: String) throws -> (lines: [Substring], found: Decomposition) {
    let path = "\(try #require(documents))/\(name)"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let text = String(decoding: bytes, as: UTF8.self)
    return (
      text.split(separator: "\n", omittingEmptySubsequences: false),
      try OutlineFile.load(bytes, file: name)
    )
  }

  @Test(arguments: ["taskmaster-prd.txt", "taskmaster-loop-prd.md"])
  func leavesTraceToLines(name: String) throws {
    let (lines, found) = try load(name)
    for leaf in found.leaves {
      let item = found.items[leaf]
      let line = try #require(item.line)
      let plain = lines[line - 1].filter { !"*`".contains($0) }
      #expect(plain.contains(item.title))
    }
  }

  /// Sixteen tasks of four steps each in four phases; each waits for what the chain of dependencies
  /// says of it.
  @Test func theRoadmapIsTheWorkAndTheChainItsOrder() throws {
    let found = try load("taskmaster-prd.txt").found
    #expect(found.leaves.count == 64)
    let tasks = found.items.indices.filter { found.depth(of: $0) == 2 }
    #expect(tasks.count == 16)
    let needs = tasks.map { found.items[$0].needs.map(found.path).joined(separator: " ") }
    #expect(
      needs == [
        "", "1.1", "1.1 1.2", "1.1 1.3", "1.1", "1.1 2.1", "1.3 2.1", "1.3 2.1", "2.1", "2.3 3.1",
        "1.3", "1.1 1.2 1.3 1.4 2.1 2.2 2.3 2.4 3.1 3.2 3.3", "3", "4.1", "4.2", "3",
      ])
  }

  @Test func theDesignIsTheWorkWhereNoPlanIs() throws {
    let found = try load("taskmaster-loop-prd.md").found
    let top = found.items.filter { $0.parent == nil }
    #expect(
      top.map(\.title) == [
        "Command Interface", "Options", "Built-in Presets", "Core Logic (tm-core)", "CLI Flow",
        "Claude Code Integration", "Unit Tests", "Integration Tests", "E2E Tests",
      ])
    #expect(top.map { $0.needs.count } == [0, 0, 0, 0, 0, 0, 6, 6, 6])
    #expect(found.leaves.count == 21)
  }
}
