import GRDB
package import Model

// What the journal forgets, so that it does not grow for ever.
extension Journal {
  /// Newest runs that are kept whole; the last one is what `resume` goes on with.
  package static let runsKept = 1_000
  /// Fewest that may be kept: a run of a part builds on runs before it, that far back.
  static let fewestRunsKept = 16
  /// Facts after which no further run is forgotten in one go.
  static let factsForgotten = 50_000
  /// Free pages that are given back to the file system in one go: 16 MiB.
  static let pagesFreed = 4_096

  /// Forgets old runs, gives back room and cuts the log of changes; for the end of a session.
  ///
  /// A reader that is attached delays the cut to the next time.
  package func compact(keeping runs: Int = runsKept) throws(JournalProblem) {
    try forget(keeping: runs)
    try Self.rethrow(path) {
      try queue.writeWithoutTransaction { db in
        // Frees a page with each row that is stepped to.
        _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(\(Self.pagesFreed))")
        _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
    }
  }

  /// Forgets the oldest runs, each in a transaction of its own.
  private func forget(keeping runs: Int) throws(JournalProblem) {
    var forgotten = 0
    while forgotten < Self.factsForgotten, let run = try oldest(behind: runs) {
      forgotten += try write { db in
        for table in ["sample", "checkpoint"] {
          try db.execute(sql: "DELETE FROM \(table) WHERE run = ?", arguments: [run])
        }
        let facts = FactRows.condition(schema, run: "?1")
        try db.execute(sql: "DELETE FROM fact WHERE \(facts)", arguments: [run])
        let count = db.changesCount
        try db.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run])
        return count + 1
      }
    }
  }

  private func oldest(behind runs: Int) throws(JournalProblem) -> Int? {
    let kept = max(runs, Self.fewestRunsKept)
    return try read { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT min(id) FROM run
          WHERE id < (SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET ?)
          """, arguments: [kept - 1])
    }
  }
}

/// What one attempt used at one moment, for its history.
package struct JournalSample: Sendable, Equatable {
  package var task: TaskID
  package var attempt: Int
  /// Of the run, to the millisecond.
  package var elapsedSeconds: Double
  package var sample: Signals.TaskSample

  package init(
    task: TaskID, attempt: Int, elapsedSeconds: Double, sample: Signals.TaskSample
  ) {
    self.task = task
    self.attempt = attempt
    self.elapsedSeconds = elapsedSeconds
    self.sample = sample
  }
}

// Samples: the newest as they came, the older ones ever thinner.
extension Journal {
  /// Samples that one attempt keeps; above it every second one of the older three quarters goes.
  package static let samplesKept = 128

  package func append(samples: [JournalSample], run: Int) throws(JournalProblem) {
    guard !samples.isEmpty else { return }
    try write { db in
      let insert = try db.cachedStatement(
        sql: "INSERT OR REPLACE INTO sample VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      let count = try db.cachedStatement(
        sql: "SELECT count(*) FROM sample WHERE run = ? AND task = ? AND attempt = ?")
      for row in samples {
        let task = Int64(row.task.rawValue)
        try insert.execute(arguments: [
          run, task, row.attempt, Self.milliseconds(row.elapsedSeconds), row.sample.residentBytes,
          Self.milliseconds(row.sample.cpuSeconds), row.sample.processes, row.sample.outputBytes,
        ])
        let kept = try Int.fetchOne(count, arguments: [run, task, row.attempt]) ?? 0
        if kept > Self.samplesKept { try Self.thin(db, run, task, row.attempt) }
      }
    }
  }

  /// The history of an attempt, oldest first.
  package func samples(run: Int, task: TaskID, attempt: Int) throws(JournalProblem)
    -> [JournalSample]
  {
    guard schema >= 2 else { return [] }
    return try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT milliseconds, residentBytes, cpuMilliseconds, processes, outputBytes FROM sample
          WHERE run = ? AND task = ? AND attempt = ? ORDER BY milliseconds
          """, arguments: [run, Int64(task.rawValue), attempt]
      ).map { row in
        JournalSample(
          task: task, attempt: attempt, elapsedSeconds: Double(row[0] as Int64) / 1000,
          sample: Signals.TaskSample(
            residentBytes: row[1], cpuSeconds: Double(row[2] as Int64) / 1000, processes: row[3],
            outputBytes: row[4]))
      }
    }
  }

  private static func thin(_ db: Database, _ run: Int, _ task: Int64, _ attempt: Int) throws {
    try db.execute(
      sql: """
        DELETE FROM sample WHERE run = ?1 AND task = ?2 AND attempt = ?3 AND milliseconds IN (
          SELECT milliseconds FROM (
            SELECT milliseconds, row_number() OVER (ORDER BY milliseconds) AS place,
              count(*) OVER () AS total
            FROM sample WHERE run = ?1 AND task = ?2 AND attempt = ?3)
          WHERE place % 2 = 0 AND place <= total * 3 / 4)
        """, arguments: [run, task, attempt])
  }

  private static func milliseconds(_ seconds: Double) -> Int64 {
    Int64(exactly: (seconds * 1000).rounded()) ?? 0
  }
}
