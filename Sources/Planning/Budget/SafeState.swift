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
package struct SafeState: Sendable {
  package enum Stage: UInt8, Sendable {
    case waiting, running, finished
    /// Will not run.
    case left
  }

  package let flow: Dataflow
  package private(set) var budgetBytes: Int64
  /// Waiting steps in reference order; those that have started since are still in it.
  package private(set) var order: [Int32]
  package private(set) var stages: [Stage]
  /// Size of each artifact, as far as it is known by now.
  package private(set) var bytes: [Int64]
  /// Live artifacts and what running steps hold.
  package private(set) var usedBytes: Int64 = 0
  /// Index into `order` of each waiting step; -1 of others.
  private var position: [Int32] = []
  /// Footprint at each place of `order` if all that runs ended and the order then ran alone.
  private var profile = FootprintTree([])
  /// By artifact: consumers in `order`, and where its last waiting one and the one before it stand.
  private var readers = IndexRows()
  private var last: [Int32] = []
  private var beforeLast: [Int32] = []
  /// By artifact: consumers that have not ended, and whether it stays though none is left.
  private var openReaders: [Int32] = []
  private var pinned: [Bool]
  private var front = 0
  /// By running step: scratch beyond what was planned.
  private var excess: [Int32: Int64] = [:]

  /// Begins with everything before the first step; `order` holds all steps in a topological order.
  ///
  /// - Complexity: O((steps + uses) · log consumers).
  package init(_ flow: Dataflow, order: [Int32], budgetBytes: Int64) {
    self.flow = flow
    self.budgetBytes = budgetBytes
    self.order = order
    stages = Array(repeating: .waiting, count: flow.count)
    bytes = flow.bytes
    pinned = Array(repeating: false, count: flow.artifactCount)
    rebuild()
  }
}

extension SafeState {
  /// Whether the reference order can be finished within the budget from here.
  package var isSafe: Bool { usedBytes <= budgetBytes && profile.maximum <= budgetBytes }

  /// The largest footprint if all that runs ended and the order then ran alone; 0 for no steps.
  package var restPeakBytes: Int64 { max(0, profile.maximum) }

  /// The first step of the reference order that waits; nil if none does.
  package mutating func first() -> Int? {
    while front < order.count, stages[Int(order[front])] != .waiting { front += 1 }
    return front < order.count ? Int(order[front]) : nil
  }

  /// Returns the first waiting steps of the reference order.
  ///
  /// - Complexity: O(limit + steps passed that have started).
  package mutating func upcoming(_ limit: Int) -> [Int] {
    guard first() != nil else { return [] }
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
  package func startBytes(_ step: Int) -> Int64 {
    flow.outputs[step].reduce(flow.scratchBytes[step]) { $0 + bytes[Int($1)] }
  }

  /// Lets a step start if that keeps the state safe; its predecessors must have ended.
  ///
  /// Where sizes turned out larger than they were thought, what is left may be past the budget already;
  /// then a step may start that makes that no worse.
  ///
  /// - Complexity: O((uses + 1) · log steps).
  package mutating func start(_ step: Int) -> Bool {
    precondition(stages[step] == .waiting, "step \(step) cannot start twice")
    let added = startBytes(step)
    guard usedBytes + added <= budgetBytes else { return false }
    let before = profile.maximum
    let changes = changes(startingWith: step)
    for change in changes { profile.add(change.bytes, to: change.range) }
    guard profile.maximum <= max(budgetBytes, before) else {
      for change in changes { profile.add(-change.bytes, to: change.range) }
      return false
    }
    stages[step] = .running
    position[step] = -1
    usedBytes += added
    for artifact in flow.inputs[step] { forgetStarted(Int(artifact)) }
    return true
  }

  /// Whether a step could start now; changes nothing.
  package mutating func allows(_ step: Int) -> Bool {
    guard usedBytes + startBytes(step) <= budgetBytes else { return false }
    let before = profile.maximum
    let changes = changes(startingWith: step)
    for change in changes { profile.add(change.bytes, to: change.range) }
    defer { for change in changes { profile.add(-change.bytes, to: change.range) } }
    return profile.maximum <= max(budgetBytes, before)
  }

  /// Notes that steps run, whether or not that is safe: they began under an earlier plan.
  ///
  /// - Complexity: O(steps + uses).
  package mutating func force(_ steps: [Int]) {
    for step in steps { stages[step] = .running }
    rebuild()
  }

  private struct Change {
    var range: Range<Int>
    var bytes: Int64
  }

  private mutating func changes(startingWith step: Int) -> [Change] {
    let place = Int(position[step])
    let made = flow.outputs[step].reduce(0) { $0 + bytes[Int($1)] }
    var changes = [
      Change(range: place..<place + 1, bytes: FootprintTree.removed),
      Change(range: 0..<place, bytes: made),
    ]
    for artifact in flow.inputs[step].lazy.map({ Int($0) })
    where !pinned[artifact] && last[artifact] >= 0 && exists(artifact) {
      let row = readers[artifact]
      guard row[row.startIndex + Int(last[artifact])] == Int32(step) else { continue }
      let before = beforeLast[artifact]
      let from = before < 0 ? 0 : Int(position[Int(row[row.startIndex + Int(before)])]) + 1
      changes.append(Change(range: from..<place, bytes: -bytes[artifact]))
    }
    return changes
  }

  /// Whether an artifact lies in the workspace once all that runs has ended, if somebody takes it.
  private func exists(_ artifact: Int) -> Bool {
    let stage = stages[Int(flow.producer[artifact])]
    return stage == .finished || stage == .running
  }

  /// Moves the two marks of an artifact past readers that have started.
  private mutating func forgetStarted(_ artifact: Int) {
    let row = readers[artifact]
    func waits(_ index: Int32) -> Bool {
      index < 0 || stages[Int(row[row.startIndex + Int(index)])] == .waiting
    }
    while !waits(last[artifact]) {
      last[artifact] = beforeLast[artifact]
      if beforeLast[artifact] >= 0 { beforeLast[artifact] -= 1 }
    }
    if last[artifact] < 0 { beforeLast[artifact] = -1 }
    while beforeLast[artifact] >= 0, !waits(beforeLast[artifact]) { beforeLast[artifact] -= 1 }
  }

  /// A running step has ended well; returns the artifacts that nobody needs any more.
  ///
  /// - Complexity: O(uses).
  package mutating func finish(_ step: Int) -> [Int] {
    precondition(stages[step] == .running, "step \(step) did not run")
    stages[step] = .finished
    usedBytes -= flow.scratchBytes[step] + (excess.removeValue(forKey: Int32(step)) ?? 0)
    var free = release(inputsOf: step)
    for artifact in flow.outputs[step].lazy.map({ Int($0) })
    where openReaders[artifact] == 0 && !pinned[artifact] {
      usedBytes -= bytes[artifact]
      free.append(artifact)
    }
    return free
  }

  private mutating func release(inputsOf step: Int) -> [Int] {
    var free: [Int] = []
    for artifact in flow.inputs[step].lazy.map({ Int($0) }) {
      openReaders[artifact] -= 1
      guard openReaders[artifact] == 0, !pinned[artifact],
        stages[Int(flow.producer[artifact])] == .finished
      else { continue }
      usedBytes -= bytes[artifact]
      free.append(artifact)
    }
    return free
  }
}

extension SafeState {
  /// A running step failed and will be tried again: it waits in front of all others.
  ///
  /// - Complexity: O(steps + uses).
  package mutating func fail(_ step: Int) {
    precondition(stages[step] == .running, "step \(step) did not run")
    stages[step] = .waiting
    excess[Int32(step)] = nil
    // What started since the order was made still stands in it.
    order = [Int32(step)] + order.filter { $0 != Int32(step) }
    rebuild()
  }

  /// Steps will not run any more, though they may be running or waiting now.
  ///
  /// What only they would still have read stays if `keepsInputs` and the rest fits with it; else it is
  /// let go, the largest first. Returns what is let go.
  ///
  /// - Complexity: O(steps + uses), times the logarithm of the artifacts in question.
  package mutating func leave(_ steps: [Int], keepsInputs: Bool) -> [Int] {
    for step in steps {
      stages[step] = .left
      excess[Int32(step)] = nil
    }
    var wanted: [Int] = []
    for step in steps {
      for artifact in flow.inputs[step].lazy.map({ Int($0) }) where !pinned[artifact] {
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
      for artifact in artifacts[..<middle] { trial.pinned[artifact] = true }
      trial.rebuild()
      if trial.isSafe { low = middle } else { high = middle - 1 }
    }
    for artifact in artifacts[..<low] { pinned[artifact] = true }
    rebuild()
  }

  /// By artifact: whether it lies in the workspace.
  package var isLive: [Bool] {
    flow.producer.indices.map { artifact in
      stages[Int(flow.producer[artifact])] == .finished
        && (openReaders[artifact] > 0 || pinned[artifact])
    }
  }

  /// Follows another order of the waiting steps, if that is safe from here.
  ///
  /// - Complexity: O(steps + uses).
  package mutating func adopt(_ newer: [Int32], budgetBytes: Int64) -> Bool {
    var trial = self
    trial.order = newer
    trial.budgetBytes = budgetBytes
    trial.rebuild()
    guard trial.isSafe else { return false }
    self = trial
    return true
  }

  /// An artifact is larger or smaller than was thought; its producer runs or has ended.
  ///
  /// Afterwards the state may be unsafe (`isSafe`).
  ///
  /// - Complexity: O(log steps).
  package mutating func resize(_ artifact: Int, to newBytes: Int64) {
    let delta = newBytes - bytes[artifact]
    guard delta != 0 else { return }
    bytes[artifact] = newBytes
    switch stages[Int(flow.producer[artifact])] {
    case .waiting, .left: return rebuild()
    case .finished:
      guard openReaders[artifact] > 0 || pinned[artifact] else { return }
    case .running: break
    }
    usedBytes += delta
    if pinned[artifact] {
      profile.add(delta, to: 0..<order.count)
    } else if last[artifact] >= 0 {
      let row = readers[artifact]
      let end = Int(position[Int(row[row.startIndex + Int(last[artifact])])])
      profile.add(delta, to: 0..<end + 1)
    }
  }

  /// A running step holds more, or less, scratch than was thought.
  package mutating func useScratch(_ delta: Int64, of step: Int) {
    precondition(stages[step] == .running, "step \(step) does not run")
    excess[Int32(step), default: 0] += delta
    usedBytes += delta
  }

  /// Makes everything anew from stages, order, sizes and pins.
  private mutating func rebuild() {
    order = order.filter { stages[Int($0)] == .waiting }
    front = 0
    position = Array(repeating: -1, count: flow.count)
    for (place, step) in order.enumerated() { position[Int(step)] = Int32(place) }
    countReaders()
    profile = FootprintTree(sequentialProfile())
  }

  private mutating func countReaders() {
    readers = IndexRows()
    last = []
    beforeLast = []
    openReaders = []
    usedBytes = 0
    for artifact in 0..<flow.artifactCount {
      let row = flow.consumers[artifact]
      let waiting = row.filter { position[Int($0)] >= 0 }
        .sorted { position[Int($0)] < position[Int($1)] }
      readers.append(waiting.lazy.map { Int($0) })
      last.append(Int32(waiting.count) - 1)
      beforeLast.append(max(-1, Int32(waiting.count) - 2))
      let open = row.count { stages[Int($0)] == .waiting || stages[Int($0)] == .running }
      openReaders.append(Int32(open))
      let producer = stages[Int(flow.producer[artifact])]
      let isLive = producer == .finished && (open > 0 || pinned[artifact])
      if isLive || producer == .running { usedBytes += bytes[artifact] }
    }
    for step in stages.indices where stages[step] == .running {
      usedBytes += flow.scratchBytes[step] + (excess[Int32(step)] ?? 0)
    }
  }

  /// What is live once all that runs has ended, and the footprint of each waiting step behind that.
  private func sequentialProfile() -> [Int64] {
    var open = readers.starts.indices.dropLast().map { Int32(readers.count($0)) }
    var live: Int64 = 0
    var isMade = open.indices.map { exists($0) }
    for artifact in open.indices where isMade[artifact] {
      if open[artifact] > 0 || pinned[artifact] { live += bytes[artifact] }
    }
    return order.map { element in
      let step = Int(element)
      for artifact in flow.outputs[step].lazy.map({ Int($0) }) {
        isMade[artifact] = true
        live += bytes[artifact]
      }
      let use = live + flow.scratchBytes[step]
      for artifact in flow.inputs[step].lazy.map({ Int($0) }) {
        open[artifact] -= 1
        if open[artifact] == 0, !pinned[artifact], isMade[artifact] { live -= bytes[artifact] }
      }
      for artifact in flow.outputs[step].lazy.map({ Int($0) })
      where open[artifact] == 0 && !pinned[artifact] {
        live -= bytes[artifact]
      }
      return use
    }
  }
}
