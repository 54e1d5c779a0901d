/// Goes on from several down-sets at once, a step at a time, and keeps the most promising.
///
/// A down-set that is reached twice (Zobrist, "A new hashing method with application for game playing",
/// 1970) is kept once. A step that leaves no more than it found and stays under what is wanted runs at
/// once: earlier in any completion it leaves every later prefix no larger, so nothing is lost. Orders
/// that reach the bound are dropped: only a better one counts.
///
/// - Complexity: O(steps · width · (steps + artifacts)).
struct BeamSearch: Sendable {
  private struct State {
    var set: DownSet
    var ready: [Int32]
    var key: UInt64
  }

  private struct Choice: Comparable {
    var peak: Int64
    var live: Int64
    var rank: Int32
    var state: Int32
    var step: Int32

    static func < (a: Choice, b: Choice) -> Bool {
      if a.peak != b.peak { return a.peak < b.peak }
      if a.live != b.live { return a.live < b.live }
      return a.rank != b.rank ? a.rank < b.rank : a.state < b.state
    }
  }

  private let flow: DirectedFlow
  private let rank: [Int32]
  private let width: Int
  /// Footprints up to here are free: a proved bound of every order's peak, or all that is wanted.
  private let free: Int64
  private let incumbent: Int64
  private let keys: [UInt64]
  private static let choicesPerState = 12

  /// An order whose peak is less than the incumbent's, or nil.
  ///
  /// Along `base`, an order, the search always goes on too.
  static func order(
    _ flow: DirectedFlow, base: [Int32], width: Int, under incumbent: Int64, free: Int64
  ) -> [Int32]? {
    var random = SplitMix64(seed: 7)
    let search = BeamSearch(
      flow: flow, rank: positions(base), width: width, free: free, incumbent: incumbent,
      keys: base.map { _ in random.next() })
    return search.run()
  }

  private init(
    flow: DirectedFlow, rank: [Int32], width: Int, free: Int64, incumbent: Int64, keys: [UInt64]
  ) {
    self.flow = flow
    self.rank = rank
    self.width = width
    self.free = free
    self.incumbent = incumbent
    self.keys = keys
  }

  private func run() -> [Int32]? {
    let set = DownSet(flow)
    var start = State(
      set: set, ready: (0..<Int32(flow.count)).filter { set.isReady(Int($0)) }, key: 0)
    settle(&start)
    var front = [start]
    while !front.isEmpty {
      let ended = front.filter { $0.set.steps.count == flow.count }
      if let best = ended.min(by: { $0.set.peak < $1.set.peak }) { return best.set.steps }
      front = followers(of: front)
    }
    return nil
  }

  /// Half of the beam by peak and live bytes, half along the base order.
  private func followers(of front: [State]) -> [State] {
    let choices = front.indices.flatMap { self.choices(front[$0], Int32($0)) }.sorted()
    let along = choices.sorted { ($0.peak, $0.rank, $0.state) < ($1.peak, $1.rank, $1.state) }
    var seen: Swift.Set<UInt64> = []
    var result: [State] = []
    take(choices, upTo: width, front, &seen, &result)
    take(along, upTo: 2 * width, front, &seen, &result)
    return result
  }

  private func take(
    _ choices: [Choice], upTo limit: Int, _ front: [State], _ seen: inout Swift.Set<UInt64>,
    _ result: inout [State]
  ) {
    for choice in choices {
      guard result.count < limit else { return }
      let parent = front[Int(choice.state)]
      guard seen.insert(parent.key ^ keys[Int(choice.step)]).inserted else { continue }
      var state = parent
      run(choice.step, &state)
      settle(&state)
      if state.key == parent.key ^ keys[Int(choice.step)] || seen.insert(state.key).inserted {
        result.append(state)
      }
    }
  }

  private func choices(_ state: State, _ number: Int32) -> [Choice] {
    var choices: [Choice] = []
    for step in state.ready {
      let use = state.set.live + state.set.startBytes(Int(step), flow)
      guard use < incumbent else { continue }
      let live = use - flow.scratchBytes[Int(step)] - state.set.freedBytes(Int(step), flow)
      choices.append(
        Choice(
          peak: max(free, state.set.peak, use), live: live, rank: rank[Int(step)], state: number,
          step: step))
    }
    choices.sort()
    guard choices.count > Self.choicesPerState else { return choices }
    let along = choices.min { $0.rank < $1.rank }
    choices.removeLast(choices.count - Self.choicesPerState)
    if let along, !choices.contains(along) { choices.append(along) }
    return choices
  }

  private func run(_ step: Int32, _ state: inout State) {
    state.set.run(Int(step), flow)
    state.key ^= keys[Int(step)]
    if let index = state.ready.firstIndex(of: step) {
      state.ready.swapAt(index, state.ready.count - 1)
    }
    state.ready.removeLast()
    for index in flow.after.range(Int(step)) {
      let follower = flow.after.items[index]
      if state.set.open[Int(follower)] == 0 { state.ready.append(follower) }
    }
  }

  /// Runs every step that leaves no more and does not raise the peak.
  private func settle(_ state: inout State) {
    while let step = state.ready.first(where: { isSafe(Int($0), state.set) }) { run(step, &state) }
  }

  private func isSafe(_ step: Int, _ set: DownSet) -> Bool {
    let start = set.startBytes(step, flow)
    guard set.live + start <= max(set.peak, free) else { return false }
    return start - flow.scratchBytes[step] <= set.freedBytes(step, flow)
  }
}
