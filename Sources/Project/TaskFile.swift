import Execution
import Formats
import Foundation
package import Model
package import Planning

/// The Task Master file of a run: what others change in it, and what the run writes there.
///
/// It remembers the status of each task that it saw or wrote last, so that what the run wrote never
/// comes back as somebody's edit. It may wait for a lock, and does so on a thread of its own.
package actor TaskFile {
  /// What the run has written of a task, or is about to write.
  private enum Own: Sendable { case running, ended }

  /// Somebody else's word, and the version that brought it.
  private struct Edit: Sendable {
    var kind: Schedule.StatusEdit
    var revision: Int
  }

  /// A version of the file that the run has not taken yet.
  package struct News: Sendable {
    package var graph: TaskGraph
    package var edits: [String: Schedule.StatusEdit]
    fileprivate var revision: Int
  }

  private static let unbegun = TaskMasterStatus.pending.rawValue

  private let tracked: TrackedFile
  private nonisolated let queue = TaskFileQueue()
  private var seen: [UInt8] = []
  /// What the file says of each task, by name.
  package private(set) var standings: [String: TaskGraph.Standing]
  private var own: [String: Own] = [:]
  /// What stood in the file before the run wrote that it is in progress.
  private var before: [String: String] = [:]
  private var edits: [String: Edit] = [:]
  private var words: [String: StatusBook.Word] = [:]
  private var newest: TaskGraph?
  /// Counts the versions that somebody else has made, and which of them the run has.
  private var revision = 0
  private var taken = 0

  /// What could not be written when the run had ended, in lines.
  package private(set) var remarks: [String] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  /// The file as a session has read it.
  package init(_ tracked: TrackedFile) {
    self.tracked = tracked
    standings = tracked.standings
    for name in tracked.ours {
      own[name] = .running
      before[name] = Self.unbegun
    }
  }
}

// What others write.
extension TaskFile {
  /// Reads the file and returns what the run does not have; nil if that is nothing.
  ///
  /// - Throws: `ProjectProblem`, `FormatProblem`: it is being written, or is no task file now.
  package func news() throws -> News? {
    try note(try SourceText.read(tracked.path, called: tracked.name))
    guard taken < revision, let newest else { return nil }
    return News(graph: newest, edits: edits.mapValues(\.kind), revision: revision)
  }

  /// The run has taken these; what has come since has not been.
  package func take(_ news: News) {
    taken = max(taken, news.revision)
    edits = edits.filter { $0.value.revision > news.revision }
  }

  /// Takes note of the file's bytes; `written` are tasks whose status in them is the run's own.
  private func note(_ bytes: [UInt8], written: Set<String> = []) throws {
    guard bytes != seen else { return }
    var graph = try TaskMasterFile.load(bytes, file: tracked.name, reference: tracked.reference)
      .graph
    // Who needs a file to lock makes an empty one.
    guard !graph.tasks.isEmpty || standings.isEmpty else {
      throw ProjectProblem(.badData, "\(tracked.name): has no tasks any more")
    }
    seen = bytes
    graph.name = tracked.graphName ?? graph.name
    if written.isEmpty { revision += 1 }
    noteStandings(graph, written)
    newest = graph
  }

  private func noteStandings(_ graph: TaskGraph, _ written: Set<String>) {
    var newer: [String: TaskGraph.Standing] = [:]
    for task in graph.tasks {
      newer[task.name] = task.standing
      guard let last = standings[task.name], last != task.standing, !written.contains(task.name)
      else { continue }
      let kind: Schedule.StatusEdit =
        switch own[task.name] {
        case .running: .overRunning
        case .ended: .overEnding
        case nil: .plain
        }
      edits[task.name] = Edit(kind: kind, revision: revision)
      own[task.name] = nil
    }
    for name in standings.keys where newer[name] == nil {
      (own[name], edits[name], words[name]) = (nil, nil, nil)
    }
    standings = newer
  }
}

// What the run writes.
extension TaskFile {
  /// Statuses that `flush` is to write; an edit that comes from now on is over them.
  package func expect(_ entries: [StatusBook.Entry]) {
    for entry in entries {
      words[entry.name] = entry.word
      switch entry.word {
      case .inProgress: own[entry.name] = .running
      case .done, .review, .blocked: own[entry.name] = .ended
      case .back: break
      }
    }
  }

  /// Keeps lines for the end of the program.
  package func remark(_ lines: [String]) { remarks += lines }

  /// Names of tasks whose status is not written yet.
  package var unwritten: [String] { words.keys.sorted() }

  /// Writes all that is expected at once; waits for the lock for at most so many seconds.
  ///
  /// - Throws: As `TaskMasterStore.edit`; what was not written is written the next time.
  package func flush(lockWait: Double) throws {
    guard !words.isEmpty else { return }
    var results: [TaskMasterStatusResult] = []
    var bytes: [UInt8] = []
    let store = TaskMasterStore(path: tracked.path, called: tracked.name, lockWait: lockWait)
    try store.edit { edit in
      // Where its graph cannot be followed a status can be written all the same.
      try? note(edit.bytes)
      let set = try edit.settingStatuses(
        due(), tag: tracked.reference.tag, cascades: false, at: TaskMasterStore.timestamp(.now))
      (results, bytes) = (set.results, set.edit.bytes)
      return set.edit
    }
    settle(results, bytes)
  }

  /// What is to be written now.
  ///
  /// Only what the run has set itself is taken back, and nothing is set over what somebody has just set,
  /// but for how a task has ended. What the file has no longer has no status.
  private func due() -> [TaskMasterStatusChange] {
    words.sorted { $0.key < $1.key }.compactMap { name, word in
      guard standings[name] != nil else { return nil }
      let status: TaskMasterStatus
      switch word {
      case .inProgress:
        guard edits[name] == nil else { return nil }
        status = .inProgress
      case .back:
        guard own[name] == .running else { return nil }
        return TaskMasterStatusChange(id: name, status: before[name] ?? Self.unbegun)
      case .done: status = .done
      case .review: status = .review
      case .blocked: status = .blocked
      }
      return TaskMasterStatusChange(id: name, status: status.rawValue)
    }
  }

  private func settle(_ results: [TaskMasterStatusResult], _ bytes: [UInt8]) {
    for result in results {
      // What somebody has set meanwhile is written over.
      edits[result.id] = nil
      switch words[result.id] {
      case .inProgress:
        own[result.id] = .running
        // A word that is none of Task Master's cannot be written again.
        let isKnown = TaskMasterStatus.writable.contains(result.old)
        before[result.id] = before[result.id] ?? (isKnown ? result.old : Self.unbegun)
      case .done, .review, .blocked: own[result.id] = .ended
      case .back, nil: own[result.id] = nil
      }
    }
    let names = Set(results.map(\.id))
    if (try? note(bytes, written: names)) == nil {
      for result in results { standings[result.id] = standing(result) }
    }
    words = [:]
  }

  /// What the reader will call a status, where the file cannot be read as a whole.
  private func standing(_ result: TaskMasterStatusResult) -> TaskGraph.Standing {
    switch TaskMasterStatus(written: result.new) {
    case .done, .completed: .done
    case .review: tracked.reference.trust ? .done : .review
    case .blocked: .blocked
    case .inProgress:
      newest?.task(named: result.id)?.action == .gate ? .pending : .external
    default: .pending
    }
  }
}

/// Where waiting for a lock holds nobody up.
private final class TaskFileQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "cairn.tasks")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
