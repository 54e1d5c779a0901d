/// Which tasks are listed.
package struct TaskMasterFilter: Sendable, Equatable {
  /// nil: all.
  package var statuses: Set<TaskMasterStatus>?
  /// Only what can be taken up now.
  package var isReady: Bool
  /// Only what others wait for.
  package var isBlocking: Bool

  package init(
    statuses: Set<TaskMasterStatus>? = nil, isReady: Bool = false, isBlocking: Bool = false
  ) {
    self.statuses = statuses
    self.isReady = isReady
    self.isBlocking = isBlocking
  }
}

/// A task as a listing has it.
package struct TaskMasterRow: Sendable, Equatable {
  package var id: String
  package var title: String
  /// As it is written; `pending` where nothing is.
  package var status: String
  /// nil: none of ours.
  package var known: TaskMasterStatus?
  package var priority: String
  /// Full ids where there is such a task, else as written.
  package var dependencies: [String]
  /// Ids of what waits for it.
  package var blocks: [String]
  /// 0 for a task, 1 for its subtasks.
  package var depth: Int
}

extension TaskMasterBacklog {
  /// The tasks that pass the filter, in file order, each with its subtasks if they are wanted.
  ///
  /// - Complexity: O(tasks + dependencies).
  package func rows(_ filter: TaskMasterFilter, withSubtasks: Bool) -> [TaskMasterRow] {
    selection(filter).flatMap { index in
      [row(index, depth: 0)] + (withSubtasks ? rows(below: index, depth: 1, of: nil) : [])
    }
  }

  /// The rows of some tasks, each with its subtasks of these statuses.
  ///
  /// - Throws: `FormatProblem`, `.missing`, for an id that the tag has not.
  package func rows(
    of ids: [String], subtasks: Set<TaskMasterStatus>?
  ) throws(FormatProblem) -> [TaskMasterRow] {
    var rows: [TaskMasterRow] = []
    for id in ids {
      let index = try index(of: id)
      rows += [row(index, depth: 0)] + self.rows(below: index, depth: 1, of: subtasks)
    }
    return rows
  }

  private func rows(
    below index: Int, depth: Int, of statuses: Set<TaskMasterStatus>?
  ) -> [TaskMasterRow] {
    items[index].children.flatMap { child in
      let own = isIn(statuses, child) ? [row(child, depth: depth)] : []
      return own + rows(below: child, depth: depth + 1, of: statuses)
    }
  }

  func selection(_ filter: TaskMasterFilter) -> [Int] {
    items.indices.filter { index in
      items[index].parent == nil && isIn(filter.statuses, index)
        && (!filter.isReady || isReady(index)) && (!filter.isBlocking || !blocks[index].isEmpty)
    }
  }

  func isIn(_ statuses: Set<TaskMasterStatus>?, _ index: Int) -> Bool {
    guard let statuses else { return true }
    guard let status = status(of: index) else { return false }
    return statuses.contains(status) || status.isDone && statuses.contains(where: \.isDone)
  }

  private func row(_ index: Int, depth: Int) -> TaskMasterRow {
    let value = items[index].value
    return TaskMasterRow(
      id: items[index].name, title: value["title"]?.prose ?? "",
      status: value["status"]?.text ?? "pending", known: status(of: index),
      priority: priority(of: index), dependencies: needs(of: index),
      blocks: blocks[index].map { items[$0].name }, depth: depth)
  }

  func needs(of index: Int) -> [String] {
    dependencies(of: index).map { mention in mention.item.map { items[$0].name } ?? mention.text }
  }

  /// Its own, else that of the task that it lies in, else medium.
  func priority(of index: Int) -> String {
    items[index].value["priority"]?.text ?? items[index].parent.map(priority) ?? "medium"
  }

  /// How many tasks and subtasks there are with each status, unknown words as they are written.
  package func counts() -> (tasks: [String: Int], subtasks: [String: Int]) {
    var counts: (tasks: [String: Int], subtasks: [String: Int]) = ([:], [:])
    for (index, item) in items.enumerated() {
      let word = status(of: index)?.rawValue ?? item.value["status"]?.text ?? "pending"
      if item.parent == nil {
        counts.tasks[word, default: 0] += 1
      } else {
        counts.subtasks[word, default: 0] += 1
      }
    }
    return counts
  }
}
