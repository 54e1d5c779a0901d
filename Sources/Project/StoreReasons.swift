import Execution
import Foundation
import Model
import Planning

/// Says of the artifacts of one run who still needs them.
///
/// Readers that failed or were skipped count as not done while the run can be resumed, as they do for
/// the engine: a retry must find its inputs.
struct StoreReasons {
  typealias Key = RunState.ArtifactKey
  typealias Reason = (hold: StoreRow.Hold, why: String)

  let state: RunState
  /// The run is alive, or `resume` goes on with it.
  let isOpen: Bool
  private let root: String
  private let readers: [Key: [TaskID]]
  /// Tasks that the run is about; nil, as for a selection that the graph has outgrown, is all.
  private let selected: Set<TaskID>?

  init(_ state: RunState, isOpen: Bool, root: String) {
    self.state = state
    self.isOpen = isOpen
    self.root = root
    let graph = state.graph
    var readers: [Key: [TaskID]] = [:]
    for task in graph.tasks where !task.isRemoved {
      for key in Set(task.needs.flatMap { graph.artifacts(of: $0) }) {
        readers[key, default: []].append(task.id)
      }
    }
    self.readers = readers
    selected = (try? graph.selected(by: state.opened?.config.selection)) ?? nil
  }

  func readers(of key: Key) -> [TaskID] { readers[key] ?? [] }

  /// Those that the run is about.
  private func takers(of key: Key) -> [TaskID] {
    readers(of: key).filter { selected?.contains($0) ?? true }
  }

  func reason(_ key: Key) -> Reason {
    let graph = state.graph
    guard graph.tasks.indices.contains(key.task.index), !graph[key.task].isRemoved else {
      return (.none, "its task is no longer in the file")
    }
    let task = graph[key.task]
    if task.keep == true { return (.keep, "keep: true") }
    let takers = takers(of: key)
    let open = isOpen ? takers.filter { state.state(of: $0) != .done } : []
    if let first = open.first {
      let more = open.count > 1 ? " and \(open.count - 1) more need it" : " needs it"
      return (.readers(open), "kept because \(graph[first].name)\(more)")
    }
    if takers.isEmpty { return product(key, task) }
    return (.none, isOpen ? "nobody who is left needs it" : "all that needed it have ended")
  }

  private func product(_ key: Key, _ task: TaskGraph.Task) -> Reason {
    if task.keep == false { return (.none, "keep: false, and nobody needs it") }
    let exports = task.exports.filter { $0.artifact == key.name }
    guard let export = exports.first else {
      let nobody = readers(of: key).isEmpty ? "nobody" : "no task of the run"
      return (.product, "product: \(nobody) needs it, kept until exported or pruned")
    }
    guard state.state(of: task.id) == .done, isThere(export.path) else {
      return (.product, "product: kept because \(export.path), its export, is not there")
    }
    return (.none, "product, exported to \(export.path)")
  }

  private func isThere(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path.hasPrefix("/") ? path : "\(root)/\(path)")
  }
}
