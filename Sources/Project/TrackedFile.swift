package import Formats
package import Model

/// The Task Master file that a project's tasks come from, and how it is read while a run goes on.
package struct TrackedFile: Sendable, Equatable {
  /// Absolute.
  package var path: String
  /// How messages call it.
  package var name: String
  /// The tag is the one that was read.
  package var reference: TaskMasterReference
  /// What it says of each task, by name.
  package var standings: [String: TaskGraph.Standing]
  /// Tasks that a session of ours has left in progress.
  package var ours: Set<String> = []
  /// What the run's graph is called; nil takes the tag.
  package var graphName: String?
  /// The Cairn file that names it; nil without one.
  package var origin: Origin?

  package struct Origin: Sendable, Equatable {
    /// Absolute.
    package var path: String
    package var name: String
    /// As it was read.
    package var bytes: [UInt8]
  }
}

extension LoadedProject {
  /// With tasks taken over that the file shows in progress: all of them with `takesExternal`, else those
  /// that a session of ours was at when it died.
  func claimed(after earlier: RunState?) -> LoadedProject {
    guard tracked != nil else { return self }
    var claimed = self
    let ours = earlier.map(Self.interrupted) ?? []
    claimed.tracked?.ours = ours
    for index in graph.tasks.indices where graph.tasks[index].standing == .external {
      guard takesExternal || ours.contains(graph.tasks[index].name) else { continue }
      claimed.graph.tasks[index].standing = .pending
    }
    return claimed
  }

  /// With the ends of tasks left to the log that the run itself has written: one that is to run again,
  /// because it has changed, is not done because the file says so.
  func unsaying(_ run: RunState) -> LoadedProject {
    guard tracked != nil else { return self }
    let known = Dictionary(
      run.graph.tasks.lazy.filter { !$0.isRemoved }.map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
    var unsaid = self
    for index in graph.tasks.indices {
      guard let task = known[graph.tasks[index].name],
        Self.words(of: run[task.id]).contains(graph.tasks[index].standing)
      else { continue }
      unsaid.graph.tasks[index].standing = task.standing
    }
    return unsaid
  }

  /// What the run has written of a task that has ended.
  private static func words(of status: TaskStatus) -> [TaskGraph.Standing] {
    switch status.state {
    case .done: status.standingAttempt == nil ? [] : [.done, .review]
    case .failed: [.blocked]
    default: []
    }
  }

  /// A session that was closed has taken back what it had not brought to its end.
  private static func interrupted(_ earlier: RunState) -> Set<String> {
    guard earlier.closed == nil else { return [] }
    let tried = earlier.graph.tasks.filter {
      !$0.isRemoved && !earlier[$0.id].attempts.isEmpty
    }
    return Set(tried.map(\.name))
  }
}
