import GRDB

/// The tables of the journal; `user_version` numbers their shape, `application_id` marks the file.
enum JournalSchema {
  static let version = 3
  /// "Crn" and a number, in `PRAGMA application_id`.
  static let applicationID = 0x43_72_6E_01

  /// Brings a new or older file to this version; the caller holds a transaction.
  static func migrate(_ db: Database) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard found < version else { return }
    for step in steps[max(0, found)...] { try db.execute(sql: step) }
    try db.execute(sql: "PRAGMA user_version = \(version)")
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
  }

  /// Tells whether the file is a journal that this Cairn understands, and returns its version; 0 for an
  /// empty file.
  @discardableResult
  static func check(_ db: Database, path: String) throws -> Int {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard application == applicationID || (application == 0 && tables == 0), found >= 0 else {
      throw JournalProblem(
        .corrupt,
        "\"\(path)\" is a database, but not a journal of Cairn; move it away to begin anew")
    }
    guard found <= version else {
      throw JournalProblem(
        .newerSchema,
        "journal \"\(path)\" has schema \(found), this Cairn knows \(version): use a newer Cairn")
    }
    return found
  }

  /// What leads from each version to the next; never changed once released.
  static let steps = [
    """
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
    """,
    """
    ALTER TABLE fact ADD COLUMN checksum INTEGER;
    CREATE INDEX graphFact ON fact(run, sequence)
      WHERE kind IN ('graph.defined', 'graph.changed');
    CREATE TABLE checkpoint(
      run INTEGER NOT NULL REFERENCES run(id),
      sequence INTEGER NOT NULL,
      version INTEGER NOT NULL,
      payload TEXT NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY(run, sequence)
    ) STRICT;
    CREATE TABLE sample(
      run INTEGER NOT NULL REFERENCES run(id),
      task INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      milliseconds INTEGER NOT NULL,
      residentBytes INTEGER NOT NULL,
      cpuMilliseconds INTEGER NOT NULL,
      processes INTEGER NOT NULL,
      outputBytes INTEGER NOT NULL,
      PRIMARY KEY(run, task, attempt, milliseconds)
    ) STRICT, WITHOUT ROWID;
    """,
    // One number for the run and the place in it, so that facts are appended to a table of SQLite's own
    // order: with a key of two columns each turn of the engine rewrote four leaves, not one.
    """
    ALTER TABLE fact RENAME TO formerFact;
    CREATE TABLE fact(
      id INTEGER PRIMARY KEY,
      run INTEGER GENERATED ALWAYS AS (id >> 32) VIRTUAL,
      sequence INTEGER GENERATED ALWAYS AS (id & 4294967295) VIRTUAL,
      session INTEGER NOT NULL,
      kind TEXT NOT NULL,
      payload TEXT NOT NULL,
      checksum INTEGER
    ) STRICT;
    INSERT INTO fact(id, session, kind, payload, checksum)
      SELECT run << 32 | sequence, session, kind, payload, checksum FROM formerFact
      ORDER BY run, sequence;
    DROP TABLE formerFact;
    CREATE INDEX graphFact ON fact(id) WHERE kind IN ('graph.defined', 'graph.changed');
    """,
  ]
}
