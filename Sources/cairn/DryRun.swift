import Model
import Planning
import Project

/// What a run would do, in an order in which it could.
struct DryRun {
  private let loaded: LoadedProject
  private let tasks: [TaskID]

  init(_ loaded: LoadedProject, _ config: RunConfig) throws {
    self.loaded = loaded
    let selected: Set<TaskID>?
    do { selected = try loaded.graph.selected(by: config.selection) } catch {
      throw loaded.problem(error)
    }
    tasks = loaded.graph.topologicalOrder().filter { selected?.contains($0) ?? true }
  }

  func lines() -> [String] {
    let graph = loaded.graph
    let width = String(tasks.count).count
    let rows = tasks.enumerated().map { position, id in
      let number = String(position + 1)
      let needs = graph[id].predecessors.map { graph[$0].name }.joined(separator: ", ")
      let padding = String(repeating: " ", count: width - number.count)
      return "\(padding)\(number)  \(graph[id].name)" + (needs.isEmpty ? "" : "  ← \(needs)")
    }
    return ["\(graph.name): \(tasks.count) of \(graph.tasks.count) tasks would run"] + rows
  }
}
