import GRDB
import Glibc
package import Model
import Synchronization

extension Journal {
  package func save(_ facts: [Fact], run: Int) -> Bool {
    guard let texts = try? JSONText.encode(all: facts) else { return false }
    return tail.withLock { $0.save(FactBatch(run: run, facts: facts, texts: texts)) }
  }

  /// Puts into the tables of a sound journal what a killed process left in its tail, in front of whoever
  /// reads there how far that has come.
  package static func takeTail(of path: String) throws(JournalProblem) {
    guard access(JournalTail.path(of: path), F_OK) == 0 else { return }
    try Journal(path: path).close()
  }

  /// Puts into the tables what a killed process left in the tail.
  ///
  /// Facts that the tables have are passed over, and so is what does not follow on the newest of its
  /// run there: a repair has cut it, or the run is gone.
  func takeTail() throws {
    let path = JournalTail.path(of: path)
    let left = try JournalTail.left(at: path)
    if !left.isEmpty {
      try queue.writeWithoutTransaction { db in
        try FactInsertion(db).insert(try Self.following(left, db))
      }
    }
    unlink(path)
  }

  private static func following(_ left: [FactBatch], _ db: Database) throws -> [FactBatch] {
    var newest: [Int: Int] = [:]
    var batches: [FactBatch] = []
    for var batch in left {
      guard let last = try newest[batch.run] ?? self.newest(of: batch.run, db) else { continue }
      let known = batch.facts.prefix { $0.sequence <= last }.count
      batch.dropFirst(known)
      let numbers = batch.facts.map(\.sequence)
      guard numbers == Array(last + 1..<last + 1 + numbers.count) else { break }
      newest[batch.run] = numbers.last ?? last
      batches.append(batch)
    }
    return batches
  }

  /// The run's newest fact, 0 without one; nil if there is no such run.
  private static func newest(of run: Int, _ db: Database) throws -> Int? {
    try Int.fetchOne(
      db,
      sql: """
        SELECT coalesce(
          (SELECT max(id) & 4294967295 FROM fact
            WHERE \(FactRows.condition(JournalSchema.version, run: "run.id"))), 0)
        FROM run WHERE id = ?
        """, arguments: [run])
  }
}

extension FactBatch {
  fileprivate mutating func dropFirst(_ count: Int) {
    guard count > 0 else { return }
    let start = texts.ends[count - 1]
    facts.removeFirst(count)
    texts.bytes.removeFirst(start)
    texts.ends = texts.ends.dropFirst(count).map { $0 - start }
  }

  /// Holds the end of a session.
  var endsSession: Bool {
    facts.contains { if case .runClosed = $0.kind { true } else { false } }
  }
}
