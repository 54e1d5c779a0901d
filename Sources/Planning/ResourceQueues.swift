import HeapModule

/// What waits for a named resource, by its name; the greatest comes first.
///
/// However much waits for the only GPU, what needs none is found without a look at it.
struct ResourceQueues<Element: Comparable & Sendable>: Sendable {
  private var queues: [String: Heap<Element>] = [:]

  var isEmpty: Bool { queues.isEmpty }

  /// - Complexity: O(log elements).
  mutating func insert(_ element: Element, for resource: String) {
    queues[resource, default: Heap()].insert(element)
  }

  /// Returns the first `count` of each queue whose resource is not all taken; what does not wait any
  /// more leaves uncounted.
  ///
  /// Whoever calls this before each look for something to start, and puts back what still finds too
  /// little, forgets nobody: while one waits for more than is free, somebody else holds the rest.
  ///
  /// - Complexity: O(resources · count · log elements), and O(log elements) once for each that leaves.
  mutating func takeFirst(
    _ count: Int, within room: MachineRoom, where stillWaits: (Element) -> Bool
  ) -> [Element] {
    var taken: [Element] = []
    for name in Array(queues.keys) where room.free(name) > 0 {
      let enough = taken.count + count
      while taken.count < enough, let first = queues[name]?.popMax() {
        if stillWaits(first) { taken.append(first) }
      }
      if queues[name]?.isEmpty ?? false { queues[name] = nil }
    }
    return taken
  }

  /// Leaves nothing.
  mutating func takeAll() -> [Element] {
    defer { queues = [:] }
    return queues.values.flatMap(\.unordered)
  }
}
