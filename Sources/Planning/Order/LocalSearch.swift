/// Betters an order by moves at its peak.
///
/// A move takes the producer of something that lies there at the peak behind it, with all that depends
/// on it, or takes those who still need the thing to before the peak, with all that they need. Only
/// the window of positions between is another then: behind it the same steps have run, so the same
/// artifacts lie there. A window is measured from its end, where the first taker of an artifact that is
/// met is its last one.
///
/// What is made small is not the peak, which most moves leave alone, but the excess: how much the
/// footprints lie above what is wanted, the best peak less one byte, together.
struct LocalSearch: Sendable {
  let flow: Dataflow
  private(set) var order: [Int32]
  private(set) var position: [Int32]
  /// By artifact: the position of its last taker.
  private var last: [Int32]
  private(set) var footprint: PeakTree
  private(set) var best: [Int32]
  private(set) var bestPeak: Int64
  /// Σ of what lies over `bound`.
  private var excess: Int64 = 0
  private var bound: Int64 = 0
  private var random: SplitMix64
  private var failures = 0
  /// By step and by artifact: the turn in which it was last met.
  private var stepTurn: [Int32]
  private var artifactTurn: [Int32]
  private var turn: Int32 = 0
  /// The window as it would be, and its footprints; longer ones are not tried.
  private var draft: [Int32]
  private var draftUse: [Int64]
  private let longestWindow: Int
  private var moved: [Int32] = []
  private var resident: [Int32] = []
  private var weight: [Int64] = []
  private var restarts = 0
  private static let heats = [0.05, 1, 0.01, 0.2]
  private static let patience = 200

  init(_ flow: Dataflow, from order: [Int32], seed: UInt64, longestWindow: Int = 20_000) {
    self.flow = flow
    self.order = order
    position = positions(order)
    last = []
    let profile = flow.profile(order)
    footprint = PeakTree(profile)
    best = order
    bestPeak = profile.max() ?? 0
    random = SplitMix64(seed: seed)
    stepTurn = Array(repeating: 0, count: flow.count)
    artifactTurn = Array(repeating: 0, count: flow.artifactCount)
    self.longestWindow = min(flow.count, longestWindow)
    draft = Array(repeating: 0, count: self.longestWindow)
    draftUse = Array(repeating: 0, count: self.longestWindow)
    last = lastPositions()
    want()
  }

  private func lastPositions() -> [Int32] {
    (0..<flow.artifactCount).map { artifact in
      flow.consumers[artifact].reduce(0) { max($0, position[Int($1)]) }
    }
  }

  /// Wants one byte less than the best.
  private mutating func want() {
    bound = bestPeak - 1
    excess = footprint.excess(over: bound, 0..<flow.count)
  }

  private mutating func restart() {
    order = best
    position = positions(order)
    last = lastPositions()
    footprint = PeakTree(flow.profile(order))
    failures = 0
    restarts += 1
    want()
  }
}

extension LocalSearch {
  /// Tries so many moves, or fewer when an order of the target's peak is found.
  ///
  /// - Returns: Moves tried.
  mutating func run(moves: Int, target: Int64) -> Int {
    var tried = 0
    while tried < moves, bestPeak > target, let peak = somePeak() {
      survey(peak)
      guard !resident.isEmpty else { break }
      for _ in 0..<8 {
        tried += 1
        if tryMove(at: peak) { break }
        failures += 1
      }
      if failures >= Self.patience { restart() }
    }
    return tried
  }

  /// A position whose footprint is too large.
  private mutating func somePeak() -> Int? {
    let start = Int.random(in: 0..<max(1, flow.count), using: &random)
    return footprint.first(over: bound, from: start) ?? footprint.first(over: bound, from: 0)
  }

  /// Lists what lies there at a position, with the running sum of its bytes.
  private mutating func survey(_ peak: Int) {
    resident.removeAll(keepingCapacity: true)
    weight.removeAll(keepingCapacity: true)
    var sum: Int64 = 0
    for artifact in 0..<flow.artifactCount
    where last[artifact] >= peak && position[Int(flow.producer[artifact])] <= peak {
      sum += flow.bytes[artifact]
      resident.append(Int32(artifact))
      weight.append(sum)
    }
  }

  /// Something that lies there, by its bytes.
  private mutating func someResident() -> Int {
    let draw = Int64.random(in: 0..<(weight.last ?? 1), using: &random)
    var low = 0
    var high = weight.count - 1
    while low < high {
      let middle = (low + high) / 2
      if weight[middle] > draw { high = middle } else { low = middle + 1 }
    }
    return Int(resident[low])
  }

  /// - Returns: Whether the order is another now.
  private mutating func tryMove(at peak: Int) -> Bool {
    let artifact = someResident()
    turn += 1
    moved.removeAll(keepingCapacity: true)
    return random.next() & 1 == 0 ? delay(artifact, peak) : advance(artifact, peak)
  }

  /// Takes the producer behind the peak.
  private mutating func delay(_ artifact: Int, _ peak: Int) -> Bool {
    let producer = Int(flow.producer[artifact])
    let start = Int(position[producer])
    var end = peak + 1
    if start == peak || random.next() & 1 == 0 { end = firstSuccessor(producer, behind: peak) }
    guard end - start > 1, end - start <= longestWindow else { return false }
    collectSuccessors(of: producer, before: end)
    guard start == peak || stepTurn[Int(order[peak])] != turn else { return false }
    return settle(start..<end, movedFirst: false)
  }

  private func firstSuccessor(_ step: Int, behind peak: Int) -> Int {
    var first = flow.count
    for index in flow.successors.range(step) {
      let place = Int(position[Int(flow.successors.items[index])])
      if place > peak { first = min(first, place) }
    }
    return first
  }

  private mutating func collectSuccessors(of step: Int, before end: Int) {
    mark(Int32(step))
    var next = 0
    while next < moved.count {
      let row = flow.successors.range(Int(moved[next]))
      for index in row where position[Int(flow.successors.items[index])] < end {
        mark(flow.successors.items[index])
      }
      next += 1
    }
  }

  private mutating func mark(_ step: Int32) {
    guard stepTurn[Int(step)] != turn else { return }
    stepTurn[Int(step)] = turn
    moved.append(step)
  }

  /// Takes who still needs the artifact, one or all, before the peak.
  private mutating func advance(_ artifact: Int, _ peak: Int) -> Bool {
    let takers = flow.consumers.range(artifact)
    if random.next() & 1 == 0 {
      let taker = flow.consumers.items[Int.random(in: takers, using: &random)]
      if position[Int(taker)] >= peak { mark(taker) }
    } else {
      for index in takers where position[Int(flow.consumers.items[index])] >= peak {
        mark(flow.consumers.items[index])
      }
    }
    guard !moved.isEmpty else { return false }
    var start = peak
    if random.next() & 1 == 0 { start = lastPredecessor(before: peak) + 1 }
    collectPredecessors(from: start)
    let holdsPeak = stepTurn[Int(order[peak])] == turn
    guard !holdsPeak || start < peak else { return false }
    var end = peak
    for step in moved { end = max(end, Int(position[Int(step)]) + 1) }
    guard end - start <= longestWindow, moved.count < end - start else { return false }
    return settle(start..<end, movedFirst: true)
  }

  /// The last position before the peak of what the moved steps need.
  private func lastPredecessor(before peak: Int) -> Int {
    var last = -1
    for step in moved {
      for index in flow.predecessors.range(Int(step)) {
        let place = Int(position[Int(flow.predecessors.items[index])])
        if place < peak { last = max(last, place) }
      }
    }
    return last
  }

  private mutating func collectPredecessors(from start: Int) {
    var next = 0
    while next < moved.count {
      let row = flow.predecessors.range(Int(moved[next]))
      for index in row where position[Int(flow.predecessors.items[index])] >= start {
        mark(flow.predecessors.items[index])
      }
      next += 1
    }
  }
}

extension LocalSearch {
  /// Measures a window with the moved steps in front of the others, or behind; keeps it if it is good.
  private mutating func settle(_ window: Range<Int>, movedFirst: Bool) -> Bool {
    write(window, movedFirst: movedFirst)
    let before = footprint.excess(over: bound, window)
    let allowance = Int64(Double(bound) * warmth())
    guard let after = measure(window, limit: before + allowance) else { return false }
    keep(window)
    excess += after - before
    if excess == 0 { celebrate() }
    return true
  }

  /// How much worse a move may make it, as a share of the peak: little mostly, seldom much.
  private mutating func warmth() -> Double {
    let draw = Double(random.next() >> 11) * 0x1p-53
    return draw * draw * draw * Self.heats[restarts % Self.heats.count]
  }

  private mutating func write(_ window: Range<Int>, movedFirst: Bool) {
    var front = movedFirst ? 0 : window.count - moved.count
    var rest = movedFirst ? moved.count : 0
    for place in window {
      let step = order[place]
      if stepTurn[Int(step)] == turn {
        draft[front] = step
        front += 1
      } else {
        draft[rest] = step
        rest += 1
      }
    }
  }

  /// The excess of the draft, or nil as soon as it is over a limit.
  private mutating func measure(_ window: Range<Int>, limit: Int64) -> Int64? {
    var sum: Int64 = 0
    let end = Int32(window.upperBound)
    var live = liveBehind(window.upperBound)
    for index in stride(from: window.count - 1, through: 0, by: -1) {
      let step = Int(draft[index])
      for input in flow.inputs.range(step) {
        let artifact = Int(flow.inputs.items[input])
        guard last[artifact] < end, artifactTurn[artifact] != turn else { continue }
        artifactTurn[artifact] = turn
        live += flow.bytes[artifact]
      }
      let use = live + flow.scratchBytes[step]
      draftUse[index] = use
      if use > bound {
        sum += use - bound
        if sum > limit { return nil }
      }
      live -= flow.outBytes[step]
    }
    return sum
  }

  /// What lies there behind the steps in front of a position.
  private func liveBehind(_ place: Int) -> Int64 {
    guard place < flow.count else { return 0 }
    let step = Int(order[place])
    return footprint[place] - flow.startBytes(step)
  }

  private mutating func keep(_ window: Range<Int>) {
    turn += 1
    let end = Int32(window.upperBound)
    for index in stride(from: window.count - 1, through: 0, by: -1) {
      let step = Int(draft[index])
      let place = Int32(window.lowerBound + index)
      order[Int(place)] = draft[index]
      position[step] = place
      for input in flow.inputs.range(step) {
        let artifact = Int(flow.inputs.items[input])
        guard last[artifact] < end, artifactTurn[artifact] != turn else { continue }
        artifactTurn[artifact] = turn
        last[artifact] = place
      }
    }
    footprint.replace(from: window.lowerBound, with: draftUse, count: window.count)
  }

  private mutating func celebrate() {
    best = order
    bestPeak = footprint.peak
    failures = 0
    want()
  }
}
