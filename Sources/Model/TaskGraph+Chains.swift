extension TaskGraph {
  /// Returns a number for each task, the same for those of one chain: the tasks with one `chain:` name,
  /// or a path in which each has one need and one dependent.
  ///
  /// - Complexity: O(tasks + edges).
  package func chains() -> [Int] {
    let links = links()
    var named: [String: Int] = [:]
    var chains = Array(repeating: 0, count: tasks.count)
    var count = 0
    for id in topologicalOrder(links) {
      let known = self[id].chain.map { named[$0] } ?? chainBefore(id, links, chains)
      chains[id.index] = known ?? count
      if known == nil { count += 1 }
      if let name = self[id].chain { named[name] = chains[id.index] }
    }
    return chains
  }

  /// That of the only task before this one, if this is the only one behind it.
  private func chainBefore(_ task: TaskID, _ links: Links, _ chains: [Int]) -> Int? {
    let before = links.predecessors[task.index]
    guard before.count == 1, let need = before.first, self[need].chain == nil,
      links.dependents[need.index].count == 1
    else { return nil }
    return chains[need.index]
  }
}
