package import Model

/// How much expected work lies ahead of and behind each task along its longest path.
///
/// The task itself counts as ahead. Kelley and Walker, "Critical-Path Planning and Scheduling", 1959.
package struct CriticalPath: Sendable, Equatable {
  /// Longest path from the start of each task to the end of the graph, in seconds; one row a task.
  package private(set) var secondsAhead: [Double]
  /// Longest path from a start of the graph to the start of each task, in seconds.
  package private(set) var secondsBehind: [Double]
  /// Length of the longest path of all, in seconds.
  package private(set) var totalSeconds: Double

  /// Measures all paths at once.
  ///
  /// `order` holds all tasks, each behind what it needs (`TaskGraph.topologicalOrder()`); `seconds`
  /// the expected work left, one row a task, 0 for what has ended.
  ///
  /// - Complexity: O(tasks + edges).
  package init(order: [TaskID], links: TaskGraph.Links, seconds: [Double]) {
    var ahead = seconds
    for task in order.reversed() {
      let next = links.dependents[task.index].reduce(0) { max($0, ahead[$1.index]) }
      ahead[task.index] += next
    }
    var behind = seconds.map { _ in 0.0 }
    for task in order {
      let end = behind[task.index] + seconds[task.index]
      for next in links.dependents[task.index] {
        behind[next.index] = max(behind[next.index], end)
      }
    }
    secondsAhead = ahead
    secondsBehind = behind
    totalSeconds = ahead.max() ?? 0
  }

  /// How late a task may get before the end of the run does, in seconds.
  package func slackSeconds(of task: TaskID) -> Double {
    max(0, totalSeconds - secondsBehind[task.index] - secondsAhead[task.index])
  }

  /// Returns one longest path from a start of the graph to an end.
  ///
  /// Ties go to the smaller number, so that the same lengths give the same path.
  ///
  /// - Complexity: O(tasks + edges).
  package func path(_ links: TaskGraph.Links) -> [TaskID] {
    let starts = secondsAhead.indices.filter { links.predecessors[$0].isEmpty }.map { TaskID($0) }
    var path: [TaskID] = []
    var next = longest(starts)
    while let task = next, path.count < secondsAhead.count {
      path.append(task)
      next = longest(links.dependents[task.index])
    }
    return path
  }

  private func longest(_ tasks: some Sequence<TaskID>) -> TaskID? {
    tasks.max {
      let (a, b) = (secondsAhead[$0.index], secondsAhead[$1.index])
      return a == b ? $0 > $1 : a < b
    }
  }
}
