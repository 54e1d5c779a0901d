package import Execution
package import Model

/// One thing that lies in a project's workspace, or should, and why it is kept.
package struct StoreRow: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    /// An artifact.
    case sealed
    /// What a living run's attempts write, and their slots.
    case leased
    /// What attempts and sessions that are dead left half done.
    case leftover
    /// Worktrees between two leases.
    case warm
    /// An artifact that lies there in fewer bytes.
    case compressed
    /// A copy on the spill file system.
    case spilled
    /// No journal knows it.
    case unknown
    /// The journal says that it lies there, and it does not.
    case missing
  }

  /// Why it is kept, and from whom.
  package enum Hold: Sendable, Equatable {
    /// Nobody needs it: `prune` deletes it.
    case none
    /// These take it and are not done, in the order of the file.
    case readers([TaskID])
    /// Nobody needs it and nothing else has it: only a name or `--all` deletes it.
    case product
    /// As a product, because nobody knows what it is.
    case stranger
    /// The file asks for it.
    case keep
    /// A run that can be resumed stands on it, or is alive.
    case run(Int)
    /// There is nothing that Cairn could delete.
    case absent
  }

  package var state: State
  package var run: Int?
  /// The task's name, else that of its folder.
  package var task: String?
  package var artifact: String?
  /// Allocated; of a missing one what the journal says.
  package var bytes: Int64
  package var files: Int?
  /// Since its folder changed last.
  package var ageSeconds: Int64?
  /// That made it.
  package var attempt: Int?
  package var digest: String?
  /// Absolute.
  package var path: String
  package var hold: Hold
  /// Why it is kept, or may go, in words.
  package var why: String
  /// Why it is not known how large it is.
  package var problem: String?
  /// nil for what is missing, which takes no bytes.
  package var entry: StoreSurvey.Entry?
  /// In the numbering of its run, where the run's facts know it.
  package var key: RunState.ArtifactKey?

  /// As `explain` and `prune` take it.
  package var name: String? {
    guard let task, let artifact else { return nil }
    return "\(task).\(artifact)"
  }

  /// Where it lies below the workspace, as `1/0-fetch/out`.
  package var place: String? { entry?.name }

  /// What people call it: `fetch.out`, else its place.
  package var label: String { name ?? place ?? path }
}

extension StoreRow.Hold {
  /// A stable word for programs.
  package var word: String {
    switch self {
    case .none: "none"
    case .readers: "readers"
    case .product: "product"
    case .stranger: "unknown"
    case .keep: "keep"
    case .run: "run"
    case .absent: "absent"
    }
  }
}

extension StoreRow {
  mutating func know(_ artifact: RunState.Artifact?) {
    attempt = artifact?.attempt
    digest = artifact?.digest
  }

  mutating func keep(_ hold: Hold, _ why: String) {
    self.hold = hold
    self.why = why
  }
}
