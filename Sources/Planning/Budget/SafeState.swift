/// Which steps may start under a hard budget so that the run can always be brought to its end.
///
/// The banker's algorithm (Dijkstra, "Cooperating sequential processes", 1965) along a reference order
/// σ: a step may start if (1) what is used and what it adds stay within the budget, and (2) so does
/// every step of what would follow if all that runs ended and the rest of σ then ran alone, one after
/// the other. At the start σ itself fits, and a start that keeps (1) and (2) leaves a state with both.
/// If nothing runs, the first step of σ that has not started is ready and passes: its own use is part
/// of (2), and starting it changes nothing else. So the budget is never exceeded and nothing ever
/// waits for ever, whatever the priorities.
///
/// A failed attempt that is tried again comes to the front of σ: at the moment of its failure what is
/// used includes its own share, so it fits there once the others have ended, and behind it all is as
/// before. A step that will not run any more leaves σ, which only makes room; what it would have read
/// stays, for a retry, only if the caller pins it and the rest still fits.
struct SafeState: Sendable {
  enum Stage: UInt8, Sendable {
    case waiting, running, finished
    /// Will not run.
    case left
  }

  let flow: Dataflow
  private(set) var budgetBytes: Int64
  private(set) var stages: [Stage]
  /// Live artifacts and what running steps hold.
  private(set) var usedBytes: Int64 = 0
  /// What would follow if all that runs ended, and what is known of sizes.
  private var rest: RestOfOrder
  /// By artifact: consumers that have not ended.
  private var openReaders: [Int32] = []
  private var front = 0
  /// By running step: scratch beyond what was planned.
  private var excess: [Int32: Int64] = [:]

  /// Begins with everything before the first step; `order` holds all steps in a topological order.
  ///
  /// - Complexity: O((steps + uses) · log consumers).
  init(_ flow: Dataflow, order: [Int32], budgetBytes: Int64) {
    self.flow = flow
    self.budgetBytes = budgetBytes
    stages = Array(repeating: .waiting, count: flow.count)
    let none = Array(repeating: false, count: flow.artifactCount)
    rest = RestOfOrder(flow, order: order, bytes: flow.bytes, isPinned: none, isMade: none)
    countUse()
  }
}

extension SafeState {
  /// Waiting steps in reference order; those that have started since are still in it.
  var order: [Int32] { rest.order }

  /// Size of each artifact, as far as it is known by now.
  var bytes: [Int64] { rest.bytes }

  /// Whether the reference order can be finished within the budget from here.
  var isSafe: Bool { usedBytes <= budgetBytes && rest.peakBytes <= budgetBytes }

  /// The largest footprint if all that runs ended and the order then ran alone; 0 for no steps.
  var restPeakBytes: Int64 { max(0, rest.peakBytes) }

  /// The first step of the reference order that waits; nil if none does.
  mutating func first() -> Int? {
    let order = rest.order
    while front < order.count, stages[Int(order[front])] != .waiting { front += 1 }
    return front < order.count ? Int(order[front]) : nil
  }

  /// Returns the first waiting steps of the reference order.
  ///
  /// - Complexity: O(limit + steps passed that have started).
  mutating func upcoming(_ limit: Int) -> [Int] {
    guard first() != nil else { return [] }
    let order = rest.order
    var steps: [Int] = []
    var next = front
    while next < order.count, steps.count < limit, next < front + 4 * limit {
      let step = Int(order[next])
      if stages[step] == .waiting { steps.append(step) }
      next += 1
    }
    return steps
  }

  /// What a step holds while it runs.
  func startBytes(_ step: Int) -> Int64 {
    flow.outputs[step].reduce(flow.scratchBytes[step]) { $0 + rest.bytes[Int($1)] }
  }

  /// Lets a step start if that keeps the state safe; its predecessors must have ended.
  ///
  /// Where sizes turned out larger than they were thought, what is left may be past the budget already;
  /// then a step may start that makes that no worse.
  ///
  /// - Complexity: O((uses + 1) · log steps).
  mutating func start(_ step: Int) -> Bool {
    precondition(stages[step] == .waiting, "step \(step) cannot start twice")
    let added = startBytes(step)
    guard usedBytes + added <= budgetBytes, rest.start(step, within: budgetBytes) else {
      return false
    }
    stages[step] = .running
    usedBytes += added
    return true
  }

  /// Whether a step could start now; changes nothing.
  mutating func allows(_ step: Int) -> Bool {
    usedBytes + startBytes(step) <= budgetBytes && rest.allows(step, within: budgetBytes)
  }

  /// Notes that steps run, whether or not that is safe: they began under an earlier plan.
  ///
  /// - Complexity: O(steps + uses).
  mutating func force(_ steps: [Int]) {
    for step in steps { stages[step] = .running }
    rebuild()
  }

  /// A running step has ended well; returns the artifacts that nobody needs any more.
  ///
  /// - Complexity: O(uses).
  mutating func finish(_ step: Int) -> [Int] {
    precondition(stages[step] == .running, "step \(step) did not run")
    stages[step] = .finished
    usedBytes -= flow.scratchBytes[step] + (excess.removeValue(forKey: Int32(step)) ?? 0)
    var free = release(inputsOf: step)
    for artifact in flow.outputs[step].lazy.map({ Int($0) })
    where openReaders[artifact] == 0 && !rest.isPinned[artifact] {
      usedBytes -= rest.bytes[artifact]
      free.append(artifact)
    }
    return free
  }

  private mutating func release(inputsOf step: Int) -> [Int] {
    var free: [Int] = []
    for artifact in flow.inputs[step].lazy.map({ Int($0) }) {
      openReaders[artifact] -= 1
      guard openReaders[artifact] == 0, !rest.isPinned[artifact],
        stages[Int(flow.producer[artifact])] == .finished
      else { continue }
      usedBytes -= rest.bytes[artifact]
      free.append(artifact)
    }
    return free
  }
}

extension SafeState {
  /// A running step failed and will be tried again: it waits in front of all others.
  ///
  /// - Complexity: O(steps + uses).
  mutating func fail(_ step: Int) {
    precondition(stages[step] == .running, "step \(step) did not run")
    stages[step] = .waiting
    excess[Int32(step)] = nil
    // What started since the order was made still stands in it.
    rebuild([Int32(step)] + order.filter { $0 != Int32(step) })
  }

  /// Steps will not run any more, though they may be running or waiting now.
  ///
  /// What only they would still have read stays if `keepsInputs` and the rest fits with it; else it is
  /// let go, the largest first. Returns what is let go.
  ///
  /// - Complexity: O(steps + uses), times the logarithm of the artifacts in question.
  mutating func leave(_ steps: [Int], keepsInputs: Bool) -> [Int] {
    for step in steps {
      stages[step] = .left
      excess[Int32(step)] = nil
    }
    var wanted: [Int] = []
    for step in steps {
      for artifact in flow.inputs[step].lazy.map({ Int($0) }) where !rest.isPinned[artifact] {
        wanted.append(artifact)
      }
    }
    wanted = Array(Set(wanted)).sorted { (bytes[$0], $0) < (bytes[$1], $1) }
    let before = isLive
    pin(wanted, keepsInputs: keepsInputs)
    let after = isLive
    return before.indices.filter { before[$0] && !after[$0] }
  }

  /// Keeps as many of the artifacts, the smallest first, as leave the rest safe.
  private mutating func pin(_ artifacts: [Int], keepsInputs: Bool) {
    var low = 0
    var high = keepsInputs ? artifacts.count : 0
    while low < high {
      let middle = (low + high + 1) / 2
      var trial = self
      trial.rebuild(pinning: artifacts[..<middle])
      if trial.isSafe { low = middle } else { high = middle - 1 }
    }
    rebuild(pinning: artifacts[..<low])
  }

  /// By artifact: whether it lies in the workspace.
  var isLive: [Bool] {
    flow.producer.indices.map { isLive($0) }
  }

  func isLive(_ artifact: Int) -> Bool {
    stages[Int(flow.producer[artifact])] == .finished
      && (openReaders[artifact] > 0 || rest.isPinned[artifact])
  }

  /// Follows another order of the waiting steps, if that is safe from here.
  ///
  /// - Complexity: O(steps + uses).
  mutating func adopt(_ newer: [Int32], budgetBytes: Int64) -> Bool {
    var trial = self
    trial.budgetBytes = budgetBytes
    trial.rebuild(newer)
    guard trial.isSafe else { return false }
    self = trial
    return true
  }

  /// An artifact is larger or smaller than was thought.
  ///
  /// Afterwards the state may be unsafe (`isSafe`).
  ///
  /// - Complexity: O(log steps).
  mutating func resize(_ artifact: Int, to newBytes: Int64) {
    let delta = newBytes - rest.bytes[artifact]
    guard delta != 0 else { return }
    rest.resize(artifact, to: newBytes)
    switch stages[Int(flow.producer[artifact])] {
    case .waiting, .left: break
    case .finished: if isLive(artifact) { usedBytes += delta }
    case .running: usedBytes += delta
    }
  }

  /// A running step holds more, or less, scratch than was thought.
  mutating func useScratch(_ delta: Int64, of step: Int) {
    precondition(stages[step] == .running, "step \(step) does not run")
    excess[Int32(step), default: 0] += delta
    usedBytes += delta
  }

  /// Makes everything anew from stages, order, sizes and pins.
  private mutating func rebuild(_ newer: [Int32]? = nil, pinning artifacts: ArraySlice<Int> = []) {
    var isPinned = rest.isPinned
    for artifact in artifacts { isPinned[artifact] = true }
    rest = RestOfOrder(
      flow, order: (newer ?? rest.order).filter { stages[Int($0)] == .waiting },
      bytes: rest.bytes, isPinned: isPinned,
      isMade: flow.producer.map {
        stages[Int($0)] == .finished || stages[Int($0)] == .running
      })
    front = 0
    countUse()
  }

  private mutating func countUse() {
    openReaders = (0..<flow.artifactCount).map { artifact in
      Int32(flow.consumers[artifact].count { isOpen(Int($0)) })
    }
    usedBytes = 0
    for artifact in 0..<flow.artifactCount {
      if isLive(artifact) || stages[Int(flow.producer[artifact])] == .running {
        usedBytes += rest.bytes[artifact]
      }
    }
    for step in stages.indices where stages[step] == .running {
      usedBytes += flow.scratchBytes[step] + (excess[Int32(step)] ?? 0)
    }
  }

  private func isOpen(_ step: Int) -> Bool {
    stages[step] == .waiting || stages[step] == .running
  }
}
