/// The least that lies in the workspace at a moment of which it is known what is done and what is not.
///
/// A moment is a set S of finished steps that holds all that its steps need. An artifact lies there if
/// its producer is in S and a taker is not: a cut of the producer from its takers. The least cut that
/// keeps some steps in S and others out of it is the least that lies there at any such moment.
struct LeastLive: Sendable {
  private(set) var network: FlowNetwork
  private let count: Int

  /// - Complexity: O(edges + uses).
  init(_ flow: Dataflow, precedence: Precedence?) {
    count = flow.count
    let lastTakers = Self.lastTakers(flow, precedence)
    var shared: [Int] = []
    var direct: [(from: Int32, to: Int32, bytes: Int64)] = []
    for artifact in 0..<flow.artifactCount {
      if let taker = lastTakers[artifact].first, lastTakers.count(artifact) == 1 {
        direct.append((flow.producer[artifact], taker, flow.bytes[artifact]))
      } else {
        shared.append(artifact)
      }
    }
    network = FlowNetwork(nodes: flow.count + shared.count)
    connect(flow, direct)
    for (index, artifact) in shared.enumerated() {
      let node = flow.count + index
      network.addArc(from: Int(flow.producer[artifact]), to: node, bytes: flow.bytes[artifact])
      for taker in lastTakers[artifact] {
        network.addArc(from: node, to: Int(taker), bytes: FlowNetwork.unlimited)
      }
    }
  }

  /// Takers that none of the others must follow: the artifact goes with the last of them.
  static func lastTakers(_ flow: Dataflow, _ precedence: Precedence?) -> IndexRows {
    guard let precedence else { return flow.consumers }
    return IndexRows(
      (0..<flow.artifactCount).lazy.map { artifact in
        let takers = flow.consumers[artifact]
        return takers.lazy.map({ Int($0) }).filter { taker in
          !takers.contains { $0 != taker && precedence.precedes(taker, Int($0)) }
        }
      })
  }

  /// One pair of arcs for each pair of steps: what goes ahead, and the need the way back.
  private mutating func connect(
    _ flow: Dataflow, _ direct: [(from: Int32, to: Int32, bytes: Int64)]
  ) {
    let sorted = direct.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    var index = 0
    for step in 0..<flow.count {
      for next in flow.successors[step] {
        var bytes: Int64 = 0
        while index < sorted.count, Int(sorted[index].from) == step, sorted[index].to == next {
          bytes += sorted[index].bytes
          index += 1
        }
        network.addArc(from: step, to: Int(next), bytes: bytes, back: FlowNetwork.unlimited)
      }
    }
  }
}

extension LeastLive {
  var visits: Int { network.visits }
  var visitLimit: Int {
    get { network.visitLimit }
    set { network.visitLimit = newValue }
  }
  var arcCount: Int { network.arcCount }

  /// From now on `step` is done only if `other` is.
  mutating func need(_ other: Int, before step: Int) {
    network.addArc(from: step, to: other, bytes: FlowNetwork.unlimited)
  }

  /// Takes back all needs but those of the first `arcs` arcs.
  mutating func forgetNeeds(downTo arcs: Int) { network.removeArcs(downTo: arcs) }

  /// Sets which steps are done, and which not yet; all others are free.
  mutating func setRoles(done: [UInt64], open: [UInt64]) {
    for step in 0..<count {
      network.roles[step] =
        open[step >> 6] >> (step & 63) & 1 == 1
        ? .sink : done[step >> 6] >> (step & 63) & 1 == 1 ? .source : .free
    }
  }

  /// The least bytes, exact only below `enough`.
  mutating func bytes(enough: Int64, goingOn: Bool = false) -> Int64 {
    network.leastCut(enough: enough, goingOn: goingOn)
  }

  /// Whether `bytes` was made to its end, and `isFinished` tells the moment.
  var isExact: Bool { network.isExact }

  mutating func keepFlow() { network.keepFlow() }

  /// Behind `bytes`: whether a step is done at the latest moment of so few bytes.
  func isFinished(_ step: Int) -> Bool { network.isFinished(step) }
}
