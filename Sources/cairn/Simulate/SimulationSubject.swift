import Dashboard
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
  private let planned: PlanGraph.Subject
  /// Artifacts whose size nobody knows.
  let guesses: Int

  /// - Throws: `ProjectProblem` (`budget`) if nothing was found within the budget.
  init(_ loaded: LoadedProject, _ options: SimulateOptions) throws {
    let graph = Self.graph(loaded, options)
    config = try Self.config(loaded, options)
    let seconds = Self.seconds(loaded)
    var planned = PlanGraph.Subject(graph, seconds: seconds)
    planned.countsProducts = options.products || !loaded.isTrace
    let sizes = SimulatedSizes(graph, guessBytes: planned.guessBytes)
    var load = Simulation.Load(
      seconds: seconds, failingShare: options.fail, seed: options.seed)
    load.sizes = sizes.table(noise: options.noise, seed: options.seed)
    guesses = sizes.guesses
    plan = try Self.plan(planned, config)
    (self.graph, self.load, self.planned) = (graph, load, planned)
  }

  var simulation: Simulation {
    Simulation(graph, config: config, load: load, plan: plan, of: planned)
  }

  /// What no task of a trace reads is left out unless asked for.
  private static func graph(_ loaded: LoadedProject, _ options: SimulateOptions) -> TaskGraph {
    var graph = loaded.graph
    if loaded.isTrace, !options.products { graph.leaveOutProducts() }
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
      jobs: options.jobs ?? loaded.jobs, memoryBytes: loaded.memoryBytes)
    // The machine of a trace is not this one: what asks for more cores than there are gets them all.
    if !loaded.isTrace, let misfit = limits.misfit(in: loaded.graph, nil) {
      throw ProjectProblem(.budget, BudgetText.words(misfit, limits, loaded.graph))
    }
    var config = RunConfig(
      jobs: limits.jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: limits.memoryBytes, seed: options.seed, retryBudget: loaded.retryBudget,
      reuseTarget: loaded.reuseTarget ?? 0.8)
    if let bytes = try options.budgetBytes() ?? loaded.workspaceBytes {
      config.workspace = WorkspaceBudget(
        bytes: bytes, spillPath: loaded.spill?.path, spillBytes: loaded.spill?.limitBytes ?? 0)
    }
    return config
  }

  private static func plan(_ subject: PlanGraph.Subject, _ config: RunConfig) throws -> Plan? {
    guard let budget = config.workspace else { return nil }
    let limits = Planner.Budget(budget, workers: config.jobs, seed: config.seed)
    do throws(Planner.Infeasible) {
      return try Planner(limits).plan(PlanGraph(subject))
    } catch {
      throw ProjectProblem(.budget, BudgetText.words(error, subject.graph))
    }
  }
}

extension SimulationSubject {
  /// Times that a trace recorded, or those of the project's earlier runs, else a second each.
  private static func seconds(_ loaded: LoadedProject) -> [Double] {
    if let recorded = loaded.seconds { return recorded }
    let earlier = ProjectHistory(loaded.location).earlierRuns(before: .max)
    guard !earlier.isEmpty else { return loaded.graph.tasks.map { _ in 1 } }
    var state = RunState()
    let defined = Fact.GraphDefined(graph: loaded.graph, fingerprints: [])
    state.apply(
      Fact(
        sequence: 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: .graphDefined(defined)))
    return Estimate(state, earlier: earlier).expectations.map { $0?.seconds ?? 1 }
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

extension TaskGraph {
  /// Takes the outputs away that no task needs.
  fileprivate mutating func leaveOutProducts() {
    var needed = Set<RunState.ArtifactKey>()
    for task in tasks { for need in task.needs { needed.formUnion(artifacts(of: need)) } }
    for index in tasks.indices {
      let id = tasks[index].id
      tasks[index].outputs.removeAll {
        !needed.contains(RunState.ArtifactKey(task: id, name: $0.name))
      }
    }
  }
}
