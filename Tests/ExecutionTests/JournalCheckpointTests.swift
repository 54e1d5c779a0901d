import Foundation
import GRDB
import Model
import Planning
import Testing

@testable import Execution

@Suite("journal checkpoints") struct JournalCheckpointTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
  }

  /// A session of a graph with verified, failing and retried tasks.
  static func facts() async throws -> [Fact] {
    let scenario = try Scenario(
      TaskGraph(
        ["a": [], "b": ["a"], "c": ["b"], "d": []],
        ["a": { $0.verify = "true" }, "d": { $0.retries = 1 }]),
      plays: ["d": [.init(status: .code(3)), .init(seconds: 2, status: .signal(11))]])
    await scenario.run([(0.5, .pause([TaskID(3)])), (0.7, .resume([TaskID(3)]))])
    #expect(scenario.facts.count > 40)
    return scenario.facts
  }

  @Test("a history that goes on from a checkpoint is the fold of all facts, wherever it was taken")
  func everyPlace() async throws {
    let facts = try await Self.facts()
    let whole = RunHistory(facts)
    for count in stride(from: 2, through: facts.count, by: 3) {
      let before = RunHistory(facts.prefix(count))
      let text = try JSONText.encode(before.checkpoint)
      let read = try JSONText.decode(RunHistory.Checkpoint.self, from: text)
      let graph = facts.prefix(count).filter { $0.kind.name.hasPrefix("graph.") }
      var history = try #require(RunHistory(read, graphFacts: graph))
      #expect(history == before)
      for fact in facts.dropFirst(count) { history.apply(fact) }
      #expect(history == whole)
    }
  }

  @Test("the newest good checkpoint is used, and any other passed over")
  func newest() async throws {
    let facts = try await Self.facts()
    let journal = try Journal(path: path)
    let run = try journal.newRun(wallTime: 1, cairn: "0")
    try journal.append(facts, run: run)
    let whole = RunHistory(facts)
    for count in [5, 12, 20, 30] {
      try journal.keep(RunHistory(facts.prefix(count)).checkpoint, run: run)
    }
    #expect(try numbers(journal) == [20, 30])
    #expect(try journal.history(run: run) == whole)
    for damage in [
      "UPDATE checkpoint SET payload = replace(payload, '1', '2') WHERE sequence = 30",
      "UPDATE checkpoint SET version = 99 WHERE sequence = 20",
      "UPDATE checkpoint SET sequence = 100000, version = 1 WHERE sequence = 20",
      "UPDATE checkpoint SET payload = '{', checksum = 0",
    ] {
      try journal.write { try $0.execute(sql: damage) }
      #expect(try journal.history(run: run) == whole)
    }
  }

  /// Wrong on purpose: proof that the fold does go on from it.
  @Test("facts in front of a checkpoint are not read")
  func notRead() async throws {
    let facts = try await Self.facts()
    let journal = try Journal(path: path)
    let run = try journal.newRun(wallTime: 1, cairn: "0")
    try journal.append(facts, run: run)
    try journal.keep(RunHistory(facts.prefix(20)).checkpoint, run: run)
    try journal.write {
      try $0.execute(sql: "UPDATE fact SET payload = '{' WHERE sequence BETWEEN 4 AND 19")
    }
    #expect(try journal.history(run: run) == RunHistory(facts))
  }

  @Test("the engine keeps a checkpoint every so many facts")
  func engine() async throws {
    let names = (0..<40).map { "t\($0)" }
    var graph = TaskGraph(name: "wide")
    for name in names {
      var task = TaskGraph.Task(id: TaskID(graph.tasks.count), name: name, action: .gate)
      task.outputs = [.init(name: "out")]
      graph.tasks.append(task)
    }
    let scenario = try Scenario(graph, limits: { $0.checkpointFacts = 100 })
    await scenario.run()
    let kept = scenario.store.checkpoints
    #expect(!kept.isEmpty)
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $1 - $0 >= 160 })
  }

  private func numbers(_ journal: Journal) throws -> [Int] {
    try journal.read { try Int.fetchAll($0, sql: "SELECT sequence FROM checkpoint ORDER BY 1") }
  }
}

@Suite("journal migrations") struct JournalMigrationTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/journal.sqlite"
  }

  /// A journal as a Cairn of that schema left it: its tables made by the steps up to there.
  func make(schema: Int, facts: Int) throws {
    var configuration = Configuration()
    configuration.journalMode = .wal
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { db in
      for step in JournalSchema.steps.prefix(schema) { try db.execute(sql: step) }
      try db.execute(sql: "PRAGMA user_version = \(schema)")
      try db.execute(sql: "PRAGMA application_id = \(JournalSchema.applicationID)")
      try db.execute(sql: "INSERT INTO run VALUES(1, 5, '0.1')")
      for number in 1...facts {
        let payload = String(
          decoding: try JSONEncoder().encode(JournalTests.fact(number)), as: UTF8.self)
        let (columns, values) = schema < 3 ? ("run, sequence", "1, ?1") : ("id", "1 << 32 | ?1")
        try db.execute(
          sql: "INSERT INTO fact(\(columns), session, kind, payload) "
            + "VALUES(\(values), 1, 'notice', ?2)",
          arguments: [number, payload])
      }
    }
    try queue.close()
  }

  @Test(
    "every older schema is copied, then brought up to date", arguments: 1..<JournalSchema.version)
  func migrates(schema: Int) throws {
    try make(schema: schema, facts: 30)
    let facts = (1...30).map { JournalTests.fact($0) }
    #expect(try Journal(reading: path).facts(run: 1, after: 0, limit: 99) == facts)
    let journal = try Journal(path: path)
    #expect(try journal.facts(run: 1, after: 0, limit: 99) == facts)
    try journal.append([JournalTests.fact(31)], run: 1)
    try journal.keep(RunHistory(facts).checkpoint, run: 1)
    try journal.integrityCheck()
    try journal.close()
    let backup = JournalBackup.path(of: path, schema: schema)
    let old = try Journal(reading: backup)
    #expect(old.schema == schema)
    try old.integrityCheck()
    #expect(try old.facts(run: 1, after: 0, limit: 99) == facts)
    try old.close()
    let before = try Data(contentsOf: URL(filePath: backup))
    _ = try Journal(path: path)
    #expect(try Data(contentsOf: URL(filePath: backup)) == before)
    #expect(!folder.names("").contains { $0.hasSuffix(".part") })
  }

  @Test("a journal whose backup cannot be made is left as it is")
  func noBackup() throws {
    try make(schema: 1, facts: 3)
    let before = try Data(contentsOf: URL(filePath: path))
    try folder.make("journal.sqlite.v1.backup/x")
    #expect(throws: JournalProblem.self) { try Journal(path: path) }
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }

  @Test("a new journal needs no backup and gives pages back")
  func fresh() throws {
    let journal = try Journal(path: path, durability: .full)
    let mode = try journal.read { db in
      (
        try Int.fetchOne(db, sql: "PRAGMA auto_vacuum"),
        try Int.fetchOne(db, sql: "PRAGMA synchronous")
      )
    }
    #expect(mode.0 == 2)
    #expect(mode.1 == 2)
    #expect(!folder.names("").contains { $0.hasSuffix(".backup") })
  }
}
