/// What is left of a graph when each step hands over to one other only: a forest.
///
/// What a step leaves for its parent lies there from one to the other. All else counts only while who
/// makes it and while who takes it runs, and steps are bound to their parents only: so a forest asks
/// for no more than its graph.
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

  /// Prefers by `levels`, by step: the higher, the later.
  ///
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
    if case .random(let seed) = keeper { return drawParents(flow, seed) }
    for step in 0..<flow.count where flow.after.count(step) > 0 {
      addShares(step, flow)
      var best: Key?
      for index in flow.after.range(step) {
        let other = flow.after.items[index]
        let key = key(other, keeper, levels)
        if best.map({ $0 < key }) ?? true { (best, parent[step]) = (key, other) }
      }
      clearShares(step, flow)
    }
  }

  private mutating func drawParents(_ flow: DirectedFlow, _ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for step in 0..<flow.count {
      parent[step] = flow.after[step].randomElement(using: &random) ?? -1
    }
  }

  private struct Key: Comparable {
    var first: Int64
    var second: Int64

    static func < (a: Key, b: Key) -> Bool { (a.first, a.second) < (b.first, b.second) }
  }

  private func key(_ other: Int32, _ keeper: Keeper, _ levels: [Int32]) -> Key {
    let level = Int64(levels[Int(other)])
    let bytes = share[Int(other)]
    return switch keeper {
    case .latest: Key(first: level, second: bytes)
    case .largest: Key(first: bytes, second: level)
    case .earliest, .random: Key(first: -level, second: bytes)
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
