/// Something about each artifact: dense by task, a short list in each row.
///
/// Most tasks have one artifact, so a row is searched, not hashed.
package struct ArtifactTable<Value: Sendable & Equatable & Codable>: Sendable, Equatable, Codable {
  package typealias Key = RunState.ArtifactKey

  private struct Entry: Sendable, Equatable, Codable {
    var name: String
    var value: Value
  }

  /// Up to the last task that ever had an entry.
  private var rows: [[Entry]] = []
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  /// By task, then in the order in which they came.
  package var keys: [Key] { map { key, _ in key } }

  /// By task, then in the order in which they came.
  package func map<Result>(_ body: (Key, Value) -> Result) -> [Result] {
    guard count > 0 else { return [] }
    var results: [Result] = []
    results.reserveCapacity(count)
    for index in rows.indices {
      for entry in rows[index] {
        results.append(body(Key(task: TaskID(index), name: entry.name), entry.value))
      }
    }
    return results
  }

  package func filter(_ isIncluded: (Key, Value) -> Bool) -> [(Key, Value)] {
    map { ($0, $1) }.filter { isIncluded($0.0, $0.1) }
  }

  /// - Complexity: O(artifacts of the task).
  package subscript(key: Key) -> Value? {
    get {
      guard rows.indices.contains(key.task.index) else { return nil }
      return rows[key.task.index].first { $0.name == key.name }?.value
    }
    set {
      guard let newValue else { return remove(key) }
      while rows.count <= key.task.index { rows.append([]) }
      if let at = rows[key.task.index].firstIndex(where: { $0.name == key.name }) {
        rows[key.task.index][at].value = newValue
      } else {
        rows[key.task.index].append(Entry(name: key.name, value: newValue))
        count += 1
      }
    }
  }

  private mutating func remove(_ key: Key) {
    guard rows.indices.contains(key.task.index),
      let at = rows[key.task.index].firstIndex(where: { $0.name == key.name })
    else { return }
    rows[key.task.index].remove(at: at)
    count -= 1
  }

  /// Takes out all that is known of a task's artifacts, and returns it.
  ///
  /// - Complexity: O(artifacts of the task).
  package mutating func removeAll(of task: TaskID) -> [Value] {
    guard rows.indices.contains(task.index) else { return [] }
    let values = rows[task.index].map(\.value)
    count -= values.count
    rows[task.index] = []
    return values
  }

  /// Equal contents are equal, however far the empty rows reach.
  package static func == (a: Self, b: Self) -> Bool {
    guard a.count == b.count else { return false }
    let common = Swift.min(a.rows.count, b.rows.count)
    return a.rows[..<common] == b.rows[..<common]
  }
}
