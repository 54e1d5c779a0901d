import Execution
import Model
import Planning
import Synchronization

/// Facts in memory, with an append that fails on demand.
final class MemoryFactStore: FactStore {
  private struct Shelf {
    var facts: [Fact] = []
    var batches: [Int] = []
    var failsAfter: Int?
    var checkpoints: [Int] = []
    var fullAfter = Int.max
    var failures = 0
    var hasReserve = false
    var looksBeforeRoom = 0
    var saved: [Fact]?
    var flushes: [Int] = []
  }

  private let shelf: Mutex<Shelf>

  /// The append that would bring more than `failsAfter` facts fails.
  init(_ facts: [Fact] = [], failsAfter: Int? = nil) {
    shelf = Mutex(Shelf(facts: facts, failsAfter: failsAfter))
  }

  var facts: [Fact] { shelf.withLock { $0.facts } }
  /// Facts that outlive the process and are in no append yet.
  var saved: [Fact] { shelf.withLock { $0.saved ?? [] } }
  /// Facts of each append.
  var batches: [Int] { shelf.withLock { $0.batches } }

  /// How many facts there were at each flush.
  var flushes: [Int] { shelf.withLock { $0.flushes } }

  func flush() { shelf.withLock { $0.flushes.append($0.facts.count) } }

  /// The disk is full once it holds `after` facts, for so many appends.
  ///
  /// With a reserve, giving it up makes room; so many looks then find none for a new one.
  func fill(after: Int, fails: Int, hasReserve: Bool = false, comesBackAfter: Int = 0) {
    shelf.withLock { shelf in
      shelf.fullAfter = after
      shelf.failures = fails
      shelf.hasReserve = hasReserve
      shelf.looksBeforeRoom = comesBackAfter
    }
  }

  /// From now on facts are saved on demand.
  func beginSaving() { shelf.withLock { $0.saved = [] } }

  func save(_ facts: [Fact], run: Int) -> Bool {
    shelf.withLock { shelf in
      shelf.saved?.append(contentsOf: facts)
      return shelf.saved != nil
    }
  }

  /// Numbers of the newest fact in each checkpoint.
  var checkpoints: [Int] { shelf.withLock { $0.checkpoints } }

  func keep(_ checkpoint: RunHistory.Checkpoint, run: Int) {
    shelf.withLock { $0.checkpoints.append(checkpoint.sequence) }
  }

  func takeReserve() -> Bool {
    shelf.withLock { shelf in
      guard shelf.failures == 0, shelf.looksBeforeRoom > 0 else { return shelf.failures == 0 }
      shelf.looksBeforeRoom -= 1
      return false
    }
  }

  func releaseReserve() -> Bool {
    shelf.withLock { shelf in
      defer { shelf.hasReserve = false }
      if shelf.hasReserve { shelf.failures = 0 }
      return shelf.hasReserve
    }
  }

  func append(_ facts: [Fact], run: Int) throws(JournalProblem) {
    let hasNoRoom = shelf.withLock { shelf in
      guard shelf.failures > 0, shelf.facts.count + facts.count > shelf.fullAfter else {
        return false
      }
      shelf.failures -= 1
      return true
    }
    if hasNoRoom { throw JournalProblem(.passing, "the disk is full") }
    let isFull = shelf.withLock { shelf in
      if let limit = shelf.failsAfter, shelf.facts.count + facts.count > limit { return true }
      shelf.facts += (shelf.saved ?? []) + facts
      if shelf.saved != nil { shelf.saved = [] }
      shelf.batches.append(facts.count)
      return false
    }
    if isFull { throw JournalProblem(.storage, "the disk is full") }
  }

  func facts(run: Int, after sequence: Int, limit: Int) throws(JournalProblem) -> [Fact] {
    shelf.withLock { Array($0.facts.filter { $0.sequence > sequence }.prefix(limit)) }
  }
}

/// Artifacts that are only names.
final class ScriptedArtifacts: ArtifactStore {
  private struct Shelf {
    var held: Set<String> = []
    var digests: [String: String] = [:]
    var problems: [String: String] = [:]
    var calls: [String] = []
    var sizes: [String: Int64] = [:]
    var samples: [String: Int64] = [:]
    var packed: Set<String> = []
    var growth: (@Sendable (AttemptPlace) -> [String: Int64])?
    var loans: (@Sendable (LoanRequest) -> LoanEnd)?
  }

  private let shelf = Mutex(Shelf())

  /// Names of artifacts that lie in the workspace, as `task.artifact`.
  var held: Set<String> {
    get { shelf.withLock { $0.held } }
    set { shelf.withLock { $0.held = newValue } }
  }

  var calls: [String] { shelf.withLock { $0.calls } }

  /// Makes `seal task`, `export task`, `prepare task` or `drop task` fail.
  func fail(_ call: String, _ words: String) { shelf.withLock { $0.problems[call] = words } }

  func digest(_ task: String, _ digest: String) { shelf.withLock { $0.digests[task] = digest } }

  /// Bytes of an artifact once it is sealed, as `task.artifact`; 1,000 where nothing is said.
  func size(_ artifact: String, _ bytes: Int64) {
    shelf.withLock { $0.sizes[artifact] = bytes }
  }

  /// What a sample of an artifact, as `task.artifact`, says of its compressed form.
  func sample(_ artifact: String, _ bytes: Int64) {
    shelf.withLock { $0.samples[artifact] = bytes }
  }

  /// What a running attempt is measured at.
  func grow(_ growth: @escaping @Sendable (AttemptPlace) -> [String: Int64]) {
    shelf.withLock { $0.growth = growth }
  }

  func grown(_ place: AttemptPlace) -> [String: Int64] {
    shelf.withLock { $0.growth }?(place) ?? [:]
  }

  /// How loans end; they go well where nothing is said.
  func lends(_ loans: @escaping @Sendable (LoanRequest) -> LoanEnd) {
    shelf.withLock { $0.loans = loans }
  }

  func lendable(_ artifacts: [KnownArtifact], bytes: Int) -> [Bool] { artifacts.map { _ in true } }

  func lend(_ loan: LoanRequest) -> LoanEnd {
    let names = loan.proved.map(\.task.name).joined(separator: ",")
    try? call("lend \(loan.lent.task.name) for \(names)")
    return shelf.withLock { $0.loans }?(loan) ?? LoanEnd()
  }

  private func call(_ call: String) throws(WorkspaceProblem) {
    let words = shelf.withLock { shelf in
      shelf.calls.append(call)
      return shelf.problems[call]
    }
    if let words { throw WorkspaceProblem(words) }
  }

  func prepare(_ place: AttemptPlace) throws(WorkspaceProblem) -> AttemptFolders {
    try call("prepare \(place.task.name)")
    var inputs: [String: String] = [:]
    for (need, task) in zip(place.task.needs, place.needed) {
      for name in need.artifact.map({ [$0] }) ?? task.outputs.map(\.name)
      where !holds(task, artifact: name) {
        throw WorkspaceProblem("input \(task.name).\(name) is missing")
      }
      inputs[need.variable] = "/ws/\(task.name)"
    }
    let outputs = place.task.outputs.map { ($0.name, "/ws/\(place.task.name)/\($0.name).part") }
    return AttemptFolders(
      outputs: Dictionary(outputs, uniquingKeysWith: { first, _ in first }),
      scratch: "/ws/slots/\(place.slot)", inputs: inputs)
  }

  func seal(_ place: AttemptPlace) throws(WorkspaceProblem) -> [Fact.ArtifactSealed] {
    try call("seal \(place.task.name)")
    let task = place.task
    return shelf.withLock { shelf in
      task.outputs.map { output in
        shelf.held.insert("\(task.name).\(output.name)")
        return Fact.ArtifactSealed(
          task: task.id, attempt: place.attempt, artifact: output.name,
          bytes: shelf.sizes["\(task.name).\(output.name)"] ?? 1_000, files: 1,
          digest: shelf.digests[task.name] ?? "digest of \(task.name)",
          compressedBytes: shelf.samples["\(task.name).\(output.name)"])
      }
    }
  }

  func export(_ export: TaskGraph.Export, of place: AttemptPlace) throws(WorkspaceProblem)
    -> Fact.ArtifactExported
  {
    try call("export \(place.task.name)")
    return Fact.ArtifactExported(
      task: place.task.id, artifact: export.artifact, bytes: 1_000, path: export.path)
  }

  func release(_ place: AttemptPlace) -> Int64 {
    try? call("release \(place.task.name)")
    return 100
  }

  func drop(_ task: TaskGraph.Task, artifact: String) throws(WorkspaceProblem) {
    try call("drop \(task.name)")
    shelf.withLock { _ = $0.held.remove("\(task.name).\(artifact)") }
  }

  func compress(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact, within limitBytes: Int64
  ) throws(WorkspaceProblem) -> Int64 {
    try call("compress \(task.name)")
    let name = "\(task.name).\(artifact)"
    return shelf.withLock { shelf in
      shelf.held.remove(name)
      shelf.packed.insert(name)
      return min(limitBytes, shelf.samples[name] ?? limitBytes)
    }
  }

  func expand(
    _ task: TaskGraph.Task, artifact: String, as known: RunState.Artifact
  ) throws(WorkspaceProblem) -> Int64 {
    let name = "\(task.name).\(artifact)"
    shelf.withLock { _ = $0.packed.remove(name) }
    try call("expand \(task.name)")
    shelf.withLock { _ = $0.held.insert(name) }
    return known.bytes
  }

  func holds(_ task: TaskGraph.Task, artifact: String) -> Bool {
    shelf.withLock { $0.held.contains("\(task.name).\(artifact)") }
  }

  func log(_ task: TaskGraph.Task, attempt: Int, stream: LogReference.Stream) -> (
    path: String, name: String
  ) {
    let tail =
      switch stream {
      case .output: "log"
      case .verify: "verify.log"
      case .prompt: "prompt.md"
      case .changes: "changes.diff"
      }
    let name = "1/\(task.name).\(attempt).\(tail)"
    return ("/logs/\(name)", name)
  }
}

/// Logs by path.
final class MemoryLogs: LogStore {
  private let files = Mutex<[String: [UInt8]]>([:])

  subscript(path: String) -> String? {
    files.withLock { $0[path].map { String(decoding: $0, as: UTF8.self) } }
  }

  func window(_ path: String, at position: LogPosition) -> LogWindow {
    let bytes = files.withLock { $0[path] ?? [] }
    return LogWindow(offset: 0, bytes: bytes, totalBytes: Int64(bytes.count))
  }

  func find(_ text: String, in path: String, from offset: Int64, backwards: Bool) -> Int64? {
    self[path]?.contains(text) == true ? 0 : nil
  }

  func write(_ bytes: [UInt8], to path: String) throws(WorkspaceProblem) {
    files.withLock { $0[path] = bytes }
  }
}
