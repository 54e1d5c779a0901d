import Foundation
import Model

extension TemporaryProject {
  /// What SQLite says of a copy of the journal, and the facts of the newest run in it.
  ///
  /// The journal itself stays as a dead Cairn left it: to open it is to mend it.
  func journalOnDisk(in folder: String = ".") throws -> (verdict: String, lines: FactLines) {
    let copy = besides + "/journal-" + UUID().uuidString.prefix(8)
    try shell("mkdir '\(copy)'; cp \(folder)/.cairn/journal.sqlite* '\(copy)/'")
    defer { _ = try? FileManager.default.removeItem(atPath: copy) }
    let journal = "sqlite3 '\(copy)/journal.sqlite'"
    let verdict = try shell("\(journal) 'PRAGMA integrity_check' 2>&1 || true")
    let facts = try shell(
      """
      \(journal) 'SELECT payload FROM fact
        WHERE run = (SELECT max(run) FROM fact) ORDER BY sequence'
      """)
    return (verdict.trimmingCharacters(in: .newlines), try FactLines(facts))
  }
}

extension FactLines {
  /// The numbers are those from 1 on, without a gap.
  var isWhole: Bool { facts.map(\.sequence) == Array(1..<facts.count + 1) }

  /// How many attempts of each task were successful, for those with any.
  var successes: [String: Int] {
    facts.reduce(into: [:]) { counts, fact in
      guard case .attemptEnded(let ended) = fact.kind, ended.outcome.isSuccess else { return }
      counts[state.graph[ended.task].name, default: 0] += 1
    }
  }

  /// Numbers of the facts that admit an attempt.
  var admissions: [Int] { sequences { if case .taskAdmitted = $0 { true } else { false } } }

  /// Numbers of the notices with this code.
  func noticeSequences(_ code: String) -> [Int] {
    sequences { if case .notice(let notice) = $0 { notice.code == code } else { false } }
  }

  private func sequences(_ isWanted: (Fact.Kind) -> Bool) -> [Int] {
    facts.filter { isWanted($0.kind) }.map(\.sequence)
  }
}
