/// Lists of tasks, one a task, packed into one array.
///
/// A list of its own for each task would cost a million allocations in a graph of a million tasks.
package struct TaskRows: Sendable, Equatable {
  /// Where each row begins in `tasks`, and where the last one ends.
  private var starts: [UInt32]
  private var tasks: [TaskID]
}

extension TaskRows: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { starts.count - 1 }

  package subscript(index: Int) -> ArraySlice<TaskID> {
    tasks[Int(starts[index])..<Int(starts[index + 1])]
  }
}

extension TaskRows {
  /// What comes before each task.
  init(_ list: [TaskGraph.Task]) {
    starts = [0]
    starts.reserveCapacity(list.count + 1)
    tasks = []
    tasks.reserveCapacity(list.reduce(0) { $0 + $1.needs.count + $1.after.count })
    for task in list {
      tasks.append(contentsOf: task.predecessors)
      starts.append(UInt32(tasks.count))
    }
  }

  /// Row b holds a wherever row a holds b; each row is sorted.
  ///
  /// - Complexity: O(rows + entries).
  var inverted: TaskRows {
    var next = Array(repeating: UInt32(0), count: starts.count)
    for task in tasks { next[task.index + 1] += 1 }
    for index in next.indices.dropFirst() { next[index] += next[index - 1] }
    var result = TaskRows(starts: next, tasks: Array(repeating: TaskID(0), count: tasks.count))
    for (index, row) in enumerated() {
      for task in row {
        result.tasks[Int(next[task.index])] = TaskID(index)
        next[task.index] += 1
      }
    }
    return result
  }
}
