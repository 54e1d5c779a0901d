package import Model

/// What a run follows: the sequence of its moves, the footprint that they need, and how far that is
/// from what is proved to be the least.
package struct Plan: Sendable, Equatable {
  package let graph: PlanGraph
  /// Runs, spills and restores; step i of its flow is move i.
  package let moves: MovePlan
  /// Largest footprint when the moves are carried out one at a time.
  package let peakBytes: Int64
  /// No order without recompute or spill needs less.
  package var bound: LowerBound
  /// Of the workspace; nil where nobody set a limit.
  package var budgetBytes: Int64?
  /// How the order was found, for people.
  package var method: String
  package var seed: UInt64
  /// Tried moves of the local search.
  package var movesTried: Int
  /// Which ready task goes first: the smallest number, by step of the moves.
  package var rank: [Int32]
  /// The order along which the state is kept safe, by step of the moves; its peak lies within the
  /// budget, but may be more than that of the moves' own sequence.
  package var reference: [Int32]
  /// Expected end of the run on `workers` workers; nil if nothing is known of times.
  package var makespanSeconds: Double?
  package var workers: Int
}

extension Plan {
  /// Whether something is spilled, compressed, brought back or made again.
  package var hasEvictions: Bool {
    moves.moves.count > graph.flow.count
      || graph.roles.contains { role in
        switch role {
        case .restore, .expand: true
        case .task, .source, .sink: false
        }
      }
  }

  /// Peak over bound, less one; nil without bytes.
  package var gap: Double? {
    bound.bytes > 0 ? Double(peakBytes) / Double(bound.bytes) - 1 : nil
  }

  /// The task that a step of the moves runs; nil for what moves artifacts, source and sink.
  package func task(_ step: Int) -> TaskID? {
    guard case .run(let base) = moves.moves[step] else { return nil }
    return graph.roles[Int(base)].task
  }

  /// What a step of the moves does to the store; nil for runs of tasks, source and sink.
  package func storeMove(_ step: Int) -> StoreMove? {
    switch moves.moves[step] {
    case .spill(let artifact): return .spill(graph.keys[Int(artifact)])
    case .restore(let artifact): return .restore(graph.keys[Int(artifact)])
    case .compress(let artifact):
      return .compress(
        graph.keys[Int(artifact)], within: graph.compressedBytes[Int(artifact)])
    case .expand(let artifact): return .expand(graph.keys[Int(artifact)])
    case .run(let base):
      switch graph.roles[Int(base)] {
      case .restore(let key): return .restore(key)
      case .expand(let key): return .expand(key)
      case .task, .source, .sink: return nil
      }
    }
  }

  /// Whether an artifact of the moves' flow is the stay of a compressed form.
  func isCompressed(stay: Int) -> Bool {
    moves.isCompressed[stay] || graph.isForm[Int(moves.stays[stay])]
  }

  /// The artifact whose stay an artifact of the moves' flow is.
  package func key(ofStay stay: Int) -> RunState.ArtifactKey {
    graph.keys[Int(moves.stays[stay])]
  }
}
