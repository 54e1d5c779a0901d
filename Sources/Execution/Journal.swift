import Foundation
import GRDB
import Glibc
package import Model

/// The SQLite file that holds every fact of a project's runs; the only truth about them.
///
/// `Journal(path:)` is the one connection that writes and checkpoints. `Journal(reading:)` changes
/// nothing on disk. WAL with `synchronous=NORMAL`: proof against the death of the process at any
/// moment; after power loss the newest facts may be missing, never the ones in between.
package final class Journal: FactStore {
  /// Most facts that one read returns.
  package static let maximumBatch = 65_536

  /// A run as the journal lists it.
  package struct RunRecord: Sendable, Equatable {
    package var id: Int
    /// Nanoseconds since 1970.
    package var startedWallNanoseconds: Int64
    /// Version of the Cairn that began it.
    package var cairn: String
    /// Number of the newest fact; 0 for a run that ended before its first.
    package var lastSequence: Int
  }

  package let path: String
  private let queue: DatabaseQueue

  /// Opens the journal for writing and makes it if it is missing.
  ///
  /// - Throws: `JournalProblem`: `.storage` names the file and the system's reason, `.newerSchema`
  ///   both versions, `.corrupt` what to do. A file that cannot be read stays as it is.
  package init(path: String) throws(JournalProblem) {
    self.path = path
    queue = try Self.rethrow(path) {
      try Self.requireFolder(of: path)
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(JournalFile.busySeconds)
      configuration.label = "cairn.journal"
      configuration.prepareDatabase { db in
        // Refused before the first statement that could change the file.
        try JournalSchema.check(db, path: path)
        try db.execute(sql: "PRAGMA mmap_size = 0")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { try JournalSchema.migrate($0) }
      return queue
    }
  }

  /// Opens a journal for reading only, beside a living writer, after a killed one, or in a folder that
  /// cannot be written.
  package init(reading path: String) throws(JournalProblem) {
    self.path = path
    queue = try Self.rethrow(path) { try JournalFile.openReadOnly(path) }
  }

  private static func requireFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do { try FileTree.makeFolders(folder) } catch {
      throw JournalProblem(.storage, "cannot open journal \"\(path)\": \(error)")
    }
  }
}

// MARK: Facts

extension Journal {
  package func append(_ facts: [Fact], run: Int) throws(JournalProblem) {
    guard !facts.isEmpty else { return }
    try Self.rethrow(path) {
      let encoder = JournalFile.encoder()
      let payloads = try facts.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
      try queue.write { db in
        let insert = try db.cachedStatement(
          sql: "INSERT INTO fact(run, sequence, session, kind, payload) VALUES(?, ?, ?, ?, ?)")
        for (fact, payload) in zip(facts, payloads) {
          try insert.execute(
            arguments: [run, fact.sequence, fact.session, fact.kind.name, payload])
        }
      }
    }
  }

  package func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact] {
    let rows = try read { db in
      let select = try db.cachedStatement(
        sql: """
          SELECT sequence, payload FROM fact WHERE run = ? AND sequence > ?
          ORDER BY sequence LIMIT ?
          """)
      return try Row.fetchAll(
        select, arguments: [run, sequence, max(0, min(limit, Self.maximumBatch))]
      ).map { (sequence: $0[0] as Int, payload: $0[1] as String) }
    }
    // Decoded outside the queue: a writer does not wait for a reader's JSON.
    let decoder = JSONDecoder()
    return try rows.map { row throws(JournalProblem) in
      try decode(row.payload, run: run, sequence: row.sequence, decoder)
    }
  }

  /// The facts that brought and changed the graph, in order.
  func graphFacts(run: Int) throws(JournalProblem) -> [Fact] {
    let numbers = try read { db in
      try Int.fetchAll(
        db,
        sql: """
          SELECT sequence FROM fact WHERE run = ? AND kind IN ('graph.defined', 'graph.changed')
          ORDER BY sequence
          """, arguments: [run])
    }
    var found: [Fact] = []
    for number in numbers { found += try facts(run: run, after: number - 1, limit: 1) }
    return found
  }

  private func decode(_ payload: String, run: Int, sequence: Int, _ decoder: JSONDecoder)
    throws(JournalProblem) -> Fact
  {
    guard let fact = try? decoder.decode(Fact.self, from: Data(payload.utf8)),
      fact.sequence == sequence
    else {
      throw JournalProblem(
        .corrupt,
        "fact \(sequence) of run \(run) in \"\(path)\" cannot be read; "
          + "move the file away to begin anew, or restore a copy")
    }
    return fact
  }
}

// MARK: Runs

extension Journal {
  /// Begins a run and returns its number, counted from 1.
  ///
  /// `wallTime` is nanoseconds since 1970, `cairn` this Cairn's version.
  package func newRun(wallTime: Int64, cairn: String) throws(JournalProblem) -> Int {
    try Self.rethrow(path) {
      try queue.write { db in
        let next = try Self.nextRun(db)
        try db.execute(
          sql: "INSERT INTO run(id, startedWallNanoseconds, cairn) VALUES(?, ?, ?)",
          arguments: [next, wallTime, cairn])
        return next
      }
    }
  }

  /// The number that `newRun` would give; the lock on the project keeps it so.
  package func nextRun() throws(JournalProblem) -> Int {
    try read { try Self.nextRun($0) }
  }

  private static func nextRun(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM run") ?? 1
  }

  /// The newest run's number; nil in an empty journal.
  package func lastRun() throws(JournalProblem) -> Int? {
    try read { try Int.fetchOne($0, sql: "SELECT max(id) FROM run") }
  }

  /// All runs, oldest first.
  package func runs() throws(JournalProblem) -> [RunRecord] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, startedWallNanoseconds, cairn,
            coalesce((SELECT max(sequence) FROM fact WHERE fact.run = run.id), 0)
          FROM run ORDER BY id
          """
      ).map {
        RunRecord(
          id: $0[0], startedWallNanoseconds: $0[1], cairn: $0[2], lastSequence: $0[3])
      }
    }
  }

  /// Checks every page and reference of the file.
  ///
  /// - Throws: `.corrupt` with the first finding.
  /// - Complexity: O(file).
  package func integrityCheck() throws(JournalProblem) {
    let finding = try read { db in
      let pages = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
      let orphan = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check")
      return pages != "ok" ? pages ?? "no answer" : orphan.map { _ in "a fact without its run" }
    }
    if let finding { throw JournalFile.corrupt(path, finding) }
  }

  /// Writes everything into the main file and closes it; nothing works afterwards.
  package func close() throws(JournalProblem) {
    try Self.rethrow(path) { try queue.close() }
  }

  private func read<Value>(_ body: (Database) throws -> Value) throws(JournalProblem) -> Value {
    try Self.rethrow(path) { try queue.read(body) }
  }

  private static func rethrow<Value>(_ path: String, _ body: () throws -> Value)
    throws(JournalProblem) -> Value
  {
    do { return try body() } catch let problem as JournalProblem {
      throw problem
    } catch let error as DatabaseError {
      throw JournalFile.problem(path, error)
    } catch {
      throw JournalProblem(.storage, "cannot use journal \"\(path)\": \(error)")
    }
  }
}
