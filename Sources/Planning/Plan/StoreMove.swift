package import Model

/// A move of a plan that is no task of its own.
package enum StoreMove: Sendable, Equatable {
  case spill(RunState.ArtifactKey)
  case restore(RunState.ArtifactKey)

  package var key: RunState.ArtifactKey {
    switch self {
    case .spill(let key), .restore(let key): key
    }
  }

  var isSpill: Bool {
    if case .spill = self { true } else { false }
  }
}
