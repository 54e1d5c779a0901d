import Formats
package import Model
import Planning

/// What names on the command line mean in a workspace: a task, all instances of a matrix, the members
/// of a group, or `task.artifact`.
package struct StoreNames: Sendable {
  private let graphs: [TaskGraph]
  private let rows: [StoreRow]

  /// The graph of the last run comes first.
  package init(_ listing: StoreListing, run: Int? = nil) {
    let histories = listing.runs.histories.filter { run == nil || $0.key == run }
    graphs = histories.sorted { $0.key > $1.key }.map(\.value.state.graph)
    rows = listing.rows
  }

  /// Whether the row is what the name means.
  package func means(_ name: String, _ row: StoreRow) -> Bool {
    guard let task = row.task else { return false }
    if task == name || row.name == name || task.hasPrefix("\(name)[") { return true }
    return graphs.contains { graph in
      guard let group = graph.groups.firstIndex(where: { $0.name == name }) else { return false }
      return graph.task(named: task)?.group == group
    }
  }

  /// - Throws: `ProjectProblem` (`usage`): no graph has a task, a group or an artifact of this name.
  package func require(_ name: String) throws(ProjectProblem) {
    if rows.contains(where: { means(name, $0) }) || !artifacts(named: name).isEmpty { return }
    let isKnown = graphs.contains { graph in
      graph.groups.contains { $0.name == name }
        || graph.tasks.contains { $0.name == name || $0.name.hasPrefix("\(name)[") }
    }
    if isKnown { return }
    let known = graphs.flatMap { graph in
      graph.tasks.flatMap { task in
        [task.name] + task.outputs.map { "\(task.name).\($0.name)" }
      }
    }
    let near = Suggestion.nearest(name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
    throw ProjectProblem(.usage, "no run here has a task or an artifact \"\(name)\"\(near)")
  }

  /// The artifacts of the first graph that has any of this name, in its order.
  package func artifacts(named name: String) -> [RunState.ArtifactKey] {
    for graph in graphs {
      let group = graph.groups.firstIndex { $0.name == name }
      let found = graph.tasks.filter { !$0.isRemoved }.flatMap { task in
        task.outputs.filter { output in
          task.name == name || task.name.hasPrefix("\(name)[")
            || "\(task.name).\(output.name)" == name || (group != nil && task.group == group)
        }.map { RunState.ArtifactKey(task: task.id, name: $0.name) }
      }
      if !found.isEmpty { return found }
    }
    return []
  }
}
