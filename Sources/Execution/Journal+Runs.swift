import GRDB

extension Journal {
  /// Most runs that one listing returns.
  package static let maximumPage = 10_000

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

  /// Begins a run and returns its number, counted from 1.
  ///
  /// `wallTime` is nanoseconds since 1970, `cairn` this Cairn's version.
  package func newRun(wallTime: Int64, cairn: String) throws(JournalProblem) -> Int {
    try write { db in
      let next = try Self.nextRun(db)
      try db.execute(
        sql: "INSERT INTO run(id, startedWallNanoseconds, cairn) VALUES(?, ?, ?)",
        arguments: [next, wallTime, cairn])
      return next
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

  /// The newest run that has facts, nil if none has.
  ///
  /// - Complexity: O(runs behind it), which ended before their first fact.
  package func lastRunWithFacts() throws(JournalProblem) -> Int? {
    try read { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT id FROM run
          WHERE EXISTS (SELECT 1 FROM fact WHERE \(FactRows.condition(schema, run: "run.id")))
          ORDER BY id DESC LIMIT 1
          """)
    }
  }

  /// One run, nil if there is none of this number.
  package func run(_ id: Int) throws(JournalProblem) -> RunRecord? {
    try runs(before: id == .max ? id : id + 1, limit: 1).first { $0.id == id }
  }

  /// Runs with a smaller number, the newest first.
  ///
  /// - Complexity: O(`limit` × log facts), however many runs there are.
  package func runs(before id: Int = .max, limit: Int = maximumPage) throws(JournalProblem)
    -> [RunRecord]
  {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, startedWallNanoseconds, cairn,
            coalesce((
              SELECT sequence FROM fact WHERE \(FactRows.condition(schema, run: "run.id"))
              ORDER BY \(FactRows.order(schema)) DESC LIMIT 1), 0)
          FROM run WHERE id < ? ORDER BY id DESC LIMIT ?
          """, arguments: [id, max(0, min(limit, Self.maximumPage))]
      ).map {
        RunRecord(
          id: $0[0], startedWallNanoseconds: $0[1], cairn: $0[2], lastSequence: $0[3])
      }
    }
  }

  /// All runs up to `maximumPage`, oldest first.
  package func runs() throws(JournalProblem) -> [RunRecord] {
    try runs(before: .max).reversed()
  }
}
