import Glibc
import Model
import Planning
import Testing

/// Random graphs under a hard budget, on few cores, with little memory and few named resources, with
/// failures, retries, holds and sizes that are not as planned: no more is taken than there is, and
/// nothing waits for ever.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Budget properties")
struct BudgetPropertyTests {
  static let batches: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 100 : 10))
  static let casesInBatch: UInt64 = 100

  @Test("a hard budget is never passed and never ends in a deadlock", arguments: batches)
  func budgetHolds(batch: UInt64) throws {
    for number in 0..<Self.casesInBatch {
      let seed = batch * 1_000 + number
      var run = BudgetedRun(seed: seed)
      try run.play()
    }
  }
}

/// A run of a schedule under a budget, played with made-up ends.
private struct BudgetedRun {
  let seed: UInt64
  var random: SplitMix64
  let graph: TaskGraph
  let jobs: Int
  let memoryBytes: Int64?
  let resources: Resources
  var schedule: Schedule
  let budgetBytes: Int64
  var subject: PlanGraph.Subject
  var running: [TaskID] = []
  /// What those that run were admitted with.
  var taken: [TaskID: Schedule.Admission] = [:]
  var seconds = 0.0
  /// What lies on the disk, as a walk of the folder would find it.
  var lying: [RunState.ArtifactKey: Int64] = [:]
  var largestBytes: Int64 = 0
  var held: [TaskID] = []
  let holds: Bool
  let fails: Bool

  init(seed: UInt64) {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    resources = Self.resources(&random)
    graph = Self.graph(&random, resources)
    jobs = Int.random(in: 1...16, using: &random)
    fails = Bool.random(using: &random)
    holds = Int.random(in: 0..<4, using: &random) == 0
    memoryBytes = Bool.random(using: &random) ? Int64(120) : nil
    schedule = Schedule(
      graph,
      options: Schedule.Options(
        jobs: jobs, memoryBytes: memoryBytes, resources: resources, seed: seed))
    var subject = schedule.planSubject()
    subject.scratchBytes = graph.tasks.map { _ in
      Bool.random(using: &random) ? 0 : Int64.random(in: 0...50, using: &random)
    }
    self.subject = subject
    let planned = PlanGraph(subject)
    let planner = Planner(Planner.Budget(workers: jobs, seed: seed), effort: .again)
    let factors: [Double] = [1, 1, 1.1, 1.5, 2, 4]
    let factor: Double = factors.randomElement(using: &random) ?? 1
    guard let plan = try? planner.plan(planned) else {
      preconditionFailure("a plan without a budget is always there")
    }
    #expect(plan.makespanSeconds != nil, "seed \(seed): the plan comes to stand")
    budgetBytes = Int64((Double(plan.peakBytes) * factor).rounded(.up))
    schedule.follow(
      plan, of: subject, budgetBytes: budgetBytes,
      dropsEagerly: Bool.random(using: &random))
    self.random = random
  }

  static func resources(_ random: inout SplitMix64) -> Resources {
    var resources = Resources()
    for name in 0..<Int.random(in: 0...3, using: &random) {
      resources["r\(name)"] = Int.random(in: 1...4, using: &random)
    }
    return resources
  }

  static func graph(_ random: inout SplitMix64, _ resources: Resources) -> TaskGraph {
    var graph = TaskGraph(name: "budget")
    let count = Int.random(in: 1...30, using: &random)
    let density = Int.random(in: 1...8, using: &random)
    for index in 0..<count {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .gate)
      task.cpus = Int.random(in: 1...3, using: &random)
      task.memoryBytes =
        Bool.random(using: &random) ? Int64.random(in: 0...110, using: &random) : nil
      task.memoryGrows = Int.random(in: 0..<4, using: &random) == 0
      for item in resources.items where Bool.random(using: &random) {
        task.resources[item.name] = Int.random(in: 0...item.count, using: &random)
      }
      task.retries = RetryPolicy(.together(Int.random(in: 0...2, using: &random)))
      task.priority = Int.random(in: -1...1, using: &random)
      task.keep = Int.random(in: 0..<10, using: &random) == 0 ? true : nil
      for number in 0..<Int.random(in: 0...3, using: &random) {
        task.outputs.append(
          TaskGraph.Output(name: "o\(number)", expectedBytes: size(&random)))
      }
      for need in 0..<index where Int.random(in: 0..<density, using: &random) == 0 {
        let outputs = graph[TaskID(need)].outputs
        let artifact = Bool.random(using: &random) ? outputs.randomElement(using: &random) : nil
        task.needs.append(
          TaskGraph.Need(task: TaskID(need), artifact: artifact?.name, variable: "V\(need)"))
      }
      graph.tasks.append(task)
    }
    return graph
  }

  static func size(_ random: inout SplitMix64) -> Int64 {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: 0
    case 1: Int64.random(in: 1_000...100_000, using: &random)
    default: Int64.random(in: 1...100, using: &random)
    }
  }

  mutating func play() throws {
    var turns = 0
    while true {
      turns += 1
      try #require(turns < 20_000, "seed \(seed): the run does not come to an end")
      dropSome()
      if schedule.isPlanDue { _ = try schedule.replan(WorkspaceBudget(bytes: budgetBytes)) }
      admit()
      if let closing = schedule.closing() {
        #expect(closing.ending != .stalled, "seed \(seed): \(closing.reason)")
        break
      }
      if holds, Int.random(in: 0..<6, using: &random) == 0 { holdSome() }
      if !running.isEmpty {
        endOne()
      } else if let wake = schedule.nextWakeSeconds {
        seconds = max(seconds, wake)
        schedule.advance(to: seconds)
      } else if !dropSome(all: true) {
        // Only a person's hold may keep a run waiting.
        try #require(!held.isEmpty, "seed \(seed): nothing runs and nothing is held")
        try schedule.release(held)
        held = []
      }
    }
    #expect(largestBytes <= budgetBytes, "seed \(seed)")
  }

  private mutating func admit() {
    for admission in schedule.admit() {
      running.append(admission.task)
      taken[admission.task] = admission
      let task = graph[admission.task]
      #expect(admission.cpus == min(task.cpus, jobs), "seed \(seed)")
      #expect(admission.memoryBytes >= task.memoryBytes ?? 0, "seed \(seed)")
      #expect(admission.resources == task.resources, "seed \(seed)")
    }
    let claims = running.compactMap { taken[$0] }
    #expect(claims.reduce(0) { $0 + $1.cpus } <= jobs, "seed \(seed)")
    if let memoryBytes {
      #expect(claims.reduce(0) { $0 + $1.memoryBytes } <= memoryBytes, "seed \(seed)")
    }
    for item in resources.items {
      let sum = claims.reduce(0) { $0 + $1.resources[item.name] }
      #expect(sum <= item.count, "seed \(seed): \(sum) of \(item)")
    }
    var bytes = lying.values.reduce(0, +)
    for task in running {
      bytes += subject.scratchBytes[task.index]
      bytes += graph[task].outputs.reduce(0) { $0 + ($1.expectedBytes ?? 0) }
    }
    largestBytes = max(largestBytes, bytes)
    #expect(bytes <= budgetBytes, "seed \(seed)")
  }

  /// Deletions take their time, as on a disk.
  @discardableResult private mutating func dropSome(all: Bool = false) -> Bool {
    pending += schedule.takeDropped()
    let count = all ? pending.count : Int.random(in: 0...pending.count, using: &random)
    for key in pending.prefix(count) {
      lying[key] = nil
      schedule.gone(key)
    }
    pending.removeFirst(count)
    return count > 0
  }

  private var pending: [RunState.ArtifactKey] = []

  private mutating func endOne() {
    let task = running.remove(at: Int.random(in: 0..<running.count, using: &random))
    seconds += Double.random(in: 0...2, using: &random)
    let fails = fails && Int.random(in: 0..<5, using: &random) == 0
    if !fails {
      for output in graph[task].outputs {
        let key = RunState.ArtifactKey(task: task, name: output.name)
        lying[key] = output.expectedBytes ?? 0
        schedule.sealed(key, bytes: output.expectedBytes ?? 0)
      }
    }
    schedule.ended(task, Outcome(fails ? .exit : .success), at: seconds)
  }

  private mutating func holdSome() {
    guard let task = graph.tasks.randomElement(using: &random)?.id else { return }
    guard (try? schedule.hold([task], reason: "held by test")) != nil else { return }
    held.append(task)
  }
}
