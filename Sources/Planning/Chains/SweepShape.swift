/// A chain of a dataflow whose states are taken again from the last to the first.
///
/// Step `forward[i]` makes state i from state i − 1. Behind the last of them the order's steps form
/// the backward part: each takes states no later than those in front of it took, in any number, and
/// anything else beside them. Other steps may stand between the forward steps.
struct SweepShape {
  /// The chain's steps in sequence, all but the first and the last of which may run again.
  let forward: [Int32]
  /// The order up to the last forward step, and behind it.
  let ahead: ArraySlice<Int32>
  let backward: ArraySlice<Int32>
  /// By step of `backward`: the earliest state that had to be there up to it.
  let visits: [Int]

  /// Finds the chain with the most bytes in states; nil if the order holds no sweep.
  ///
  /// - Complexity: O(steps + uses).
  init?(_ flow: Dataflow, order: [Int32], isPure: [Bool]) {
    let position = order.positions
    let forward = Self.chain(flow, order: order, position: position, isPure: isPure)
    guard forward.count >= Self.leastStates, let last = forward.last else { return nil }
    let split = Int(position[Int(last)]) + 1
    self.forward = forward
    ahead = order[..<split]
    backward = order[split...]
    guard let visits = Self.visits(flow, forward: forward, backward: backward) else { return nil }
    self.visits = visits
  }

  /// Shorter chains are left to evictions one by one.
  static let leastStates = 8
}

extension SweepShape {
  /// Follows each step to the first one that takes a state of it which others take again later.
  private static func chain(
    _ flow: Dataflow, order: [Int32], position: [Int32], isPure: [Bool]
  ) -> [Int32] {
    let next = (0..<flow.count).map { successor(of: $0, flow, position: position) }
    var bytes = Array(repeating: Int64(0), count: flow.count)
    for step in order.reversed().map({ Int($0) }) {
      guard let follower = next[step] else { continue }
      bytes[step] = flow.outBytes[step] + (isPure[follower] ? bytes[follower] : 0)
    }
    guard var step = order.map({ Int($0) }).max(by: { bytes[$0] < bytes[$1] }) else { return [] }
    var chain = [Int32(step)]
    while let follower = next[step], isPure[follower] || next[follower] == nil {
      chain.append(Int32(follower))
      step = follower
    }
    return chain
  }

  private static func successor(of step: Int, _ flow: Dataflow, position: [Int32]) -> Int? {
    let states = flow.outputs[step].filter { flow.consumers.count(Int($0)) > 1 }
    let state = states.max { flow.bytes[Int($0)] < flow.bytes[Int($1)] }
    return state.flatMap { state in
      flow.consumers[Int(state)].min { position[Int($0)] < position[Int($1)] }.map { Int($0) }
    }
  }

  /// The earliest states needed so far, behind the chain; nil if a later step needs a later state
  /// whose like was passed already.
  private static func visits(
    _ flow: Dataflow, forward: [Int32], backward: ArraySlice<Int32>
  ) -> [Int]? {
    var state = Array(repeating: -1, count: flow.count)
    for (index, step) in forward.enumerated() { state[Int(step)] = index }
    var earliest = forward.count - 1
    var visits: [Int] = []
    for step in backward {
      let taken = flow.inputs[Int(step)].map { state[Int(flow.producer[Int($0)])] }
      let own = taken.filter { $0 >= 0 }.min() ?? earliest
      if own > earliest + window { return nil }
      earliest = min(earliest, own)
      visits.append(earliest)
    }
    return visits
  }

  /// How far behind the earliest state needed so far a step may still reach.
  private static let window = 4
}

extension [Int32] {
  /// By step: its place in the order.
  fileprivate var positions: [Int32] {
    var positions = [Int32](repeating: 0, count: count)
    for (place, step) in enumerated() { positions[Int(step)] = Int32(place) }
    return positions
  }
}
