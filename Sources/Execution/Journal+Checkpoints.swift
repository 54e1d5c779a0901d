import GRDB
import Model
package import Planning

extension Journal {
  /// Checkpoints that a run keeps: the newest, and one in case that is damaged.
  static let checkpointsKept = 2

  package func keep(_ checkpoint: RunHistory.Checkpoint, run: Int) throws(JournalProblem) {
    try Self.rethrow(path) {
      let payload = try JSONText.encode(checkpoint)
      let checksum = payload.withUnsafeBytes {
        FactChecksum.of($0, run: run, sequence: checkpoint.sequence)
      }
      try queue.write { db in
        try db.execute(
          sql: """
            INSERT OR REPLACE INTO checkpoint(run, sequence, version, payload, checksum)
            VALUES(?, ?, ?, ?, ?)
            """,
          arguments: [
            run, checkpoint.sequence, Fact.version, String(decoding: payload, as: UTF8.self),
            checksum,
          ])
        try db.execute(
          sql: """
            DELETE FROM checkpoint WHERE run = ?1 AND sequence NOT IN
              (SELECT sequence FROM checkpoint WHERE run = ?1 ORDER BY sequence DESC LIMIT ?2)
            """, arguments: [run, Self.checkpointsKept])
      }
    }
  }

  /// The fold of a run's facts, from its newest checkpoint that can be used.
  ///
  /// A checkpoint that is damaged, of another version, or of facts that are not there is passed over.
  ///
  /// - Complexity: O(tasks + facts behind the checkpoint).
  package func history(run: Int) throws(JournalProblem) -> RunHistory {
    var history = try resumed(run: run) ?? RunHistory()
    while true {
      let batch = try facts(run: run, after: history.state.sequence, limit: Self.maximumBatch)
      if batch.isEmpty { return history }
      for fact in batch {
        guard fact.sequence == history.state.sequence + 1 else {
          throw JournalProblem(
            .corrupt,
            "fact \(history.state.sequence + 1) of run \(run) in \"\(path)\" is missing; "
              + "`cairn resume --repair` keeps what stands in front of it")
        }
        history.apply(fact)
      }
    }
  }

  private func resumed(run: Int) throws(JournalProblem) -> RunHistory? {
    guard schema >= 2 else { return nil }
    let checkpoints = try checkpointRows(run: run)
    guard !checkpoints.all.isEmpty else { return nil }
    let graphs = try graphRows(run: run)
    for row in checkpoints.all {
      let (facts, checkpoint) = OwnThread.both({ graphs.facts(run: run) }) {
        checkpoints.checkpoint(row, run: run)
      }
      // A damaged fact of the graph is found and named when the facts are read.
      guard let checkpoint, facts.count == graphs.all.count else { continue }
      let graph = facts.filter { $0.sequence <= checkpoint.sequence }
      if let history = RunHistory(checkpoint, graphFacts: graph) { return history }
    }
    return nil
  }

  /// The newest first.
  private func checkpointRows(run: Int) throws(JournalProblem) -> FactRows {
    try read { db in
      let select = try db.makeStatement(
        sql: """
          SELECT sequence, payload, checksum FROM checkpoint
          WHERE run = ?1 AND version = ?2 AND EXISTS (
            SELECT 1 FROM fact WHERE fact.sequence = checkpoint.sequence AND
              \(FactRows.condition(schema, run: "?1", after: "checkpoint.sequence - 1")))
          ORDER BY sequence DESC
          """)
      return try FactRows(select, [run, Fact.version])
    }
  }
}

extension FactRows {
  fileprivate func checkpoint(_ row: Row, run: Int) -> RunHistory.Checkpoint? {
    let read = { (text: UnsafeRawBufferPointer) in
      try JSONText.decode(RunHistory.Checkpoint.self, from: text)
    }
    guard row.checksum != nil, let value = decode(row, run: run, with: read),
      value.sequence == row.sequence
    else { return nil }
    return value
  }
}
