import Foundation
import GRDB
import Glibc
import Model
import Planning
import Testing

@testable import Execution

/// Facts that are durable before they are in the tables.
@Suite("journal tail") struct JournalTailTests {
  let folder: TemporaryFolder
  let path: String
  let journal: Journal

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
    journal = try Journal(path: path)
    _ = try journal.newRun(wallTime: 5, cairn: "0.1")
  }

  private func facts(_ range: ClosedRange<Int>) -> [Fact] { range.map { JournalTests.fact($0) } }

  /// What the files say once the process that writes them is dead, and somebody else has opened them.
  private func afterDeath(_ change: (String) throws -> Void = { _ in }) throws -> [Fact] {
    let copy = folder.path + "/copy"
    try folder.make("copy")
    defer { try? FileTree.remove(copy) }
    for name in folder.names("") where name.hasPrefix("journal.sqlite") {
      try FileManager.default.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(copy)/\(name)")
    }
    try change(copy + "/journal.sqlite-tail")
    let next = try Journal(path: copy + "/journal.sqlite")
    try next.integrityCheck()
    #expect(!folder.names("copy").contains("journal.sqlite-tail"))
    return try next.facts(run: 1, after: 0, limit: .max)
  }

  @Test("nobody sees what was saved before the next append, which puts it in front")
  func seen() throws {
    let reader = try Journal(reading: path)
    try journal.append(facts(1...2), run: 1)
    #expect(journal.save(facts(3...4), run: 1))
    #expect(journal.save(facts(5...5), run: 1))
    #expect(try reader.facts(run: 1, after: 0, limit: 99) == facts(1...2))
    try journal.append(facts(6...6), run: 1)
    #expect(try reader.facts(run: 1, after: 0, limit: 99) == facts(1...6))
    #expect(journal.save(facts(7...7), run: 1))
    try journal.append([], run: 1)
    #expect(try reader.facts(run: 1, after: 0, limit: 99) == facts(1...7))
  }

  @Test("what a killed process has saved is in the tables of the next")
  func killed() throws {
    #expect(journal.save(facts(1...3), run: 1))
    #expect(try afterDeath() == facts(1...3))
    try journal.append(facts(4...4), run: 1)
    #expect(try afterDeath() == facts(1...4))
    // Shorter than what the file held before, which stands behind it.
    #expect(journal.save(facts(5...5), run: 1))
    #expect(try afterDeath() == facts(1...5))
    #expect(journal.save(facts(6...9), run: 1))
    #expect(try afterDeath() == facts(1...9))
  }

  @Test("a death between the tables and the file repeats nothing")
  func between() throws {
    #expect(journal.save(facts(1...3), run: 1))
    let saved = try Data(contentsOf: URL(filePath: path + "-tail"))
    try journal.append(facts(4...4), run: 1)
    #expect(try afterDeath { try saved.write(to: URL(filePath: $0)) } == facts(1...4))
  }

  @Test("whatever happens to the file, what is taken from it is a sound beginning")
  func damage() throws {
    var random = SplitMix64(seed: 41)
    for number in 0..<40 {
      #expect(journal.save(facts(3 * number + 1...3 * number + 3), run: 1))
    }
    let sound = try Data(contentsOf: URL(filePath: path + "-tail"))
    let used = try #require(sound.lastIndex { $0 != 0 }) + 1
    for round in 0..<60 {
      let left = try afterDeath { path in
        var bytes = sound
        if round.isMultiple(of: 2) {
          bytes[Int.random(in: 0..<used, using: &random)] ^=
            1 << UInt8.random(in: 0..<8, using: &random)
        } else {
          bytes = bytes.prefix(Int.random(in: 0..<used, using: &random))
        }
        try bytes.write(to: URL(filePath: path))
      }
      #expect(left.count.isMultiple(of: 3) && left.count < 120, "round \(round) of seed 41")
      #expect(left == (1...120).prefix(left.count).map { JournalTests.fact($0) })
    }
  }

  @Test(
    "facts that do not follow on what the tables have are passed over",
    arguments: ["DELETE FROM fact WHERE id & 0xFFFFFFFF > 1", "DELETE FROM fact; DELETE FROM run"])
  func gap(cut: String) throws {
    try journal.append(facts(1...3), run: 1)
    #expect(journal.save(facts(4...5), run: 1))
    try journal.queue.write { try $0.execute(sql: cut) }
    #expect(try afterDeath().count == (cut.hasSuffix("run") ? 0 : 1))
  }

  @Test("a full file, and one that power loss would take, take nothing")
  func full() throws {
    let text = String(repeating: "x", count: 300_000)
    let large = { JournalTests.fact($0, .notice(.init(code: "a/b", text: text))) }
    #expect((1...3).allSatisfy { journal.save([large($0)], run: 1) })
    #expect(!journal.save([large(4)], run: 1))
    try journal.append([large(4)], run: 1)
    #expect(journal.save([large(5)], run: 1))
    try journal.append([], run: 1)
    #expect(try journal.facts(run: 1, after: 0, limit: 99).count == 5)
    let safe = try Journal(path: folder.path + "/safe.sqlite", durability: .full)
    #expect(try !safe.save(facts(1...1), run: safe.newRun(wallTime: 1, cairn: "0")))
  }

  @Test("the end of a session leaves no file")
  func end() throws {
    #expect(journal.save(facts(1...1), run: 1))
    #expect(folder.names("").contains("journal.sqlite-tail"))
    let closed = Fact.RunClosed(ending: .done, reason: "1 done")
    try journal.append([JournalTests.fact(2, .runClosed(closed))], run: 1)
    #expect(!folder.names("").contains("journal.sqlite-tail"))
    #expect(try journal.facts(run: 1, after: 0, limit: 99).count == 2)
  }
}
