import Model

/// The newest facts of a run, in memory; older ones are in the store.
struct EngineLog: Sendable {
  private let limit: Int
  private var facts: [Fact] = []
  /// Sequence of the newest fact that is not in `facts`.
  private var before: Int

  /// Begins behind `last`, the newest fact of earlier sessions.
  init(limit: Int, last: Int) {
    self.limit = max(1, limit)
    before = last
  }

  var last: Int { before + facts.count }

  mutating func append(_ new: [Fact]) {
    facts += new
    // Cut by the sixteenth, so that moving the rest costs O(1) a fact.
    let excess = facts.count - limit
    guard excess > limit / 16 else { return }
    facts.removeFirst(excess)
    before += excess
  }

  /// Returns facts behind a number, or nil if they begin in the store.
  func facts(after sequence: Int, limit: Int) -> ArraySlice<Fact>? {
    guard sequence >= before else { return nil }
    let start = min(sequence - before, facts.count)
    return facts[start..<min(start + limit, facts.count)]
  }
}
