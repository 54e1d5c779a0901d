package import Execution
package import Model
package import Planning

/// Plans a session before it begins.
package struct RunPlanning {
  private let budget: WorkspaceBudget
  private let jobs: Int
  private let seed: UInt64
  /// How much is tried; nil is as much as the budget asks for.
  private let effort: Planner.Effort?

  /// A session with a limit on its workspace; nil for one without.
  package init?(_ config: RunConfig, effort: Planner.Effort? = nil) {
    guard let budget = config.workspace else { return nil }
    self.budget = budget
    jobs = config.jobs
    seed = config.seed
    self.effort = effort
  }
}

extension RunPlanning {
  /// What is planned, and the plan.
  package struct Planned: Sendable {
    package var plan: Plan
    package var subject: PlanGraph.Subject
  }

  /// Plans what a session has open.
  ///
  /// Sizes that nobody knows are guessed, and the guess is halved until a plan fits: only what is known
  /// can make a budget impossible.
  ///
  /// `worktreeBytes` is what a worktree is expected to hold.
  ///
  /// - Throws: `Planner.Infeasible`.
  package func plan(
    _ opening: EngineOpening, earlier: EarlierRuns, worktreeBytes: Int64 = 0,
    isAway: (TaskGraph.Task, String) -> Bool = { _, _ in false },
    compressedBytes: (TaskGraph.Task, String) -> Int64? = { _, _ in nil }
  ) throws(Planner.Infeasible) -> Planned {
    var first = subject(opening, earlier, isAway, compressedBytes)
    if worktreeBytes > 0 {
      first.scratchBytes = opening.graph.tasks.map { $0.isolation == .worktree ? worktreeBytes : 0 }
    }
    var planned = try plan(first, following: opening.history.state.plan)
    // A second for each task tells which path is the longest, but not when the run ends.
    if earlier.isEmpty { planned.plan.makespanSeconds = nil }
    return planned
  }

  /// What an earlier session followed is followed on, unless something better is found.
  package func plan(
    _ first: PlanGraph.Subject, following recorded: Fact.PlanAdopted? = nil
  ) throws(Planner.Infeasible) -> Planned {
    var subject = first
    let limits = Planner.Budget(budget, workers: jobs, seed: seed)
    while true {
      let graph = PlanGraph(subject)
      if graph.guesses > 0, shrinkGuess(&subject, graph) { continue }
      do throws(Planner.Infeasible) {
        let precedent = recorded.map { PlanPrecedent(tasks: $0.tasks) }
        let plan = try Planner(limits, effort: effort ?? self.effort(for: graph)).plan(
          subject, as: graph, following: precedent)
        return Planned(plan: plan, subject: subject)
      } catch {
        guard graph.guesses > 0, subject.halveGuess() else { throw error }
      }
    }
  }

  /// Guesses at less where what is guessed would not fit without spill or recompute.
  ///
  /// Much would be evicted for the sake of a guess, and trying that takes long in a large graph.
  private func shrinkGuess(_ subject: inout PlanGraph.Subject, _ graph: PlanGraph) -> Bool {
    let free = Planner(Planner.Budget(workers: jobs, seed: seed), effort: .again)
    guard subject.guessBytes > 1, let peak = try? free.plan(graph).peakBytes, peak > budget.bytes
    else { return false }
    return subject.halveGuess(atLeastTo: Double(budget.bytes) / Double(peak))
  }

  /// Where the workspace has room to spare the first plan does as well as the best.
  private func effort(for graph: PlanGraph) -> Planner.Effort {
    graph.flow.keepAllBytes <= budget.bytes || budget.isDefault ? .first : .thorough
  }

  /// A death between the deletion of what was spilled or compressed and the fact of it leaves an
  /// artifact that the log has in the workspace and that is not there.
  private func subject(
    _ opening: EngineOpening, _ earlier: EarlierRuns,
    _ isAway: (TaskGraph.Task, String) -> Bool,
    _ compressedBytes: (TaskGraph.Task, String) -> Int64?
  ) -> PlanGraph.Subject {
    var subject = opening.schedule.planSubject()
    let state = opening.history.state
    let weights = opening.graph.relativeWeights
    subject.seconds = opening.graph.tasks.map { task in
      earlier.seconds(of: task.name) ?? weights?[task.id.index] ?? 1
    }
    let lost = Set(opening.plan?.lost ?? [])
    for key in state.artifacts.keys where !lost.contains(key) {
      guard let known = state.artifacts[key] else { continue }
      if let bytes = compressedBytes(opening.graph[key.task], key.name) {
        subject.compressed[key] = PlanGraph.Compressed(wholeBytes: known.bytes, bytes: bytes)
      } else if isAway(opening.graph[key.task], key.name) {
        subject.spilled[key] = known.bytes
      } else {
        subject.lying[key] = known.bytes
      }
    }
    for key in state.compressed.keys where !lost.contains(key) {
      guard let known = state.compressed[key] else { continue }
      subject.compressed[key] = PlanGraph.Compressed(
        wholeBytes: known.whole.bytes, bytes: known.bytes)
    }
    for key in state.spilled.keys where !lost.contains(key) {
      subject.spilled[key] = state.spilled[key]?.bytes
    }
    subject.learn(from: earlier)
    for key in opening.history.compressedShares.keys {
      subject.compressedShares[key] = opening.history.compressedShares[key]
    }
    return subject
  }
}
