/// Which items wait for which, without a cycle at any moment.
///
/// Each item is two points, its begin and its end; a part lies between those of its parent, and a need
/// leads from the end of one item to the begin of another. So a need of a parent counts for its parts.
struct DecompositionOrder {
  private var successors: [[Int]]
  private(set) var needs: [[Int]]
  /// How many needs there are.
  private(set) var count = 0

  /// One entry an item: the index of its parent.
  init(parents: [Int?]) {
    successors = [[Int]](repeating: [], count: parents.count * 2)
    needs = [[Int]](repeating: [], count: parents.count)
    for (index, parent) in parents.enumerated() {
      successors[Self.begin(index)].append(Self.end(index))
      guard let parent else { continue }
      successors[Self.begin(parent)].append(Self.begin(index))
      successors[Self.end(index)].append(Self.end(parent))
    }
  }

  /// Makes `item` wait for `need`, unless that would close a cycle: then it returns false.
  ///
  /// - Complexity: O(items + needs).
  mutating func add(_ need: Int, to item: Int) -> Bool {
    if needs[item].contains(need) { return true }
    guard item != need, !reaches(Self.end(need), from: Self.begin(item)) else { return false }
    successors[Self.end(need)].append(Self.begin(item))
    needs[item].append(need)
    count += 1
    return true
  }

  private func reaches(_ goal: Int, from start: Int) -> Bool {
    var seen = [Bool](repeating: false, count: successors.count)
    var open = [start]
    while let next = open.popLast() {
      if next == goal { return true }
      if seen[next] { continue }
      seen[next] = true
      open += successors[next]
    }
    return false
  }

  private static func begin(_ item: Int) -> Int { item * 2 }
  private static func end(_ item: Int) -> Int { item * 2 + 1 }
}
