/// The autonomy of one run with its explanation; a pure function of the run's facts.
package struct AutonomyReport: Sendable, Equatable {
  package let tally: AutonomyTally
  /// nil while no task that counts has ended.
  package let score: AutonomyScore?
  /// What 1 − A was lost to, the largest first.
  package let losses: [AutonomyLoss]
  /// All its units.
  package let window: AutonomyWindow
  /// What later runs remember of it.
  package let record: AutonomyRecord
  package let target: Double

  /// - Complexity: O(tasks log tasks).
  package init(_ state: RunState) {
    tally = AutonomyTally(state)
    score = AutonomyScore(tally)
    losses = score?.losses(tally, in: state) ?? []
    let units = tally.units(in: state.graph)
    window = AutonomyWindow(units, of: tally)
    record = AutonomyRecord(tally, score, units, of: state)
    target = state.opened?.config.autonomyTarget ?? AutonomyScore.standardTarget
  }
}

extension AutonomyReport {
  /// Losses that the line names.
  private static let lineLosses = 2

  /// The score, or why there is none.
  package var words: String { tally.words(score) }

  /// The score and what took most of it, in one line.
  package var line: String {
    guard let score else { return words }
    var parts = [words + (score.claims(target) ? ", target met" : "")]
    if score.value < 1, !losses.isEmpty {
      let more = losses.count - Self.lineLosses
      let named = losses.prefix(Self.lineLosses).map(\.words).joined(separator: ", ")
      parts.append(
        "\(AutonomyScore.thousandths(1 - score.value)) lost: \(named)"
          + (more > 0 ? ", and \(more) more" : ""))
    }
    if let uneven = score.unevenWords { parts.append(uneven) }
    return parts.joined(separator: "; ")
  }

  /// What the bound says of the target.
  package var verdict: String {
    guard let score else { return words }
    let target = AutonomyScore.hundredths(target)
    return score.claims(self.target)
      ? "target \(target) met, by the lower bound"
      : "target \(target) not claimed: the lower bound "
        + "\(AutonomyScore.hundredths(score.low)) is below it"
  }
}
