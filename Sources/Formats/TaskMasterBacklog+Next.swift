extension TaskMasterBacklog {
  /// What is to be worked on next, by Task Master's rule; nil if nothing can be.
  ///
  /// First the subtasks of what is in progress, then the tasks; of those the most urgent, then the one
  /// with the fewest dependencies, then the first by number. Both are pending or in progress with all
  /// that they depend on done. Unlike there `completed` is done too, a bare number in a subtask is the
  /// sibling first and the task of that number else, and one that cannot be read hides no other.
  ///
  /// - Complexity: O(tasks + dependencies).
  package func next() -> String? {
    let inside = items.indices.filter { index in
      items[index].parent.map { status(of: $0) == .inProgress } ?? false
    }
    let outside = items.indices.filter { items[$0].parent == nil }
    for candidates in [inside, outside] {
      let open = candidates.filter { isOpen($0) && dependencies(of: $0).allSatisfy(isDone) }
      if let first = open.min(by: comesFirst) { return items[first].name }
    }
    return nil
  }

  /// Whether a task can be taken up: nothing that it depends on is open, where what was cancelled holds
  /// nobody up.
  func isReady(_ index: Int) -> Bool {
    guard let status = status(of: index), [.pending, .inProgress, .review].contains(status) else {
      return false
    }
    return dependencies(of: index).allSatisfy { dependency in
      isDone(dependency) || dependency.item.map { self.status(of: $0) == .cancelled } ?? false
    }
  }

  private func isOpen(_ index: Int) -> Bool {
    let status = status(of: index)
    return status == .pending || status == .inProgress
  }

  private func isDone(_ dependency: Dependency) -> Bool {
    dependency.item.flatMap { status(of: $0) }?.isDone ?? false
  }

  private func comesFirst(_ a: Int, _ b: Int) -> Bool {
    if items[a].priority != items[b].priority { return items[a].priority > items[b].priority }
    let (x, y) = (dependencies(of: a).count, dependencies(of: b).count)
    if x != y { return x < y }
    return Self.isOrdered(items[a].name, items[b].name)
  }

  /// Whether one id stands in front of another: `2.9` before `2.10`.
  static func isOrdered(_ a: String, _ b: String) -> Bool {
    let (left, right) = (a.split(separator: "."), b.split(separator: "."))
    for (x, y) in zip(left, right) where x != y {
      if let x = Int(x), let y = Int(y), x != y { return x < y }
      return x < y
    }
    return left.count < right.count
  }
}
