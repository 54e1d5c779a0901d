/// A tree that asks for less than the graph it was taken from: each step keeps one of those it serves.
///
/// What a step hands to the one it keeps lies there from one to the other. All else counts only while
/// who makes it and while who takes it runs, and the steps are bound only to the one they keep.
struct TreeRelaxation {
  /// Which neighbour a step keeps.
  enum Choice: CaseIterable { case latest, largest, earliest }

  /// By step: whom it comes before, or -1; what it leaves behind for that one; and what else it needs
  /// while it runs, beside what its children left for it.
  private(set) var parent: [Int32]
  private(set) var left: [Int64]
  private(set) var needed: [Int64]
  /// Children first.
  let order: [Int32]

  private var share: [Int64]
  private let level: [Int32]

  private init(_ flow: Dataflow, level: [Int32], order: [Int32]) {
    parent = Array(repeating: -1, count: flow.count)
    left = Array(repeating: 0, count: flow.count)
    needed = flow.scratchBytes
    share = left
    self.level = level
    self.order = order
  }

  /// Each step keeps one successor.
  ///
  /// - Complexity: O(edges + uses).
  init(_ flow: Dataflow, level: [Int32], order: [Int32], towardsSuccessors choice: Choice) {
    self.init(flow, level: level, order: order)
    for step in 0..<flow.count {
      for artifact in flow.outputs[step].lazy.map({ Int($0) }) {
        for taker in flow.consumers[artifact] { share[Int(taker)] += flow.bytes[artifact] }
      }
      keep(choice, of: flow.successors[step], for: step)
      needed[step] += flow.outBytes[step]
    }
    for artifact in 0..<flow.artifactCount {
      let producer = Int(flow.producer[artifact])
      if flow.consumers[artifact].contains(parent[producer]) {
        left[producer] += flow.bytes[artifact]
      } else {
        for taker in flow.consumers[artifact] { needed[Int(taker)] += flow.bytes[artifact] }
      }
    }
  }

  /// Each step keeps one predecessor, and time runs backwards: footprints are the same then.
  ///
  /// - Complexity: O(edges + uses).
  init(_ flow: Dataflow, level: [Int32], order: [Int32], towardsPredecessors choice: Choice) {
    self.init(flow, level: level, order: order.reversed())
    for step in 0..<flow.count {
      for artifact in flow.inputs[step].lazy.map({ Int($0) }) {
        share[Int(flow.producer[artifact])] += flow.bytes[artifact]
      }
      keep(choice, of: flow.predecessors[step], for: step)
    }
    for artifact in 0..<flow.artifactCount { hang(artifact, flow) }
  }

  /// An artifact is kept by one of its takers that keeps its producer.
  private mutating func hang(_ artifact: Int, _ flow: Dataflow) {
    let bytes = flow.bytes[artifact]
    let producer = flow.producer[artifact]
    var keeper: Int?
    for taker in flow.consumers[artifact].lazy.map({ Int($0) }) where parent[taker] == producer {
      if keeper.map({ level[$0] < level[taker] }) ?? true { keeper = taker }
    }
    if let keeper {
      left[keeper] += bytes
      needed[keeper] += bytes
    } else {
      needed[Int(producer)] += bytes
      for taker in flow.consumers[artifact] { needed[Int(taker)] += bytes }
    }
  }

  /// Takes the shares of the step's neighbours into account, and clears them.
  private mutating func keep(_ choice: Choice, of row: ArraySlice<Int32>, for step: Int) {
    var kept: Int32 = -1
    var keptRank: (Int64, Int64) = (0, 0)
    for other in row {
      let height = Int64(level[Int(other)])
      let bytes = share[Int(other)]
      share[Int(other)] = 0
      let rank =
        switch choice {
        case .latest: (height, bytes)
        case .largest: (bytes, height)
        case .earliest: (-height, bytes)
        }
      if kept < 0 || rank > keptRank {
        kept = other
        keptRank = rank
      }
    }
    parent[step] = kept
  }
}
