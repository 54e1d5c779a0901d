import Foundation
import Execution
package import Model
package import Planning

/// How a run stands, seen from outside of it.
package enum RunStanding: String, Sendable, Codable {
  case running, held, done, failed, stopped, stalled
  /// Its Cairn died; `cairn resume` goes on.
  case interrupted

  package init(_ state: RunState, isAlive: Bool) {
    if let closed = state.closed {
      switch closed.ending {
      case .done: self = .done
      case .failed: self = .failed
      case .stopped: self = .stopped
      case .stalled: self = .stalled
      }
    } else if isAlive {
      self = state.isHeld ? .held : .running
    } else {
      self = .interrupted
    }
  }

  /// Whether `cairn resume` has something to bring on.
  package var isUnfinished: Bool { self == .interrupted || self == .stopped || self == .stalled }
}

/// A run as the journal tells it.
package struct RunRecord: Sendable {
  package var state: RunState
  package var standing: RunStanding
  package var source: any RunSource

  package func task(named name: String) throws(ProjectProblem) -> TaskGraph.Task {
    if let task = state.graph.task(named: name) { return task }
    throw ProjectProblem(.usage, "run \(state.run) has no task \"\(name)\"")
  }
}

/// The runs of a project, read without changing anything on disk.
package struct ProjectHistory: Sendable {
  private let layout: WorkspaceLayout
  private let displayName: String

  package init(_ location: ProjectLocation) {
    layout = WorkspaceLayout(root: location.root)
    displayName = location.displayName
  }

  /// Returns the given run, or the last one.
  ///
  /// - Throws: `ProjectProblem` (`missing`) if there is none, `JournalProblem`.
  package func record(_ number: Int?) throws -> RunRecord {
    guard let journal = try open(), let last = try journal.lastRun() else {
      throw ProjectProblem(.missing, "\(displayName): no run yet; `cairn run` starts one")
    }
    let wanted = number ?? last
    guard try journal.run(wanted)?.lastSequence ?? 0 > 0 else {
      throw ProjectProblem(
        .missing, "\(displayName): there is no run \(wanted); the last is \(last)")
    }
    let state = try journal.history(run: wanted).state
    let isAlive = wanted == last && ProjectLock.owner(of: layout) != nil
    return RunRecord(
      state: state, standing: RunStanding(state, isAlive: isAlive),
      source: try JournalRun(journal, run: wanted, layout: layout))
  }

  /// What the last run says of each task, by name; empty before the first run.
  package func lastStatuses() throws -> [String: TaskStatus] {
    guard let journal = try open(), let last = try journal.lastRun() else { return [:] }
    let state = try journal.history(run: last).state
    let live = state.graph.tasks.filter { !$0.isRemoved }
    let rows = live.map { ($0.name, state[$0.id]) }
    return Dictionary(rows, uniquingKeysWith: { first, _ in first })
  }

  /// Names of the tasks that worked in worktrees last, by slot, as the last run that ran anything says;
  /// empty where nothing can be read.
  package func lastWorkers() -> [Int: String] {
    guard let journal = try? open(),
      let records = try? journal.runs(before: .max, limit: EarlierRuns.maximumRuns),
      let last = records.first(where: { $0.lastSequence > 0 }),
      let state = try? journal.history(run: last.id).state
    else { return [:] }
    return state.worktrees.compactMapValues { kept in
      kept.task.map { state.graph[$0].name }
    }
  }

  /// How long tasks took in the newest runs before this one; empty where nothing can be read.
  package func earlierRuns(before run: Int) -> EarlierRuns {
    var earlier = EarlierRuns()
    guard let journal = try? open(),
      let records = try? journal.runs(before: run, limit: EarlierRuns.maximumRuns)
    else { return earlier }
    var facts = 0
    for record in records where record.lastSequence > 0 {
      facts += record.lastSequence
      guard facts <= EarlierRuns.maximumFacts else { break }
      // A damaged run tells nothing; others do.
      if let history = try? journal.history(run: record.id) { earlier.add(history) }
    }
    return earlier
  }

  func open() throws -> Journal? {
    guard !Journal.isBlank(layout.journal) else { return nil }
    return try Journal(reading: layout.journal)
  }
}
