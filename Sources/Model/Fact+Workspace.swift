// What happens to artifacts and slots.
extension Fact {
  package struct ArtifactReference: Sendable, Equatable, Codable {
    package var task: TaskID
    package var artifact: String
    package var bytes: Int64
    /// Of what is gone, so that the same made again can be told from something else.
    package var digest: String?
    /// Fingerprint of the attempt that made it.
    package var recipe: String?
    /// For people; nil where the fact says it all.
    package var reason: String?

    package init(
      task: TaskID, artifact: String, bytes: Int64, digest: String? = nil, recipe: String? = nil,
      reason: String? = nil
    ) {
      self.reason = reason
      self.task = task
      self.artifact = artifact
      self.bytes = bytes
      self.digest = digest
      self.recipe = recipe
    }
  }

  package struct ArtifactSealed: Sendable, Equatable, Codable {
    package var task: TaskID
    package var attempt: Int
    package var artifact: String
    /// Allocated bytes (blocks, not length).
    package var bytes: Int64
    package var files: Int
    /// XXH3-128 over names, types and contents, hexadecimal.
    package var digest: String
    /// What its compressed form is expected to take, by a sample; nil where none was taken.
    package var compressedBytes: Int64?

    package init(
      task: TaskID, attempt: Int, artifact: String, bytes: Int64, files: Int, digest: String,
      compressedBytes: Int64? = nil
    ) {
      self.compressedBytes = compressedBytes
      self.task = task
      self.attempt = attempt
      self.artifact = artifact
      self.bytes = bytes
      self.files = files
      self.digest = digest
    }
  }

  /// A loan: whoever borrows changes the artifact's bytes, and gives them back exactly.
  package struct ArtifactLent: Sendable, Equatable, Codable {
    package var task: TaskID
    package var artifact: String
    /// That the borrower may change.
    package var bytes: Int64
    /// What it has to be again.
    package var digest: String
    /// For people, as in `verify`.
    package var borrower: String
    /// Why a run lends by itself, for people; nil where somebody asked for it.
    package var reason: String?

    package init(
      task: TaskID, artifact: String, bytes: Int64, digest: String, borrower: String,
      reason: String? = nil
    ) {
      self.reason = reason
      self.task = task
      self.artifact = artifact
      self.bytes = bytes
      self.digest = digest
      self.borrower = borrower
    }
  }

  /// An artifact that lies compressed in the workspace until its next reader.
  package struct ArtifactCompressed: Sendable, Equatable, Codable {
    package var task: TaskID
    package var artifact: String
    /// Allocated by the compressed form.
    package var bytes: Int64
    /// Allocated by the artifact before.
    package var wholeBytes: Int64
    /// What it has to be when it is expanded.
    package var digest: String?

    package init(
      task: TaskID, artifact: String, bytes: Int64, wholeBytes: Int64, digest: String? = nil
    ) {
      self.task = task
      self.artifact = artifact
      self.bytes = bytes
      self.wholeBytes = wholeBytes
      self.digest = digest
    }
  }

  package struct ArtifactExported: Sendable, Equatable, Codable {
    package var task: TaskID
    package var artifact: String
    package var bytes: Int64
    /// Relative to the project's root.
    package var path: String

    package init(task: TaskID, artifact: String, bytes: Int64, path: String) {
      self.task = task
      self.artifact = artifact
      self.bytes = bytes
      self.path = path
    }
  }

  package struct SlotLeased: Sendable, Equatable, Codable {
    package var slot: Int
    package var task: TaskID
    package var attempt: Int
    /// Allocated bytes of the worktree that the attempt finds there; nil without one.
    package var keptBytes: Int64?

    package init(slot: Int, task: TaskID, attempt: Int, keptBytes: Int64? = nil) {
      self.slot = slot
      self.task = task
      self.attempt = attempt
      self.keptBytes = keptBytes
    }
  }

  /// What the worktree of a slot holds, from one lease to the next.
  package struct SlotKept: Sendable, Equatable, Codable {
    package var slot: Int
    /// Who works in it or did so last; nil if that was before this run.
    package var task: TaskID?
    /// Allocated; 0: it is gone.
    package var bytes: Int64
    /// Why it is gone, for people.
    package var reason: String?

    package init(slot: Int, task: TaskID? = nil, bytes: Int64, reason: String? = nil) {
      self.slot = slot
      self.task = task
      self.bytes = bytes
      self.reason = reason
    }
  }

  package struct SlotReleased: Sendable, Equatable, Codable {
    package var slot: Int
    package var task: TaskID
    package var attempt: Int
    /// Allocated bytes of the slot when the attempt ended.
    package var askedBytes: Int64
    /// The part of them that raised the footprint's high water.
    package var freshBytes: Int64
    package var recycledBytes: Int64

    package init(
      slot: Int, task: TaskID, attempt: Int, askedBytes: Int64, freshBytes: Int64,
      recycledBytes: Int64
    ) {
      self.slot = slot
      self.task = task
      self.attempt = attempt
      self.askedBytes = askedBytes
      self.freshBytes = freshBytes
      self.recycledBytes = recycledBytes
    }
  }
}
