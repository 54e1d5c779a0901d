import CXXHash
import GRDB
import GRDBSQLite
package import Model

extension Journal {
  /// Most facts that one read returns.
  package static let maximumBatch = 65_536

  package func append(_ facts: [Fact], run: Int) throws(JournalProblem) {
    guard !facts.isEmpty else { return }
    try Self.rethrow(path) {
      let payloads = try facts.map { try JSONText.encode($0) }
      try queue.writeWithoutTransaction { db in
        // Prepared once: `write` would parse BEGIN and COMMIT for every turn of the engine.
        try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        do {
          try FactInsertion(db).insert(facts, payloads, run: run)
          try db.cachedStatement(sql: "COMMIT").execute()
        } catch {
          if db.isInsideTransaction { try db.rollback() }
          throw error
        }
      }
    }
  }

  package func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact] {
    let count = max(0, min(limit, Self.maximumBatch))
    let rows = try read { db in
      let select = try db.cachedStatement(sql: FactRows.sql(schema, "ORDER BY sequence LIMIT ?"))
      return try FactRows(select, [run, sequence, count])
    }
    // Decoded outside the queue: a writer does not wait for a reader's JSON.
    return try rows.all.map { row throws(JournalProblem) in try decode(row, in: rows, run: run) }
  }

  /// The facts that brought and changed the graph, in order.
  func graphFacts(run: Int, upTo last: Int = .max) throws(JournalProblem) -> [Fact] {
    let rows = try read { db in
      let select = try db.cachedStatement(
        sql: FactRows.sql(
          schema,
          "AND sequence <= ? AND kind IN ('graph.defined', 'graph.changed') ORDER BY sequence"))
      return try FactRows(select, [run, 0, last])
    }
    return try rows.all.map { row throws(JournalProblem) in try decode(row, in: rows, run: run) }
  }

  private func decode(_ row: FactRows.Row, in rows: FactRows, run: Int) throws(JournalProblem)
    -> Fact
  {
    guard let fact = rows.fact(row, run: run) else {
      throw JournalProblem(
        .corrupt,
        "fact \(row.sequence) of run \(run) in \"\(path)\" cannot be read; "
          + "`cairn resume --repair` keeps what stands in front of it")
    }
    return fact
  }
}

/// What tells a payload from one that was damaged or moved to another place.
enum FactChecksum {
  static func of(_ payload: UnsafeRawBufferPointer, run: Int, sequence: Int) -> Int64 {
    let seed = UInt64(truncatingIfNeeded: run) << 40 ^ UInt64(truncatingIfNeeded: sequence)
    return Int64(bitPattern: XXH3_64bits_withSeed(payload.baseAddress, payload.count, seed))
  }
}

/// Inserts facts with one prepared statement.
///
/// Bound through SQLite's own functions: GRDB's arguments would cost as much as the insertion.
private struct FactInsertion {
  private static let sql =
    "INSERT INTO fact(run, sequence, session, kind, payload, checksum) VALUES(?, ?, ?, ?, ?, ?)"

  private let database: Database
  private let statement: OpaquePointer

  init(_ database: Database) throws {
    self.database = database
    statement = try database.cachedStatement(sql: Self.sql).sqliteStatement
  }

  func insert(_ facts: [Fact], _ payloads: [[UInt8]], run: Int) throws {
    defer { sqlite3_reset(statement) }
    for (fact, payload) in zip(facts, payloads) {
      sqlite3_reset(statement)
      sqlite3_bind_int64(statement, 1, Int64(run))
      sqlite3_bind_int64(statement, 2, Int64(fact.sequence))
      sqlite3_bind_int64(statement, 3, Int64(fact.session))
      let code = payload.withUnsafeBytes { bytes in
        sqlite3_bind_int64(
          statement, 6, FactChecksum.of(bytes, run: run, sequence: fact.sequence))
        return step(fact.kind.name, bytes)
      }
      guard code == SQLITE_DONE else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code),
          message: sqlite3_errmsg(database.sqliteConnection).map { String(cString: $0) })
      }
    }
  }

  /// The texts need not outlive the step, so SQLite makes no copy of them.
  private func step(_ kind: String, _ payload: UnsafeRawBufferPointer) -> Int32 {
    var kind = kind
    return kind.withUTF8 { name in
      sqlite3_bind_text64(
        statement, 4, UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self),
        UInt64(name.count), nil, UInt8(SQLITE_UTF8))
      sqlite3_bind_text64(
        statement, 5, payload.baseAddress?.assumingMemoryBound(to: CChar.self),
        UInt64(payload.count), nil, UInt8(SQLITE_UTF8))
      return sqlite3_step(statement)
    }
  }
}

/// Rows of the table of facts as they were read, in one buffer.
struct FactRows {
  struct Row {
    var sequence: Int
    var payload: Range<Int>
    /// nil in rows that were written before there were any.
    var checksum: Int64?
  }

  private(set) var all: [Row] = []
  private var bytes: [UInt8] = []

  static func sql(_ schema: Int, _ rest: String) -> String {
    "SELECT sequence, payload, \(schema < 2 ? "NULL" : "checksum") FROM fact "
      + "WHERE run = ? AND sequence > ? \(rest)"
  }

  init(_ select: Statement, _ arguments: StatementArguments) throws {
    let cursor = try GRDB.Row.fetchCursor(select, arguments: arguments)
    while let row = try cursor.next() { try add(row) }
  }

  /// One row, as `sql` selects it.
  init(copying row: GRDB.Row) throws { try add(row) }

  private mutating func add(_ row: GRDB.Row) throws {
    let start = bytes.count
    try row.withUnsafeData(atIndex: 1) { if let data = $0 { bytes.append(contentsOf: data) } }
    all.append(
      Row(
        sequence: Int.fromDatabaseValue(row[0]) ?? 0, payload: start..<bytes.count,
        checksum: Int64.fromDatabaseValue(row[2])))
  }

  /// The fact of a row, nil if it is damaged.
  func fact(_ row: Row, run: Int) -> Fact? {
    guard let fact = decode(row, run: run, as: Fact.self), fact.sequence == row.sequence else {
      return nil
    }
    return fact
  }

  func decode<Value: Decodable>(_ row: Row, run: Int, as type: Value.Type) -> Value? {
    bytes.withUnsafeBytes { all in
      let payload = UnsafeRawBufferPointer(rebasing: all[row.payload])
      if let checksum = row.checksum {
        let actual = FactChecksum.of(payload, run: run, sequence: row.sequence)
        guard actual == checksum else { return nil }
      }
      return try? JSONText.decode(type, from: payload)
    }
  }
}
