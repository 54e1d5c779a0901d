extension TaskGraph {
  /// The work of each task, one row a task; nil where no task has been judged.
  ///
  /// The mean task that was judged has 1, and so has one that was not. What only waits and verifies
  /// beside tasks that were judged has 0: its work is theirs.
  ///
  /// - Complexity: O(tasks).
  package var relativeWeights: [Double]? {
    let judged = tasks.lazy.filter { !$0.isRemoved }.compactMap(\.weight)
    let sum = judged.reduce(0, +)
    guard sum > 0 else { return nil }
    let mean = sum / Double(judged.count)
    return tasks.map { task in
      if let weight = task.weight { return weight / mean }
      return task.action == .gate ? 0 : 1
    }
  }
}
