import Foundation
import GRDB
import Glibc
import Model
import Planning
import Testing

@testable import Execution

@Suite("journal repair") struct JournalRepairTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
  }

  static func facts(_ count: Int) -> [Fact] {
    (1...count).map { number in
      JournalTests.fact(
        number, .notice(.init(code: "n\(number)", text: String(repeating: "x", count: 150))))
    }
  }

  /// Runs with so many facts each, closed, so that all lies in the main file.
  func make(_ runs: [Int]) throws {
    let journal = try Journal(path: path)
    for count in runs {
      let run = try journal.newRun(wallTime: 7, cairn: "0.1")
      try journal.append(Self.facts(count), run: run)
    }
    try journal.close()
  }

  func edit(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  func repair() throws -> JournalRepair {
    try JournalRepair.repair(path, wallTime: 1_700_000_000_000_000_000)
  }

  @Test("a run is kept up to its first unreadable fact, the others whole")
  func damagedRow() throws {
    try make([10, 20, 5])
    try edit(
      "UPDATE fact SET payload = replace(payload, 'n7', 'n8') WHERE run = 2 AND sequence = 7")
    let before = try Data(contentsOf: URL(filePath: path))
    let repair = try repair()
    #expect(repair.losses == [JournalLoss(run: 2, kept: 6, rows: 14, last: 20)])
    #expect(!repair.isTotal)
    #expect(repair.evidence == path + ".corrupt-20231114T221320Z")
    #expect(
      repair.lines == [
        "the journal was damaged and has been repaired; the damaged file is kept as "
          + repair.evidence,
        "run 2 stands up to fact 6; lost: facts 7 to 20 at least (14 rows)",
      ])
    #expect(try Data(contentsOf: URL(filePath: repair.evidence)) == before)
    let journal = try Journal(path: path)
    #expect(try journal.facts(run: 1, after: 0, limit: 99) == Self.facts(10))
    #expect(try journal.facts(run: 2, after: 0, limit: 99) == Self.facts(6))
    #expect(try journal.facts(run: 3, after: 0, limit: 99) == Self.facts(5))
    #expect(try journal.nextRun() == 4)
  }

  @Test("a gap ends what is kept")
  func gap() throws {
    try make([10])
    try edit("DELETE FROM fact WHERE sequence = 4")
    #expect { try Journal(reading: path).history(run: 1) } throws: {
      "\($0)".contains("fact 4 of run 1") && "\($0)".contains("cairn resume --repair")
    }
    #expect(try repair().losses == [JournalLoss(run: 1, kept: 3, rows: 6, last: 10)])
  }

  @Test("of a file that is no database nothing is kept but the file, and run numbers go on")
  func total() throws {
    try folder.write("journal.sqlite", String(repeating: "not SQLite\n", count: 500))
    let repair = try JournalRepair.repair(path, wallTime: 0, firstRun: 8)
    #expect(repair.isTotal)
    #expect(repair.lines[0].hasPrefix("nothing of the journal could be read"))
    let journal = try Journal(path: path)
    #expect(try journal.lastRunWithFacts() == nil)
    #expect(try journal.newRun(wallTime: 1, cairn: "0") == 8)
    #expect(try String(contentsOfFile: repair.evidence, encoding: .utf8).hasPrefix("not SQLite"))
  }

  @Test("a tail of which nothing can be read is told from damage in between")
  func tails() throws {
    try make([10])
    try edit("UPDATE fact SET payload = '{' WHERE sequence > 7")
    let journal = try Journal(reading: path)
    let loss = try #require(try journal.loss(run: 1))
    #expect(loss == JournalLoss(run: 1, kept: 7, rows: 3, last: 10))
    #expect(try journal.isTailUnreadable(run: 1, behind: 7))
    #expect(try !journal.isTailUnreadable(run: 1, behind: 3))
    try journal.close()
    let repair = try JournalRepair.cutTail(path, run: 1, wallTime: 0)
    #expect(repair.losses == [loss])
    let after = try Journal(path: path)
    #expect(try after.loss(run: 1) == nil)
    #expect(try after.facts(run: 1, after: 0, limit: 99) == Self.facts(7))
  }

  /// Damage of any kind is refused or does no harm, and a repair keeps a true beginning of each run.
  @Test(
    "bit flips and cuts anywhere are refused or harmless, and can be repaired",
    arguments: 0..<(ProcessInfo.processInfo.environment["CAIRN_SOAK"] == nil ? 5 : 50))
  func damage(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let truth = Self.facts(120)
    let pristine = try pristine(truth)
    for round in 0..<10 {
      for name in folder.names("") where !name.hasPrefix("pristine") {
        unlink(folder.path + "/" + name)
      }
      for suffix in ["", "-wal", "-shm"] {
        try FileManager.default.copyItem(atPath: pristine + suffix, toPath: path + suffix)
      }
      let what = try harm(&random)
      try expectHonest(truth, "seed \(seed), round \(round): \(what)")
    }
  }

  /// A file with some facts in the main part and some in the log of changes.
  private func pristine(_ truth: [Fact]) throws -> String {
    let journal = try Journal(path: path)
    let run = try journal.newRun(wallTime: 7, cairn: "0.1")
    try journal.append(Array(truth[..<60]), run: run)
    try journal.compact()
    for start in stride(from: 60, to: truth.count, by: 6) {
      try journal.append(Array(truth[start..<start + 6]), run: run)
    }
    for suffix in ["", "-wal", "-shm"] {
      try FileManager.default.copyItem(
        atPath: path + suffix, toPath: folder.path + "/pristine" + suffix)
    }
    try journal.close()
    return folder.path + "/pristine"
  }

  private func harm(_ random: inout SplitMix64) throws -> String {
    let suffix = ["", "", "-wal", "-wal", "-shm"].randomElement(using: &random) ?? ""
    let file = URL(filePath: path + suffix)
    var bytes = try Data(contentsOf: file)
    if Int.random(in: 0..<4, using: &random) == 0 {
      let length = Int.random(in: 0..<bytes.count, using: &random)
      try bytes.prefix(length).write(to: file)
      return "\(suffix) cut to \(length)"
    }
    let flips = (0..<Int.random(in: 1...8, using: &random)).map { _ in
      (
        Int.random(in: 0..<bytes.count, using: &random),
        UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      )
    }
    for (place, bit) in flips { bytes[place] ^= bit }
    try bytes.write(to: file)
    return "\(suffix) flipped \(flips)"
  }

  private func expectHonest(_ truth: [Fact], _ what: String) throws {
    let before = try look(truth, what)
    guard before == nil else { return }
    let repair = try repair()
    #expect(access(repair.evidence, F_OK) == 0, "\(what)")
    #expect(try look(truth, "\(what), repaired") != nil, "\(what): refused after its repair")
  }

  /// Number of facts that are told, all of them true; nil if the file is refused.
  private func look(_ truth: [Fact], _ what: String) throws -> Int? {
    do throws(JournalProblem) {
      let journal = try Journal(reading: path)
      defer { try? journal.close() }
      try journal.integrityCheck()
      guard let run = try journal.lastRunWithFacts() else { return 0 }
      let history = try journal.history(run: run)
      let told = try journal.facts(run: run, after: 0, limit: 999)
      #expect(told == Array(truth.prefix(told.count)), "\(what)")
      #expect(history == RunHistory(truth.prefix(told.count)), "\(what)")
      return told.count
    } catch {
      #expect(error.code == .corrupt || error.code == .newerSchema || error.code == .storage)
      return nil
    }
  }
}

@Suite("journal retention") struct JournalRetentionTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
  }

  @Test("the newest runs stay whole, older ones go with all they had")
  func forgets() throws {
    let journal = try Journal(path: path)
    let facts = JournalRepairTests.facts(40)
    for _ in 0..<60 {
      let run = try journal.newRun(wallTime: 1, cairn: "0")
      try journal.append(facts, run: run)
      try journal.keep(RunHistory(facts).checkpoint, run: run)
    }
    try journal.compact(keeping: 20)
    #expect(try journal.runs().map(\.id) == Array(41...60))
    #expect(try journal.facts(run: 41, after: 0, limit: 99) == facts)
    #expect(try journal.facts(run: 40, after: 0, limit: 99) == [])
    let rest = try journal.read { db in
      (
        try Int.fetchOne(db, sql: "SELECT count(*) FROM checkpoint"),
        try Int.fetchOne(db, sql: "PRAGMA freelist_count")
      )
    }
    #expect(rest.0 == 20)
    #expect(rest.1 == 0)
    try journal.integrityCheck()
    // However few are asked for, runs that another may build on stay.
    try journal.compact(keeping: 1)
    #expect(try journal.runs().count == Journal.fewestRunsKept)
    #expect(try journal.newRun(wallTime: 1, cairn: "0") == 61)
  }

  @Test("the log of changes stays small while running and is empty afterwards")
  func log() throws {
    let journal = try Journal(path: path)
    let run = try journal.newRun(wallTime: 1, cairn: "0")
    let facts = JournalRepairTests.facts(30_000)
    var largest: Int64 = 0
    for start in stride(from: 0, to: facts.count, by: 10) {
      try journal.append(Array(facts[start..<start + 10]), run: run)
      largest = max(largest, size("-wal"))
    }
    // One turn may pass the limit by what it brings.
    #expect(largest < 2 * Int64(JournalFile.checkpointPages) * 4096)
    try journal.compact()
    #expect(size("-wal") == 0)
    #expect(size("") > 1 << 20)
  }

  private func size(_ suffix: String) -> Int64 {
    var status = stat()
    return stat(path + suffix, &status) == 0 ? Int64(status.st_size) : 0
  }

  @Test("runs are listed by page, whatever their number")
  func pages() throws {
    let journal = try Journal(path: path)
    try journal.write { db in
      try db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
          INSERT INTO run SELECT i, i, '0' FROM n
          """)
      try db.execute(sql: "INSERT INTO fact SELECT id << 32 | 1, 1, 'notice', '{}', NULL FROM run")
    }
    #expect(try journal.runs(limit: 3).map(\.id) == [100_000, 99_999, 99_998])
    #expect(try journal.runs(before: 501, limit: 2).map(\.id) == [500, 499])
    #expect(try journal.runs().count == Journal.maximumPage)
    #expect(try journal.run(77)?.startedWallNanoseconds == 77)
    #expect(try journal.run(100_001) == nil)
    #expect(try journal.lastRunWithFacts() == 100_000)
    let plan = try journal.read { db in
      try Row.fetchAll(
        db, sql: "EXPLAIN QUERY PLAN SELECT id FROM run WHERE id < ? ORDER BY id DESC LIMIT ?",
        arguments: [5, 5]
      ).map { $0["detail"] as String }
    }
    #expect(plan.allSatisfy { $0.contains("SEARCH") && !$0.contains("TEMP B-TREE") }, "\(plan)")
  }

  @Test("samples keep the newest and get thinner with age")
  func samples() throws {
    let journal = try Journal(path: path)
    let run = try journal.newRun(wallTime: 1, cairn: "0")
    for second in 0..<3_600 {
      try journal.append(
        samples: [
          JournalSample(
            task: TaskID(4), attempt: 1, elapsedSeconds: Double(second),
            sample: .init(
              residentBytes: Int64(second), cpuSeconds: 0.5, processes: 2, outputBytes: 9))
        ], run: run)
    }
    let kept = try journal.samples(run: run, task: TaskID(4), attempt: 1)
    #expect(kept.count <= Journal.samplesKept)
    #expect(kept.count >= Journal.samplesKept / 2)
    #expect(kept.first?.elapsedSeconds == 0)
    #expect(
      kept.last?.sample
        == .init(residentBytes: 3_599, cpuSeconds: 0.5, processes: 2, outputBytes: 9))
    #expect(kept.suffix(20).map(\.elapsedSeconds) == (3_580..<3_600).map(Double.init))
    let steps = zip(kept, kept.dropFirst()).map { $1.elapsedSeconds - $0.elapsedSeconds }
    #expect((steps.max() ?? 0) > 16)
    #expect(try journal.samples(run: run, task: TaskID(4), attempt: 2).isEmpty)
  }
}
