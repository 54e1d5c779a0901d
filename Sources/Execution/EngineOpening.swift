package import Model
package import Planning

/// What a session begins with: the graph in the run's numbering, what is done, the facts that say so.
///
/// Made by looking only, so that `--explain` and `--dry-run` show what a session would do.
package struct EngineOpening: Sendable {
  package let graph: TaskGraph
  /// One a task of `graph`.
  package let fingerprints: [String]
  /// Why tasks run again; nil in a new run.
  package let plan: ResumePlan?
  package let selection: Set<TaskID>?
  let change: Fact.GraphChanged?
  package let history: RunHistory
  package let schedule: Schedule

  /// Compares a file with what earlier sessions left.
  ///
  /// - Parameters:
  ///   - newer: As the file says it, in its own numbering.
  ///   - fingerprints: Definitions, one a task of the graph.
  ///   - config: How the session runs.
  ///   - history: Earlier sessions of the run; nil for a new one.
  ///   - source: Where the graph came from, for people.
  ///   - trustsReview: A task that the file shows in review counts as done.
  ///   - combine: The digest that attempts are recorded with.
  ///   - holds: Whether an artifact lies where it should.
  /// - Throws: `UnknownSelection` when `config.selection` names what the graph has not.
  package init(
    graph newer: TaskGraph, fingerprints: [String], config: RunConfig, history: RunHistory?,
    source: String = "", trustsReview: Bool = false, combine: ([String]) -> String,
    holds: (TaskGraph.Task, String) -> Bool
  ) throws(UnknownSelection) {
    precondition(fingerprints.count == newer.tasks.count, "one fingerprint a task")
    self.history = history ?? RunHistory()
    let merged = Self.merge(newer, fingerprints, self.history.state, source: source)
    let graph = merged.graph
    (self.graph, self.fingerprints, change) = merged
    let selection = try graph.selected(by: config.selection)
    self.selection = selection
    if let history {
      plan = ResumePlan(
        history, graph: graph, fingerprints: merged.fingerprints, selection: selection,
        combine: combine, holds: { holds(graph[$0.task], $0.name) })
    } else {
      plan = nil
    }
    var options = Schedule.Options(config, trustsReview: trustsReview)
    options.asksLeave = true
    schedule = Schedule(
      graph, options: options, selection: selection,
      satisfied: Self.satisfied(graph, selection, holds), prior: plan?.priors() ?? [])
  }

  private static func merge(
    _ newer: TaskGraph, _ fingerprints: [String], _ known: RunState, source: String
  ) -> (graph: TaskGraph, fingerprints: [String], change: Fact.GraphChanged?) {
    guard known.opened != nil, !known.graph.tasks.isEmpty || !known.graph.name.isEmpty else {
      return (newer, fingerprints, nil)
    }
    let byName = Dictionary(
      zip(newer.tasks.map(\.name), fingerprints), uniquingKeysWith: { first, _ in first })
    var graph = known.graph
    var change = graph.change(to: newer)
    if let change { graph.apply(change) }
    let sorted = graph.tasks.map { $0.isRemoved ? "" : byName[$0.name] ?? "" }
    if change == nil, sorted != known.fingerprints {
      change = Fact.GraphChanged(
        added: [], changed: [], removed: [], groups: graph.groups, agent: graph.agent,
        fingerprints: [], source: "")
    }
    change?.fingerprints = sorted
    change?.source = source
    return (graph, sorted, change)
  }

  /// Tasks that are not selected and whose artifacts are there for those that are.
  private static func satisfied(
    _ graph: TaskGraph, _ selection: Set<TaskID>?, _ holds: (TaskGraph.Task, String) -> Bool
  ) -> Set<TaskID> {
    guard let selection else { return [] }
    let needed = Set(selection.flatMap { graph[$0].predecessors }).subtracting(selection)
    return needed.filter { id in
      graph[id].outputs.allSatisfy { holds(graph[id], $0.name) }
    }
  }
}

extension EngineOpening {
  /// The facts of the opening behind `run.opened`, in order.
  func facts() -> [Fact.Kind] {
    var facts: [Fact.Kind] = []
    if history.state.graph.name.isEmpty, history.state.graph.tasks.isEmpty {
      facts.append(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: fingerprints)))
    }
    if let change { facts.append(.graphChanged(change)) }
    return facts + interruptions() + losses() + states()
  }

  private func interruptions() -> [Fact.Kind] {
    history.state.tasks.enumerated().compactMap { index, status in
      guard let last = status.lastAttempt, last.outcome == nil else { return nil }
      return .attemptEnded(
        Fact.AttemptEnded(
          task: TaskID(index), attempt: last.number,
          outcome: Outcome(.interrupted, message: "Cairn ended while it ran"), usage: Usage(),
          phases: Phases()))
    }
  }

  private func losses() -> [Fact.Kind] {
    (plan?.lost ?? []).map { key in
      .artifactLost(
        Fact.ArtifactReference(
          task: key.task, artifact: key.name, bytes: history.state.known(key)?.bytes ?? 0))
    }
  }

  /// What differs from what the log says; a task outside the selection keeps its ending.
  private func states() -> [Fact.Kind] {
    graph.tasks.compactMap { task in
      guard !task.isRemoved else { return nil }
      let now = schedule[task.id]
      let known = history.state.tasks
      let before = known.indices.contains(task.id.index) ? known[task.id.index] : TaskStatus()
      if !schedule.isSelected(task.id), before.state.hasEnded { return nil }
      let isTold = now.state == before.state && (now.state.hasEnded || now.reason == before.reason)
      return isTold ? nil : .taskState(Fact.TaskStateChanged(now))
    }
  }
}

extension Fact.TaskStateChanged {
  init(_ change: Schedule.Change) {
    self.init(
      task: change.task, state: change.state, reason: change.reason,
      untilSeconds: change.untilSeconds)
  }
}
