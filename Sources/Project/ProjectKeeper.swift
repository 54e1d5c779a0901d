import Execution
import Foundation
package import Model

/// The project while a run of it is alive: locked, its journal open for writing, the dead swept up.
///
/// One Cairn a project: whoever makes a second one is told who holds the first.
package final class ProjectKeeper: Sendable {
  let location: ProjectLocation
  let layout: WorkspaceLayout
  let journal: Journal
  private let lock: ProjectLock
  /// The newest run that has facts, folded; nil before the first.
  package let last: LastRun?

  package struct LastRun: Sendable {
    package var number: Int
    package var state: RunState
    var facts: [Fact]

    package var standing: RunStanding { RunStanding(state, isAlive: false) }
  }

  /// Locks the project, checks its journal, and clears away what a dead Cairn left running or half
  /// written.
  ///
  /// The journal is read and checked before it is opened for writing, so a damaged one stays as it
  /// is; and a disk that the last attempt filled has room again before anything is written.
  ///
  /// - Throws: `JournalProblem`, `ProjectProblem`.
  package init(_ location: ProjectLocation) throws {
    self.location = location
    layout = WorkspaceLayout(root: location.root)
    lock = try ProjectLock(layout)
    last = try Self.lastRun(layout)
    try Self.endLeftovers(of: last)
    layout.sweepUnsealed()
    if let last { layout.recoverLogs(run: last.number, last.state) }
    journal = try Journal(path: layout.journal)
  }

  private static func lastRun(_ layout: WorkspaceLayout) throws -> LastRun? {
    guard FileManager.default.fileExists(atPath: layout.journal) else { return nil }
    let journal = try Journal(reading: layout.journal)
    try journal.integrityCheck()
    guard let number = try journal.runs().last(where: { $0.lastSequence > 0 })?.id else {
      return nil
    }
    let facts = try ProjectHistory.facts(journal, run: number)
    var state = RunState()
    for fact in facts { state.apply(fact) }
    return LastRun(number: number, state: state, facts: facts)
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
