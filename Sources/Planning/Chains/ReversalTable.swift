/// Least seconds and how they come about, by first block, end and free units.
struct ReversalTable: Sendable {
  enum Choice: UInt8 {
    /// Not possible.
    case none
    /// A single block, swept in the way with the given number.
    case leaf
    /// The first state is read from the store and kept.
    case load
    /// A later state is kept in the workspace, or written to the store.
    case keep
    case write
  }

  private let blockCount: Int
  private let unitCount: Int
  private var seconds: [Double]
  private var choices: [Choice.RawValue]
  private var places: [Int16]

  init(blockCount: Int, unitCount: Int) {
    self.blockCount = blockCount
    self.unitCount = unitCount
    let count = blockCount * (blockCount + 1) / 2 * (unitCount + 1)
    seconds = Array(repeating: .infinity, count: count)
    choices = Array(repeating: 0, count: count)
    places = Array(repeating: 0, count: count)
  }

  /// Pairs lie by length, and those of one length by their start.
  private func row(_ start: Int, _ end: Int) -> Int {
    let length = end - start
    let before = (length - 1) * blockCount - (length - 1) * (length - 2) / 2
    return (before + start) * (unitCount + 1)
  }

  subscript(start: Int, end: Int, units: Int) -> Double { seconds[row(start, end) + units] }

  func choice(_ start: Int, _ end: Int, _ units: Int) -> (Choice, Int) {
    let index = row(start, end) + units
    return (Choice(rawValue: choices[index]) ?? .none, Int(places[index]))
  }

  mutating func offer(
    _ value: Double, _ choice: Choice, _ place: Int, _ start: Int, _ end: Int, _ units: Int
  ) {
    offer(value, choice, place, at: row(start, end) + units)
  }

  private mutating func offer(_ value: Double, _ choice: Choice, _ place: Int, at index: Int) {
    guard value < seconds[index] else { return }
    seconds[index] = value
    choices[index] = choice.rawValue
    places[index] = Int16(place)
  }

  /// Offers a cut for all amounts of free units.
  ///
  /// The part behind the cut is looked up in this table, or in another one.
  mutating func cut(
    _ start: Int, _ cut: Int, _ end: Int, _ way: Way, _ choice: Choice,
    behind: ReversalTable? = nil
  ) {
    let least = max(way.room, way.bytes)
    guard least <= unitCount else { return }
    let row = row(start, end)
    let before = self.row(start, cut)
    let after = self.row(cut, end) - way.bytes
    for units in least...unitCount {
      let tail = behind?.seconds[after + units] ?? seconds[after + units]
      offer(way.seconds + tail + seconds[before + units], choice, cut, at: row + units)
    }
  }
}
