/// Where each artifact lies while a plan's moves are carried out.
struct Residency {
  let plan: MovePlan
  /// By artifact of the dataflow: its stays, by beginning.
  let stays: IndexRows
  /// By artifact: the move from which on it lies on the spill file system; `Int.max` if it does not.
  var spilledAt: [Int]

  init(_ plan: MovePlan, artifactCount: Int) {
    self.plan = plan
    stays = IndexRows(plan.stays.map { [Int($0)] }).inverted(count: artifactCount)
    spilledAt = Array(repeating: .max, count: artifactCount)
    for (place, move) in plan.moves.enumerated() {
      if case .spill(let artifact) = move { spilledAt[Int(artifact)] = place }
    }
  }

  /// The gap in which an artifact lies in the workspace just before a move; nil if it does not.
  ///
  /// - Complexity: O(log stays + log consumers).
  func gap(of artifact: Int, before place: Int) -> Int? {
    let row = stays[artifact]
    let next = row.firstSorted { plan.flow.producer[Int($0)] >= place }
    guard next > row.startIndex else { return nil }
    let stay = Int(row[next - 1])
    let consumers = plan.flow.consumers[stay]
    let reader = consumers.firstSorted { $0 >= place }
    return reader < consumers.endIndex ? reader : nil
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element has a property that all elements behind it have too.
  func firstSorted(where hasPassed: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if hasPassed(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
