package import Model
package import Planning

/// Where facts become durable.
///
/// One writer; facts that were appended are on disk when it returns.
package protocol FactStore: Sendable {
  /// Makes facts outlive this process, for less than `append` costs; no reader gets them before the next
  /// `append`. False, and nothing is taken, where the store does not do that at the moment.
  func save(_ facts: [Fact], run: Int) -> Bool

  /// Appends facts of one run in one transaction, and in front of them those that `save` has taken.
  func append(_ facts: [Fact], run: Int) throws(JournalProblem)

  /// Returns up to `limit` facts behind `sequence`, in order.
  func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact]

  /// Keeps a checkpoint behind the facts that it covers; a store may forget it.
  func keep(_ checkpoint: RunHistory.Checkpoint, run: Int) throws(JournalProblem)

  /// Makes what was appended outlive a loss of power, too.
  func flush() throws(JournalProblem)

  /// Sets room aside for bad times; false where there is too little.
  func takeReserve() -> Bool

  /// Gives that room to the facts; false if none was set aside.
  func releaseReserve() -> Bool
}

extension FactStore {
  package func save(_ facts: [Fact], run: Int) -> Bool { false }
  package func keep(_ checkpoint: RunHistory.Checkpoint, run: Int) throws(JournalProblem) {}
  package func flush() throws(JournalProblem) {}
  package func takeReserve() -> Bool { true }
  package func releaseReserve() -> Bool { false }
}

/// The journal could not be opened, read or written.
package struct JournalProblem: Error, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// I/O error, permissions.
    case storage
    /// No room on the disk, or somebody else's lock: the same may work later.
    case passing
    /// Written by a newer Cairn.
    case newerSchema
    case corrupt
    /// Another Cairn holds the project.
    case locked
  }

  package var code: Code
  package var description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// The files of a run: folders of attempts, sealed artifacts, slots, logs.
///
/// Calls may take long (they walk and copy trees), so the engine makes them off its own thread.
package protocol ArtifactStore: Sendable {
  /// Makes the folders of an attempt and empties its slot.
  func prepare(_ attempt: AttemptPlace) throws(WorkspaceProblem) -> AttemptFolders

  /// Answers as `prepare` does where that takes a few looks at the disk and nothing else, so that the
  /// engine can ask in its own turn; nil is no answer, and `prepare` has to be called.
  func prepareNow(_ attempt: AttemptPlace) -> AttemptFolders?

  /// Whether there is nothing to seal, export, measure or delete, told by one look at the slot.
  ///
  /// If so, the attempt is over with 0 bytes of scratch and the slot is as `prepare` left it; else
  /// `seal`, `export` and `release` have to be called.
  func leavesNothing(_ attempt: AttemptPlace) -> Bool

  /// Whether an input of the attempt is gone, or is not what was sealed; nil if all are sound.
  func damage(toInputsOf attempt: AttemptPlace) -> WorkspaceProblem?

  /// Measures, digests and renames what the attempt wrote; a missing artifact folder is an error.
  func seal(_ attempt: AttemptPlace) throws(WorkspaceProblem) -> [Fact.ArtifactSealed]

  /// Copies a sealed artifact out of the workspace: copy, fsync, rename.
  func export(_ export: TaskGraph.Export, of attempt: AttemptPlace) throws(WorkspaceProblem)
    -> Fact.ArtifactExported

  /// Brings what the attempt changed in its worktree together with the run's branch, without moving the
  /// branch; for one attempt of a run at a time.
  func merge(_ attempt: AttemptPlace) throws(WorkspaceProblem) -> BranchMerge

  /// What the attempt changed in its worktree; nil where it has none.
  func changes(_ attempt: AttemptPlace) throws(WorkspaceProblem) -> WorktreeChanges?

  /// Moves the branch to what `merge` made.
  func advance(to merged: Fact.BranchMerged) throws(WorkspaceProblem)

  /// Removes what the attempt wrote and was not sealed, empties the slot and returns the allocated
  /// bytes that the slot held.
  func release(_ attempt: AttemptPlace) -> Int64

  /// Allocated bytes that an attempt has written so far, by artifact; those of its slot by "".
  func grown(_ attempt: AttemptPlace) -> [String: Int64]

  /// Allocated bytes of a slot's worktree; 0 without one.
  func worktreeBytes(_ slot: Int) -> Int64

  /// Deletes the worktree of a slot, which nobody works in.
  func removeWorktree(_ slot: Int) throws(WorkspaceProblem)

  /// Deletes a sealed artifact.
  func drop(_ task: TaskGraph.Task, artifact: String) throws(WorkspaceProblem)

  /// Copies a sealed artifact to the spill file system, proves the copy by its digest, deletes the
  /// original, and returns the allocated bytes of the copy.
  func spill(_ task: TaskGraph.Task, artifact: String, digest: String) throws(WorkspaceProblem)
    -> Int64

  /// Brings a spilled artifact back, proved by its digest; returns its allocated bytes.
  func restore(_ task: TaskGraph.Task, artifact: String, digest: String) throws(WorkspaceProblem)
    -> Int64

  /// Compresses a sealed artifact within the workspace, proves that by its digest, deletes the
  /// original, and returns the allocated bytes of the compressed form.
  ///
  /// - Throws: `WorkspaceProblem`, and the original stays: it cannot be compressed, or not into
  ///   `limitBytes`.
  func compress(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact, within limitBytes: Int64
  ) throws(WorkspaceProblem) -> Int64

  /// Brings a compressed artifact back, proved by its digest; returns its allocated bytes.
  func expand(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64

  /// Whether each of some artifacts has a file whose first bytes can be lent.
  func lendable(_ artifacts: [KnownArtifact], bytes: Int) -> [Bool]

  /// Has others proved in the pages of a sealed artifact, and proves that afterwards.
  ///
  /// Nobody may read, move or make any of them meanwhile.
  func lend(_ loan: LoanRequest) -> LoanEnd

  /// Whether a sealed artifact lies where it should.
  func holds(_ task: TaskGraph.Task, artifact: String) -> Bool

  /// Absolute path and, relative to `.cairn/logs`, name of a log.
  func log(_ task: TaskGraph.Task, attempt: Int, stream: LogReference.Stream) -> (
    path: String, name: String
  )

  /// Absolute path of the file that holds the output of a slot's process while it runs; nil if that
  /// goes to its log at once.
  func spool(_ slot: Int) -> String?
}

extension ArtifactStore {
  package func changes(_ attempt: AttemptPlace) throws(WorkspaceProblem) -> WorktreeChanges? { nil }

  package func prepareNow(_ attempt: AttemptPlace) -> AttemptFolders? { nil }

  package func leavesNothing(_ attempt: AttemptPlace) -> Bool { false }

  package func damage(toInputsOf attempt: AttemptPlace) -> WorkspaceProblem? { nil }

  package func grown(_ attempt: AttemptPlace) -> [String: Int64] { [:] }

  package func spill(
    _ task: TaskGraph.Task, artifact: String, digest: String
  ) throws(WorkspaceProblem) -> Int64 {
    throw WorkspaceProblem("there is no spill file system")
  }

  package func restore(
    _ task: TaskGraph.Task, artifact: String, digest: String
  ) throws(WorkspaceProblem) -> Int64 {
    throw WorkspaceProblem("there is no spill file system")
  }

  package func compress(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact, within limitBytes: Int64
  ) throws(WorkspaceProblem) -> Int64 {
    throw WorkspaceProblem("nothing can be compressed here")
  }

  package func expand(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64 {
    throw WorkspaceProblem("nothing can be expanded here")
  }

  package func lendable(_ artifacts: [KnownArtifact], bytes: Int) -> [Bool] {
    artifacts.map { _ in false }
  }

  package func lend(_ loan: LoanRequest) -> LoanEnd { LoanEnd(problem: "nothing is lent here") }

  package func spool(_ slot: Int) -> String? { nil }

  package func worktreeBytes(_ slot: Int) -> Int64 { 0 }

  package func removeWorktree(_ slot: Int) throws(WorkspaceProblem) {}

  package func merge(_ attempt: AttemptPlace) throws(WorkspaceProblem) -> BranchMerge {
    throw WorkspaceProblem("there is no git repository")
  }

  package func advance(to merged: Fact.BranchMerged) throws(WorkspaceProblem) {
    throw WorkspaceProblem("there is no git repository")
  }
}

/// Which attempt, in which slot, and what its inputs are called.
package struct AttemptPlace: Sendable {
  /// Shared: a place is copied at every step of its attempt, and a task has twenty fields to retain.
  private final class Content: Sendable {
    let task: TaskGraph.Task
    let needed: [TaskGraph.Task]
    let digests: [RunState.ArtifactKey: String]
    let expected: [String: String]?

    init(
      _ task: TaskGraph.Task, _ needed: [TaskGraph.Task],
      _ digests: [RunState.ArtifactKey: String], _ expected: [String: String]?
    ) {
      self.task = task
      self.needed = needed
      self.digests = digests
      self.expected = expected
    }
  }

  private let content: Content
  package let attempt: Int
  package let slot: Int

  package var task: TaskGraph.Task { content.task }
  /// The needed tasks, one a need, in the order of `task.needs`.
  package var needed: [TaskGraph.Task] { content.needed }

  /// What needed artifacts were when they were sealed, as far as the run knows.
  package var digests: [RunState.ArtifactKey: String] { content.digests }

  /// Digests that a recompute has to come to, by artifact; nil for an attempt that is none.
  package var expected: [String: String]? { content.expected }

  package init(
    task: TaskGraph.Task, attempt: Int, slot: Int, needed: [TaskGraph.Task],
    digests: [RunState.ArtifactKey: String] = [:], expected: [String: String]? = nil
  ) {
    content = Content(task, needed, digests, expected)
    self.attempt = attempt
    self.slot = slot
  }
}

/// Absolute paths that an attempt sees.
package struct AttemptFolders: Sendable, Equatable {
  /// By artifact name.
  package var outputs: [String: String]
  package var scratch: String
  /// By variable of the need, without `CAIRN_IN_`.
  package var inputs: [String: String]
  /// Stands for the project's root in a worktree; nil is the root itself.
  package var worktree: String?
  /// Allocated bytes of that.
  package var worktreeBytes: Int64 = 0
  /// What a person should know of how they came to be.
  package var news: [Fact.Notice] = []

  package init(outputs: [String: String], scratch: String, inputs: [String: String]) {
    self.outputs = outputs
    self.scratch = scratch
    self.inputs = inputs
  }
}

package struct WorkspaceProblem: Error, Equatable, CustomStringConvertible {
  package var description: String
  /// There was no room: it may go well when there is.
  package var isDiskFull: Bool
  /// The system had no room for one more open file; the same may succeed later.
  package var isPassing: Bool
  /// It lies in what the file asks for, or in what the task left: a repeat would fail the same way.
  package var isLasting: Bool
  /// The artifact that is gone, or is not what was sealed.
  package var damaged: RunState.ArtifactKey?

  package init(
    _ description: String, isDiskFull: Bool = false, isPassing: Bool = false,
    isLasting: Bool = false, damaged: RunState.ArtifactKey? = nil
  ) {
    self.isLasting = isLasting
    self.description = description
    self.isDiskFull = isDiskFull
    self.isPassing = isPassing
    self.damaged = damaged
  }
}

/// The log files of a run, by absolute path.
///
/// A log that is not there reads as empty.
package protocol LogStore: Sendable {
  func window(_ path: String, at position: LogPosition) -> LogWindow

  /// Returns the byte offset of the next (or previous) line that holds `text`, case folded in ASCII
  /// unless it has a capital letter.
  func find(_ text: String, in path: String, from offset: Int64, backwards: Bool) -> Int64?

  /// Writes a whole file (a prompt), replacing an older one.
  func write(_ bytes: [UInt8], to path: String) throws(WorkspaceProblem)

  /// Drops the middle of a log that is being written, if it is longer than its cap.
  func trim(_ path: String, to cap: LogCap) throws(WorkspaceProblem) -> LogTrim

  /// Writes a log that is longer than its cap anew without its middle; nobody writes it any more.
  func settle(_ path: String, to cap: LogCap) throws(WorkspaceProblem)
}

extension LogStore {
  package func trim(_ path: String, to cap: LogCap) throws(WorkspaceProblem) -> LogTrim {
    .unsupported
  }

  package func settle(_ path: String, to cap: LogCap) throws(WorkspaceProblem) {}
}
