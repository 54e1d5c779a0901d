/// What Task Master says of a task.
package enum TaskMasterStatus: String, Sendable, CaseIterable {
  case pending
  case inProgress = "in-progress"
  case done, deferred, cancelled, blocked, review
  /// What some of its writers call `done` in subtasks; its lists refuse a task that has it.
  case completed

  /// Those that a task may be given.
  package static let writable = allCases.filter { $0 != .completed }.map(\.rawValue)

  /// Reads a status as people and agents write it: `In Progress`, `in_progress`.
  package init?(written text: String) {
    let word = text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
    self.init(rawValue: String(word))
  }

  package var isDone: Bool { self == .done || self == .completed }
}

extension TaskMasterStatus {
  /// Returns what a task becomes once one of its subtasks was set; nil if it stays as it is.
  ///
  /// All are done: done; else any is in progress or done: in progress; else all are pending: pending.
  /// A deferred, cancelled or reviewed subtask so keeps its task open. `statuses` has a row for each
  /// subtask, nil where the file has an unknown word.
  package static func cascade(from statuses: [TaskMasterStatus?]) -> TaskMasterStatus? {
    guard !statuses.isEmpty else { return nil }
    if statuses.allSatisfy({ $0?.isDone == true }) { return .done }
    if statuses.contains(where: { $0 == .inProgress || $0?.isDone == true }) { return .inProgress }
    return statuses.allSatisfy { $0 == .pending } ? .pending : nil
  }
}

/// A status that a task or subtask is to have.
package struct TaskMasterStatusChange: Sendable, Equatable {
  /// As the reader calls it: `5`, `5.2`, `42~2`.
  package var id: String
  package var status: String

  package init(id: String, status: String) {
    self.id = id
    self.status = status
  }
}

/// What became of a change.
package struct TaskMasterStatusResult: Sendable, Equatable {
  /// A task whose status followed from that of its subtask.
  package struct Parent: Sendable, Equatable {
    package var id: String
    package var old: String
    package var new: String

    package init(id: String, old: String, new: String) {
      self.id = id
      self.old = old
      self.new = new
    }
  }

  package var id: String
  /// As it stood in the file; `pending` where nothing did.
  package var old: String
  package var new: String
  package var parents: [Parent]

  package init(id: String, old: String, new: String, parents: [Parent] = []) {
    self.id = id
    self.old = old
    self.new = new
    self.parents = parents
  }
}
