import Glibc
import Model
import Planning
import Testing

/// Artifacts that come out larger or smaller than they were thought, under a hard quota.
@Suite("Sizes that lie")
struct SizeNoiseTests {
  static let batches: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 50 : 5))

  /// Sizes are lognormal with a standard deviation of 0.5 of their logarithm, on graphs of up to forty
  /// tasks, at budgets from six tenths of the planned peak to twice it, with spills, recomputes, failures
  /// and retries.
  @Test(
    "a hard quota is never passed, and every run ends or says why it stands", arguments: batches)
  func quotaHolds(batch: UInt64) throws {
    for number in 0..<UInt64(20) {
      let seed = batch * 100 + number
      guard var simulation = try Self.simulation(seed: seed) else { continue }
      var turns = 0
      while simulation.play({ _ in }) {
        turns += 1
        try #require(turns < Self.mostTurns, "seed \(seed): the run does not come to an end")
      }
      let budget = try #require(simulation.config.workspace?.bytes)
      #expect(simulation.peakHeldBytes <= budget, "seed \(seed)")
      let ending = try #require(
        simulation.history.state.closed, "seed \(seed): the run neither ended nor said why")
      if ending.ending == .stalled || ending.ending == .failed {
        #expect(
          ending.reason.contains("workspace") || ending.reason.contains("failed"), "seed \(seed)")
      }
    }
  }

  static let mostTurns = 5_000

  /// A run of a random graph; nil if no plan meets its budget.
  static func simulation(seed: UInt64) throws -> Simulation? {
    var random = SplitMix64(seed: seed)
    let graph = graph(&random)
    let subject = PlanGraph.Subject(graph, seconds: graph.tasks.map { _ in 1 })
    let free = Planner(Planner.Budget(workers: 4, seed: seed), effort: .again)
    let peak = try free.plan(PlanGraph(subject)).peakBytes
    var config = RunConfig(jobs: Int.random(in: 1...8, using: &random))
    let budget = WorkspaceBudget(
      bytes: Int64(Double(peak) * Double.random(in: 0.6...2, using: &random)),
      isDefault: Bool.random(using: &random),
      spillPath: Bool.random(using: &random) ? "/away" : nil,
      spillBytes: Bool.random(using: &random) ? 1 << 40 : peak / 4)
    config.workspace = budget
    var load = Simulation.Load(
      seconds: graph.tasks.map { _ in Double.random(in: 0.1...5, using: &random) },
      failingShare: Bool.random(using: &random) ? 0.2 : 0, seed: seed)
    load.sizes = noise(graph, &random)
    let planner = Planner(
      Planner.Budget(budget, workers: config.jobs, seed: seed), effort: .again)
    guard let plan = try? planner.plan(PlanGraph(subject)) else { return nil }
    return Simulation(graph, config: config, load: load, plan: plan, of: subject)
  }

  static func graph(_ random: inout SplitMix64) -> TaskGraph {
    var graph = TaskGraph(name: "noise")
    for index in 0..<Int.random(in: 2...40, using: &random) {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .gate)
      for number in 0..<Int.random(in: 1...3, using: &random) {
        let bytes = Int64.random(in: 0...1_000, using: &random)
        task.outputs.append(TaskGraph.Output(name: "o\(number)", expectedBytes: bytes))
      }
      task.keep = [true, false, nil, nil, nil, nil, nil, nil].randomElement(using: &random) ?? nil
      task.isPure = Bool.random(using: &random)
      task.retries = RetryPolicy(.together(Int.random(in: 0...2, using: &random)))
      for need in max(0, index - 8)..<index where Int.random(in: 0..<4, using: &random) == 0 {
        let outputs = graph[TaskID(need)].outputs
        let artifact = Bool.random(using: &random) ? outputs.randomElement(using: &random) : nil
        task.needs.append(
          TaskGraph.Need(task: TaskID(need), artifact: artifact?.name, variable: "V\(need)"))
      }
      graph.tasks.append(task)
    }
    return graph
  }

  static func noise(_ graph: TaskGraph, _ random: inout SplitMix64) -> ArtifactTable<Int64> {
    var sizes = ArtifactTable<Int64>()
    for task in graph.tasks {
      for output in task.outputs {
        // Box and Muller, "A note on the generation of random normal deviates", 1958.
        let radius = (-2 * log(Double.random(in: 1e-9...1, using: &random))).squareRoot()
        let normal = radius * cos(2 * .pi * Double.random(in: 0...1, using: &random))
        let bytes = Double(output.expectedBytes ?? 0) * exp(0.5 * normal)
        sizes[RunState.ArtifactKey(task: task.id, name: output.name)] = Int64(bytes)
      }
    }
    return sizes
  }
}
