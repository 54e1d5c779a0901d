/// What is left of a graph when each step hands over to one other only: a forest.
struct KeptTree: Sendable {
  /// Which of the steps behind one is kept.
  enum Keeper: Sendable {
    case latest
    case largest
    case earliest
    case random(seed: UInt64)
  }

  /// By step: who takes from it, or -1.
  private(set) var parent: [Int32]
  /// By step: bytes that it leaves for its parent.
  private(set) var weight: [Int64]
  /// By step: bytes that it needs besides what its children left.
  private(set) var own: [Int64]
  /// By artifact: the maker that leaves it, or -1.
  private var leaver: [Int32]
  /// By step: bytes that it takes from the step in question.
  private var share: [Int64]

  /// - Complexity: O(steps + uses + edges).
  init(_ flow: DirectedFlow, levels: [Int32], keeper: Keeper) {
    parent = Array(repeating: -1, count: flow.count)
    weight = Array(repeating: 0, count: flow.count)
    own = flow.scratchBytes
    leaver = Array(repeating: -1, count: flow.bytes.count)
    share = Array(repeating: 0, count: flow.count)
    chooseParents(flow, levels, keeper)
    for artifact in flow.bytes.indices { leave(artifact, flow, levels) }
    for step in 0..<flow.count { countOwn(step, flow) }
  }

  private mutating func chooseParents(
    _ flow: DirectedFlow, _ levels: [Int32], _ keeper: Keeper
  ) {
    var random = SplitMix64(seed: 0)
    if case .random(let seed) = keeper { random = SplitMix64(seed: seed) }
    for step in 0..<flow.count where flow.after.count(step) > 0 {
      addShares(step, flow)
      let row = flow.after[step]
      let key: (Int32) -> (Int64, Int64) = { [share] other in
        let level = Int64(levels[Int(other)])
        return switch keeper {
        case .latest: (level, share[Int(other)])
        case .largest: (share[Int(other)], level)
        case .earliest, .random: (-level, share[Int(other)])
        }
      }
      if case .random = keeper {
        parent[step] = row.randomElement(using: &random) ?? -1
      } else {
        parent[step] = row.max { key($0) != key($1) ? key($0) < key($1) : $0 > $1 } ?? -1
      }
      clearShares(step, flow)
    }
  }

  private mutating func addShares(_ step: Int, _ flow: DirectedFlow) {
    for made in flow.makes.range(step) {
      let artifact = Int(flow.makes.items[made])
      for index in flow.takers.range(artifact) {
        share[Int(flow.takers.items[index])] += flow.bytes[artifact]
      }
    }
  }

  private mutating func clearShares(_ step: Int, _ flow: DirectedFlow) {
    for index in flow.after.range(step) { share[Int(flow.after.items[index])] = 0 }
  }

  /// Of the makers whose parent takes an artifact, the latest leaves it.
  private mutating func leave(_ artifact: Int, _ flow: DirectedFlow, _ levels: [Int32]) {
    var latest: Int32 = -1
    for maker in flow.makers[artifact] {
      guard flow.takers[artifact].contains(parent[Int(maker)]) else { continue }
      if latest < 0 || levels[Int(maker)] > levels[Int(latest)] { latest = maker }
    }
    leaver[artifact] = latest
    if latest >= 0 { weight[Int(latest)] += flow.bytes[artifact] }
  }

  private mutating func countOwn(_ step: Int, _ flow: DirectedFlow) {
    for index in flow.makes.range(step) {
      let artifact = Int(flow.makes.items[index])
      if leaver[artifact] < 0 || leaver[artifact] == step { own[step] += flow.bytes[artifact] }
    }
    for index in flow.takes.range(step) {
      let artifact = Int(flow.takes.items[index])
      if leaver[artifact] < 0 { own[step] += flow.bytes[artifact] }
    }
  }
}
