import Model
import Planning
import Synchronization

/// What happened outside the engine and was not dealt with yet, oldest first.
///
/// Bounded by what the engine has under way: one process or one job an attempt, a drop, a sample, a
/// measurement, a log to be shortened, two searches for a plan, a loan or a look for one, a trespass
/// an attempt and slot, and two words of a terminal a second.
final class EngineInbox: Sendable {
  enum Event: Sendable {
    case prepared(TaskID, attempt: Int, Result<EnginePreparation, WorkspaceProblem>)
    case exited(TaskID, attempt: Int, ProcessExit)
    case finished(TaskID, attempt: Int, EngineFinish)
    case dropped(RunState.ArtifactKey, WorkspaceProblem?)
    case moved(StoreMove, Result<Int64, WorkspaceProblem>)
    case planned(PlanProposal)
    /// Which artifacts have pages that can be lent.
    case looked([RunState.ArtifactKey: Bool])
    case returned(LoanEnd)
    /// `endless`: whose log is too long and cannot be shortened.
    case sampled([TaskID: Signals.TaskSample], endless: [TaskID])
    /// What attempts have written so far.
    case metered([EngineGrowth])
    /// Something is done that only the end of the run waits for.
    case cooled(slot: Int, WorkspaceProblem?)
    case tidied([Fact.Notice])
    case trespassed(SlotTrespass)
    /// A process asks something on its terminal, or by nil goes on.
    case asked(StartedProcess, String?)
    /// What an attempt changed lies in the logs.
    case shown(TaskID, attempt: Int, files: Result<Int, WorkspaceProblem>)
    /// The clock says that these elapsed seconds have come.
    case woke(Double)
    /// The task that runs the engine was cancelled.
    case cancelled
  }

  private struct Contents {
    var events: [Event] = []
    var isAnnounced = false
  }

  private let contents = Mutex(Contents())

  /// Returns whether somebody has to call the engine; false while a call is on its way.
  func add(_ event: Event) -> Bool {
    contents.withLock { contents in
      contents.events.append(event)
      defer { contents.isAnnounced = true }
      return !contents.isAnnounced
    }
  }

  func take() -> [Event] {
    contents.withLock { contents in
      defer { contents = Contents() }
      return contents.events
    }
  }
}
