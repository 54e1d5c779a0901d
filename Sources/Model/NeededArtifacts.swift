/// The artifacts that some task takes; all others are products.
package struct NeededArtifacts: Sendable {
  /// Tasks of which somebody takes everything.
  private var whole: Set<TaskID> = []
  private var named: Set<RunState.ArtifactKey> = []

  /// - Complexity: O(needs).
  package init(_ graph: TaskGraph) {
    for task in graph.tasks where !task.isRemoved {
      for need in task.needs {
        if let artifact = need.artifact {
          named.insert(RunState.ArtifactKey(task: need.task, name: artifact))
        } else {
          whole.insert(need.task)
        }
      }
    }
  }

  package func contains(_ artifact: String, of task: TaskID) -> Bool {
    whole.contains(task) || named.contains(RunState.ArtifactKey(task: task, name: artifact))
  }
}

extension TaskGraph {
  /// Whether a task takes an artifact, by its name or with all others of its task.
  ///
  /// - Complexity: O(needs of the task).
  package func takes(_ key: RunState.ArtifactKey, by reader: TaskID) -> Bool {
    self[reader].needs.contains {
      $0.task == key.task && ($0.artifact == nil || $0.artifact == key.name)
    }
  }

  /// The artifacts that a need takes.
  package func artifacts(of need: Need) -> [RunState.ArtifactKey] {
    let names = need.artifact.map { [$0] } ?? self[need.task].outputs.map(\.name)
    return names.map { RunState.ArtifactKey(task: need.task, name: $0) }
  }
}
