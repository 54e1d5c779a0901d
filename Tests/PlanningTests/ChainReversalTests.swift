import Glibc
import Planning
import Testing

@Suite("Sweeps over uneven chains")
struct ChainReversalTests {
  /// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
  static let seeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 600 : 60))

  @Test(arguments: seeds)
  func theTableIsAsGoodAsAnExhaustiveSearch(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let chain = ChainReversal.Chain.random(states: 2...7, isUniform: seed % 3 == 0, using: &random)
    let total = chain.bytes.reduce(0, +)
    let reversal = ChainReversal(chain, budgetBytes: total)
    for _ in 0..<2 {
      let budget = Int64.random(in: 0...total, using: &random)
      var search = SweepSearch(chain, budgetBytes: budget)
      let least = search.leastSeconds()
      #expect(reversal.seconds(units: Int(budget)) == least, "\(chain) in \(budget)")
      guard least != nil else { continue }
      let actions = try #require(reversal.actions(units: Int(budget)))
      let meter = try SweepMeter.run(actions, on: chain)
      #expect(meter.seconds == least)
      #expect(meter.peakBytes <= budget)
    }
  }

  @Test(arguments: seeds)
  func aStoreHelpsAndItsSchedulesHold(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var chain = ChainReversal.Chain.random(states: 2...5, isUniform: false, using: &random)
    let total = chain.bytes.reduce(0, +)
    let without = ChainReversal(chain, budgetBytes: total)
    chain.store = ChainReversal.Store(
      write: chain.bytes.map { Double($0) / 2 }, read: chain.bytes.map { Double($0) / 4 })
    let reversal = ChainReversal(chain, budgetBytes: total)
    for _ in 0..<2 {
      let budget = Int64.random(in: 0...total, using: &random)
      let seconds = reversal.seconds(units: Int(budget))
      #expect(seconds ?? .infinity <= without.seconds(units: Int(budget)) ?? .infinity)
      var search = SweepSearch(chain, budgetBytes: budget)
      let least = search.leastSeconds()
      #expect(seconds == least, "\(chain) in \(budget)")
      guard let actions = reversal.actions(units: Int(budget)) else { continue }
      let meter = try SweepMeter.run(actions, on: chain)
      #expect(meter.seconds == seconds)
      #expect(meter.peakBytes <= budget)
    }
  }

  @Test func longChainsAreCutIntoBlocks() throws {
    var random = SplitMix64(seed: 1)
    let bytes = (0..<400).map { _ in Int64.random(in: 50...150, using: &random) }
    let seconds = (1..<400).map { _ in Double(Int.random(in: 1...9, using: &random)) }
    let chain = ChainReversal.Chain(bytes: bytes, seconds: seconds)
    let reversal = ChainReversal(chain, budgetBytes: 5_000, blockLimit: 20, unitLimit: 50)
    let actions = try #require(reversal.actions(units: reversal.unitCount))
    let meter = try SweepMeter.run(actions, on: chain)
    #expect(meter.peakBytes <= 5_000)
    #expect(meter.seconds == reversal.seconds(units: reversal.unitCount))
    #expect(meter.seconds <= 2 * seconds.reduce(0, +))
  }
}

extension ChainReversal.Chain {
  fileprivate static func random(
    states: ClosedRange<Int>, isUniform: Bool, using random: inout SplitMix64
  ) -> Self {
    let count = Int.random(in: states, using: &random)
    let bytes = (0..<count).map { _ in isUniform ? 1 : Int64.random(in: 1...4, using: &random) }
    let seconds = (1..<count).map { _ in
      isUniform ? 1 : Double(Int.random(in: 1...8, using: &random))
    }
    let isInPlace = (1..<count).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
    return Self(bytes: bytes, seconds: seconds, isInPlace: isInPlace)
  }
}

/// What a sweep takes when it is carried out.
private struct SweepMeter {
  let chain: ChainReversal.Chain
  var seconds = 0.0
  var peakBytes: Int64 = 0
  private var kept: Set<Int> = [0]
  private var written: Set<Int> = []
  private var working = 0
  private var next: Int

  static func run(_ actions: [SweepAction], on chain: ChainReversal.Chain) throws -> SweepMeter {
    var meter = SweepMeter(chain: chain, next: chain.bytes.count - 1)
    for action in actions { try meter.perform(action) }
    #expect(meter.next == -1)
    return meter
  }

  private init(chain: ChainReversal.Chain, next: Int) {
    self.chain = chain
    self.next = next
  }

  private mutating func perform(_ action: SweepAction) throws {
    switch action {
    case .load(let state):
      try #require(kept.contains(state))
      working = state
    case .read(let state):
      try #require(written.contains(state))
      working = state
      seconds += chain.store?.read[state] ?? .infinity
    case .write(let state):
      try #require(working == state)
      written.insert(state)
      seconds += chain.store?.write[state] ?? .infinity
    case .store(let state):
      try #require(working == state)
      kept.insert(state)
    case .drop(let state): try #require(kept.remove(state) != nil)
    case .advance(let state): while working < state { step() }
    case .visit(let state):
      try #require(working == state && next == state)
      next -= 1
    }
    measure(besides: [working])
  }

  private mutating func step() {
    let replaces = chain.isInPlace[working] && !kept.contains(working)
    measure(besides: replaces ? [working + 1] : [working, working + 1])
    seconds += chain.seconds[working]
    working += 1
  }

  private mutating func measure(besides states: Set<Int>) {
    peakBytes = max(peakBytes, kept.union(states).reduce(0) { $0 + chain.bytes[$1] })
  }
}

/// All ways to sweep a small chain, by least seconds first: Dijkstra over which states lie in the
/// workspace, which on the store, and which is visited next.
private struct SweepSearch {
  let chain: ChainReversal.Chain
  let budgetBytes: Int64
  private let count: Int
  private var best: [Double]
  private var open: [(seconds: Double, key: Int)] = []

  init(_ chain: ChainReversal.Chain, budgetBytes: Int64) {
    self.chain = chain
    self.budgetBytes = budgetBytes
    count = chain.bytes.count
    best = Array(repeating: .infinity, count: (count + 1) << (2 * count))
  }

  private func bytes(_ held: Int) -> Int64 {
    (0..<count).reduce(0) { held >> $1 & 1 == 1 ? $0 + chain.bytes[$1] : $0 }
  }

  mutating func leastSeconds() -> Double? {
    if chain.bytes[0] > budgetBytes { return nil }
    reach(held: 1, written: 0, left: count, seconds: 0)
    while !open.isEmpty {
      let at = open.indices.min { open[$0].seconds < open[$1].seconds } ?? 0
      let (seconds, key) = open.remove(at: at)
      if seconds > best[key] { continue }
      let left = key >> (2 * count)
      if left == 0 { return seconds }
      expand(
        held: key & ((1 << count) - 1), written: key >> count & ((1 << count) - 1), left, seconds)
    }
    return nil
  }

  private mutating func reach(held: Int, written: Int, left: Int, seconds: Double) {
    let key = (left << count | written) << count | held
    guard seconds < best[key], bytes(held) <= budgetBytes else { return }
    best[key] = seconds
    open.append((seconds, key))
  }

  private mutating func expand(held: Int, written: Int, _ left: Int, _ seconds: Double) {
    if held >> (left - 1) & 1 == 1 {
      reach(held: held, written: written, left: left - 1, seconds: seconds)
    }
    for state in 0..<count {
      let bit = 1 << state
      if held & bit == 0 {
        guard written & bit != 0, let store = chain.store else { continue }
        reach(held: held | bit, written: written, left: left, seconds: seconds + store.read[state])
        continue
      }
      reach(held: held & ~bit, written: written, left: left, seconds: seconds)
      if written & bit == 0, let store = chain.store {
        reach(held: held, written: written | bit, left: left, seconds: seconds + store.write[state])
      }
      guard state + 1 < left else { continue }
      let later = seconds + chain.seconds[state]
      reach(held: held | bit << 1, written: written, left: left, seconds: later)
      if chain.isInPlace[state] {
        reach(held: held & ~bit | bit << 1, written: written, left: left, seconds: later)
      }
    }
  }
}
