import Execution
package import Model
import Planning

/// One artifact: what the journal and the disk say of it, who reads it, and what would free it.
package struct StoreExplanation: Sendable {
  package struct Reader: Sendable, Equatable {
    package var task: String
    package var state: TaskState
  }

  package let run: Int
  package let task: String
  package let artifact: String
  /// A state of `StoreRow`, else `dropped` or `unmade`.
  package let state: String
  /// Where it lies: in the workspace, on the spill file system, or both.
  package let rows: [StoreRow]
  package let bytes: Int64?
  package let files: Int?
  package let digest: String?
  /// The attempt that made it.
  package let attempt: Int?
  package let readers: [Reader]
  package let why: String
  package let frees: String

  package var name: String { "\(task).\(artifact)" }
}

extension StoreExplanation {
  /// - Throws: `ProjectProblem`: a name that is unknown (`usage`), of a task without artifacts
  ///   (`missing`), or a run that is not there (`missing`).
  package static func all(
    named name: String, in listing: StoreListing, run: Int? = nil
  ) throws(ProjectProblem) -> [StoreExplanation] {
    guard let number = run ?? listing.last?.run, let history = listing.runs.histories[number] else {
      throw ProjectProblem(
        .missing, run.map { "nothing of a run \($0) lies here" } ?? "no run is known here")
    }
    let names = StoreNames(listing, run: number)
    try names.require(name)
    let keys = names.artifacts(named: name)
    guard !keys.isEmpty else {
      throw ProjectProblem(.missing, "\"\(name)\" makes no artifact: output: none")
    }
    let reasons = StoreReasons(
      history.state, isOpen: listing.runs.isOpen && number == listing.last?.run,
      root: listing.runs.layout.root)
    return keys.map { StoreExplanation(of: $0, listing, history, reasons) }
  }
}

extension StoreExplanation {
  fileprivate init(
    of key: RunState.ArtifactKey, _ listing: StoreListing, _ history: RunHistory,
    _ reasons: StoreReasons
  ) {
    let state = history.state
    let known = state.known(key)
    run = state.run
    task = state.graph[key.task].name
    artifact = key.name
    rows = listing.rows.filter { $0.run == state.run && $0.key == key }
    digest = known?.digest ?? history.digests[key]
    attempt = known?.attempt ?? state[key.task].standingAttempt?.number
    readers = reasons.readers(of: key).map {
      Reader(task: state.graph[$0].name, state: state.state(of: $0))
    }
    bytes = rows.first?.bytes ?? known?.bytes ?? history.sizes[key]
    files = rows.first?.files ?? known?.files
    guard let row = rows.first else {
      let wasMade = history.digests[key] != nil
      self.state = wasMade ? "dropped" : "unmade"
      why = wasMade ? "it was sealed, and deleted since" : "no attempt has sealed it yet"
      frees = "nothing: it takes no room"
      return
    }
    self.state = row.state.rawValue
    why = row.why
    frees = Self.frees(row, state)
  }

  private static func frees(_ row: StoreRow, _ state: RunState) -> String {
    if row.state == .missing { return "nothing: it is gone" }
    return switch row.hold {
    case .none: "`cairn workspace prune`"
    case .readers(let open):
      "the end of \(names(open, state)); then `cairn workspace prune`, or a run with a budget"
    case .product:
      "`cairn workspace prune \(row.label)`, or `export` in the file and `cairn workspace prune`"
    case .stranger: "`cairn workspace prune --all`"
    case .keep: "no `keep: true` in the file, and a new run"
    case .run(let number): "the end of run \(number)"
    case .absent: "nothing that Cairn could do"
    }
  }

  /// Names told before "and n more".
  private static let namesTold = 3

  private static func names(_ tasks: [TaskID], _ state: RunState) -> String {
    let told = tasks.prefix(namesTold).map { state.graph[$0].name }.joined(separator: ", ")
    return tasks.count > namesTold ? "\(told) and \(tasks.count - namesTold) more" : told
  }
}
