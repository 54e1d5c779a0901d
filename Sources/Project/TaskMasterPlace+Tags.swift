package import Formats
import Foundation

/// What became of a change of tags.
package struct TaskMasterTagResult: Sendable, Equatable {
  /// Of the tag that was changed, without subtasks.
  package var taskCount: Int
  /// The tag that was current, as the files have it; nil: they said nothing, and there is no tag.
  package var previous: String?
  /// The one that is now.
  package var current: String?

  package init(taskCount: Int = 0, previous: String? = nil, current: String? = nil) {
    self.taskCount = taskCount
    self.previous = previous
    self.current = current
  }
}

extension TaskMasterPlace {
  /// What `TASKMASTER_TAG` says, which wins over the files; nil: nothing.
  package static func tagOfEnvironment(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    environment["TASKMASTER_TAG"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Changes the tags of the file, and the current one along with one that is renamed or removed.
  ///
  /// Whoever is killed between the two files leaves one that is wrong only after a rename: the current
  /// tag is then one that is not there, which every verb says.
  ///
  /// - Throws: `FormatProblem`, `ProjectProblem`.
  package func change(_ change: TaskMasterTagChange) throws -> TaskMasterTagResult {
    let time = TaskMasterStore.timestamp(.now)
    let state = TaskMasterStateFile(root: location.root)
    var result = TaskMasterTagResult()
    try store.edit { edit in
      let new = try edit.applying(change, at: time)
      result = try self.result(of: change, from: edit, to: new)
      return new
    } before: { lock in
      guard let tag = result.newCurrent else { return }
      if case .remove = change {
        try state.use(tag, at: time, under: lock)
      } else {
        try state.check()
      }
    } after: { lock in
      guard case .rename = change, let tag = result.newCurrent else { return }
      try state.use(tag, at: time, under: lock)
    }
    return result
  }

  /// Makes a tag the current one.
  ///
  /// - Throws: `FormatProblem`, `ProjectProblem`.
  package func use(_ tag: String) throws -> TaskMasterTagResult {
    let state = TaskMasterStateFile(root: location.root)
    var result = TaskMasterTagResult()
    try store.edit { edit in
      result = TaskMasterTagResult(
        taskCount: try edit.taskCount(of: tag), previous: try current(in: edit), current: tag)
      return edit
    } before: { _ in
    } after: { lock in
      guard writtenTag != tag else { return }
      try state.use(tag, at: TaskMasterStore.timestamp(.now), under: lock)
    }
    return result
  }

  /// The tag that the files call current; nil: they say nothing.
  private var writtenTag: String? { Self.currentTag(root: location.root, environment: [:]) }

  private func current(in edit: TaskMasterEdit) throws(FormatProblem) -> String? {
    if let writtenTag { return writtenTag }
    let backlog = try edit.backlog()
    return backlog.tags.isEmpty ? nil : backlog.tag
  }

  private func result(
    of change: TaskMasterTagChange, from old: TaskMasterEdit, to new: TaskMasterEdit
  ) throws(FormatProblem) -> TaskMasterTagResult {
    let previous = try current(in: old)
    var result = TaskMasterTagResult(previous: previous, current: previous)
    switch change {
    case .add(let name, _): result.taskCount = try new.taskCount(of: name)
    case .copy(_, let name, _): result.taskCount = try new.taskCount(of: name)
    case .remove(let name, _):
      result.taskCount = try old.taskCount(of: name)
      if previous == name { result.current = try new.backlog().tag }
    case .rename(let name, let other):
      result.taskCount = try new.taskCount(of: other)
      if previous == name { result.current = other }
    }
    return result
  }
}

extension TaskMasterTagResult {
  /// nil: the same as before.
  fileprivate var newCurrent: String? { current == previous ? nil : current }
}

extension TaskMasterEdit {
  fileprivate func taskCount(of tag: String) throws(FormatProblem) -> Int {
    try backlog(tag: tag).counts().tasks.values.reduce(0, +)
  }
}
