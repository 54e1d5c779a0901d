package import Model

/// The facts of a run's earlier sessions, folded, and what the fold of a viewer forgets.
package struct RunHistory: Sendable, Equatable {
  package private(set) var state = RunState()
  /// Digest of each artifact when it was sealed last; stays when the artifact is dropped.
  package private(set) var digests = ArtifactTable<String>()
  /// Allocated bytes of each artifact then.
  package private(set) var sizes = ArtifactTable<Int64>()
  /// What a sample promised of its compressed form, as a share of that.
  package private(set) var compressedShares = ArtifactTable<Double>()

  package init() {}

  package init(_ facts: some Sequence<Fact>) {
    for fact in facts { apply(fact) }
  }

  package mutating func apply(_ fact: Fact) {
    state.apply(fact)
    if case .artifactSealed(let sealed) = fact.kind,
      state.tasks.indices.contains(sealed.task.index)
    {
      let key = RunState.ArtifactKey(task: sealed.task, name: sealed.artifact)
      digests[key] = sealed.digest
      sizes[key] = sealed.bytes
      compressedShares[key] = sealed.compressedShare
    }
  }
}

extension RunHistory {
  /// Everything that the graph does not say, to go on folding from.
  package struct Checkpoint: Sendable, Codable {
    fileprivate let state: RunState.Checkpoint
    fileprivate let digests: ArtifactTable<String>
    /// Missing in checkpoints of older journals.
    fileprivate let sizes: ArtifactTable<Int64>?
    /// Missing in checkpoints of journals before compression.
    fileprivate let compressedShares: ArtifactTable<Double>?

    /// Number of the newest fact in it.
    package var sequence: Int { state.sequence }
  }

  package var checkpoint: Checkpoint {
    Checkpoint(
      state: state.checkpoint, digests: digests, sizes: sizes, compressedShares: compressedShares)
  }

  /// The history that a checkpoint was taken of; nil if it is not of this graph.
  package init?(_ checkpoint: Checkpoint, graphFacts: [Fact]) {
    guard let state = RunState(checkpoint.state, graphFacts: graphFacts) else { return nil }
    self.state = state
    digests = checkpoint.digests
    sizes = checkpoint.sizes ?? ArtifactTable()
    compressedShares = checkpoint.compressedShares ?? ArtifactTable()
  }
}

extension RunState {
  /// What stays when the run has ended and lies on the spill file system alone.
  ///
  /// - Complexity: O(needs + spilled artifacts), O(1) if there are none.
  package var keptAway: [ArtifactKey] {
    let away = spilled.keys.filter { artifacts[$0] == nil }
    guard !away.isEmpty else { return [] }
    let needed = NeededArtifacts(graph)
    return away.filter { key in
      let task = graph[key.task]
      return !task.isRemoved
        && task.outputs.contains {
          $0.name == key.name && task.keeps($0, isNeeded: needed.contains($0.name, of: task.id))
        }
    }
  }
}

extension TaskGraph {
  /// Returns what an attempt's result depends on: the definition and the digests of its inputs, in
  /// the order of the needs.
  package func fingerprint(
    of task: TaskID, definition: String, digests: ArtifactTable<String>,
    combine: ([String]) -> String
  ) -> String {
    var parts = [definition]
    for need in self[task].needs {
      for key in artifacts(of: need) { parts.append(digests[key] ?? "") }
    }
    return combine(parts)
  }
}

extension Fact.ArtifactSealed {
  /// Expected bytes of the compressed form over those of the whole; nil where no sample was taken.
  var compressedShare: Double? {
    guard let compressedBytes, bytes > 0 else { return nil }
    return Double(compressedBytes) / Double(bytes)
  }
}
