import Glibc
import Model
import Planning
import Testing

/// Random graphs, failures and requests: whatever happens, the rules of a schedule hold.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Schedule properties")
struct SchedulePropertyTests {
  static let seeds: [UInt64] = {
    let isSoak = getenv("CAIRN_SOAK") != nil
    return Array(1...(isSoak ? 2_000 : 200))
  }()

  @Test(arguments: seeds)
  func anyRunKeepsTheRules(seed: UInt64) throws {
    var storm = Storm(seed: seed)
    try storm.run()
  }
}

private struct Storm {
  var random: SplitMix64
  let graph: TaskGraph
  let jobs: Int
  let memoryBytes: Int64?
  let resources: Resources = ["gpu": 1, "licence": 2]
  var schedule: Schedule
  var running: [TaskID] = []
  var seconds = 0.0
  var requestsLeft = 40

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    graph = Self.graph(&random)
    jobs = Int.random(in: 1...4, using: &random)
    memoryBytes = Bool.random(using: &random) ? 100 : nil
    schedule = Schedule(
      graph,
      options: Schedule.Options(
        jobs: jobs, memoryBytes: memoryBytes, resources: resources,
        failFast: Int.random(in: 0..<8, using: &random) == 0,
        startsHeld: Int.random(in: 0..<4, using: &random) == 0, seed: seed))
    self.random = random
  }

  static func graph(_ random: inout SplitMix64) -> TaskGraph {
    var graph = TaskGraph(name: "storm")
    let count = Int.random(in: 1...24, using: &random)
    for index in 0..<count {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .gate)
      task.cpus = Int.random(in: 1...3, using: &random)
      task.memoryBytes =
        Bool.random(using: &random) ? Int64.random(in: 0...110, using: &random) : nil
      task.resources = [
        "gpu": Int.random(in: 0..<3, using: &random) == 0 ? 1 : 0,
        "licence": max(0, Int.random(in: -4...3, using: &random)),
      ]
      task.retries = RetryPolicy(.together(Int.random(in: 0...2, using: &random)))
      task.priority = Int.random(in: -1...1, using: &random)
      task.when =
        Int.random(in: 0..<6, using: &random) > 0
        ? .success : TaskGraph.Condition.allCases.randomElement(using: &random) ?? .success
      task.standing =
        Int.random(in: 0..<8, using: &random) > 0
        ? .pending : TaskGraph.Standing.allCases.randomElement(using: &random) ?? .pending
      for need in 0..<index where Int.random(in: 0..<6, using: &random) == 0 {
        task.needs.append(TaskGraph.Need(task: TaskID(need), variable: "V\(need)"))
      }
      graph.tasks.append(task)
    }
    return graph
  }

  mutating func run() throws {
    var turns = 0
    while true {
      turns += 1
      try #require(turns < 20_000, "the run does not come to an end")
      try admit()
      if schedule.closing() != nil { break }
      if requestsLeft > 0, Int.random(in: 0..<3, using: &random) == 0 {
        ask()
      } else if !running.isEmpty {
        endOne()
      } else if let wake = schedule.nextWakeSeconds {
        seconds = max(seconds, wake)
        schedule.advance(to: seconds)
      } else if !release() {
        break
      }
    }
    try checkEnd()
  }

  private mutating func admit() throws {
    let isHeld = schedule.isHeld
    let states = graph.tasks.map { schedule[$0.id].state }
    for admission in schedule.admit() {
      let task = admission.task
      #expect(states[task.index] == .ready)
      #expect(!running.contains(task))
      for need in graph[task].predecessors where graph[task].when == .success {
        #expect(schedule[need].state == .done)
      }
      running.append(task)
    }
    let cpus = running.reduce(0) { $0 + min(graph[$1].cpus, jobs) }
    #expect(cpus <= jobs)
    let memory = running.reduce(0) { $0 + (graph[$1].memoryBytes ?? 0) }
    if let memoryBytes { #expect(memory <= memoryBytes) }
    for item in resources.items {
      #expect(running.reduce(0) { $0 + graph[$1].resources[item.name] } <= item.count)
    }
    let isIdle = running.isEmpty && !isHeld && !schedule.hasFailedFast
    if isIdle, schedule.drainReason == nil {
      let starving = graph.tasks.filter { schedule[$0.id].state == .ready }.map(\.name)
      #expect(starving.isEmpty)
    }
  }

  private mutating func endOne() {
    let index = Int.random(in: 0..<running.count, using: &random)
    let task = running.remove(at: index)
    let outcomes: [Outcome.Class] = [
      .success, .success, .success, .success, .exit, .timeout, .interrupted, .stopped,
    ]
    seconds += Double.random(in: 0...2, using: &random)
    schedule.ended(task, Outcome(outcomes.randomElement(using: &random) ?? .success), at: seconds)
  }

  /// Asks for something at random; a refusal must change nothing.
  private mutating func ask() {
    requestsLeft -= 1
    let tasks = graph.tasks.map(\.id).filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
    let before = graph.tasks.map { schedule[$0.id] }
    do {
      switch Int.random(in: 0..<9, using: &random) {
      case 0: schedule.hold()
      case 1: schedule.continue()
      case 2: try schedule.step(tasks.first)
      case 3: try schedule.stepWave()
      case 4: try schedule.hold(tasks, reason: "held")
      case 5: try schedule.release(tasks)
      case 6: try schedule.skip(tasks, asDone: Bool.random(using: &random), reason: "skipped")
      case 7 where requestsLeft == 3: schedule.drain(reason: "drained")
      default:
        let downstream = Bool.random(using: &random)
        schedule.reset(try schedule.retrySet(tasks, downstream: downstream))
      }
    } catch {
      #expect(graph.tasks.map { schedule[$0.id] } == before)
    }
  }

  /// Brings on a run that visibly waits for a person; false if it waits for nobody.
  private mutating func release() -> Bool {
    let held = graph.tasks.map(\.id).filter { schedule[$0].state == .held }
    let wasHeld = schedule.isHeld
    schedule.continue()
    let isReleased = (try? schedule.release(held)) != nil
    return wasHeld || isReleased
  }

  private mutating func checkEnd() throws {
    let ending = schedule.closing()
    let closing = try #require(ending, "the run neither ends nor waits for anybody")
    guard closing.ending == .done else { return }
    for task in graph.tasks { #expect(schedule[task.id].state.hasEnded) }
  }
}
