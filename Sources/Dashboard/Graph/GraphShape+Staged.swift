import Planning

extension GraphShape {
  /// A random task graph in stages, for measuring and testing.
  ///
  /// There are about 1.5 edges a node, most from the stage before. Stages grow with the root of the
  /// nodes.
  package static func staged(
    nodes: Int, seed: UInt64, width: Int = 12, rowPitch: Int = 2
  ) -> GraphShape {
    var random = SplitMix64(seed: seed)
    let widest = max(3, Int(Double(nodes).squareRoot() * 1.6))
    var stages: [Range<Int>] = []
    while let start = stages.isEmpty ? 0 : stages.last?.upperBound, start < nodes {
      let count = Int.random(in: (widest / 3)...widest, using: &random)
      stages.append(start..<min(nodes, start + max(1, count)))
    }
    var edges: [Edge] = []
    for stage in stages.indices.dropFirst() {
      for node in stages[stage] {
        for _ in 0..<needs(&random) {
          let back = Int.random(in: 0..<100, using: &random) < 85 ? 1 : 4
          let from = stages[max(0, stage - Int.random(in: 1...back, using: &random))]
          edges.append(Edge(Int.random(in: from, using: &random), node))
        }
      }
    }
    return GraphShape(
      widths: Array(repeating: width, count: nodes), edges: edges, rowPitch: rowPitch)
  }

  private static func needs(_ random: inout SplitMix64) -> Int {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<55: 1
    case ..<85: 2
    case ..<95: 3
    default: 4
    }
  }
}
