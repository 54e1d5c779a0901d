import Foundation
import GRDB
import Glibc
import Model

/// What a damaged journal lost of a run.
package struct JournalLoss: Sendable, Equatable, CustomStringConvertible {
  package var run: Int
  /// Number of the last fact that stands.
  package var kept: Int
  /// Rows behind it that are there and were given up.
  package var rows: Int
  /// Largest number among those; 0 if none could be read.
  package var last: Int

  package var description: String {
    let lost = last > kept ? "facts \(kept + 1) to \(last) at least" : "what came behind it"
    return "run \(run) stands up to fact \(kept); lost: \(lost) (\(rows) rows)"
  }
}

/// Saves what can be read of a damaged journal; the damaged files stay beside it as evidence.
package struct JournalRepair: Sendable, Equatable {
  /// A copy of the journal as it was found, with its log of changes.
  package var evidence: String
  /// Runs that are not whole any more; those that are not named are.
  package var losses: [JournalLoss]
  /// Nothing of the file could be read.
  package var isTotal = false

  /// What a person should know, in lines.
  package var lines: [String] {
    let head =
      isTotal
      ? "nothing of the journal could be read" : "the journal was damaged and has been repaired"
    return ["\(head); the damaged file is kept as \(evidence)"] + losses.map(\.description)
  }
}

extension JournalRepair {
  /// Copies every run up to its first gap or unreadable fact into a new file that takes the old one's
  /// place.
  ///
  /// Nobody may have the journal open. `wallTime`, nanoseconds since 1970, names the evidence; new
  /// runs get no number below `firstRun`, where folders of lost ones may still lie.
  package static func repair(
    _ path: String, wallTime: Int64, firstRun: Int = 1
  ) throws(JournalProblem) -> JournalRepair {
    try Journal.rethrow(path) {
      let evidence = try keepEvidence(of: path, wallTime: wallTime)
      let fresh = path + ".repaired"
      for suffix in ["", "-wal", "-shm"] { unlink(fresh + suffix) }
      var repair = JournalRepair(evidence: evidence, losses: [])
      let target = try Journal(path: fresh)
      do {
        repair.losses = try JournalSalvage(evidence).copy(to: target)
      } catch {
        repair.isTotal = true
      }
      try target.reserveRuns(below: firstRun)
      try target.integrityCheck()
      try target.close()
      try replace(path, with: fresh)
      return repair
    }
  }

  /// Gives up the facts of one run behind `kept`, none of which can be read.
  package static func cutTail(
    _ path: String, run: Int, wallTime: Int64
  ) throws(JournalProblem) -> JournalRepair {
    try Journal.rethrow(path) {
      let evidence = try keepEvidence(of: path, wallTime: wallTime)
      let journal = try Journal(path: path)
      let loss = try journal.loss(run: run)
      if let loss { try journal.cut(run: run, behind: loss.kept) }
      try journal.close()
      return JournalRepair(evidence: evidence, losses: loss.map { [$0] } ?? [])
    }
  }

  private static func keepEvidence(of path: String, wallTime: Int64) throws -> String {
    let date = Date(timeIntervalSince1970: Double(wallTime / 1_000_000_000))
    let stamp = date.formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted))
    var name = "\(path).corrupt-\(stamp)"
    var number = 1
    while access(name, F_OK) == 0 {
      number += 1
      name = "\(path).corrupt-\(stamp)-\(number)"
    }
    for suffix in ["-wal", "-shm", "-tail", ""] where access(path + suffix, F_OK) == 0 {
      do {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: name + suffix)
      } catch {
        throw JournalProblem(
          .storage, "cannot keep \"\(path + suffix)\" as evidence: \(error.localizedDescription)")
      }
      try JournalBackup.sync(name + suffix)
    }
    return name
  }

  /// The old log of changes goes first: SQLite would apply it to whatever file bears its name.
  private static func replace(_ path: String, with fresh: String) throws {
    try JournalBackup.sync(fresh)
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    guard rename(fresh, path) == 0 else {
      throw JournalProblem(.storage, "cannot replace journal \"\(path)\": \(systemReason())")
    }
    try JournalBackup.sync(JournalFile.folder(of: path))
  }
}

/// Reads a damaged file row by row, as far as SQLite gets.
private struct JournalSalvage {
  private let queue: DatabaseQueue
  private let schema: Int

  init(_ path: String) throws {
    queue = try JournalFile.openUnchecked(path)
    // By its tables, for the page with the version may be what is damaged.
    schema = try queue.read { db in
      let columns = Set(try db.columns(in: "fact").map(\.name))
      return columns.contains("id") ? 3 : columns.contains("checksum") ? 2 : 1
    }
  }

  func copy(to target: Journal) throws -> [JournalLoss] {
    var losses: [JournalLoss] = []
    for run in try runs() {
      let (facts, loss) = try readable(run.id)
      try target.restore(run, facts)
      if let loss { losses.append(loss) }
    }
    try queue.close()
    return losses
  }

  private func runs() throws -> [Journal.RunRecord] {
    try queue.read { db in
      var found: [Int: Journal.RunRecord] = [:]
      forEachRow(db, "SELECT id, startedWallNanoseconds, cairn FROM run ORDER BY id") { row in
        guard let id = Int.fromDatabaseValue(row[0]), id > 0 else { return }
        found[id] = Journal.RunRecord(
          id: id, startedWallNanoseconds: Int64.fromDatabaseValue(row[1]) ?? 0,
          cairn: String.fromDatabaseValue(row[2]) ?? "", lastSequence: 0)
      }
      // Runs whose own row is gone are known by their facts.
      forEachRow(db, "SELECT DISTINCT run FROM fact") { row in
        guard let id = Int.fromDatabaseValue(row[0]), id > 0, found[id] == nil else { return }
        found[id] = Journal.RunRecord(
          id: id, startedWallNanoseconds: 0, cairn: "", lastSequence: 0)
      }
      return found.values.sorted { $0.id < $1.id }
    }
  }

  private func readable(_ run: Int) throws -> (FactPrefix, JournalLoss?) {
    try queue.read { db in
      var prefix = FactPrefix(run: run)
      var isWhole = forEachRow(db, FactRows.sql(schema), [run, 0]) {
        prefix.add($0)
      }
      // From the other end: what is there, though it cannot be used.
      var behind = (rows: 0, last: 0)
      isWhole =
        forEachRow(
          db, FactRows.sql(schema, tail: "DESC"), [run, prefix.last]
        ) { row in
          behind.rows += 1
          behind.last = max(behind.last, Int.fromDatabaseValue(row[0]) ?? 0)
        } && isWhole
      guard !isWhole || behind.rows > 0 else { return (prefix, nil) }
      return (
        prefix, JournalLoss(run: run, kept: prefix.last, rows: behind.rows, last: behind.last)
      )
    }
  }

  /// Returns whether the rows ended, and did not break off.
  @discardableResult
  private func forEachRow(
    _ db: Database, _ sql: String, _ arguments: StatementArguments = [], _ body: (Row) -> Void
  ) -> Bool {
    do {
      let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
      while let row = try rows.next() { body(row) }
      return true
    } catch {
      return false
    }
  }
}

/// The facts of a run up to the first that is missing or damaged.
struct FactPrefix {
  let run: Int
  private(set) var rows: [(sequence: Int, session: Int, kind: String, payload: String)] = []
  private var isOver = false

  init(run: Int) { self.run = run }

  var last: Int { rows.last?.sequence ?? 0 }

  mutating func add(_ row: Row) {
    guard !isOver else { return }
    guard let sequence = Int.fromDatabaseValue(row[0]), sequence == last + 1,
      let read = try? FactRows(copying: row),
      let fact = read.all.first.flatMap({ read.fact($0, run: run) }),
      let payload = String.fromDatabaseValue(row[1])
    else {
      isOver = true
      return
    }
    rows.append((sequence, fact.session, fact.kind.name, payload))
  }
}

extension Journal {
  fileprivate func restore(_ run: RunRecord, _ facts: FactPrefix) throws(JournalProblem) {
    try write { db in
      try db.execute(
        sql: "INSERT INTO run(id, startedWallNanoseconds, cairn) VALUES(?, ?, ?)",
        arguments: [run.id, run.startedWallNanoseconds, run.cairn])
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO fact(id, session, kind, payload, checksum) VALUES(?, ?, ?, ?, ?)
          """)
      for row in facts.rows {
        let checksum = Array(row.payload.utf8).withUnsafeBytes {
          FactChecksum.of($0, run: run.id, sequence: row.sequence)
        }
        let id = FactRows.id(run: run.id, sequence: row.sequence)
        try insert.execute(arguments: [id, row.session, row.kind, row.payload, checksum])
      }
    }
  }

  /// An empty run takes the last number that a lost one may have had.
  fileprivate func reserveRuns(below first: Int) throws(JournalProblem) {
    guard try nextRun() < first else { return }
    try write { db in
      try db.execute(
        sql: "INSERT INTO run(id, startedWallNanoseconds, cairn) VALUES(?, 0, '')",
        arguments: [first - 1])
    }
  }

  /// What of a run cannot be used, nil if all can; the file itself is whole.
  ///
  /// - Complexity: O(facts of the run).
  package func loss(run: Int) throws(JournalProblem) -> JournalLoss? {
    try read { db in
      var prefix = FactPrefix(run: run)
      let rows = try Row.fetchCursor(
        db, sql: FactRows.sql(schema), arguments: [run, 0])
      var total = 0
      var last = 0
      while let row = try rows.next() {
        prefix.add(row)
        total += 1
        last = Int.fromDatabaseValue(row[0]) ?? last
      }
      guard total > prefix.rows.count else { return nil }
      return JournalLoss(
        run: run, kept: prefix.last, rows: total - prefix.rows.count, last: last)
    }
  }

  /// Whether no fact behind this one can be read, so that nothing is given up that could be used.
  package func isTailUnreadable(run: Int, behind sequence: Int) throws(JournalProblem) -> Bool {
    try read { db in
      let select = try db.makeStatement(sql: FactRows.sql(schema))
      let rows = try FactRows(select, [run, sequence])
      return rows.all.allSatisfy { rows.fact($0, run: run) == nil }
    }
  }

  fileprivate func cut(run: Int, behind sequence: Int) throws(JournalProblem) {
    try write { db in
      let behind = FactRows.condition(schema, run: "?1", after: "?2")
      for rows in ["fact WHERE \(behind)", "checkpoint WHERE run = ?1 AND sequence > ?2"] {
        try db.execute(sql: "DELETE FROM \(rows)", arguments: [run, sequence])
      }
    }
  }
}
