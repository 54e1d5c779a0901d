import Model
import Project

/// `cairn workspace --json`: a contract, see the README.
struct StoreReport: Encodable {
  struct Row: Encodable {
    /// `sealed`, `leased`, `leftover`, `compressed`, `spilled`, `unknown` or `missing`.
    var state: String
    var run: Int?
    var task: String?
    var artifact: String?
    /// Allocated; of a missing one what the journal says.
    var bytes: Int64
    var files: Int?
    var ageSeconds: Int64?
    var attempt: Int?
    var digest: String?
    var path: String
    /// What keeps it: `none`, `readers`, `product`, `unknown`, `keep`, `run` or `absent`.
    var hold: String
    var why: String
    var problem: String?

    init(_ row: StoreRow) {
      state = row.state.rawValue
      (run, task, artifact) = (row.run, row.task, row.artifact)
      (bytes, files, ageSeconds) = (row.bytes, row.files, row.ageSeconds)
      (attempt, digest, path) = (row.attempt, row.digest, row.path)
      (hold, why, problem) = (row.hold.word, row.why, row.problem)
    }
  }

  struct Total: Encodable {
    var rows: Int
    var bytes: Int64
  }

  var cairn = Fact.version
  /// The last run and how it stands; missing before the first.
  var run: Int?
  var state: String?
  /// Limit of the workspace in the last run.
  var capacityBytes: Int64?
  /// In the workspace, whatever rows are told.
  var workspaceBytes: Int64
  var rows: [Row]
  /// By state, of the rows.
  var totals: [String: Total]
  var problems: [String]

  init(_ listing: StoreListing, _ rows: [StoreRow]) {
    run = listing.last?.run
    state = listing.standing?.rawValue
    capacityBytes = listing.capacityBytes
    workspaceBytes = listing.workspaceBytes
    self.rows = rows.map { Row($0) }
    let sums = StoreListing.totals(rows).map {
      ($0.state.rawValue, Total(rows: $0.rows, bytes: $0.bytes))
    }
    totals = Dictionary(uniqueKeysWithValues: sums)
    problems = listing.problems
  }
}

/// `cairn workspace explain --json`: a contract, see the README.
struct StoreExplanationReport: Encodable {
  struct Artifact: Encodable {
    struct Reader: Encodable {
      var task: String
      var state: String
    }

    var run: Int
    var task: String
    var artifact: String
    /// As in `StoreReport.Row`, or `dropped`, or `unmade`.
    var state: String
    var bytes: Int64?
    var files: Int?
    var digest: String?
    var attempt: Int?
    var paths: [String]
    var readers: [Reader]
    var why: String
    var frees: String
  }

  var cairn = Fact.version
  var artifacts: [Artifact]

  init(_ found: [StoreExplanation]) {
    artifacts = found.map { one in
      Artifact(
        run: one.run, task: one.task, artifact: one.artifact, state: one.state, bytes: one.bytes,
        files: one.files, digest: one.digest, attempt: one.attempt, paths: one.rows.map(\.path),
        readers: one.readers.map { .init(task: $0.task, state: $0.state.rawValue) }, why: one.why,
        frees: one.frees)
    }
  }
}
