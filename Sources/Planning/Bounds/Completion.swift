/// Puts steps into an order that obeys precedences and stays below a threshold, greedily.
struct Completion {
  private let flow: Dataflow
  private let threshold: Int64
  private var open: [Int32]
  private var live: Int64 = 0

  init(_ flow: Dataflow, below threshold: Int64) {
    self.flow = flow
    self.threshold = threshold
    open = (0..<flow.artifactCount).map { Int32(flow.consumers.count($0)) }
  }

  /// The step that may start now and leaves the least behind, again and again; nil if it gets stuck.
  mutating func order(_ needs: [Need]) -> [Int32]? {
    var waiting = (0..<flow.count).map { flow.predecessors.count($0) }
    var after: [[Int32]] = Array(repeating: [], count: flow.count)
    for need in needs {
      waiting[need.second] += 1
      after[need.first].append(Int32(need.second))
    }
    var ready = (0..<flow.count).filter { waiting[$0] == 0 }
    var order: [Int32] = []
    while !ready.isEmpty {
      guard let place = best(of: ready) else { return nil }
      let step = ready.remove(at: place)
      run(step)
      order.append(Int32(step))
      for next in flow.successors[step] + after[step] {
        waiting[Int(next)] -= 1
        if waiting[Int(next)] == 0 { ready.append(Int(next)) }
      }
    }
    return order
  }

  private func best(of ready: [Int]) -> Int? {
    var best: (rank: (Int64, Int64), place: Int)?
    for (place, step) in ready.enumerated() where live + flow.startBytes(step) < threshold {
      let net = flow.outBytes[step] - freed(by: step)
      let rank = (max(net, 0), flow.startBytes(step))
      if best.map({ rank < $0.rank }) ?? true { best = (rank, place) }
    }
    return best?.place
  }

  private func freed(by step: Int) -> Int64 {
    var sum: Int64 = 0
    for artifact in flow.inputs[step].lazy.map({ Int($0) }) where open[artifact] == 1 {
      sum += flow.bytes[artifact]
    }
    return sum
  }

  private mutating func run(_ step: Int) {
    live += flow.outBytes[step] - freed(by: step)
    for artifact in flow.inputs[step] { open[Int(artifact)] -= 1 }
  }
}
