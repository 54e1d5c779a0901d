package import Model

/// Which status of its Task Master file each task of a run should have; a value that knows no file.
///
/// ```
///   pending ──runs──▶ in-progress ──verified──▶ done          failed for good ──▶ blocked
///      ▲                   │ └─nothing verified─▶ review
///      └──not brought to───┘    (trusted: done)
///         its end
/// ```
///
/// A task with subtasks is in progress from the first of them on, until its own last step has passed.
package struct StatusBook: Sendable {
  package enum Word: Sendable, Equatable {
    case inProgress, done, review, blocked
    /// What stood there before the run wrote `inProgress`.
    case back
  }

  package struct Entry: Sendable, Equatable {
    package var name: String
    package var word: Word

    package init(name: String, word: Word) {
      self.name = name
      self.word = word
    }
  }

  private let trustsReview: Bool
  /// What the run wrote last, by name.
  private var words: [String: Word] = [:]

  /// `ours` are tasks that an earlier session has left in progress.
  package init(trustsReview: Bool, ours: Set<String> = []) {
    self.trustsReview = trustsReview
    for name in ours { words[name] = .inProgress }
  }
}

extension StatusBook {
  /// Returns what has to be written once these tasks have changed in a run.
  ///
  /// - Complexity: O(tasks · depth of groups + all tasks, if one of a group has changed).
  package mutating func note(_ tasks: some Sequence<TaskID>, in run: RunState) -> [Entry] {
    var entries: [Entry] = []
    let parents = Parents(run.graph)
    for task in tasks where run.graph.tasks.indices.contains(task.index) {
      guard let word = word(of: task, in: run) else { continue }
      set(run.graph[task].name, word, &entries)
      guard word != .back else { continue }
      for parent in parents.above(task) where !run[parent].state.hasEnded {
        set(run.graph[parent].name, .inProgress, &entries)
      }
    }
    return entries
  }

  /// Returns what an earlier session knew and perhaps could not write, where the file says otherwise.
  ///
  /// A status that somebody has set since is theirs: only what the run itself may have left is mended.
  package mutating func reopen(
    _ run: RunState, standing: (String) -> TaskGraph.Standing?
  ) -> [Entry] {
    var entries: [Entry] = []
    for task in run.graph.tasks where !task.isRemoved && run[task.id].state == .done {
      guard let word = word(of: task.id, in: run) else { continue }
      words[task.name] = word
      switch standing(task.name) {
      case .pending, .external, .blocked: entries.append(Entry(name: task.name, word: word))
      default: break
      }
    }
    return entries
  }

  /// Returns what has to be taken back when a session has ended.
  package mutating func close(_ run: RunState) -> [Entry] {
    var entries: [Entry] = []
    let parents = Parents(run.graph)
    let begun = Set(
      run.graph.tasks.lazy.filter { !$0.isRemoved && run[$0.id].state == .done }
        .flatMap { parents.above($0.id) })
    for task in run.graph.tasks where words[task.name] == .inProgress && !begun.contains(task.id) {
      set(task.name, .back, &entries)
    }
    return entries
  }

  private mutating func set(_ name: String, _ word: Word, _ entries: inout [Entry]) {
    guard words[name] != word, word != .back || words[name] == .inProgress else { return }
    words[name] = word == .back ? nil : word
    entries.append(Entry(name: name, word: word))
  }

  /// What the log says of a task; nil where that is nothing for the file.
  private func word(of task: TaskID, in run: RunState) -> Word? {
    let status = run[task]
    switch status.state {
    case .running, .paused, .verifying:
      // What is only made again has been done before.
      return status.lastAttempt?.admission == .recompute ? nil : .inProgress
    case .done: return end(of: status)
    case .failed: return status.attempts.isEmpty ? nil : .blocked
    case .cancelled, .skipped: return isParent(task, run) ? nil : .back
    case .blocked, .ready, .held, .waiting, .backoff: return nil
    }
  }

  /// What the file itself calls done needs no word of ours.
  private func end(of status: TaskStatus) -> Word? {
    guard let attempt = status.standingAttempt else {
      return status.interventions.last == "skip" ? .done : nil
    }
    let isVerified = attempt.verification?.status.isSuccess == true
    return isVerified || trustsReview ? .done : .review
  }

  /// Its subtasks may go on though its last step will not run.
  private func isParent(_ task: TaskID, _ run: RunState) -> Bool {
    guard let group = run.graph[task].group else { return false }
    return run.graph.groups[group].name == run.graph[task].name
  }
}

/// Who is above whom: a group is called as the task is that its tasks are part of.
private struct Parents {
  private let graph: TaskGraph
  private let ids: [String: TaskID]

  init(_ graph: TaskGraph) {
    self.graph = graph
    ids =
      graph.groups.isEmpty
      ? [:]
      : Dictionary(
        graph.tasks.lazy.filter { !$0.isRemoved }.map { ($0.name, $0.id) },
        uniquingKeysWith: { first, _ in first })
  }

  /// From the inside out.
  func above(_ task: TaskID) -> [TaskID] {
    var found: [TaskID] = []
    var group = graph[task].group
    while let index = group {
      if let parent = ids[graph.groups[index].name], parent != task { found.append(parent) }
      group = graph.groups[index].parent
    }
    return found
  }
}
