import GRDB

/// The tables of the journal; `user_version` numbers their shape, `application_id` marks the file.
enum JournalSchema {
  static let version = 1
  /// "Crn" and a number, in `PRAGMA application_id`.
  static let applicationID = 0x43_72_6E_01

  /// Brings a new or older file to this version; the caller holds a transaction.
  static func migrate(_ db: Database) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if found < 1 { try db.execute(sql: first) }
    try db.execute(sql: "PRAGMA user_version = \(version)")
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
  }

  /// Tells whether the file is a journal that this Cairn understands.
  static func check(_ db: Database, path: String) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard application == applicationID || (application == 0 && tables == 0) else {
      throw JournalProblem(
        .corrupt,
        "\"\(path)\" is a database, but not a journal of Cairn; move it away to begin anew")
    }
    guard found <= version else {
      throw JournalProblem(
        .newerSchema,
        "journal \"\(path)\" has schema \(found), this Cairn knows \(version): use a newer Cairn")
    }
  }

  private static let first = """
    CREATE TABLE run(
      id INTEGER PRIMARY KEY,
      startedWallNanoseconds INTEGER NOT NULL,
      cairn TEXT NOT NULL
    ) STRICT;
    CREATE TABLE fact(
      run INTEGER NOT NULL REFERENCES run(id),
      sequence INTEGER NOT NULL,
      session INTEGER NOT NULL,
      kind TEXT NOT NULL,
      payload TEXT NOT NULL,
      PRIMARY KEY(run, sequence)
    ) STRICT, WITHOUT ROWID;
    """
}
