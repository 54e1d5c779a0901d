import Execution
package import Model
import Planning

/// All that lies in a project's workspace and on its spill file system, with why it is kept.
package struct StoreListing: Sendable {
  package private(set) var rows: [StoreRow] = []
  /// What could not be read.
  package let problems: [String]
  /// Allocated by the folders that hold the rows; no row counts them.
  package let folderBytes: Int64
  let runs: StoreRuns

  /// `now` is seconds since 1970.
  init(_ survey: StoreSurvey, _ runs: StoreRuns, now: Int64) {
    problems = survey.problems + runs.problems
    folderBytes = survey.folderBytes
    self.runs = runs
    let judge = StoreJudge(survey, runs)
    rows = survey.entries.map { judge.row($0, now: now) } + judge.missing()
  }

  /// The newest run that has facts; nil before the first.
  package var last: RunState? { runs.last?.state }
  package var standing: RunStanding? { runs.standing }
  /// Limit of the workspace as the last run had it.
  package var capacityBytes: Int64? { last?.opened?.config.workspace?.bytes }

  /// Drops what another look at the journal does not find missing.
  fileprivate mutating func forgive(_ other: StoreListing) {
    let missing = Set(other.rows.filter { $0.state == .missing }.map(\.path))
    rows.removeAll { $0.state == .missing && !missing.contains($0.path) }
  }
}

extension StoreListing {
  /// Looks at the workspace; while a Cairn lives, between two looks at its journal.
  ///
  /// - Throws: `JournalProblem`, `WorkspaceProblem`, `ProjectProblem` (`missing`): nothing has run here
  ///   yet.
  package static func take(_ location: ProjectLocation) throws -> StoreListing {
    let layout = WorkspaceLayout(root: location.root)
    let isAlive = ProjectLock.owner(of: layout) != nil
    let before = try StoreRuns(layout, isAlive: isAlive)
    let survey = try layout.storeSurvey(spill: before.spill)
    var runs = isAlive ? try StoreRuns(layout, isAlive: true) : before
    try runs.meet(survey)
    guard runs.last != nil || !survey.isMissing else {
      throw ProjectProblem(
        .missing, "\(location.displayName): no run yet; `cairn run` starts one")
    }
    let now = SystemClock().wallTime / 1_000_000_000
    var listing = StoreListing(survey, runs, now: now)
    if isAlive { listing.forgive(StoreListing(survey, before, now: now)) }
    return listing
  }

  /// For whoever holds the project.
  static func take(_ keeper: ProjectKeeper) throws -> StoreListing {
    let spill = keeper.last?.state.opened?.config.workspace?.spill
    let survey = try keeper.layout.storeSurvey(spill: spill)
    var runs = StoreRuns(keeper.layout, last: keeper.last?.history)
    try runs.meet(survey, keeper.journal)
    return StoreListing(survey, runs, now: SystemClock().wallTime / 1_000_000_000)
  }
}

extension StoreListing {
  /// Bytes and rows of one state.
  package struct Total: Sendable, Equatable {
    package var state: StoreRow.State
    package var rows = 0
    package var bytes: Int64 = 0
  }

  /// Of all states, in their order.
  package static func totals(_ rows: some Sequence<StoreRow>) -> [Total] {
    var totals = StoreRow.State.allCases.map { Total(state: $0) }
    for row in rows {
      guard let index = totals.firstIndex(where: { $0.state == row.state }) else { continue }
      totals[index].rows += 1
      totals[index].bytes += row.bytes
    }
    return totals
  }

  /// Allocated in the workspace itself, without its folders.
  package var workspaceBytes: Int64 {
    rows.filter { $0.entry.map { !$0.isSpilled } ?? false }.reduce(0) { $0 + $1.bytes }
  }
}
