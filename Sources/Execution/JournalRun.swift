package import Model

/// A run as the journal tells it: finished, interrupted, or another Cairn's that is still going on.
///
/// It shows what was written when it is asked and then ends; it takes no requests.
package struct JournalRun: RunSource {
  /// Facts read in one go.
  static let batch = 4096

  let journal: Journal
  let run: Int
  let layout: WorkspaceLayout
  private let names: [TaskID: String]

  /// Reads the run's graph; a journal that was opened for reading is enough.
  package init(_ journal: Journal, run: Int, layout: WorkspaceLayout) throws(JournalProblem) {
    self.journal = journal
    self.run = run
    self.layout = layout
    var names: [TaskID: String] = [:]
    for fact in try journal.graphFacts(run: run) {
      switch fact.kind {
      case .graphDefined(let defined):
        for task in defined.graph.tasks { names[task.id] = task.name }
      case .graphChanged(let change):
        for task in change.added + change.changed { names[task.id] = task.name }
      default: break
      }
    }
    self.names = names
  }

  package func facts(after sequence: Int) async -> [Fact] {
    do { return try journal.facts(run: run, after: sequence, limit: Self.batch) } catch {
      // A reader can show nothing behind damage; `integrityCheck` and `resume` say why.
      return []
    }
  }

  package func signals() async -> Signals { Signals() }

  package func window(_ log: LogReference, at position: LogPosition) async -> LogWindow {
    guard let path = path(of: log) else {
      return LogWindow(
        offset: 0, bytes: [], totalBytes: 0, problem: "run \(run) has no task \(log.task)")
    }
    return LogFile.window(path: path, at: position)
  }

  package func find(
    _ text: String, in log: LogReference, from offset: Int64, backwards: Bool
  ) async -> Int64? {
    path(of: log).flatMap {
      LogFile.find(text: text, path: $0, from: offset, backwards: backwards)
    }
  }

  package func place(of log: LogReference) async -> LogPlace {
    guard let path = path(of: log) else {
      return .nowhere(reason: "run \(run) has no task \(log.task)")
    }
    return LogFile.place(path: path)
  }

  package func send(_ request: Request, by actor: Actor) async -> Answer {
    .refused(reason: "run \(run) is only shown from the journal; nothing runs here")
  }

  private func path(of log: LogReference) -> String? {
    names[log.task].map { path(of: log, name: $0) }
  }
}
