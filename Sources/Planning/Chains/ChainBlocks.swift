/// A chain cut into blocks of neighbouring states, with sizes in units.
///
/// Up to the wanted number of blocks, each is one state; otherwise they hold nearly the same number.
struct ChainBlocks: Sendable {
  /// One way to sweep a block whose first state is kept.
  struct Leaf: Sendable {
    let slots: Int
    let seconds: Double
    /// Units beside the block's first state.
    let room: Int
  }

  let chain: ChainReversal.Chain
  private let unitsByState: [Int]
  private let starts: [Int]
  private let elapsed: [Double]
  /// By first block and end: the most units of two neighbouring states on the way.
  private var spans: [[Int]] = []
  private var leavesByBlock: [[Leaf]] = []

  init(_ chain: ChainReversal.Chain, blockCount: Int, unitBytes: Int64) {
    self.chain = chain
    unitsByState = chain.bytes.map { Int(($0 + unitBytes - 1) / unitBytes) }
    let states = chain.bytes.count
    let blockCount = min(blockCount, states)
    starts = (0...blockCount).map { $0 * states / blockCount }
    elapsed = chain.seconds.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    spans = (0..<blockCount).map { spans(from: $0, isKept: true) }
    leavesByBlock = (0..<blockCount).map { leaves(of: self.states(of: $0)) }
  }
}

extension ChainBlocks {
  var count: Int { starts.count - 1 }

  func states(of block: Int) -> Range<Int> { starts[block]..<starts[block + 1] }

  /// Units of a block's first state.
  func units(_ block: Int) -> Int { unitsByState[starts[block]] }

  /// Seconds from the first state of one block to that of another.
  func seconds(_ start: Int, _ end: Int) -> Double {
    elapsed[starts[end]] - elapsed[starts[start]]
  }

  func writeSeconds(_ block: Int) -> Double { chain.store?.write[starts[block]] ?? 0 }

  func readSeconds(_ block: Int) -> Double { chain.store?.read[starts[block]] ?? 0 }

  func leaves(_ block: Int) -> [Leaf] { leavesByBlock[block] }

  /// Units needed between two blocks' first states, the first of which stays.
  func span(_ start: Int, _ end: Int) -> Int { spans[start][end - start - 1] }

  /// The same if the first state is only read into the workspace.
  func looseSpan(_ start: Int, _ end: Int) -> Int {
    max(span(start, end), stepUnits(starts[start], isKept: false))
  }

  private func spans(from block: Int, isKept: Bool) -> [Int] {
    var most = 0
    return (block + 1..<max(count, block + 1)).map { end in
      for state in starts[end - 1]..<starts[end] {
        most = max(most, stepUnits(state, isKept: state == starts[block]))
      }
      return most
    }
  }

  /// Units of a step's two ends; the first does not count if it is kept anyway.
  private func stepUnits(_ state: Int, isKept: Bool) -> Int {
    let (own, next) = (unitsByState[state], unitsByState[state + 1])
    if isKept { return next }
    return chain.isInPlace[state] ? max(own, next) : own + next
  }

  /// Sweeps a block with several numbers of slots, to see what that takes.
  ///
  /// All numbers for small blocks, powers of two for others, and none that runs steps more than 16
  /// times on average.
  private func leaves(of states: Range<Int>) -> [Leaf] {
    let count = states.count
    if count == 1 { return [Leaf(slots: 1, seconds: 0, room: 0)] }
    if count <= 32 { return (1...count).map { leaf(states, slots: $0) } }
    let least = Revolve.leastSlots(states: count, workFactor: 16)
    let doubled = sequence(first: least) { $0 < count ? min(2 * $0, count) : nil }
    return doubled.map { leaf(states, slots: $0) }
  }

  /// - Complexity: O(forward steps).
  private func leaf(_ states: Range<Int>, slots: Int) -> Leaf {
    var seconds = 0.0
    var held = 0
    var room = 0
    var working = states.lowerBound
    for action in Revolve(states: states.count, slots: slots) {
      switch action.shifted(by: states.lowerBound) {
      case .load(let state): working = state
      case .store(let state): held += unitsByState[state]
      case .drop(let state): held -= unitsByState[state]
      case .advance(let end):
        // Revolve sets out from kept states only, and none is kept ahead.
        for state in working..<end {
          room = max(room, held + stepUnits(state, isKept: state == working))
        }
        seconds += elapsed[end] - elapsed[working]
        working = end
      case .visit, .write, .read: break
      }
    }
    return Leaf(slots: slots, seconds: seconds, room: room)
  }
}

extension SweepAction {
  /// The same in a chain that begins with a later state.
  func shifted(by count: Int) -> SweepAction {
    switch self {
    case .load(let state): .load(state + count)
    case .advance(let state): .advance(to: state + count)
    case .store(let state): .store(state + count)
    case .visit(let state): .visit(state + count)
    case .drop(let state): .drop(state + count)
    case .write(let state): .write(state + count)
    case .read(let state): .read(state + count)
    }
  }
}
