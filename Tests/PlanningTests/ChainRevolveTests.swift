import Glibc
import Planning
import Testing

/// A chain that is really carried out: a state is a number that depends on all steps before it.
struct SweptChain {
  var forwardSteps = 0
  var mostKept = 1
  /// The state that must be visited next.
  private(set) var next: Int
  private var kept: [Int: UInt64] = [0: 1]
  private var written: [Int: UInt64] = [:]
  private var working = (state: 0, value: UInt64(1))
  private let values: [UInt64]

  init(states: Int) {
    next = states - 1
    var values: [UInt64] = [1]
    values.reserveCapacity(states)
    while values.count < states { values.append(Self.step(values[values.count - 1])) }
    self.values = values
  }

  private static func step(_ value: UInt64) -> UInt64 { value &* 6_364_136_223_846_793_005 &+ 7 }

  mutating func sweep(_ actions: some Sequence<SweepAction>) throws {
    for action in actions { try perform(action) }
    #expect(next == -1)
    #expect(kept.isEmpty)
  }

  mutating func perform(_ action: SweepAction) throws {
    switch action {
    case .load(let state): working = (state, try #require(kept[state]))
    case .read(let state): working = (state, try #require(written[state]))
    case .write(let state):
      try #require(working.state == state)
      written[state] = working.value
    case .store(let state):
      try #require(working.state == state)
      kept[state] = working.value
      mostKept = max(mostKept, kept.count)
    case .drop(let state): try #require(kept.removeValue(forKey: state) != nil)
    case .advance(let state): try advance(to: state)
    case .visit(let state):
      try #require(state == next && working.state == state && working.value == values[state])
      next -= 1
    }
  }

  private mutating func advance(to state: Int) throws {
    try #require(working.state < state)
    forwardSteps += state - working.state
    var value = working.value
    var steps = state - working.state
    while steps > 0 {
      value = Self.step(value)
      steps -= 1
    }
    working = (state, value)
  }
}

@Suite("Reverse sweeps")
struct ChainRevolveTests {
  struct Row: Sendable {
    let states: Int
    let slots: Int
    let factor: Double
  }

  /// The columns of the table for Revolve: least slots for at most two and three runs of a step, and
  /// log₂ n slots.
  static let rows = [
    Row(states: 100, slots: 19, factor: 1.81), Row(states: 100, slots: 13, factor: 1.87),
    Row(states: 100, slots: 7, factor: 2.58), Row(states: 1_000, slots: 63, factor: 1.94),
    Row(states: 1_000, slots: 44, factor: 1.96), Row(states: 1_000, slots: 17, factor: 2.81),
    Row(states: 1_000, slots: 10, factor: 3.64), Row(states: 10_000, slots: 199, factor: 1.98),
    Row(states: 10_000, slots: 140, factor: 1.99), Row(states: 10_000, slots: 38, factor: 2.92),
    Row(states: 10_000, slots: 14, factor: 4.61), Row(states: 100_000, slots: 632, factor: 1.99),
    Row(states: 100_000, slots: 446, factor: 2.00), Row(states: 100_000, slots: 83, factor: 2.96),
    Row(states: 100_000, slots: 17, factor: 5.66), Row(states: 1_000_000, slots: 1_999, factor: 2),
    Row(states: 1_000_000, slots: 1_413, factor: 2),
    Row(states: 1_000_000, slots: 180, factor: 2.98),
    Row(states: 1_000_000, slots: 20, factor: 6.82),
  ]

  /// A million states take seconds in a debug build: only with `CAIRN_SOAK=1`.
  static let longest = getenv("CAIRN_SOAK") != nil ? 1_000_000 : 100_000

  @Test(
    "the table is reproduced by carrying the sweeps out",
    arguments: rows.filter { $0.states <= longest })
  func tableByExecution(row: Row) throws {
    var chain = SweptChain(states: row.states)
    try chain.sweep(Revolve(states: row.states, slots: row.slots))
    #expect(chain.mostKept <= row.slots)
    #expect(
      chain.forwardSteps == Revolve.forwardSteps(states: row.states, slots: row.slots))
    let factor = Double(chain.forwardSteps) / Double(row.states - 1)
    #expect((factor * 100).rounded() == (row.factor * 100).rounded())
  }

  @Test(arguments: [
    (100, 13, 7), (1_000, 44, 17), (10_000, 140, 38), (100_000, 446, 83), (1_000_000, 1_413, 180),
  ])
  func leastSlots(states: Int, twice: Int, thrice: Int) {
    for (slots, runs) in [(twice, 2), (thrice, 3)] {
      #expect(Revolve.reach(slots: slots, repetitions: runs) >= states)
      #expect(Revolve.reach(slots: slots - 1, repetitions: runs) < states)
    }
    let slots = Revolve.leastSlots(states: states, workFactor: 2)
    #expect(Revolve.forwardSteps(states: states, slots: slots) <= 2 * (states - 1))
    #expect(Revolve.forwardSteps(states: states, slots: slots - 1) > 2 * (states - 1))
  }

  static let oneLevelRows = [
    Row(states: 100, slots: 19, factor: 1.82), Row(states: 1_000, slots: 63, factor: 1.96),
    Row(states: 10_000, slots: 199, factor: 1.98), Row(states: 100_000, slots: 632, factor: 2),
    Row(states: 1_000_000, slots: 1_999, factor: 2),
  ]

  @Test(arguments: oneLevelRows.filter { $0.states < longest })
  func equalDistances(row: Row) throws {
    let checkpoints = OneLevelCheckpoints(states: row.states)
    #expect(checkpoints.slots == row.slots)
    var chain = SweptChain(states: row.states)
    try chain.sweep(checkpoints.sweep)
    #expect(chain.mostKept == row.slots || chain.mostKept == row.slots - 1)
    let factor = Double(chain.forwardSteps) / Double(row.states - 1)
    #expect((factor * 100).rounded() == (row.factor * 100).rounded())
  }

  /// d(n, s) = min over k of k + d(n − k, s − 1) + d(k, s).
  @Test func noCutIsBetter() throws {
    var least = [[Int]](repeating: [], count: 41)
    for count in 1...40 {
      least[count] = (0...8).map { slots in
        if slots == 0 { return count == 1 ? 0 : 1 << 40 }
        if slots == 1 || count == 1 { return count * (count - 1) / 2 }
        return (1..<count).map { $0 + least[count - $0][slots - 1] + least[$0][slots] }.min() ?? 0
      }
      for slots in 1...8 {
        var chain = SweptChain(states: count)
        try chain.sweep(Revolve(states: count, slots: slots))
        #expect(chain.forwardSteps == least[count][slots], "\(count) states, \(slots) slots")
        #expect(chain.mostKept <= slots)
      }
    }
  }
}
