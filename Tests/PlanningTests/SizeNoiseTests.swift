import Glibc
import Model
import Planning
import Testing

/// Artifacts that come out larger or smaller than they were thought, under a hard quota.
@Suite("Sizes that lie")
struct SizeNoiseTests {
  static let batches: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 50 : 5))

  /// Sizes are lognormal with a standard deviation of 0.5 of their logarithm, on graphs of up to forty
  /// tasks, at budgets from the planned peak to twice that.
  @Test(
    "a hard quota is never passed, and every run ends or says why it stands", arguments: batches)
  func quotaHolds(batch: UInt64) throws {
    for number in 0..<UInt64(20) {
      let seed = batch * 100 + number
      var random = SplitMix64(seed: seed)
      let graph = Self.graph(&random)
      let subject = PlanGraph.Subject(graph, seconds: graph.tasks.map { _ in 1 })
      let planner = Planner(Planner.Budget(workers: 4, seed: seed), effort: .first)
      let peak = try planner.plan(PlanGraph(subject)).peakBytes
      let budget = Int64(Double(peak) * Double.random(in: 1...2, using: &random))
      var config = RunConfig(jobs: Int.random(in: 1...8, using: &random))
      config.workspace = WorkspaceBudget(bytes: budget, isDefault: Bool.random(using: &random))
      var load = Simulation.Load(
        seconds: graph.tasks.map { _ in Double.random(in: 0.1...5, using: &random) }, seed: seed)
      load.sizes = Self.noise(graph, &random)
      let plan = try Planner(
        Planner.Budget(bytes: budget, workers: config.jobs, seed: seed), effort: .first
      ).plan(PlanGraph(subject))
      var simulation = Simulation(graph, config: config, load: load, plan: plan, of: subject)
      let closing = simulation.run()
      #expect(simulation.peakHeldBytes <= budget, "seed \(seed)")
      let ending = try #require(closing, "seed \(seed): the run neither ended nor said why")
      if ending.ending == .stalled || ending.ending == .failed {
        #expect(
          ending.reason.contains("workspace") || ending.reason.contains("failed"), "seed \(seed)")
      }
    }
  }

  static func graph(_ random: inout SplitMix64) -> TaskGraph {
    var graph = TaskGraph(name: "noise")
    for index in 0..<Int.random(in: 2...40, using: &random) {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .gate)
      task.outputs = [
        TaskGraph.Output(name: "out", expectedBytes: Int64.random(in: 1...1_000, using: &random))
      ]
      task.keep = [true, false, nil, nil, nil, nil, nil, nil].randomElement(using: &random) ?? nil
      for need in max(0, index - 8)..<index where Int.random(in: 0..<4, using: &random) == 0 {
        task.needs.append(TaskGraph.Need(task: TaskID(need), variable: "V\(need)"))
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
