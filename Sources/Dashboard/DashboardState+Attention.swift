import Canvas
import Model

extension DashboardState {
  /// Selects the next task that wants a person.
  ///
  /// First come all that wait, then all that failed, then all paused ones, and round again, through
  /// folded groups too; what the filter hides is left out.
  mutating func findAttention() {
    let wanting = jumpTargets { $0.wantsAttention }.enumerated().sorted { a, b in
      let (x, y) = (run[a.element].state.attentionRank, run[b.element].state.attentionRank)
      return x == y ? a.offset < b.offset : x < y
    }.map(\.element)
    guard let first = wanting.first else { return tell("nothing waits, failed or is paused") }
    let at = selectedTask.flatMap { wanting.firstIndex(of: $0) }
    reveal(at.map { wanting[($0 + 1) % wanting.count] } ?? first)
  }

  /// Selects the next or the previous failed task in the order of the graph.
  mutating func findFailed(by step: Int) {
    let failed = jumpTargets { $0 == .failed }
    guard let first = failed.first, let last = failed.last else { return tell("no task failed") }
    let from = selectedTasks.first ?? TaskID(0)
    let isOn = failed.contains(from) && selectedTask != nil
    if step > 0 {
      reveal(failed.first { isOn ? $0 > from : $0 >= from } ?? first)
    } else {
      reveal(failed.last { $0 < from } ?? last)
    }
  }

  private func jumpTargets(_ isMeant: (TaskState) -> Bool) -> [TaskID] {
    run.tasks.indices.lazy.map { TaskID($0) }.filter { task in
      isMeant(run.tasks[task.index].state) && !run.graph.tasks[task.index].isRemoved
        && matches?[task] ?? true
    }
  }

  /// Unfolds the groups around a task as far as it shows, and selects it.
  private mutating func reveal(_ task: TaskID) {
    for group in listing.tree.paths[task.index] where fold(of: group) == .closed {
      folds[group] = .active
    }
    selection = .task(task)
    follows = false
  }
}
