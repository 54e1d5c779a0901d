import Execution
import Foundation
package import Model
import Planning

/// The project while a run of it is alive: locked, its journal open for writing, the dead swept up.
///
/// One Cairn a project: whoever makes a second one is told who holds the first.
package final class ProjectKeeper: Sendable {
  let location: ProjectLocation
  let layout: WorkspaceLayout
  let journal: Journal
  let lock: ProjectLock
  /// The newest run that has facts, folded; nil before the first.
  package let last: LastRun?
  /// What was lost of a damaged journal, in lines; empty if it was whole.
  package let lost: [String]
  /// What became of artifacts that were lent when a Cairn died, in lines.
  package let settled: [String]

  package struct LastRun: Sendable {
    package var number: Int
    var history: RunHistory

    package var state: RunState { history.state }
    package var standing: RunStanding { RunStanding(state, isAlive: false) }
  }

  /// Locks the project, checks its journal, and clears away what a dead Cairn left running or half
  /// written.
  ///
  /// The journal is read and checked before it is opened for writing, so a damaged one stays as it
  /// is; and a disk that the last attempt filled has room again before anything is written.
  ///
  /// Without `sweeps` what is half written stays, for one who wants to tell of it and delete it.
  ///
  /// With `repairs` what can be read of a damaged journal is saved, instead of refusing it. A tail of
  /// which nothing can be read is given up without being asked for.
  ///
  /// - Throws: `JournalProblem`, `ProjectProblem`.
  package init(
    _ location: ProjectLocation, repairs: Bool = false, durability: Durability = .normal,
    sweeps: Bool = true
  ) throws {
    self.location = location
    layout = WorkspaceLayout(root: location.root)
    lock = try ProjectLock(layout)
    let (found, repair) = try Self.lastRun(layout, repairs: repairs)
    lost = repair?.lines ?? []
    try Self.endLeftovers(of: found)
    if sweeps { layout.sweepUnsealed() }
    if let found { layout.recoverLogs(run: found.number, found.state) }
    journal = try Journal(
      path: layout.journal, durability: durability)
    var record = StoreRecord(journal, layout, found)
    settled = try record.settleLoans()
    last = record.last
  }

  private static func lastRun(
    _ layout: WorkspaceLayout, repairs: Bool
  ) throws -> (LastRun?, JournalRepair?) {
    guard !Journal.isBlank(layout.journal) else { return (nil, nil) }
    do { return (try checkedRun(layout), nil) } catch let problem as JournalProblem
      where problem.code == .corrupt
    {
      let repair =
        try repairs
        ? JournalRepair.repair(
          layout.journal, wallTime: SystemClock().wallTime, firstRun: firstFreeRun(layout))
        : cutTail(layout, after: problem)
      return (try checkedRun(layout), repair)
    }
  }

  private static func checkedRun(_ layout: WorkspaceLayout) throws -> LastRun? {
    let found = try Journal(reading: layout.journal)
    defer { try? found.close() }
    try found.integrityCheck()
    try found.close()
    // Nobody reads beside it: a reader may hold the file for one that does not change.
    try Journal.takeTail(of: layout.journal)
    let journal = try Journal(reading: layout.journal)
    defer { try? journal.close() }
    guard let number = try journal.lastRunWithFacts() else { return nil }
    return LastRun(number: number, history: try journal.history(run: number))
  }

  /// Goes back to the last good fact where nothing behind it can be read; else the damage stands.
  private static func cutTail(
    _ layout: WorkspaceLayout, after problem: JournalProblem
  ) throws -> JournalRepair {
    let journal = try Journal(reading: layout.journal)
    let run = try? runWithUnreadableTail(journal)
    try? journal.close()
    guard let run else { throw problem }
    return try JournalRepair.cutTail(
      layout.journal, run: run, wallTime: SystemClock().wallTime)
  }

  private static func runWithUnreadableTail(_ journal: Journal) throws(JournalProblem) -> Int? {
    try journal.integrityCheck()
    guard let run = try journal.lastRunWithFacts(), let loss = try journal.loss(run: run),
      loss.kept > 0, try journal.isTailUnreadable(run: run, behind: loss.kept)
    else { return nil }
    return run
  }

  /// No run of Cairn's has come so far; a folder that is called so is somebody else's.
  private static let highestRun = 1_000_000_000

  /// Runs that only have folders left keep their numbers.
  private static func firstFreeRun(_ layout: WorkspaceLayout) -> Int {
    let folders = ["/logs", "/workspace"].flatMap { name in
      (try? FileManager.default.contentsOfDirectory(atPath: layout.stateFolder + name)) ?? []
    }
    return (folders.compactMap { Int($0) }.filter { $0 < highestRun }.max() ?? 0) + 1
  }

  /// A session that was closed has ended its processes itself.
  private static func endLeftovers(of last: LastRun?) throws {
    guard let last, last.state.closed == nil, let token = last.state.opened?.token else { return }
    let started = last.state.tasks.compactMap { status -> StartedProcess? in
      guard let attempt = status.lastAttempt, attempt.outcome == nil, let pid = attempt.pid,
        let startTime = attempt.startTime
      else { return nil }
      return StartedProcess(pid: pid, startTime: startTime)
    }
    let report = Leftovers.end(token: token, started: started)
    guard report.alive.isEmpty else {
      let pids = report.alive.map(String.init).joined(separator: ", ")
      throw ProjectProblem(
        .unavailable, "processes of run \(last.number) cannot be ended: pid \(pids); end them first"
      )
    }
  }
}
