import Foundation
import Model

/// What `bench store` found, trace by trace.
struct ReplayReport: Encodable {
  static let leastEfficiency = 0.95
  static let reuseTarget = 0.8

  var cairn = Fact.version
  let jobs: Int
  let everyMilliseconds: Int
  let isQuota: Bool
  var traces: [Trace]

  struct Trace {
    let name: String
    let tasks: Int
    let artifacts: Int
    let budgetBytes: Int64
    let plannedBytes: Int64
    /// All artifacts at their largest, by the facts of the run.
    var askedBytes: Int64 = 0
    /// By the facts of the run.
    var peakBytes: Int64 = 0
    /// ρ by the facts of the run.
    var factReuse: Double?
    /// The most that a walk found, see `FolderWatch.Peak`.
    var walkedBytes: Int64 = 0
    /// Beyond the budget, by the walk or the facts.
    var overBytes: Int64 = 0
    /// Of the folders that hold it all, beside the files in them.
    var folderBytes: Int64 = 0
    var walks = 0
    var seconds = 0.0
    /// What does not hold; empty if all does.
    var faults: [String] = []

    init(_ replay: TraceReplay, budgetBytes: Int64) {
      name = replay.name
      tasks = replay.graph.tasks.count
      artifacts = replay.graph.tasks.reduce(0) { $0 + $1.outputs.count }
      self.budgetBytes = budgetBytes
      plannedBytes = replay.plannedBytes
    }
  }
}

extension ReplayReport.Trace {
  mutating func add(_ peak: FolderWatch.Peak) {
    walks = peak.walks
    walkedBytes = peak.fileBytes
    folderBytes = peak.folderBytes
  }

  /// Judges what the run says of itself, too.
  mutating func add(_ state: RunState) {
    askedBytes = state.reuse.askedBytes
    peakBytes = state.peakBytes
    factReuse = state.reuse.factor
    overBytes = max(0, max(walkedBytes, peakBytes) - budgetBytes)
    let undone = state.taskCount - state.counts[.done]
    if state.closed?.ending != .done {
      faults.append("ended \(state.closed?.ending.rawValue ?? "never")")
    }
    if undone > 0 { faults.append("\(undone) tasks not done") }
    if overBytes > 0 { faults.append("over the budget") }
    if let efficiency, efficiency < ReplayReport.leastEfficiency { faults.append("eta") }
    if let bestReuse, let reuse, bestReuse >= ReplayReport.reuseTarget,
      reuse < ReplayReport.reuseTarget
    {
      faults.append("rho")
    }
  }

  /// ρ by the walk, whose peak is what was fresh.
  var reuse: Double? { share(walkedBytes) }
  /// ρmax of the executed schedule.
  var bestReuse: Double? { share(peakBytes) }
  /// η by the walk; nil where nothing can be used twice.
  var efficiency: Double? { ratio(reuse) }
  /// η by the facts of the run.
  var factEfficiency: Double? { ratio(factReuse) }

  private func share(_ peak: Int64) -> Double? {
    askedBytes > 0 ? 1 - Double(peak) / Double(askedBytes) : nil
  }

  private func ratio(_ reuse: Double?) -> Double? {
    guard let bestReuse, let reuse, bestReuse > 0 else { return nil }
    return reuse / bestReuse
  }
}

extension ReplayReport.Trace: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, tasks, artifacts, budgetBytes, plannedBytes, askedBytes, peakBytes, walkedBytes
    case overBytes, folderBytes, walks, reuse, bestReuse, efficiency, factEfficiency, seconds,
      faults
  }

  /// Numbers that do not apply are null, not absent.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(tasks, forKey: .tasks)
    try container.encode(artifacts, forKey: .artifacts)
    try container.encode(budgetBytes, forKey: .budgetBytes)
    try container.encode(plannedBytes, forKey: .plannedBytes)
    try container.encode(askedBytes, forKey: .askedBytes)
    try container.encode(peakBytes, forKey: .peakBytes)
    try container.encode(walkedBytes, forKey: .walkedBytes)
    try container.encode(overBytes, forKey: .overBytes)
    try container.encode(folderBytes, forKey: .folderBytes)
    try container.encode(walks, forKey: .walks)
    try container.encode(reuse, forKey: .reuse)
    try container.encode(bestReuse, forKey: .bestReuse)
    try container.encode(efficiency, forKey: .efficiency)
    try container.encode(factEfficiency, forKey: .factEfficiency)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(faults, forKey: .faults)
  }
}

// MARK: Words

extension ReplayReport {
  private static let widths = [28, 6, 6, 9, 9, 9, 9, 9, 6, 8, 6, 6, 6, 6, 7]

  static let head = [
    row(
      [
        "trace", "tasks", "files", "asked", "budget", "planned", "by facts", "by walk", "over",
        "folders", "rho", "max", "eta", "facts", "time",
      ], "verdict")
  ]

  fileprivate static func row(_ cells: [String], _ verdict: String) -> String {
    zip(cells, widths).enumerated().map { column, cell in
      let text = cell.0.prefix(cell.1)
      let gap = String(repeating: " ", count: cell.1 - text.count)
      return column == 0 ? text + gap : gap + text
    }.joined(separator: " ") + "  " + verdict
  }
}

extension ReplayReport.Trace {
  var line: String {
    let sizes = [askedBytes, budgetBytes, plannedBytes, peakBytes, walkedBytes].map(ByteText.words)
    let shares = [reuse, bestReuse, efficiency, factEfficiency].map { share in
      share.map { String(format: "%.3f", $0) } ?? "n/a"
    }
    let verdict =
      budgetBytes == 0
      ? "n/a: nothing is handed over" : faults.isEmpty ? "holds" : faults.joined(separator: ", ")
    return ReplayReport.row(
      [name, "\(tasks)", "\(artifacts)"] + sizes + ["\(overBytes)", ByteText.words(folderBytes)]
        + shares + [String(format: "%.1f s", seconds)], verdict)
  }
}
