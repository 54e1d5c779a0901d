import Execution
package import Model
import Planning

extension ProjectHistory {
  /// Runs that one look back may ask for: each is folded.
  package static let maximumAutonomyRuns = 1_000
  /// Facts that are read for whoever asks for nothing else.
  package static let maximumAutonomyFacts = 1_000_000

  /// The autonomy of the newest runs before this one; empty where nothing can be read.
  ///
  /// Reads only, so that another Cairn may run in the project; a damaged run tells nothing, others do.
  /// It ends where more than `facts` would be read in all: a long past must not cost more than it tells.
  package func autonomy(
    before run: Int, runs: Int = AutonomyHistory.trendRuns,
    facts most: Int = EarlierRuns.maximumFacts
  ) -> AutonomyHistory {
    let limit = max(0, min(runs, Self.maximumAutonomyRuns))
    guard let journal = try? open(),
      let records = try? journal.runs(before: run, limit: limit)
    else { return AutonomyHistory() }
    var facts = 0
    var found: [AutonomyRecord] = []
    for record in records where record.lastSequence > 0 {
      facts += record.lastSequence
      guard facts <= most || found.isEmpty else { break }
      guard let history = try? journal.history(run: record.id) else { continue }
      found.append(AutonomyReport(history.state).record)
    }
    return AutonomyHistory(found)
  }
}
