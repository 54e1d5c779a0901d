package import Model

extension GraphText {
  /// Most needs that a line of the listing names.
  private static let maximumShownNeeds = 4

  /// Returns the graph as a listing by rank: each task stands one rank behind the last that it needs.
  ///
  /// `states` has one row a task; empty shows no states.
  ///
  /// - Complexity: O(tasks + edges).
  package static func text(_ graph: TaskGraph, states: [TaskState] = []) -> String {
    let ranks = ranks(of: graph)
    let rows = Dictionary(grouping: graph.tasks.filter { !$0.isRemoved }) { ranks[$0.id.index] }
    let edges = graph.tasks.reduce(0) { $0 + $1.predecessors.count }
    var lines = [
      "\(graph.name.withVisibleControls): \(count(graph.tasks.count { !$0.isRemoved }, "task")), "
        + "\(count(edges, "dependency", "dependencies")), \(count(rows.count, "rank"))"
    ]
    let sizes = Dictionary(
      graph.tasks.filter { !$0.isRemoved }.map { ($0.group, 1) }, uniquingKeysWith: +)
    for rank in rows.keys.sorted() {
      lines += ["", "rank \(rank + 1)"]
      for task in rows[rank] ?? [] {
        lines.append("  " + line(task, in: graph, sizes: sizes, state: state(of: task, states)))
      }
    }
    return (lines + [""]).joined(separator: "\n")
  }

  private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }

  private static func ranks(of graph: TaskGraph) -> [Int] {
    var ranks = [Int](repeating: 0, count: graph.tasks.count)
    for task in graph.topologicalOrder() {
      ranks[task.index] = graph[task].predecessors.map { ranks[$0.index] + 1 }.max() ?? 0
    }
    return ranks
  }

  private static func line(
    _ task: TaskGraph.Task, in graph: TaskGraph, sizes: [Int?: Int], state: TaskState?
  ) -> String {
    let label = label(task).withVisibleControls
    let mark = state.map { "[\($0.rawValue)] " } ?? ""
    let needs = needs(of: task, in: graph, sizes: sizes)
    guard !needs.isEmpty else { return mark + label }
    let shown = needs.prefix(maximumShownNeeds).joined(separator: ", ")
    let more = needs.count - maximumShownNeeds
    return "\(mark)\(label)  ← \(shown)" + (more > 0 ? " and \(more) more" : "")
  }

  /// Names of what comes first; a group that is needed as a whole is named once, with its size.
  private static func needs(
    of task: TaskGraph.Task, in graph: TaskGraph, sizes: [Int?: Int]
  ) -> [String] {
    var shares: [Int: Int] = [:]
    for need in task.predecessors {
      if let group = graph[need].group { shares[group, default: 0] += 1 }
    }
    var named = Set<Int>()
    return task.predecessors.compactMap { need in
      let other = graph[need]
      guard let group = other.group, let size = sizes[group], size > 1, shares[group] == size else {
        return other.name.withVisibleControls
      }
      guard named.insert(group).inserted else { return nil }
      return "\(graph.groups[group].name.withVisibleControls) (all \(size))"
    }
  }
}
