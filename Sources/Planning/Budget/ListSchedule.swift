import HeapModule

/// Plays a dataflow on several workers: whenever something ends, what may start does, by priority.
///
/// Graham, "Bounds on multiprocessing timing anomalies", 1969. The planner tries orders and priorities
/// with it, and it shows what the safe-state rule is for: `naive` starts whatever fits, as most
/// schedulers do, and can come to stand with everything waiting for room.
package struct ListSchedule: Sendable {
  package enum Rule: Sendable, Equatable {
    case unbounded
    /// Starts what fits into the budget now.
    case naive(budgetBytes: Int64)
    /// Starts what keeps the state safe along a reference order.
    case safe(budgetBytes: Int64, order: [Int32])
  }

  package struct Result: Sendable, Equatable {
    /// nil: a deadlock.
    package var makespanSeconds: Double?
    package var peakBytes: Int64
    /// In the sequence in which they started; a safe reference order of its own.
    package var starts: [Int32]
  }

  /// Ready steps that are looked at before the turn is given up; the first of the order always is.
  package static let lookahead = 64

  private let flow: Dataflow
  private let claims: [Claim]
  private let rank: [Int32]
  private let rule: Rule
  private var safe: SafeState
  private var open: [Int32]
  private var room: MachineRoom
  private var ready = Heap<Candidate>()
  /// Ready steps that wait for a named resource.
  private var waiting = ResourceQueues<Candidate>()
  private var running = Heap<End>()
  private var seconds = 0.0
  private var usedBytes: Int64 = 0
  private var openReaders: [Int32]
  private var result = Result(makespanSeconds: nil, peakBytes: 0, starts: [])

  /// The smallest rank is the greatest candidate.
  private struct Candidate: Comparable {
    var rank: Int32
    var step: Int32
    static func < (a: Self, b: Self) -> Bool { (b.rank, b.step) < (a.rank, a.step) }
  }

  private struct End: Comparable {
    var seconds: Double
    var step: Int32
    static func < (a: Self, b: Self) -> Bool { (a.seconds, a.step) < (b.seconds, b.step) }
  }

  private init(
    _ flow: Dataflow, workers: Int, rank: [Int32], rule: Rule, claims: StepClaims?
  ) {
    self.flow = flow
    self.claims = claims?.claims ?? []
    room = claims?.room ?? MachineRoom(cores: workers)
    self.rank = rank
    self.rule = rule
    if case .safe(let budget, let order) = rule {
      safe = SafeState(flow, order: order, budgetBytes: budget)
    } else {
      safe = SafeState(Dataflow(steps: [], artifacts: []), order: [], budgetBytes: 0)
    }
    open = (0..<flow.count).map { Int32(flow.predecessors.count($0)) }
    openReaders = (0..<flow.artifactCount).map { Int32(flow.consumers.count($0)) }
  }
}

extension ListSchedule {
  /// Plays to the end, or until nothing can start any more.
  ///
  /// `workers` steps run at once, or as many as there is room for where there are claims; of those that
  /// are ready the one of the smallest `rank` starts first.
  ///
  /// - Complexity: O(steps · lookahead · degree · log steps) under the safe rule, else
  ///   O((steps + edges) · log steps).
  package static func play(
    _ flow: Dataflow, workers: Int, rank: [Int32], rule: Rule, claims: StepClaims? = nil
  ) -> Result {
    var schedule = ListSchedule(flow, workers: workers, rank: rank, rule: rule, claims: claims)
    return schedule.play()
  }

  /// Longest path from each step to the end, itself included, in seconds.
  ///
  /// - Complexity: O(steps + edges).
  package static func secondsAhead(_ flow: Dataflow) -> [Double] {
    var ahead = flow.seconds
    for step in flow.topologicalOrder().reversed().lazy.map({ Int($0) }) {
      ahead[step] += flow.successors[step].reduce(0) { max($0, ahead[Int($1)]) }
    }
    return ahead
  }

  /// Longest remaining path first: the rank of each step.
  ///
  /// - Complexity: O(steps · log steps + edges).
  package static func criticalPathRank(_ flow: Dataflow) -> [Int32] {
    let ahead = secondsAhead(flow)
    let sorted = ahead.indices.sorted { (ahead[$1], $0) < (ahead[$0], $1) }
    return rank(of: sorted.map { Int32($0) })
  }

  /// The place of each step in an order.
  package static func rank(of order: [Int32]) -> [Int32] {
    var rank = Array(repeating: Int32(0), count: order.count)
    for (place, step) in order.enumerated() { rank[Int(step)] = Int32(place) }
    return rank
  }

  private mutating func play() -> Result {
    for step in open.indices where open[step] == 0 { offer(step) }
    while true {
      startAll()
      guard let end = running.popMin() else { break }
      seconds = end.seconds
      finish(Int(end.step))
      while let next = running.min, next.seconds <= seconds {
        running.removeMin()
        finish(Int(next.step))
      }
    }
    if result.starts.count == flow.count { result.makespanSeconds = seconds }
    return result
  }

  private func claim(_ step: Int) -> Claim { claims.isEmpty ? .oneCore : claims[step] }

  private mutating func offer(_ step: Int) {
    ready.insert(Candidate(rank: rank[step], step: Int32(step)))
  }

  private mutating func startAll() {
    guard !room.isFull else { return }
    offerWaiting()
    var passed: [Candidate] = []
    while !room.isFull, passed.count < Self.lookahead, let next = ready.popMax() {
      let step = Int(next.step)
      if hasStarted(step) { continue }
      if let resource = room.shortage(of: claim(step)) {
        waiting.insert(next, for: resource)
      } else if mayStart(step) {
        start(step)
      } else {
        passed.append(next)
      }
    }
    for candidate in passed { ready.insert(candidate) }
    startUpcoming()
  }

  /// Lets the first of those that wait for a named resource be looked at again, if any of it is free.
  private mutating func offerWaiting() {
    guard !waiting.isEmpty else { return }
    var queues = waiting
    waiting = ResourceQueues()
    let first = queues.takeFirst(Self.lookahead, within: room) { !hasStarted(Int($0.step)) }
    for candidate in first { ready.insert(candidate) }
    waiting = queues
  }

  /// What stands next in the reference order, however low its priority.
  private mutating func startUpcoming() {
    guard case .safe = rule, !room.isFull else { return }
    for step in safe.upcoming(Self.lookahead) where open[step] == 0 {
      if mayStart(step) { start(step) }
    }
  }

  private func hasStarted(_ step: Int) -> Bool {
    guard case .safe = rule else { return false }
    return safe.stages[step] != .waiting
  }

  private mutating func mayStart(_ step: Int) -> Bool {
    guard room.fits(claim(step)) else { return false }
    return switch rule {
    case .unbounded: true
    case .naive(let budget): usedBytes + flow.startBytes(step) <= budget
    case .safe: safe.start(step)
    }
  }

  private mutating func start(_ step: Int) {
    room.take(claim(step))
    usedBytes += flow.startBytes(step)
    result.peakBytes = max(result.peakBytes, usedBytes)
    result.starts.append(Int32(step))
    running.insert(End(seconds: seconds + flow.seconds[step], step: Int32(step)))
  }

  private mutating func finish(_ step: Int) {
    room.giveBack(claim(step))
    if case .safe = rule { _ = safe.finish(step) }
    usedBytes -= flow.scratchBytes[step]
    for artifact in flow.inputs[step].lazy.map({ Int($0) }) {
      openReaders[artifact] -= 1
      if openReaders[artifact] == 0 { usedBytes -= flow.bytes[artifact] }
    }
    for successor in flow.successors[step].lazy.map({ Int($0) }) {
      open[successor] -= 1
      if open[successor] == 0 { offer(successor) }
    }
  }
}
