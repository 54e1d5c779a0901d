import Model
import Planning

/// Which artifacts nobody needs any more: those with `keep: false` whose readers are all done, and
/// products that were exported.
///
/// Readers that failed or were skipped count as open, so that a retry finds its inputs.
struct EngineRetention: Sendable {
  typealias Key = RunState.ArtifactKey

  private var openReaders: [Key: Int] = [:]
  private var readers: [Key: [TaskID]] = [:]
  /// Artifacts in question that a task takes, and those that it makes.
  private var reads: [TaskID: [Key]] = [:]
  private var makes: [TaskID: [Key]] = [:]
  private var done: Set<TaskID>
  /// Being deleted now.
  var dropping: Set<Key> = []
  /// Could not be deleted; not tried again in this session.
  var undroppable: Set<Key> = []

  init(_ graph: TaskGraph, done: Set<TaskID>) {
    self.done = done
    let links = graph.links()
    for task in graph.tasks where !task.isRemoved {
      let isProduct = links.dependents[task.id.index].isEmpty
      for output in task.outputs {
        let isExported = task.exports.contains { $0.artifact == output.name }
        guard task.keep == false || (task.keep == nil && isProduct && isExported) else { continue }
        let key = Key(task: task.id, name: output.name)
        makes[task.id, default: []].append(key)
        openReaders[key] = 0
      }
    }
    for task in graph.tasks where !task.isRemoved {
      for key in Set(task.needs.flatMap { graph.artifacts(of: $0) }) where openReaders[key] != nil {
        reads[task.id, default: []].append(key)
        readers[key, default: []].append(task.id)
        if !done.contains(task.id) { openReaders[key, default: 0] += 1 }
      }
    }
  }

  /// The same for a newer version of the graph, in which every task has the number that it had.
  func changed(to graph: TaskGraph) -> EngineRetention {
    var newer = EngineRetention(graph, done: done)
    newer.dropping = dropping
    newer.undroppable = undroppable
    return newer
  }

  /// Takes note that a task became done, or is no longer; returns what may go now.
  mutating func note(_ task: TaskID, isDone: Bool) -> [Key] {
    guard done.contains(task) != isDone else { return [] }
    if isDone { done.insert(task) } else { done.remove(task) }
    let reads = reads[task] ?? []
    for key in reads { openReaders[key, default: 0] += isDone ? -1 : 1 }
    return isDone ? (reads + (makes[task] ?? [])).filter { isFree($0) }.sorted(by: Self.order) : []
  }

  /// Returns what may go whatever happens next.
  func free() -> [Key] { openReaders.keys.filter { isFree($0) }.sorted(by: Self.order) }

  /// Returns what may go at the end of a run: the readers of it that are left will not run.
  func freeAtEnd(_ hasEnded: (TaskID) -> Bool) -> [Key] {
    openReaders.keys.filter { key in
      done.contains(key.task) && (readers[key] ?? []).allSatisfy(hasEnded)
    }.sorted(by: Self.order)
  }

  private func isFree(_ key: Key) -> Bool { done.contains(key.task) && openReaders[key] == 0 }

  private static func order(_ a: Key, _ b: Key) -> Bool { (a.task, a.name) < (b.task, b.name) }
}
