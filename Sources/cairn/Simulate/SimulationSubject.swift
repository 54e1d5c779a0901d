import Formats
import Foundation
import Model
import Planning
import Project

/// What is simulated: a graph, how it is run, what its tasks do, and the plan.
struct SimulationSubject {
  let graph: TaskGraph
  let config: RunConfig
  let load: Simulation.Load
  /// nil without a budget.
  let plan: Plan?
  /// What `plan` was made of.
  private let subject: PlanGraph.Subject
  private let trustsReview: Bool
  /// Artifacts whose size nobody knows.
  let guesses: Int

  /// - Throws: `ProjectProblem` (`budget`) if nothing was found within the budget.
  init(_ loaded: LoadedProject, _ asked: SimulateOptions) throws {
    graph = Self.graph(loaded, asked)
    config = try Self.config(loaded, asked)
    let earlier =
      loaded.isTrace
      ? EarlierRuns() : ProjectHistory(loaded.location).earlierRuns(before: .max)
    let seconds = PlanTimes(loaded, earlier).seconds
    trustsReview = loaded.trustsReview
    let options = Schedule.Options(config, trustsReview: trustsReview, weights: seconds)
    var open = Schedule(graph, options: options).planSubject()
    open.seconds = seconds
    if !earlier.isEmpty { open.learn(from: earlier) }
    let first = open
    let planning = RunPlanning(config)
    let planned = try BudgetText.explained(graph) { try planning?.plan(first) }
    (plan, self.subject) = (planned?.plan, planned?.subject ?? first)
    let sizes = SimulatedSizes(graph, self.subject)
    load = sizes.load(failingShare: asked.fail, noise: asked.noise, seed: asked.seed)
    guesses = sizes.guesses
  }

  var simulation: Simulation {
    Simulation(
      graph, config: config, load: load, plan: plan, of: subject, trustsReview: trustsReview)
  }

  /// What no task of a trace reads is left out unless asked for.
  private static func graph(_ loaded: LoadedProject, _ options: SimulateOptions) -> TaskGraph {
    let leavesOut = loaded.isTrace && !options.products
    var graph = leavesOut ? loaded.graph.leavingOutProducts : loaded.graph
    if let retries = options.retries {
      for index in graph.tasks.indices {
        graph.tasks[index].retries = RetryPolicy(.together(retries))
      }
    }
    return graph
  }

  private static func config(
    _ loaded: LoadedProject, _ options: SimulateOptions
  ) throws -> RunConfig {
    let limits = BudgetLimits(
      jobs: options.jobs ?? loaded.jobs, memoryBytes: loaded.memoryBytes,
      resources: try ResourceOption.counts(options.resource, over: loaded.resources))
    // The machine of a trace is not this one: what asks for more cores than there are gets them all.
    if !loaded.isTrace { try BudgetText.requireFit(of: loaded.graph, nil, within: limits) }
    var config = RunConfig(
      jobs: limits.jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: limits.memoryBytes, resources: limits.resources, seed: options.seed,
      retryBudget: loaded.retryBudget, reuseTarget: loaded.reuseTarget ?? 0.8)
    if let bytes = try options.budgetBytes() ?? loaded.workspaceBytes {
      config.workspace = WorkspaceBudget(
        bytes: bytes, spillPath: loaded.spill?.path, spillBytes: loaded.spill?.limitBytes ?? 0)
    }
    return config
  }
}

extension SimulateOptions {
  fileprivate func budgetBytes() throws(ProjectProblem) -> Int64? {
    guard let budget else { return nil }
    guard let bytes = SizeText.bytes(budget), bytes > 0 else {
      throw ProjectProblem(
        .usage, "--budget \(budget.quoted): expected a size, as 512MiB or 4GiB")
    }
    return bytes
  }
}
