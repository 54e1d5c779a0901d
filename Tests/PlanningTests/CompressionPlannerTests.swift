import Glibc
import Model
import Planning
import Testing

/// A chain 0 → 1 → 2 → 3 whose last step reads the first one's artifact again.
private func skipChain() -> Dataflow {
  Dataflow(
    steps: (0..<4).map { _ in Dataflow.Step(seconds: 1) },
    artifacts: [
      Dataflow.Artifact(bytes: 10, producer: 0, consumers: [1, 3]),
      Dataflow.Artifact(bytes: 4, producer: 1, consumers: [2]),
      Dataflow.Artifact(bytes: 6, producer: 2, consumers: [3]),
    ])
}

@Suite("Compressions in a plan")
struct CompressedMovePlanTests {
  @Test("both forms lie there while one is made of the other")
  func profile() throws {
    let moves: [PlanMove] = [.run(0), .run(1), .compress(0), .run(2), .expand(0), .run(3)]
    let plan = try MovePlan(skipChain(), moves: moves, compressedBytes: [3, 0, 0])
    #expect(plan.flow.profile(plan.order) == [10, 14, 17, 13, 19, 16])
    #expect(plan.stays == [0, 1, 0, 2, 0])
    #expect(plan.isCompressed == [false, false, true, false, false])
    #expect(plan.cost.compressedBytes == 10 && plan.cost.spilledBytes == 0)
    #expect(plan.cost.transferSeconds > 0 && plan.flow.seconds[2] > 0)
  }

  @Test(
    "moves that are no plan are refused",
    arguments: [
      (
        [PlanMove.run(0), .compress(0), .run(1)],
        MovePlan.Problem.artifactAway(move: 2, artifact: 0)
      ),
      ([.run(0), .expand(0)], .notCompressed(move: 1, artifact: 0)),
      ([.run(0), .run(1), .compress(1)], .incompressible(move: 2, artifact: 1)),
      ([.run(0), .compress(0), .compress(0)], .artifactAway(move: 2, artifact: 0)),
      ([.run(0), .compress(0), .expand(0), .expand(0)], .notCompressed(move: 3, artifact: 0)),
    ])
  func refused(moves: [PlanMove], problem: MovePlan.Problem) {
    #expect(throws: problem) {
      try MovePlan(skipChain(), moves: moves, compressedBytes: [3, 0, 0])
    }
  }

  @Test("what cannot be spilled is compressed, where that is known to be enough")
  func chain() throws {
    func plan(_ compressed: [Int64], budget: Int64) throws -> EvictionPlanner.Outcome {
      var options = EvictionPlanner.Options(
        budgetBytes: budget, isPure: Array(repeating: false, count: 4))
      options.compressedBytes = compressed
      return try CompressionPlanner.plan(skipChain(), order: [0, 1, 2, 3], options: options).get()
    }
    #expect(throws: EvictionPlanner.Infeasible.self) { try plan([], budget: 19) }
    #expect(throws: EvictionPlanner.Infeasible.self) { try plan([0, 3, 3], budget: 19) }
    let found = try plan([3, 0, 0], budget: 19)
    #expect(found.moves == [.run(0), .run(1), .compress(0), .run(2), .expand(0), .run(3)])
    #expect(found.peakBytes == 19)
    #expect(throws: EvictionPlanner.Infeasible.self) { try plan([3, 0, 0], budget: 18) }
    #expect(try plan([3, 0, 0], budget: 20).moves == PlanMove.runs([0, 1, 2, 3]))
  }
}

/// Random graphs, budgets, spill limits and shares: whatever is compressed, the plan keeps its limits.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Compression properties")
struct CompressionPropertyTests {
  static let seeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 2_000 : 200))

  private struct Scene {
    let flow: Dataflow
    let order: [Int32]
    var options: EvictionPlanner.Options

    init(seed: UInt64) {
      var random = SplitMix64(seed: seed)
      flow = Dataflow.random(steps: Int.random(in: 3...30, using: &random), using: &random)
      order = flow.topologicalOrder()
      let floor = flow.floor?.bytes ?? 0
      let room = max(0, flow.peakBytes(order) - floor)
      let isPure = Int.random(in: 0..<2, using: &random) == 0
      options = EvictionPlanner.Options(
        budgetBytes: floor + Int64.random(in: 0...room, using: &random),
        spillLimitBytes: [0, 0, 60, .max][Int.random(in: 0..<4, using: &random)],
        isPure: (0..<flow.count).map { _ in isPure && Bool.random(using: &random) },
        bytesPerSecond: 10)
      options.compressedBytes = flow.bytes.map { bytes in
        let share = Double.random(in: -0.3...0.75, using: &random)
        return max(0, Int64(Double(bytes) * share))
      }
    }
  }

  @Test("any plan keeps its limits, and is no dearer than one without compression")
  func limits() throws {
    var (compressing, rescued) = (0, 0)
    for seed in Self.seeds {
      let scene = Scene(seed: seed)
      let (flow, options) = (scene.flow, scene.options)
      let plain = EvictionPlanner.plan(flow, order: scene.order, options: options)
      let result = CompressionPlanner.plan(flow, order: scene.order, options: options)
      guard let outcome = try? result.get() else {
        #expect((try? plain.get()) == nil, "seed \(seed)")
        continue
      }
      let plan = try MovePlan(
        flow, moves: outcome.moves, bytesPerSecond: options.bytesPerSecond,
        compressedBytes: options.compressedBytes)
      #expect(plan.flow.admits(plan.order), "seed \(seed)")
      #expect(plan.peakBytes == outcome.peakBytes && plan.cost == outcome.cost, "seed \(seed)")
      #expect(plan.peakBytes <= options.budgetBytes, "seed \(seed)")
      #expect(plan.cost.spilledBytes <= options.spillLimitBytes, "seed \(seed)")
      if let plain = try? plain.get() {
        #expect(outcome.extraSeconds <= plain.extraSeconds, "seed \(seed)")
      } else {
        rescued += 1
      }
      for move in outcome.moves {
        guard case .compress(let artifact) = move else { continue }
        let form = options.compressedBytes[Int(artifact)]
        #expect(form > 0 && form < flow.bytes[Int(artifact)], "seed \(seed)")
      }
      if plan.cost.compressedBytes > 0 { compressing += 1 }
    }
    #expect(compressing > Self.seeds.count / 10, "\(compressing) plans compress")
    #expect(rescued > Self.seeds.count / 40, "\(rescued) plans had been none")
  }

  @Test("where no share is known the plan is the one without compression")
  func unknown() {
    for seed in Self.seeds {
      var scene = Scene(seed: seed)
      let plain = EvictionPlanner.plan(scene.flow, order: scene.order, options: scene.options)
      scene.options.compressedBytes = scene.options.compressedBytes.map { _ in 0 }
      let result = CompressionPlanner.plan(
        scene.flow, order: scene.order, options: scene.options)
      #expect(result == plain, "seed \(seed)")
    }
  }
}

@Suite("What lies compressed when a plan begins")
struct CompressedSubjectTests {
  private let key = RunState.ArtifactKey(task: TaskID(0), name: "out")

  /// `b` reads `a`, which is done and compressed; `c` reads `b`.
  private func subject(standing: PlanGraph.Standing = .open) -> PlanGraph.Subject {
    var graph = TaskGraph(name: "g")
    let needs: [Int?] = [nil, 0, 1]
    for (index, need) in needs.enumerated() {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .gate)
      task.outputs = [TaskGraph.Output(name: "out", expectedBytes: 10)]
      task.keep = false
      if let need { task.needs = [TaskGraph.Need(task: TaskID(need), variable: "T")] }
      graph.tasks.append(task)
    }
    var subject = PlanGraph.Subject(graph, standings: [.done, standing, standing])
    subject.compressed[key] = PlanGraph.Compressed(wholeBytes: 10, bytes: 3)
    subject.compressedShares[key] = 0.3
    return subject
  }

  @Test("it is expanded for who reads it, and its form goes nowhere before")
  func expanded() throws {
    let graph = PlanGraph(subject())
    #expect(graph.roles == [.source, .task(TaskID(1)), .task(TaskID(2)), .expand(key)])
    #expect(graph.isForm.filter { $0 }.count == 1 && graph.compressedBytes.allSatisfy { $0 == 0 })
    let plan = try Planner(Planner.Budget(bytes: 100)).plan(graph)
    #expect(plan.hasEvictions)
    let moves = plan.reference.compactMap { plan.storeMove(Int($0)) }
    #expect(moves == [.expand(key)])
    #expect(Fact.PlanAdopted(plan).order.first == .expand(TaskID(0), artifact: "out"))
    #expect(Fact.PlanAdopted(plan).sizes.count { $0.task == TaskID(0) } == 1)
  }

  @Test("for who takes no part it stays as it is, and for nobody it goes")
  func stays() {
    var subject = subject(standing: .absent)
    let graph = PlanGraph(subject)
    #expect(graph.roles == [.source, .sink])
    #expect(graph.flow.bytes == [3] && graph.isForm == [true])
    subject.standings = [.done, .done, .done]
    let over = PlanGraph(subject)
    #expect(over.surplus.map(\.key) == [key] && over.surplus.map(\.bytes) == [3])
  }

  @Test("a schedule expands it before its reader begins, and the form is gone then")
  func schedule() throws {
    let subject = subject()
    let prior = [true, false, false].map { isDone -> Schedule.Prior in
      var prior = Schedule.Prior()
      prior.isDone = isDone
      return prior
    }
    var schedule = Schedule(
      subject.graph, options: Schedule.Options(jobs: 1), prior: prior)
    var open = schedule.planSubject()
    open.compressed = subject.compressed
    let plan = try Planner(Planner.Budget(bytes: 30)).plan(open)
    schedule.follow(plan, of: open, budgetBytes: 30, dropsEagerly: true)
    let moves = schedule.takeStoreMoves()
    #expect(moves == [.expand(key)])
    let early = schedule.admit()
    #expect(early.isEmpty)
    schedule.moved(.expand(key), bytes: 10)
    #expect(schedule.planSubject().lying[key] == 10)
    #expect(schedule.planSubject().compressed.isEmpty)
    #expect(schedule.takeDropped() == [], "the form has gone with the expansion")
    let admitted = schedule.admit().map(\.task)
    #expect(admitted == [TaskID(1)])
  }

  @Test("what could not be compressed is not compressed in the next plan")
  func failed() {
    var schedule = Schedule(subject().graph, options: Schedule.Options(jobs: 1))
    var subject = subject()
    subject.compressed = ArtifactTable()
    subject.lying[key] = 10
    let plan = try? Planner(Planner.Budget(bytes: 100)).plan(subject)
    guard let plan else { return #expect(plan != nil) }
    schedule.follow(plan, of: subject, budgetBytes: 100, dropsEagerly: true)
    schedule.failed(.compress(key, within: 4))
    #expect(schedule.planSubject().compressedShares[key] == nil)
  }
}
