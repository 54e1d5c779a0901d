/// The autonomy of a project's runs, the newest first.
package struct AutonomyHistory: Sendable, Equatable {
  /// Runs of the trend.
  package static let trendRuns = 20
  /// A change of the score that is less is none.
  package static let steady = 0.005

  package private(set) var records: [AutonomyRecord] = []

  package init(_ records: [AutonomyRecord] = []) {
    self.records = records.sorted { $0.run > $1.run }
  }

  /// With a run as it is now in place of what was known of it.
  package func with(_ record: AutonomyRecord) -> AutonomyHistory {
    AutonomyHistory(records.filter { $0.run != record.run } + [record])
  }

  /// Scores of the newest runs that have one, the oldest first.
  package var trend: [Double] {
    Array(records.compactMap { $0.score?.value }.prefix(Self.trendRuns).reversed())
  }

  /// How a run's score compares with that of the run before it that has one; nil without one.
  package func change(of run: Int, _ value: Double) -> Double? {
    records.first { $0.run < run && $0.score != nil }?.score.map { value - $0.value }
  }
}

/// The score of what some units have in common.
package struct AutonomyGroup: Sendable, Equatable {
  package var name: String
  package var score: AutonomyScore

  /// As in `claude opus 0.98 (at least 0.91, n=40)`.
  package var words: String { "\(name) \(score.words)" }
}

/// Units of one run or of several, the newest first, and the time that goes with them.
package struct AutonomyWindow: Sendable, Equatable {
  package private(set) var units: [AutonomyRecord.Unit] = []
  package private(set) var busySeconds = 0.0
  package private(set) var blockedSeconds = 0.0
  /// Runs of which it has units.
  package private(set) var runs = 0

  /// All units of a run.
  init(_ units: [AutonomyRecord.Unit], of tally: AutonomyTally) {
    self.units = units
    busySeconds = tally.busySeconds
    blockedSeconds = tally.blockedSeconds
    runs = units.isEmpty ? 0 : 1
  }

  /// The newest `limit` units of a project, over its runs.
  package init(_ history: AutonomyHistory, limit: Int = AutonomyRecord.windowUnits) {
    for record in history.records where units.count < limit {
      add(record, limit: limit - units.count)
    }
  }

  /// Of a run that does not fit as a whole only the time of its newest units counts.
  private mutating func add(_ record: AutonomyRecord, limit: Int) {
    let newest = record.units.prefix(limit)
    guard !newest.isEmpty else { return }
    let isWhole = newest.count == record.unitCount
    busySeconds +=
      isWhole ? record.busySeconds : newest.reduce(0) { $0 + $1.score.busyShareSeconds }
    blockedSeconds +=
      isWhole ? record.blockedSeconds : newest.reduce(0) { $0 + $1.score.blockedShareSeconds }
    units += newest
    runs += 1
  }
}

extension AutonomyWindow {
  package var score: AutonomyScore? {
    AutonomyScore(
      units.map(\.score), busySeconds: busySeconds, blockedSeconds: blockedSeconds)
  }

  /// Scores by who carried the tasks out, the lowest first.
  package var byWorker: [AutonomyGroup] { grouped(by: \.worker) }

  /// Scores by class of task, the lowest first.
  package var byClass: [AutonomyGroup] { grouped(by: \.taskClass) }

  /// Each group has the time of its own units: their parts of the runs' time.
  private func grouped(by key: KeyPath<AutonomyRecord.Unit, String>) -> [AutonomyGroup] {
    Dictionary(grouping: units) { $0[keyPath: key] }.compactMap { name, units in
      AutonomyScore(
        units.map(\.score),
        busySeconds: units.reduce(0) { $0 + $1.score.busyShareSeconds },
        blockedSeconds: units.reduce(0) { $0 + $1.score.blockedShareSeconds }
      ).map { AutonomyGroup(name: name, score: $0) }
    }.sorted { ($0.score.value, $0.score.low, $0.name) < ($1.score.value, $1.score.low, $1.name) }
  }
}
