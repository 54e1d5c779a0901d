import Execution
import Model
import Synchronization

/// The workspace over all sessions of a story: artifacts that are only names and digests.
final class SimulatedDisk: ArtifactStore, LogStore {
  private struct Shelf {
    var held: [RunState.ArtifactKey: String] = [:]
    /// Copies on the spill file system.
    var spilled: [RunState.ArtifactKey: String] = [:]
    /// Compressed in the workspace.
    var packed: [RunState.ArtifactKey: String] = [:]
    var bytes: [RunState.ArtifactKey: Int64] = [:]
    var calls = 0
    /// Inputs that were not there when an attempt was prepared.
    var missing: [Missing] = []
    /// What a borrower should have proved, or worked in, and did not find as it was sealed.
    var unproved: [RunState.ArtifactKey] = []
  }

  struct Missing: Hashable {
    var task: TaskID
    var attempt: Int
    var input: RunState.ArtifactKey
  }

  private let story: Story
  private let shelf = Mutex(Shelf())

  init(_ story: Story) { self.story = story }

  func takeMissing() -> [Missing] {
    shelf.withLock { shelf in
      defer { shelf.missing = [] }
      return shelf.missing
    }
  }

  func takeUnproved() -> [RunState.ArtifactKey] {
    shelf.withLock { shelf in
      defer { shelf.unproved = [] }
      return shelf.unproved
    }
  }

  /// Somebody deletes what a task made.
  func lose(_ task: TaskID) {
    shelf.withLock { shelf in
      shelf.held = shelf.held.filter { $0.key.task != task }
      shelf.spilled = shelf.spilled.filter { $0.key.task != task }
      shelf.packed = shelf.packed.filter { $0.key.task != task }
    }
  }

  private func call(_ name: String) throws(WorkspaceProblem) {
    let number = shelf.withLock { shelf in
      shelf.calls += 1
      return shelf.calls
    }
    if story.dice.roll(.job, number) < story.rates.failingJobs {
      throw WorkspaceProblem("cannot \(name): the disk says no")
    }
  }

  func prepare(_ place: AttemptPlace) throws(WorkspaceProblem) -> AttemptFolders {
    for (need, task) in zip(place.task.needs, place.needed) {
      for name in need.artifact.map({ [$0] }) ?? task.outputs.map(\.name)
      where !holds(task, artifact: name) {
        let input = RunState.ArtifactKey(task: task.id, name: name)
        shelf.withLock {
          $0.missing.append(Missing(task: place.task.id, attempt: place.attempt, input: input))
        }
        throw WorkspaceProblem("input \(task.name).\(name) is missing")
      }
    }
    try call("prepare")
    return AttemptFolders(outputs: [:], scratch: "/slot", inputs: [:])
  }

  /// A task that takes and makes nothing needs no job.
  func prepareNow(_ place: AttemptPlace) -> AttemptFolders? {
    guard place.task.needs.isEmpty, leavesNothing(place) else { return nil }
    return AttemptFolders(outputs: [:], scratch: "/slot", inputs: [:])
  }

  func leavesNothing(_ place: AttemptPlace) -> Bool {
    place.task.outputs.isEmpty && !place.task.isPure
  }

  func seal(_ place: AttemptPlace) throws(WorkspaceProblem) -> [Fact.ArtifactSealed] {
    try call("seal")
    return place.task.outputs.map { output in
      let roll = story.dice.roll(.digest, place.task.id.index, place.attempt)
      let version = roll < story.rates.fickle ? place.attempt : 0
      let digest = "\(place.task.name).\(output.name) \(version)"
      let key = RunState.ArtifactKey(task: place.task.id, name: output.name)
      let bytes = story.bytes(output, task: place.task.id, attempt: place.attempt)
      shelf.withLock { shelf in
        shelf.held[key] = digest
        shelf.spilled[key] = nil
        shelf.packed[key] = nil
        shelf.bytes[key] = bytes
      }
      return Fact.ArtifactSealed(
        task: place.task.id, attempt: place.attempt, artifact: output.name,
        bytes: bytes, files: 1, digest: digest,
        compressedBytes: story.compressedBytes(key, of: bytes))
    }
  }

  func export(_ export: TaskGraph.Export, of place: AttemptPlace) throws(WorkspaceProblem)
    -> Fact.ArtifactExported
  {
    try call("export")
    return Fact.ArtifactExported(
      task: place.task.id, artifact: export.artifact, bytes: 4_096, path: export.path)
  }

  func release(_ place: AttemptPlace) -> Int64 { 4_096 }

  func drop(_ task: TaskGraph.Task, artifact: String) throws(WorkspaceProblem) {
    try call("drop")
    let key = RunState.ArtifactKey(task: task.id, name: artifact)
    shelf.withLock { shelf in
      shelf.held[key] = nil
      shelf.packed[key] = nil
    }
  }

  func spill(_ task: TaskGraph.Task, artifact: String, digest: String) throws(WorkspaceProblem)
    -> Int64
  {
    try call("spill")
    return try move(task, artifact, digest, from: \.held, to: \.spilled, isCopy: false)
  }

  func restore(_ task: TaskGraph.Task, artifact: String, digest: String) throws(WorkspaceProblem)
    -> Int64
  {
    try call("restore")
    return try move(task, artifact, digest, from: \.spilled, to: \.held, isCopy: true)
  }

  func compress(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact, within limitBytes: Int64
  ) throws(WorkspaceProblem) -> Int64 {
    try call("compress")
    let key = RunState.ArtifactKey(task: task.id, name: artifact)
    let bytes = story.packedBytes(key, of: known.bytes)
    guard bytes <= limitBytes else {
      throw WorkspaceProblem("\(task.name).\(artifact) comes to \(bytes) bytes")
    }
    _ = try move(task, artifact, known.digest, from: \.held, to: \.packed, isCopy: false)
    return bytes
  }

  func expand(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64 {
    do throws(WorkspaceProblem) {
      try call("expand")
      return try move(task, artifact, known.digest, from: \.packed, to: \.held, isCopy: false)
    } catch {
      let key = RunState.ArtifactKey(task: task.id, name: artifact)
      shelf.withLock { $0.packed[key] = nil }
      throw error
    }
  }

  /// What its compressed form takes; nil where it lies there as a whole, or not at all.
  func compressedBytes(_ task: TaskGraph.Task, artifact: String) -> Int64? {
    let key = RunState.ArtifactKey(task: task.id, name: artifact)
    return shelf.withLock { shelf in
      guard shelf.held[key] == nil, shelf.packed[key] != nil else { return nil }
      return story.packedBytes(key, of: shelf.bytes[key] ?? 0)
    }
  }

  func lendable(_ artifacts: [KnownArtifact], bytes: Int) -> [Bool] {
    artifacts.map { artifact in
      shelf.withLock { $0.held[artifact.key] == artifact.digest }
        && story.dice.roll(.lend, artifact.task.id.index, artifact.name.utf8.count) < 0.8
    }
  }

  /// A borrower finds damage, dies, or does harm, as the dice say; what is lost may need more room than
  /// was planned.
  func lend(_ loan: LoanRequest) -> LoanEnd {
    let throwing = story.dice.roll(.lend, loan.lent.task.id.index, loan.proved.count, 1)
    let roll = story.isCalm ? 1 : throwing
    let isFailing = (try? call("lend")) == nil
    return shelf.withLock { shelf in
      let all = loan.proved + [loan.lent]
      let missing = all.filter { shelf.held[$0.key] != $0.digest }.map(\.key)
      if story.losses.isEmpty { shelf.unproved += missing }
      let isDead = isFailing || roll < 0.3 || !missing.isEmpty
      var end = LoanEnd(damaged: missing, problem: isDead ? "the borrower died" : nil)
      if roll < 0.1, let piece = loan.proved.first, missing.isEmpty {
        shelf.held[piece.key] = nil
        end.damaged = [piece.key]
      }
      if roll < 0.2 { end.lent = Self.harm(loan, &shelf) }
      return end
    }
  }

  private static func harm(_ loan: LoanRequest, _ shelf: inout Shelf) -> LoanEnd.Lent {
    if loan.hasCopy, shelf.spilled[loan.lent.key] == loan.lent.digest {
      return .restored(shelf.bytes[loan.lent.key] ?? 0)
    }
    shelf.held[loan.lent.key] = nil
    return .lost
  }

  private func move(
    _ task: TaskGraph.Task, _ artifact: String, _ digest: String,
    from: WritableKeyPath<Shelf, [RunState.ArtifactKey: String]>,
    to: WritableKeyPath<Shelf, [RunState.ArtifactKey: String]>, isCopy: Bool
  ) throws(WorkspaceProblem) -> Int64 {
    let key = RunState.ArtifactKey(task: task.id, name: artifact)
    let bytes = shelf.withLock { shelf -> Int64? in
      // It was moved before, and the journal does not know.
      if shelf[keyPath: from][key] != digest {
        return shelf[keyPath: to][key] == digest ? shelf.bytes[key] ?? 0 : nil
      }
      shelf[keyPath: to][key] = digest
      if !isCopy { shelf[keyPath: from][key] = nil }
      return shelf.bytes[key] ?? 0
    }
    guard let bytes else { throw WorkspaceProblem("\(task.name).\(artifact) is not there") }
    return bytes
  }

  /// Whether it lies on the spill file system and nowhere else.
  func isAway(_ task: TaskGraph.Task, artifact: String) -> Bool {
    let key = RunState.ArtifactKey(task: task.id, name: artifact)
    return shelf.withLock { $0.held[key] == nil && $0.spilled[key] != nil }
  }

  func holds(_ task: TaskGraph.Task, artifact: String) -> Bool {
    let key = RunState.ArtifactKey(task: task.id, name: artifact)
    return shelf.withLock { $0.held[key] != nil }
  }

  func log(_ task: TaskGraph.Task, attempt: Int, stream: LogReference.Stream) -> (
    path: String, name: String
  ) {
    ("/logs", "log")
  }

  func window(_ path: String, at position: LogPosition) -> LogWindow {
    LogWindow(offset: 0, bytes: [], totalBytes: 0)
  }

  func find(_ text: String, in path: String, from offset: Int64, backwards: Bool) -> Int64? { nil }

  func write(_ bytes: [UInt8], to path: String) throws(WorkspaceProblem) {}
}
