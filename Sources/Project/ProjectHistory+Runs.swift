import Execution
package import Model

extension ProjectHistory {
  /// How a run of the project ended, as its last fact tells.
  package struct Ending: Sendable, Equatable {
    /// The run's number.
    package var run: Int
    /// nil where nothing says so: it was killed, or goes on.
    package var ending: Fact.RunClosed.Ending?
  }

  /// Runs on either side that are looked at.
  private static let neighbours = 12

  /// The run and its neighbours that have facts, the oldest first.
  ///
  /// - Complexity: O(neighbours × log facts); no run is folded.
  package func endings(around run: Int) throws -> [Ending] {
    guard let journal = try open() else { return [] }
    let first = run > .max - Self.neighbours - 1 ? .max : run + Self.neighbours + 1
    let records = try journal.runs(before: first, limit: 2 * Self.neighbours + 1)
    return try records.reversed().filter { $0.lastSequence > 0 }.map { record in
      let last = try journal.facts(run: record.id, after: record.lastSequence - 1, limit: 1).last
      guard case .runClosed(let closed) = last?.kind else { return Ending(run: record.id) }
      return Ending(run: record.id, ending: closed.ending)
    }
  }

  /// A run as it can be replayed.
  package func source(of run: Int) throws -> any RunSource { try record(run).source }
}
