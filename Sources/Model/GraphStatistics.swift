/// How large a graph is, and what it holds; removed tasks count as nothing.
package struct GraphStatistics: Sendable, Equatable {
  package private(set) var tasks = 0
  /// Pairs of tasks of which one waits for the other, by `needs`, `after` or both.
  package private(set) var edges = 0
  /// Outputs of all tasks.
  package private(set) var artifacts = 0
  /// Artifacts that no task needs.
  package private(set) var productCount = 0
  /// Tasks on the longest path.
  package private(set) var depth = 0
  /// Tasks of the largest level; a task is one level behind the last of those that it waits for.
  package private(set) var width = 0
  /// Expected bytes of all artifacts, those of unknown size left out; `Int64.max` if it is more.
  package private(set) var totalBytes: Int64 = 0
  /// The same of artifacts that some task needs.
  package private(set) var intermediateBytes: Int64 = 0
  /// Expected bytes of the largest artifact.
  package private(set) var largestBytes: Int64 = 0
  /// Artifacts without an expected size.
  package private(set) var unknownSizes = 0
  /// Time of all tasks one after another; nil if no times were given.
  package private(set) var seconds: Double?

  /// Measures a graph without cycles.
  ///
  /// - Parameters:
  ///   - graph: A tombstone in it counts as nothing, and so does an edge to one.
  ///   - seconds: Expected time of each task, one row a task; a missing one counts as zero.
  /// - Complexity: O(tasks + edges + artifacts).
  package init(_ graph: TaskGraph, seconds: [Double]? = nil) {
    let links = graph.links()
    count(graph, links)
    measure(graph)
    measureLevels(of: graph, links)
    self.seconds = seconds.map { rows in
      zip(graph.tasks, rows).reduce(0) { $0 + ($1.0.isRemoved ? 0 : $1.1) }
    }
  }
}

extension GraphStatistics {
  private mutating func count(_ graph: TaskGraph, _ links: TaskGraph.Links) {
    for (task, row) in zip(graph.tasks, links.predecessors) where !task.isRemoved {
      tasks += 1
      edges += row.count { !graph[$0].isRemoved }
    }
  }

  private mutating func measure(_ graph: TaskGraph) {
    let needed = NeededArtifacts(graph)
    for task in graph.tasks where !task.isRemoved {
      for output in task.outputs {
        let isNeeded = needed.contains(output.name, of: task.id)
        artifacts += 1
        if !isNeeded { productCount += 1 }
        guard let bytes = output.expectedBytes else {
          unknownSizes += 1
          continue
        }
        totalBytes.addUpToLimit(bytes)
        if isNeeded { intermediateBytes.addUpToLimit(bytes) }
        largestBytes = max(largestBytes, bytes)
      }
    }
  }

  private mutating func measureLevels(of graph: TaskGraph, _ links: TaskGraph.Links) {
    var levels = [Int](repeating: 0, count: graph.tasks.count)
    var sizes: [Int] = []
    for task in graph.topologicalOrder(links) where !graph[task].isRemoved {
      let level = links.predecessors[task.index].reduce(0) { level, other in
        graph[other].isRemoved ? level : max(level, levels[other.index] + 1)
      }
      levels[task.index] = level
      if level == sizes.count { sizes.append(0) }
      sizes[level] += 1
    }
    depth = sizes.count
    width = sizes.max() ?? 0
  }
}

extension Int64 {
  fileprivate mutating func addUpToLimit(_ more: Int64) {
    let (sum, overflow) = addingReportingOverflow(more)
    self = overflow ? .max : sum
  }
}
