import Model

extension TaskGraph {
  /// Without the outputs that no task takes: what a trace's run carried away, as its results.
  ///
  /// - Complexity: O(needs + outputs).
  var leavingOutProducts: TaskGraph {
    let needed = NeededArtifacts(self)
    var graph = self
    for index in graph.tasks.indices {
      let id = graph.tasks[index].id
      graph.tasks[index].outputs.removeAll { !needed.contains($0.name, of: id) }
    }
    return graph
  }
}
