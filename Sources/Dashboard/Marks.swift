import Canvas
package import Model

/// Tasks that a person has marked, to act on them together.
package struct Marks: Sendable, Equatable {
  /// Sorted.
  package private(set) var tasks: [TaskID] = []
  private var members: Set<TaskID> = []

  package var isEmpty: Bool { tasks.isEmpty }
  package var count: Int { tasks.count }
  package func contains(_ task: TaskID) -> Bool { members.contains(task) }

  mutating func insert(_ more: some Sequence<TaskID>) { keep(members.union(more)) }

  /// Unmarks all if all are marked, else marks the rest.
  mutating func toggle(_ some: [TaskID]) {
    let isWhole = some.allSatisfy(members.contains)
    keep(isWhole ? members.subtracting(some) : members.union(some))
  }

  mutating func removeAll(where isGone: (TaskID) -> Bool) {
    keep(members.filter { !isGone($0) })
  }

  mutating func clear() { keep([]) }

  private mutating func keep(_ members: Set<TaskID>) {
    self.members = members
    tasks = members.sorted()
  }
}

extension DashboardState {
  /// What an action is about: the marked tasks if there are any, else the selection.
  ///
  /// A popup is about what it shows.
  package var targets: [TaskID] {
    marks.isEmpty || !popups.isEmpty ? selectedTasks : marks.tasks
  }

  /// Whether an action would be about the marked tasks.
  var actsOnMarks: Bool { !marks.isEmpty && popups.isEmpty }

  /// A group counts as marked when one of its tasks is.
  func isMarked(_ item: Item) -> Bool {
    !marks.isEmpty && tasks(of: item).contains(where: marks.contains)
  }

  mutating func toggleMark() {
    guard let selection else { return }
    marks.toggle(tasks(of: selection))
    move(.down)
  }

  /// Marks all that the list would show with every group unfolded.
  mutating func markShown() {
    marks.insert(
      run.graph.tasks.lazy.filter { [run, matches, hidesFinished] task in
        let state = run.tasks[task.id.index].state
        if hidesFinished, state == .done || state == .skipped { return false }
        return !task.isRemoved && matches?[task.id] ?? true
      }.map(\.id))
  }

  /// As in `core` or `3 marked tasks`.
  func words(for tasks: [TaskID]) -> String {
    if tasks.count == 1 { return name(of: tasks[0]).string }
    return "\(tasks.count) \(actsOnMarks ? "marked " : "")tasks"
  }
}
