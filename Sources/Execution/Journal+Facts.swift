import CXXHash
import GRDB
import GRDBSQLite
package import Model
import Synchronization

extension Journal {
  /// Most facts that one read returns.
  package static let maximumBatch = 65_536

  package func append(_ facts: [Fact], run: Int) throws(JournalProblem) {
    try Self.rethrow(path) {
      let batch = FactBatch(run: run, facts: facts, texts: try JSONText.encode(all: facts))
      let saved = tail.withLock { $0.saved }
      guard !facts.isEmpty || !saved.isEmpty else { return }
      try queue.writeWithoutTransaction { try FactInsertion($0).insert(saved + [batch]) }
      tail.withLock { if batch.endsSession { $0.remove() } else { $0.forget() } }
    }
  }

  package func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact] {
    let count = max(0, min(limit, Self.maximumBatch))
    let rows = try read { db in
      let select = try db.cachedStatement(sql: FactRows.sql(schema, tail: "LIMIT ?3"))
      return try FactRows(select, [run, max(0, sequence), count])
    }
    // Decoded outside the queue: a writer does not wait for a reader's JSON.
    return try facts(of: rows, run: run)
  }

  /// The facts that brought and changed the graph, in order.
  func graphFacts(run: Int) throws(JournalProblem) -> [Fact] {
    try facts(of: try graphRows(run: run), run: run)
  }

  func graphRows(run: Int) throws(JournalProblem) -> FactRows {
    try read { db in
      let select = try db.cachedStatement(
        sql: FactRows.sql(schema, "AND kind IN ('graph.defined', 'graph.changed')"))
      return try FactRows(select, [run, 0])
    }
  }

  private func facts(of rows: FactRows, run: Int) throws(JournalProblem) -> [Fact] {
    let facts = rows.facts(run: run)
    guard facts.count == rows.all.count else {
      throw JournalProblem(
        .corrupt,
        "fact \(rows.all[facts.count].sequence) of run \(run) in \"\(path)\" cannot be read; "
          + "`cairn resume --repair` keeps what stands in front of it")
    }
    return facts
  }
}

/// What tells a payload from one that was damaged or moved to another place.
enum FactChecksum {
  static func of(_ payload: UnsafeRawBufferPointer, run: Int, sequence: Int) -> Int64 {
    let seed = UInt64(truncatingIfNeeded: run) << 40 ^ UInt64(truncatingIfNeeded: sequence)
    return Int64(bitPattern: XXH3_64bits_withSeed(payload.baseAddress, payload.count, seed))
  }
}

/// Inserts facts in a transaction of their own, with prepared statements.
///
/// Carried out through SQLite's own functions, for every turn of the engine pays for it: GRDB would
/// parse BEGIN and COMMIT again, and its arguments cost as much as the insertion.
struct FactInsertion {
  private static let sql =
    "INSERT INTO fact(id, session, kind, payload, checksum) VALUES(?, ?, ?, ?, ?)"

  private let database: Database
  private let (begin, statement, commit): (OpaquePointer, OpaquePointer, OpaquePointer)

  init(_ database: Database) throws {
    self.database = database
    begin = try database.cachedStatement(sql: "BEGIN IMMEDIATE").sqliteStatement
    statement = try database.cachedStatement(sql: Self.sql).sqliteStatement
    commit = try database.cachedStatement(sql: "COMMIT").sqliteStatement
  }

  /// All or nothing.
  func insert(_ batches: [FactBatch]) throws {
    do {
      try check(sqlite3_step(begin), of: begin)
      for batch in batches { try insert(batch) }
      try check(sqlite3_step(commit), of: commit)
    } catch {
      if database.isInsideTransaction { try database.rollback() }
      throw error
    }
  }

  private func insert(_ batch: FactBatch) throws {
    try batch.texts.bytes.withUnsafeBytes { bytes in
      var start = 0
      for (fact, end) in zip(batch.facts, batch.texts.ends) {
        try insert(fact, UnsafeRawBufferPointer(rebasing: bytes[start..<end]), run: batch.run)
        start = end
      }
    }
  }

  private func insert(_ fact: Fact, _ payload: UnsafeRawBufferPointer, run: Int) throws {
    sqlite3_bind_int64(statement, 1, FactRows.id(run: run, sequence: fact.sequence))
    sqlite3_bind_int64(statement, 2, Int64(fact.session))
    sqlite3_bind_int64(
      statement, 5, FactChecksum.of(payload, run: run, sequence: fact.sequence))
    try check(step(fact.kind.name, payload), of: statement)
  }

  private func check(_ code: Int32, of statement: OpaquePointer) throws {
    let message =
      code == SQLITE_DONE
      ? nil : sqlite3_errmsg(database.sqliteConnection).map { String(cString: $0) }
    sqlite3_reset(statement)
    guard code == SQLITE_DONE else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  /// The texts need not outlive the step, so SQLite makes no copy of them.
  private func step(_ kind: String, _ payload: UnsafeRawBufferPointer) -> Int32 {
    var kind = kind
    return kind.withUTF8 { name in
      sqlite3_bind_text64(
        statement, 3, UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self),
        UInt64(name.count), nil, UInt8(SQLITE_UTF8))
      sqlite3_bind_text64(
        statement, 4, payload.baseAddress?.assumingMemoryBound(to: CChar.self),
        UInt64(payload.count), nil, UInt8(SQLITE_UTF8))
      return sqlite3_step(statement)
    }
  }
}

/// Rows of the table of facts as they were read, in one buffer.
struct FactRows: Sendable {
  struct Row: Sendable {
    var sequence: Int
    var payload: Range<Int>
    /// nil in rows that were written before there were any.
    var checksum: Int64?
  }

  private(set) var all: [Row] = []
  private var bytes: [UInt8] = []

  /// What a row is known by since schema 3; a run has at most 2^32 − 1 facts.
  static func id(run: Int, sequence: Int) -> Int64 { Int64(run) << 32 | Int64(sequence) }

  /// The condition that a row is one of a run's facts behind a number; both are SQL.
  static func condition(_ schema: Int, run: String, after sequence: String = "0") -> String {
    schema < 3
      ? "fact.run = \(run) AND fact.sequence > \(sequence)"
      : "fact.id > (\(run) << 32 | \(sequence)) AND fact.id < (\(run) + 1 << 32)"
  }

  /// What the table is sorted by.
  static func order(_ schema: Int) -> String { schema < 3 ? "fact.sequence" : "fact.id" }

  /// Selects the facts of run `?1` behind number `?2`, the oldest first; `rest` is put in front of
  /// `ORDER BY`, `tail` behind it.
  static func sql(_ schema: Int, _ rest: String = "", tail: String = "") -> String {
    "SELECT sequence, payload, \(schema < 2 ? "NULL" : "checksum") FROM fact "
      + "WHERE \(condition(schema, run: "?1", after: "?2")) \(rest) "
      + "ORDER BY \(order(schema)) \(tail)"
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
    guard let fact = decode(row, run: run, with: { try JSONText.fact(from: $0) }),
      fact.sequence == row.sequence
    else { return nil }
    return fact
  }

  /// Rows that are read beside others, because a thread costs less than reading them.
  private static let share = 8_192

  /// The facts in front of the first row that is damaged.
  func facts(run: Int) -> [Fact] { facts(all.indices, run: run) }

  private func facts(_ range: Range<Int>, run: Int) -> [Fact] {
    guard range.count > Self.share else {
      var facts: [Fact] = []
      facts.reserveCapacity(range.count)
      for index in range {
        guard let fact = fact(all[index], run: run) else { break }
        facts.append(fact)
      }
      return facts
    }
    let middle = (range.lowerBound + range.upperBound) / 2
    let (first, second) = OwnThread.both({ facts(range.lowerBound..<middle, run: run) }) {
      facts(middle..<range.upperBound, run: run)
    }
    return first.count == middle - range.lowerBound ? first + second : first
  }

  func decode<Value>(
    _ row: Row, run: Int, with read: (UnsafeRawBufferPointer) throws -> Value
  ) -> Value? {
    bytes.withUnsafeBytes { all in
      let payload = UnsafeRawBufferPointer(rebasing: all[row.payload])
      if let checksum = row.checksum {
        let actual = FactChecksum.of(payload, run: run, sequence: row.sequence)
        guard actual == checksum else { return nil }
      }
      return try? read(payload)
    }
  }
}
