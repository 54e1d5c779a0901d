package import Model

/// A move of a plan that is no task of its own.
package enum StoreMove: Sendable, Equatable {
  case spill(RunState.ArtifactKey)
  case restore(RunState.ArtifactKey)
  /// The compressed form may take so many bytes.
  case compress(RunState.ArtifactKey, within: Int64)
  case expand(RunState.ArtifactKey)

  package var key: RunState.ArtifactKey {
    switch self {
    case .spill(let key), .restore(let key), .compress(let key, _), .expand(let key): key
    }
  }

  var isSpill: Bool {
    if case .spill = self { true } else { false }
  }

  /// Makes room, and may begin as soon as it can; others fill the workspace.
  package var isEviction: Bool {
    switch self {
    case .spill, .compress: true
    case .restore, .expand: false
    }
  }

  /// Whether both do the same to the same artifact, whatever room they have for it.
  func isLike(_ other: StoreMove) -> Bool {
    switch (self, other) {
    case (.compress(let key, _), .compress(let others, _)): key == others
    default: self == other
    }
  }
}
