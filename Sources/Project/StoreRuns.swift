import Execution
import Model
import Planning

/// The runs of which something lies in a workspace, folded.
struct StoreRuns: Sendable {
  /// One artifact of a run, by the names of its folders.
  struct Place: Sendable {
    var run: Int
    var task: String
    var key: RunState.ArtifactKey
  }

  let layout: WorkspaceLayout
  private(set) var last: RunHistory?
  let isAlive: Bool
  /// Earlier ones that lie there.
  private(set) var others: [Int: RunHistory] = [:]
  /// Of those in the workspace the runs that the journal has.
  private(set) var known: Set<Int> = []
  /// Earlier runs on which the last one stands (`--only`, `--from`).
  private(set) var base: Set<Int> = []
  private(set) var problems: [String] = []

  /// The last run alone.
  init(_ layout: WorkspaceLayout, isAlive: Bool) throws {
    self.layout = layout
    self.isAlive = isAlive
    guard !Journal.isBlank(layout.journal) else { return }
    let journal = try Journal(reading: layout.journal)
    defer { try? journal.close() }
    last = try journal.lastRunWithFacts().map { try journal.history(run: $0) }
  }

  /// For whoever holds the project, so that no run is alive.
  init(_ layout: WorkspaceLayout, last: RunHistory?) {
    self.layout = layout
    isAlive = false
    self.last = last
  }

  /// Folds the other runs that a survey found.
  mutating func meet(_ survey: StoreSurvey) throws {
    guard last != nil else { return }
    let journal = try Journal(reading: layout.journal)
    defer { try? journal.close() }
    try meet(survey, journal)
  }

  mutating func meet(_ survey: StoreSurvey, _ journal: Journal) throws {
    let number = last?.state.run
    for run in Set(survey.entries.compactMap(\.run)) where run != number {
      guard try journal.run(run) != nil else { continue }
      known.insert(run)
      // A damaged earlier run only leaves its artifacts without names.
      do { others[run] = try journal.history(run: run) } catch {
        problems.append(String(describing: error))
      }
    }
    guard let last = last?.state else { return }
    base = Set(
      try journal.inheritance(for: last.opened?.config.selection, before: last.run).map(\.run))
  }

  var standing: RunStanding? { last.map { RunStanding($0.state, isAlive: isAlive) } }
  /// The last run is alive or can be resumed.
  var isOpen: Bool { isAlive || last.map { $0.state.closed?.ending != .done } ?? false }
  var spill: SpillPlace? { last?.state.opened?.config.workspace?.spill }

  /// Every artifact that a run's graph or facts know, by its path below the workspace.
  ///
  /// - Complexity: O(artifacts of the runs).
  func places() -> [String: Place] {
    var places: [String: Place] = [:]
    for (run, history) in histories {
      let state = history.state
      let made = state.graph.tasks.flatMap { task in
        task.outputs.map { RunState.ArtifactKey(task: task.id, name: $0.name) }
      }
      for key in made + state.artifacts.keys + state.compressed.keys + state.spilled.keys {
        let task = state.graph[key.task]
        let place = ArtifactPlace(run: run, task: task.id, name: task.name, artifact: key.name)
        places[place.path] = Place(run: run, task: task.name, key: key)
      }
    }
    return places
  }

  /// All that are known, by number.
  var histories: [Int: RunHistory] {
    var all = others
    if let last { all[last.state.run] = last }
    return all
  }

  /// By number of the run.
  func reasons() -> [Int: StoreReasons] {
    let number = last?.state.run
    return histories.mapValues {
      StoreReasons($0.state, isOpen: isOpen && $0.state.run == number, root: layout.root)
    }
  }
}

extension StoreRuns {
  /// Names of tasks by `<run>/<folder>`.
  func taskFolders() -> [String: String] {
    var folders: [String: String] = [:]
    for (run, history) in histories {
      for task in history.state.graph.tasks {
        folders["\(run)/\(WorkspaceLayout.folder(task.id, task.name))"] = task.name
      }
    }
    return folders
  }
}
