import HeapModule

/// The order with the least peak, by best-first search over the sets of steps that can have run.
///
/// The lattice of down-sets is a graph whose path costs are peaks, so the first way to the full set
/// that leaves the queue is best (a bottleneck shortest path). A step that leaves no more than it
/// found without raising the peak is run at once, by the dominance rule; this is what makes chains and
/// most real graphs small. As SERENITY does (Ahn et al., MLSys 2020), but with a cap on the states.
package struct ExactOrder: Sendable {
  /// What the search found out.
  package enum Outcome: Sendable, Equatable {
    case optimal([Int32])
    /// Every order has a peak of the incumbent's size or more.
    case nothingBetter
    /// More states than allowed.
    case gaveUp
  }

  private let flow: DirectedFlow
  private static let longestChain = 12
  private let incumbent: Int64
  private let cap: Int
  /// Words of 64 steps.
  private let words: Int
  private let keys: [UInt64]
  private let needs: [UInt64]
  private let takers: [UInt64]
  private let makers: [UInt64]
  private var states: StateTable
  private var open = Heap<Entry>()
  /// The state in hand.
  private var set: [UInt64]
  private var live: Int64 = 0
  private var peak: Int64 = 0
  private var key: UInt64 = 0
  private var ran: [Int32] = []

  private struct Entry: Comparable {
    var peak: Int64
    /// Steps that have not run: of equal peaks, the nearest to the end goes on.
    var left: Int32
    var live: Int64
    var state: Int32

    static func < (a: Entry, b: Entry) -> Bool {
      if a.peak != b.peak { return a.peak < b.peak }
      if a.left != b.left { return a.left < b.left }
      return a.live != b.live ? a.live < b.live : a.state < b.state
    }
  }

  /// Searches for an order with a smaller peak than the incumbent's.
  ///
  /// The bound is a proved one: footprints up to it are free. Time grows with states × steps × words
  /// of 64 steps.
  package static func search(
    _ flow: Dataflow, bound: Int64 = 0, under incumbent: Int64 = .max, cap: Int = 2_000_000,
    fromTheEnd: Bool = false
  ) -> Outcome {
    let view = DirectedFlow(flow, isReversed: fromTheEnd)
    return search(view, bound: bound, under: incumbent, cap: cap)
  }

  static func search(
    _ flow: DirectedFlow, bound: Int64, under incumbent: Int64, cap: Int
  ) -> Outcome {
    var search = ExactOrder(flow, bound, incumbent, cap)
    return search.run()
  }

  private init(_ flow: DirectedFlow, _ bound: Int64, _ incumbent: Int64, _ cap: Int) {
    self.flow = flow
    self.incumbent = incumbent
    self.cap = cap
    words = max(1, (flow.count + 63) / 64)
    var random = SplitMix64(seed: 11)
    keys = (0..<flow.count).map { _ in random.next() }
    needs = Self.masks(flow.before, words)
    takers = Self.masks(flow.takers, words)
    makers = Self.masks(flow.makers, words)
    states = StateTable(words: words)
    set = Array(repeating: 0, count: words)
    peak = bound
  }

  private static func masks(_ rows: IndexRows, _ words: Int) -> [UInt64] {
    var masks = Array(repeating: UInt64(0), count: rows.count * words)
    for row in 0..<rows.count {
      for item in rows[row] { masks[row * words + Int(item) / 64] |= 1 << UInt64(item % 64) }
    }
    return masks
  }
}

extension ExactOrder {
  private mutating func run() -> Outcome {
    guard peak < incumbent else { return .nothingBetter }
    settle()
    file(from: -1, by: -1)
    while let entry = open.popMin() {
      let state = Int(entry.state)
      guard states.peak[state] == entry.peak else { continue }
      if entry.left == 0 { return .optimal(flow.forwards(path(to: state))) }
      expand(state)
      if states.count > cap { return .gaveUp }
    }
    return .nothingBetter
  }

  private mutating func expand(_ state: Int) {
    load(state)
    let ready = (0..<flow.count).filter { isReady($0) && live + startBytes($0) < incumbent }
    for step in ready {
      load(state)
      advance(step)
      settle()
      file(from: Int32(state), by: Int32(step))
    }
  }

  private mutating func load(_ state: Int) {
    for word in 0..<words { set[word] = states.sets[state * words + word] }
    live = states.live[state]
    peak = states.peak[state]
    key = states.key[state]
    ran.removeAll(keepingCapacity: true)
  }

  private mutating func file(from parent: Int32, by step: Int32) {
    guard let state = states.file(set, key, peak: peak, live: live, parent: parent, step: step)
    else { return }
    let done = set.reduce(0) { $0 + $1.nonzeroBitCount }
    open.insert(
      Entry(peak: peak, left: Int32(flow.count - done), live: live, state: Int32(state)))
  }

  /// The steps to a state, run again from the start of it.
  private mutating func path(to state: Int) -> [Int32] {
    var order: [Int32] = []
    var next = state
    while next >= 0 {
      let parent = Int(states.parent[next])
      replay(parent, by: Int(states.step[next]))
      order.append(contentsOf: ran.reversed())
      next = parent
    }
    return order.reversed()
  }

  private mutating func replay(_ parent: Int, by step: Int) {
    if parent >= 0 {
      load(parent)
      advance(step)
    } else {
      for word in 0..<words { set[word] = 0 }
      (live, key, peak) = (0, 0, states.peak[0])
      ran.removeAll()
    }
    settle()
  }
}

extension ExactOrder {
  private func has(_ step: Int) -> Bool { set[step / 64] & (1 << UInt64(step % 64)) != 0 }

  private func isReady(_ step: Int) -> Bool {
    guard !has(step) else { return false }
    for word in 0..<words where needs[step * words + word] & ~set[word] != 0 { return false }
    return true
  }

  private func startBytes(_ step: Int) -> Int64 {
    var bytes = flow.scratchBytes[step]
    for index in flow.makes.range(step) {
      let artifact = Int(flow.makes.items[index])
      if !meets(makers, artifact) { bytes += flow.bytes[artifact] }
    }
    return bytes
  }

  private func meets(_ masks: [UInt64], _ artifact: Int) -> Bool {
    for word in 0..<words where masks[artifact * words + word] & set[word] != 0 { return true }
    return false
  }

  /// The bytes that go with a step: of what only it still takes.
  private func freedBytes(_ step: Int) -> Int64 {
    var bytes: Int64 = 0
    for index in flow.takes.range(step) {
      let artifact = Int(flow.takes.items[index])
      if isLast(step, artifact) { bytes += flow.bytes[artifact] }
    }
    return bytes
  }

  private func isLast(_ step: Int, _ artifact: Int) -> Bool {
    for word in 0..<words {
      var missing = takers[artifact * words + word] & ~set[word]
      if word == step / 64 { missing &= ~(1 << UInt64(step % 64)) }
      if missing != 0 { return false }
    }
    return true
  }

  private mutating func advance(_ step: Int) {
    let use = live + startBytes(step)
    peak = max(peak, use)
    live = use - flow.scratchBytes[step] - freedBytes(step)
    set[step / 64] |= 1 << UInt64(step % 64)
    key ^= keys[step]
    ran.append(Int32(step))
  }

  /// Runs whatever neither raises the peak nor leaves more, until nothing does.
  private mutating func settle() {
    var found = true
    while found {
      found = false
      for step in 0..<flow.count where isReady(step) {
        if trySafeChain(step, above: live, length: 1) { found = true }
      }
    }
  }

  /// Runs a ready step, and steps behind it that only it held back, if they leave no more together.
  ///
  /// Between the sets in front of such a chain and behind it lie only its beginnings, and all of them
  /// hold more: live bytes are submodular, so any completion loses nothing by running the chain at
  /// once. If the chain does not come down it is taken back.
  private mutating func trySafeChain(_ step: Int, above ground: Int64, length: Int) -> Bool {
    let start = startBytes(step)
    guard live + start <= peak else { return false }
    let before = live
    advance(step)
    if live <= ground { return true }
    if length < Self.longestChain {
      for index in flow.after.range(step) {
        let follower = Int(flow.after.items[index])
        guard isReady(follower) else { continue }
        if trySafeChain(follower, above: ground, length: length + 1) { return true }
      }
    }
    retreat(step, to: before)
    return false
  }

  private mutating func retreat(_ step: Int, to before: Int64) {
    live = before
    set[step / 64] &= ~(1 << UInt64(step % 64))
    key ^= keys[step]
    ran.removeLast()
  }
}
