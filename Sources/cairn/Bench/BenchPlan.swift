import ArgumentParser
import Foundation
import Model
import Planning
import Project

struct BenchPlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract:
      "How close plans come to what is proved, how long they take, and what a budget costs.",
    discussion: """
      For each trace the peak of the plan, the proved bound and the time of the first and of the whole \
      plan. Then the makespan of a simulated run under 1, 1.25, 2 and 4 times that peak, as a multiple of \
      what no schedule passes (the critical path, or all work on the jobs), beside that of a scheduler \
      that starts whatever fits: DL where that one comes to stand with everything waiting for room. \
      Without files, layered graphs of 10,000 and 100,000 tasks are planned.
      """)

  @Argument(help: "WfFormat traces.")
  var files: [String] = []
  @Option(help: "Attempts that run at once.")
  var jobs = 8

  private static let factors: [Double] = [1, 1.25, 2, 4]

  func run() throws {
    if files.isEmpty {
      for count in [10_000, 100_000] { News.result(try layered(count)) }
      return
    }
    News.result(
      "trace                          tasks  gap %  first     all   1 / 1.25 / 2 / 4 × peak (naive)"
    )
    for file in files { News.result(try line(file)) }
  }

  private func line(_ file: String) throws -> String {
    let location = try ProjectLocation.find(
      path: file, from: FileManager.default.currentDirectoryPath)
    let loaded = try LoadedProject(location)
    let seconds = (loaded.seconds ?? loaded.graph.tasks.map { _ in 1 }).map { max($0, 1e-3) }
    let subject = PlanGraph.Subject(loaded.graph.leavingOutProducts, seconds: seconds)
    let graph = PlanGraph(subject)
    let (first, firstSeconds) = try timed { try plan(graph, nil, .first) }
    let (whole, wholeSeconds) = try timed { try plan(graph, nil, .thorough) }
    _ = first
    let costs = try Self.factors.map { factor in
      try cost(graph, subject, Int64((Double(whole.peakBytes) * factor).rounded(.up)))
    }
    let name = loaded.graph.name.prefix(28).padding(toLength: 30, withPad: " ", startingAt: 0)
    return name
      + String(
        format: "%6d %6.2f %4.0f ms %4.0f ms   ", graph.flow.count, (whole.gap ?? 0) * 100,
        firstSeconds * 1e3, wholeSeconds * 1e3) + costs.joined(separator: "  ")
  }

  private func plan(_ graph: PlanGraph, _ bytes: Int64?, _ effort: Planner.Effort) throws -> Plan {
    try Planner(Planner.Budget(bytes: bytes, workers: jobs), effort: effort).plan(graph)
  }

  /// Makespans of the planned run and of the naive one, over what no schedule passes.
  private func cost(
    _ graph: PlanGraph, _ subject: PlanGraph.Subject, _ bytes: Int64
  ) throws -> String {
    let flow = graph.flow
    let path = ListSchedule.secondsAhead(flow).max() ?? 0
    let least = max(path, flow.totalSeconds / Double(jobs))
    var config = RunConfig(jobs: jobs)
    config.workspace = WorkspaceBudget(bytes: bytes)
    var simulation = Simulation(
      subject.graph, config: config, load: Simulation.Load(seconds: subject.seconds),
      plan: try plan(graph, bytes, .thorough), of: subject)
    let closing = simulation.run()
    let isDone = closing?.ending == .done && simulation.peakHeldBytes <= bytes
    let naive = ListSchedule.play(
      flow, workers: jobs, rank: ListSchedule.criticalPathRank(flow),
      rule: .naive(budgetBytes: bytes))
    let other = naive.makespanSeconds.map { String(format: "%.2f", $0 / least) } ?? "DL"
    return isDone ? String(format: "%.2f (%@)", simulation.seconds / least, other) : "VIOLATION"
  }

  private func layered(_ count: Int) throws -> String {
    var random = SplitMix64(seed: 7)
    var tasks = TaskGraph.layered(count, width: count / 100, needs: 3, seed: 7)
    for index in tasks.tasks.indices {
      let bytes = Int64.random(in: 1...1_000_000, using: &random)
      tasks.tasks[index].outputs = [TaskGraph.Output(name: "out", expectedBytes: bytes)]
      tasks.tasks[index].needs = tasks.tasks[index].after.map {
        TaskGraph.Need(task: $0, variable: "V\($0.rawValue)")
      }
    }
    let (graph, readSeconds) = timed { PlanGraph(PlanGraph.Subject(tasks)) }
    let (first, seconds) = try timed { try plan(graph, nil, .first) }
    return String(
      format: "layered %6d: first plan %.0f ms (%.0f of them to take the graph in), gap %.1f %%",
      count, (seconds + readSeconds) * 1e3, readSeconds * 1e3, (first.gap ?? 0) * 100)
  }

  private func timed<Value>(_ body: () throws -> Value) rethrows -> (Value, Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let value = try body()
    return (value, (clock.now - start) / .seconds(1))
  }
}
