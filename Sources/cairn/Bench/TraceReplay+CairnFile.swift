import Model
import Planning

extension TraceReplay {
  /// The project's `cairn.yaml`.
  ///
  /// - Complexity: O(tasks + needs + outputs).
  func cairnFile() -> String {
    var numbers: [RunState.ArtifactKey: Int] = [:]
    for task in graph.tasks {
      for output in task.outputs {
        numbers[RunState.ArtifactKey(task: task.id, name: output.name)] = numbers.count
      }
    }
    let tasks = graph.tasks.flatMap { ReplayTask($0, in: graph, numbers).lines }
    return (["name: replay", "tasks:"] + tasks).joined(separator: "\n") + "\n"
  }
}

/// One task of a replay, in terms of numbers.
private struct ReplayTask {
  private let task: TaskGraph.Task
  private let reads: [(task: TaskID, number: Int)]
  private let writes: [(number: Int, bytes: Int64)]

  init(_ task: TaskGraph.Task, in graph: TaskGraph, _ numbers: [RunState.ArtifactKey: Int]) {
    self.task = task
    reads = task.needs.flatMap { graph.artifacts(of: $0) }.compactMap { key in
      numbers[key].map { (key.task, $0) }
    }
    writes = task.outputs.compactMap { output in
      numbers[RunState.ArtifactKey(task: task.id, name: output.name)].map {
        ($0, output.expectedBytes ?? 0)
      }
    }
  }

  var lines: [String] {
    var lines = ["  \(Self.name(task.id)):"]
    if !reads.isEmpty {
      lines.append("    needs: { \(list(reads.map { "n\($0.1): \(Self.name($0.0)).a\($0.1)" })) }")
    }
    if !task.after.isEmpty { lines.append("    after: [\(list(task.after.map(Self.name)))]") }
    let outputs = list(writes.map { "a\($0.number): \($0.bytes)B" })
    lines.append(writes.isEmpty ? "    output: none" : "    outputs: { \(outputs) }")
    return lines + ["    run: |"] + script.map { "      " + $0 }
  }

  private func list(_ items: [String]) -> String { items.joined(separator: ", ") }

  private static func name(_ task: TaskID) -> String { "t\(task.rawValue)" }

  /// What is written is random: no file system makes less of it.
  private var script: [String] {
    let inputs = reads.map { "\"$CAIRN_IN_N\($0.number)/f\"" }.joined(separator: " ")
    let heads = writes.map { output in
      let folder = writes.count == 1 ? "CAIRN_OUT" : "CAIRN_OUT_A\(output.number)"
      return "head -c \(output.bytes) /dev/urandom > \"$\(folder)/f\""
    }
    return [reads.isEmpty ? ":" : "cat \(inputs) > /dev/null"] + heads
  }
}
