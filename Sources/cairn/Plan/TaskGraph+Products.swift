import Model
import Planning

extension TaskGraph {
  /// Without the outputs that no task takes: what a trace's run carried away, as its results.
  ///
  /// - Complexity: O(needs + outputs).
  var leavingOutProducts: TaskGraph {
    let needed = neededArtifacts
    var graph = self
    for index in graph.tasks.indices {
      let id = graph.tasks[index].id
      graph.tasks[index].outputs.removeAll {
        !needed.contains(RunState.ArtifactKey(task: id, name: $0.name))
      }
    }
    return graph
  }
}
