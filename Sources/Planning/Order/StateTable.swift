/// Sets of steps by number, each once, with the least peak at which it was reached.
///
/// Open addressing on a key that the caller keeps; the sets themselves are compared, so an accident of
/// keys costs time and never an answer.
struct StateTable: Sendable {
  private let words: Int
  private(set) var sets: [UInt64] = []
  private(set) var key: [UInt64] = []
  private(set) var peak: [Int64] = []
  private(set) var live: [Int64] = []
  /// The state that it was reached from, or -1, and the step that was taken there.
  private(set) var parent: [Int32] = []
  private(set) var step: [Int32] = []
  /// Numbers of states, -1 in free places; a power of two of them.
  private var places: [Int32]

  init(words: Int) {
    self.words = words
    places = Array(repeating: -1, count: 1_024)
  }

  var count: Int { key.count }

  /// Notes a state; nil if it was known at this peak or a lower one.
  mutating func file(
    _ set: [UInt64], _ key: UInt64, peak: Int64, live: Int64, parent: Int32, step: Int32
  ) -> Int? {
    if 2 * count >= places.count { grow() }
    let place = find(set, key)
    let known = Int(places[place])
    if known >= 0 {
      guard peak < self.peak[known] else { return nil }
      self.peak[known] = peak
      self.parent[known] = parent
      self.step[known] = step
      return known
    }
    places[place] = Int32(count)
    append(set, key, peak, live, parent, step)
    return count - 1
  }

  private mutating func append(
    _ set: [UInt64], _ key: UInt64, _ peak: Int64, _ live: Int64, _ parent: Int32, _ step: Int32
  ) {
    sets.append(contentsOf: set)
    self.key.append(key)
    self.peak.append(peak)
    self.live.append(live)
    self.parent.append(parent)
    self.step.append(step)
  }

  /// The place of a set, or the free one where it belongs.
  private func find(_ set: [UInt64], _ key: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: key) & (places.count - 1)
    while places[place] >= 0, !holds(Int(places[place]), set, key) {
      place = (place + 1) & (places.count - 1)
    }
    return place
  }

  private func holds(_ state: Int, _ set: [UInt64], _ key: UInt64) -> Bool {
    guard self.key[state] == key else { return false }
    for word in 0..<words where sets[state * words + word] != set[word] { return false }
    return true
  }

  private mutating func grow() {
    places = Array(repeating: -1, count: 2 * places.count)
    for state in 0..<count {
      var place = Int(truncatingIfNeeded: key[state]) & (places.count - 1)
      while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
      places[place] = Int32(state)
    }
  }
}
