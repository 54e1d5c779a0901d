/// What earlier runs teach of a class of tasks.
package struct AutonomyLesson: Sendable, Equatable {
  package enum Kind: String, Sendable, Codable {
    /// It needed a person again and again.
    case needsPerson
    /// It fails and comes through by itself.
    case flaky
    /// It fails for good, and nobody sees to it.
    case failing
  }

  /// Runs that a class must have been part of: of two, one is chance.
  package static let minimumRuns = 3
  /// Runs in which it must have happened: once is chance too.
  package static let minimumCases = 2
  /// Share of its runs in which it must have happened.
  ///
  /// A run of few tasks in which one has needed a retry is below 0.95: who wants four runs in five above
  /// it cannot leave such a class alone.
  package static let minimumShare = 0.2

  package var taskClass: String
  package var kind: Kind
  /// Runs in which it happened.
  package var cases: Int
  /// Runs that the class was part of.
  package var runs: Int
  package var advice: String

  /// As in `fetch needed a person in 3 of 9 runs: add a verify or raise retries`.
  package var words: String {
    let what =
      switch kind {
      case .needsPerson: "needed a person"
      case .flaky: "failed and came through by itself"
      case .failing: "was not delivered"
      }
    return "\(TaskGraph.spoken(taskClass)) \(what) in \(cases) of \(runs) runs: \(advice)"
  }
}

extension AutonomyHistory {
  /// Classes of tasks that are flaky or hungry for people, the hungriest first.
  ///
  /// - Complexity: O(classes of all runs).
  package var lessons: [AutonomyLesson] {
    var pasts: [String: ClassPast] = [:]
    for record in records {
      for row in record.classes { pasts[row.name, default: ClassPast(row)].add(row) }
    }
    return pasts.values.compactMap(\.lesson).sorted {
      ($1.share, $0.taskClass) < ($0.share, $1.taskClass)
    }
  }
}

extension AutonomyLesson {
  fileprivate var share: Double { Double(cases) / Double(max(1, runs)) }
}

/// What became of a class of tasks over the runs.
private struct ClassPast {
  /// As it was in the newest run.
  let newest: AutonomyRecord.Class
  var runs = 0
  var neededPerson = 0
  var flaky = 0
  var undelivered = 0

  init(_ newest: AutonomyRecord.Class) { self.newest = newest }

  mutating func add(_ row: AutonomyRecord.Class) {
    runs += 1
    if row.neededPerson > 0 { neededPerson += 1 }
    if row.flaky > 0 { flaky += 1 }
    if row.undelivered > 0 { undelivered += 1 }
  }

  /// The gravest of what happened often enough; nil if nothing did.
  var lesson: AutonomyLesson? {
    if isOften(neededPerson) { return lesson(.needsPerson, neededPerson, personAdvice) }
    if isOften(undelivered) { return lesson(.failing, undelivered, "mend it, or what checks it") }
    return isOften(flaky) ? lesson(.flaky, flaky, flakyAdvice) : nil
  }

  private func isOften(_ cases: Int) -> Bool {
    runs >= AutonomyLesson.minimumRuns && cases >= AutonomyLesson.minimumCases
      && Double(cases) >= AutonomyLesson.minimumShare * Double(runs)
  }

  private func lesson(_ kind: AutonomyLesson.Kind, _ cases: Int, _ advice: String)
    -> AutonomyLesson
  {
    AutonomyLesson(taskClass: newest.name, kind: kind, cases: cases, runs: runs, advice: advice)
  }

  private var personAdvice: String {
    let more = newest.retries > 0 ? "raise retries above \(newest.retries)" : "raise retries"
    return newest.isVerified
      ? "\(more), or have its verify say what is missing" : "add a verify or \(more)"
  }

  private var flakyAdvice: String {
    newest.isVerified
      ? "find what makes it fail, or raise its back-off"
      : "add a verify, and find what makes it fail"
  }
}
