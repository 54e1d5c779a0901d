import Execution
import Model
import Planning

/// Turns what a survey found into rows with their reasons.
struct StoreJudge {
  private let runs: StoreRuns
  private let places: [String: StoreRuns.Place]
  private let reasons: [Int: StoreReasons]
  /// Names of tasks by `<run>/<folder>`.
  private let tasks: [String: String]
  /// Below the workspace, and below the spill folder.
  private let present: Set<String>
  private let compressed: Set<String>
  private let copies: Set<String>
  /// Paths that something which has lost its name still leads to.
  private let leaving: Set<String>
  /// By `<task>/<artifact>`: the newest run that sealed it.
  private let newest: [String: Int]

  init(_ survey: StoreSurvey, _ runs: StoreRuns) {
    self.runs = runs
    places = runs.places()
    reasons = runs.reasons()
    newest = Self.newest(runs)
    tasks = runs.taskFolders()
    present = Set(survey.entries.filter { $0.kind == .artifact }.map(\.name))
    compressed = Set(survey.entries.filter { $0.kind == .compressed }.map(\.artifactName))
    copies = Set(survey.entries.filter { $0.kind == .spilled }.map(\.name))
    leaving = Set(
      survey.entries.filter { $0.kind == .unsealed && $0.name.hasSuffix(".old") }
        .map { String($0.name.dropLast(4)) })
  }

  private var last: RunState? { runs.last?.state }
  private var lastNumber: Int { last?.run ?? 0 }

  func row(_ entry: StoreSurvey.Entry, now: Int64) -> StoreRow {
    var row = StoreRow(
      state: .unknown, run: entry.run, bytes: entry.bytes, files: entry.files,
      ageSeconds: max(0, now - entry.changedSeconds), path: entry.path, hold: .stranger,
      why: "nothing that Cairn has put there", problem: entry.problem, entry: entry)
    switch entry.kind {
    case .artifact, .compressed, .spilled: judgeArtifact(&row, entry)
    case .unsealed, .halfSpilled: judgeUnsealed(&row, entry)
    case .slot: judgeSlot(&row, entry)
    case .worktrees:
      row.state = .warm
      row.keep(
        runs.isAlive ? .run(lastNumber) : .product, "worktrees, kept warm for the next tasks")
    case .foreign: break
    }
    if !entry.isText { row.keep(.absent, "its name is no text: only you can delete it") }
    return row
  }

  /// What the last run's facts claim and nobody finds.
  func missing() -> [StoreRow] {
    guard let last else { return [] }
    // A copy that nobody reads any more goes with the end of its run, without a fact.
    let isOver = last.closed?.ending == .done
    let away = isOver ? last.keptAway : last.spilled.keys.filter { last.artifacts[$0] == nil }
    return (last.artifacts.keys + last.compressed.keys + away).compactMap { key in
      let task = last.graph[key.task]
      let place = ArtifactPlace(
        run: last.run, task: task.id, name: task.name, artifact: key.name)
      let isElsewhere =
        present.contains(place.path) || compressed.contains(place.path)
        || copies.contains(place.path)
      let isGoing = runs.isAlive && leaving.contains(place.path)
      guard let known = last.known(key), !isElsewhere, !isGoing else {
        return nil
      }
      return missing(key, place, known)
    }
  }

  private func missing(
    _ key: RunState.ArtifactKey, _ place: ArtifactPlace, _ known: RunState.Artifact
  ) -> StoreRow {
    let hold = reasons[place.run]?.reason(key).hold ?? .absent
    return StoreRow(
      state: .missing, run: place.run, task: place.name, artifact: key.name, bytes: known.bytes,
      files: known.files, attempt: known.attempt, digest: known.digest,
      path: "\(runs.layout.workspace)/\(place.path)",
      hold: hold == .none || hold == .product ? hold : .absent,
      why: "the journal says that it lies there", key: key)
  }
}

// MARK: Artifacts

extension StoreJudge {
  private func judgeArtifact(_ row: inout StoreRow, _ entry: StoreSurvey.Entry) {
    let place = places[entry.artifactName]
    let task = place?.task ?? tasks[entry.names.prefix(2).joined(separator: "/")]
    row.task = task
    row.artifact = place?.key.name ?? (task == nil ? nil : entry.names.last)
    row.key = place?.key
    if entry.run == lastNumber {
      judgeLast(&row, entry)
    } else {
      judgeEarlier(&row, entry, place)
    }
  }

  private func judgeLast(_ row: inout StoreRow, _ entry: StoreSurvey.Entry) {
    guard let last, let key = row.key, let reason = reasons[lastNumber]?.reason(key) else {
      return row.keep(.stranger, "no fact of run \(lastNumber) knows it")
    }
    let known = last.known(key)
    row.know(known)
    row.state = entry.state
    if known == nil {
      judgeUntold(&row, key)
    } else if entry.isSpilled, present.contains(entry.name) {
      row.keep(
        runs.isOpen ? .run(lastNumber) : .none,
        "copy of an artifact that lies in the workspace"
          + (runs.isOpen ? ", kept for \(goingOn)" : ""))
    } else if entry.kind == .compressed, present.contains(entry.artifactName) {
      judgeUntold(&row, key)
    } else {
      row.keep(reason.hold, reason.why)
    }
  }

  /// A fact may be on its way while a Cairn lives; a dead one has left it behind.
  private func judgeUntold(_ row: inout StoreRow, _ key: RunState.ArtifactKey) {
    if runs.isAlive {
      row.state = .leased
      row.keep(.run(lastNumber), "the journal does not know it yet")
    } else {
      row.state = .leftover
      row.keep(.none, "no fact knows it: Cairn died as it came or went")
    }
  }

  private func judgeEarlier(
    _ row: inout StoreRow, _ entry: StoreSurvey.Entry, _ place: StoreRuns.Place?
  ) {
    guard let run = entry.run, runs.known.contains(run) else {
      return row.keep(.stranger, "its run is in no journal")
    }
    guard let reasons = reasons[run] else {
      return row.keep(.stranger, "what the journal says of its run cannot be read")
    }
    row.state = entry.state
    row.know(place.flatMap { reasons.state.known($0.key) })
    let reason = place.map { reasons.reason($0.key) }
    if let reason, reason.hold == .keep {
      row.keep(.keep, reason.why)
    } else if runs.isOpen, runs.base.contains(run) {
      row.keep(.run(lastNumber), "kept for \(goingOn)")
    } else if let place, reason?.hold == .product, isLatest(place) {
      row.keep(.product, "product of run \(run), which no later run has made again")
    } else {
      let copy = entry.isSpilled ? " copy" : ""
      row.keep(.none, "an earlier run's\(copy); the next run of everything sweeps it")
    }
  }

  /// The runs since were of a part of the graph in which this was not made.
  private func isLatest(_ place: StoreRuns.Place) -> Bool {
    last?.opened?.config.selection != nil
      && newest[Self.made(place.task, place.key.name)] ?? 0 <= place.run
  }

  private static func made(_ task: String, _ artifact: String) -> String { "\(task)/\(artifact)" }

  /// The newest run that sealed each artifact.
  private static func newest(_ runs: StoreRuns) -> [String: Int] {
    var newest: [String: Int] = [:]
    for (run, history) in runs.histories {
      for key in history.digests.keys {
        let name = made(history.state.graph[key.task].name, key.name)
        newest[name] = max(newest[name] ?? 0, run)
      }
    }
    return newest
  }

  private var goingOn: String {
    runs.isAlive ? "run \(lastNumber), which is alive" : "the resume of run \(lastNumber)"
  }
}

// MARK: What is half done

extension StoreJudge {
  private func judgeUnsealed(_ row: inout StoreRow, _ entry: StoreSurvey.Entry) {
    row.task = tasks[entry.names.prefix(2).joined(separator: "/")]
    let isLive = runs.isAlive && entry.run == lastNumber
    row.state = isLive ? .leased : .leftover
    let words = Self.words(entry.names.last ?? "")
    row.keep(
      isLive ? .run(lastNumber) : .none,
      isLive ? "\(words) of run \(lastNumber), which is alive" : "\(words) that is dead")
  }

  private static func words(_ name: String) -> String {
    let parts = name.split(separator: ".")
    if name.hasPrefix("in.") { return "links for an attempt" }
    if name.hasSuffix(".old") { return "what was being deleted by a Cairn" }
    guard parts.count == 3, let attempt = Int(parts[1]) else { return "half a copy by a Cairn" }
    return "written by attempt \(attempt)"
  }

  private func judgeSlot(_ row: inout StoreRow, _ entry: StoreSurvey.Entry) {
    let number = Int(entry.names.last ?? "")
    let holder = last?.graph.tasks.first { task in
      guard let last, last.state(of: task.id).isActive else { return false }
      return last[task.id].lastAttempt?.slot == number
    }
    guard runs.isAlive else {
      row.state = .leftover
      return row.keep(.none, "what a dead attempt left in its slot")
    }
    row.state = .leased
    row.task = holder?.name
    row.attempt = holder.flatMap { last?[$0.id].lastAttempt?.number }
    row.keep(.run(lastNumber), "slot of run \(lastNumber), which is alive")
  }
}

extension StoreSurvey.Entry {
  /// Of a complete artifact.
  fileprivate var state: StoreRow.State {
    switch kind {
    case .compressed: .compressed
    case .spilled: .spilled
    default: .sealed
    }
  }
}
