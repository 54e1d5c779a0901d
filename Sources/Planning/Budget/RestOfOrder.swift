/// What is left of a reference order, as if all that runs ended and the rest then ran alone, one step
/// after the other.
///
/// An artifact lies there from its producer's turn, or from the beginning, to its last reader's; a
/// pinned one to the end. If a step starts before its turn, its own footprint goes, what it makes lies
/// there in front of its turn too, and what it alone would still have read goes with the reader before.
struct RestOfOrder: Sendable {
  private let flow: Dataflow
  /// Waiting steps in reference order; those that have started since are still in it.
  let order: [Int32]
  /// Size of each artifact, as far as it is known by now.
  private(set) var bytes: [Int64]
  /// By artifact: whether it stays though nobody is left to take it.
  let isPinned: [Bool]
  /// By artifact: whether it lies there at the beginning, if somebody takes it.
  private var isMade: [Bool]
  /// Index into `order` of each waiting step; -1 of others.
  private var position: [Int32]
  /// At each place of `order`.
  private var footprints = FootprintTree([])
  /// By artifact: consumers in `order`, and where its last waiting one and the one before it stand.
  private var readers = IndexRows()
  private var last: [Int32] = []
  private var beforeLast: [Int32] = []

  /// - Complexity: O((steps + uses) · log consumers).
  init(
    _ flow: Dataflow, order: [Int32], bytes: [Int64], isPinned: [Bool], isMade: [Bool]
  ) {
    self.flow = flow
    self.order = order
    self.bytes = bytes
    self.isPinned = isPinned
    self.isMade = isMade
    position = Array(repeating: -1, count: flow.count)
    for (place, step) in order.enumerated() { position[Int(step)] = Int32(place) }
    for artifact in 0..<flow.artifactCount { noteReaders(of: artifact) }
    footprints = FootprintTree(profile())
  }

  private mutating func noteReaders(of artifact: Int) {
    let waiting = flow.consumers[artifact].filter { position[Int($0)] >= 0 }
      .sorted { position[Int($0)] < position[Int($1)] }
    readers.append(waiting.lazy.map { Int($0) })
    last.append(Int32(waiting.count) - 1)
    beforeLast.append(max(-1, Int32(waiting.count) - 2))
  }

  /// The footprint of each step of the order.
  private func profile() -> [Int64] {
    var open = openCounts(readers)
    var live: Int64 = 0
    var isMade = isMade
    for artifact in open.indices where isMade[artifact] {
      if open[artifact] > 0 || isPinned[artifact] { live += bytes[artifact] }
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
        if open[artifact] == 0, !isPinned[artifact], isMade[artifact] { live -= bytes[artifact] }
      }
      for artifact in flow.outputs[step].lazy.map({ Int($0) })
      where open[artifact] == 0 && !isPinned[artifact] {
        live -= bytes[artifact]
      }
      return use
    }
  }
}

extension RestOfOrder {
  /// The largest footprint; less than 0 for no steps.
  var peakBytes: Int64 { footprints.maximum }

  /// Lets a step start before its turn if what is left then fits; where it fits no longer anyhow, if
  /// that gets no worse.
  ///
  /// - Complexity: O((uses + 1) · log steps).
  mutating func start(_ step: Int, within budgetBytes: Int64) -> Bool {
    let limit = max(budgetBytes, peakBytes)
    let changes = changes(startingWith: step)
    add(changes)
    guard peakBytes <= limit else {
      takeBack(changes)
      return false
    }
    position[step] = -1
    for artifact in flow.outputs[step] { isMade[Int(artifact)] = true }
    for artifact in flow.inputs[step] { forgetStarted(Int(artifact)) }
    return true
  }

  /// Whether a step could start before its turn; changes nothing.
  mutating func allows(_ step: Int, within budgetBytes: Int64) -> Bool {
    let limit = max(budgetBytes, peakBytes)
    let changes = changes(startingWith: step)
    add(changes)
    defer { takeBack(changes) }
    return peakBytes <= limit
  }

  private struct Change {
    var range: Range<Int>
    var bytes: Int64
  }

  private mutating func add(_ changes: [Change]) {
    for change in changes { footprints.add(change.bytes, to: change.range) }
  }

  private mutating func takeBack(_ changes: [Change]) {
    for change in changes { footprints.add(-change.bytes, to: change.range) }
  }

  private func changes(startingWith step: Int) -> [Change] {
    let place = Int(position[step])
    let made = flow.outputs[step].reduce(0) { $0 + bytes[Int($1)] }
    var changes = [
      Change(range: place..<place + 1, bytes: FootprintTree.removed),
      Change(range: 0..<place, bytes: made),
    ]
    for artifact in flow.inputs[step].lazy.map({ Int($0) })
    where !isPinned[artifact] && last[artifact] >= 0 && isMade[artifact] {
      guard reader(last[artifact], of: artifact) == step else { continue }
      let before = beforeLast[artifact]
      let from = before < 0 ? 0 : Int(position[reader(before, of: artifact)]) + 1
      changes.append(Change(range: from..<place, bytes: -bytes[artifact]))
    }
    return changes
  }

  private func reader(_ index: Int32, of artifact: Int) -> Int {
    Int(readers.items[Int(readers.starts[artifact] + index)])
  }

  /// Moves the two marks of an artifact past readers that have started.
  private mutating func forgetStarted(_ artifact: Int) {
    func waits(_ index: Int32) -> Bool {
      index < 0 || position[reader(index, of: artifact)] >= 0
    }
    while !waits(last[artifact]) {
      last[artifact] = beforeLast[artifact]
      if beforeLast[artifact] >= 0 { beforeLast[artifact] -= 1 }
    }
    if last[artifact] < 0 { beforeLast[artifact] = -1 }
    while beforeLast[artifact] >= 0, !waits(beforeLast[artifact]) { beforeLast[artifact] -= 1 }
  }

  /// An artifact is larger or smaller than was thought.
  ///
  /// - Complexity: O(log steps).
  mutating func resize(_ artifact: Int, to newBytes: Int64) {
    let delta = newBytes - bytes[artifact]
    bytes[artifact] = newBytes
    let first = isMade[artifact] ? 0 : Int(position[Int(flow.producer[artifact])])
    guard first >= 0 else { return }
    if isPinned[artifact] {
      footprints.add(delta, to: first..<order.count)
    } else if last[artifact] >= 0 {
      let end = Int(position[reader(last[artifact], of: artifact)]) + 1
      footprints.add(delta, to: first..<end)
    } else if !isMade[artifact] {
      footprints.add(delta, to: first..<first + 1)
    }
  }
}
