import Model

extension PlanGraph {
  /// What an artifact takes while it is compressed, and as a whole.
  package struct Compressed: Sendable, Equatable, Codable {
    package var wholeBytes: Int64
    package var bytes: Int64

    package init(wholeBytes: Int64, bytes: Int64) {
      self.wholeBytes = wholeBytes
      self.bytes = bytes
    }
  }
}

extension PlanGraph.Subject {
  /// Takes over what earlier runs tell of sizes.
  package mutating func learn(from earlier: EarlierRuns) {
    for task in graph.tasks {
      for output in task.outputs {
        let key = RunState.ArtifactKey(task: task.id, name: output.name)
        guard let bytes = earlier.bytes(of: output.name, task: task.name) else { continue }
        learned[key] = bytes
        compressedShares[key] = earlier.compressedShare(of: output.name, task: task.name)
      }
    }
  }

  /// A compressed form that takes more of the whole than this is not worth the time.
  static let worthwhileShare = 0.75

  /// Expected bytes of the compressed form of an artifact of this size; 0 where nobody knows, or where
  /// that saves too little.
  func compressedBytes(_ key: RunState.ArtifactKey, of bytes: Int64) -> Int64 {
    guard let share = compressedShares[key], share > 0, share <= Self.worthwhileShare else {
      return 0
    }
    let blocks = (Double(bytes) * share / 4096).rounded(.up)
    let packed = Int64(blocks) * 4096
    return packed <= bytes * 3 / 4 ? packed : 0
  }
}
