import Model
import Planning
import Testing

@Suite("A budget that one task alone exceeds is found before the run")
struct BudgetLimitsTests {
  private let graph = TaskGraph(
    sketch: "a; b cpus=8 memory=10; c cpus=2 memory=90; d cpus=99 memory=999 GPU=9 standing=done")

  @Test(
    arguments: [
      (BudgetLimits(), nil, nil),
      (BudgetLimits(jobs: 8, memoryBytes: 90), nil, nil),
      (BudgetLimits(jobs: 4), "b", BudgetLimits(jobs: 8)),
      (BudgetLimits(memoryBytes: 89), "c", BudgetLimits(memoryBytes: 90)),
      (BudgetLimits(jobs: 1, memoryBytes: 5), "b", BudgetLimits(jobs: 8, memoryBytes: 90)),
      (BudgetLimits(jobs: 64, memoryBytes: 5), "b", BudgetLimits(jobs: 64, memoryBytes: 90)),
    ] as [(BudgetLimits, String?, BudgetLimits?)])
  func misfits(_ limits: BudgetLimits, _ name: String?, _ smallest: BudgetLimits?) {
    let misfit = limits.misfit(in: graph, nil)
    #expect(misfit.map { graph[$0.task].name } == name)
    #expect(misfit?.smallest == smallest)
  }

  @Test func aResourceThatIsNotThereOrTooScarceIsAMisfit() {
    let graph = TaskGraph(sketch: "a GPU=1; b GPU=3 LICENCE=1; c LICENCE=2 TAPE=1")
    let asked = BudgetLimits(resources: ["GPU": 2, "TAPE": 4])
    let misfit = asked.misfit(in: graph, nil)
    #expect(misfit.map { graph[$0.task].name } == "b")
    let least = BudgetLimits(resources: ["GPU": 3, "LICENCE": 2, "TAPE": 4])
    #expect(misfit?.smallest == least)
    #expect(least.misfit(in: graph, nil) == nil)
    let first = BudgetLimits().misfit(in: graph, [TaskID(0)])
    #expect(first?.smallest.resources == ["GPU": 1])
  }

  @Test func whatIsNotSelectedTakesNothing() {
    #expect(BudgetLimits(jobs: 1).misfit(in: graph, [TaskID(0)]) == nil)
  }

  /// Seeds 1 to 200: the smallest limits that are named admit every task, one byte or core less not.
  @Test func theNamedBudgetIsTheSmallestThatWorks() {
    for seed in UInt64(1)...200 {
      var random = SplitMix64(seed: seed)
      let tasks = (0..<Int.random(in: 1...8, using: &random)).map { index in
        let cpus = Int.random(in: 1...9, using: &random)
        return "t\(index) cpus=\(cpus) memory=\(Int.random(in: 0...99, using: &random))"
      }
      let graph = TaskGraph(sketch: tasks.joined(separator: ";"))
      guard let misfit = BudgetLimits(jobs: 1, memoryBytes: 0).misfit(in: graph, nil) else {
        continue
      }
      let least = misfit.smallest
      guard let jobs = least.jobs, let memory = least.memoryBytes else { continue }
      #expect(least.misfit(in: graph, nil) == nil, "seed \(seed)")
      #expect(jobs == 1 || BudgetLimits(jobs: jobs - 1).misfit(in: graph, nil) != nil)
      #expect(memory == 0 || BudgetLimits(memoryBytes: memory - 1).misfit(in: graph, nil) != nil)
      var line = Timeline(tasks.joined(separator: ";"), jobs: jobs, memoryBytes: memory)
      line.runAll()
      #expect(line.closing?.hasPrefix("done") == true, "seed \(seed)")
    }
  }

  /// Seeds 1 to 200: what is admitted together never exceeds the limits, whatever fails.
  @Test func reservesNeverExceedTheBudget() {
    for seed in UInt64(1)...200 {
      var random = SplitMix64(seed: seed)
      let tasks = (0..<12).map { index in
        let memory = Int.random(in: 0...50, using: &random)
        let cpus = Int.random(in: 1...4, using: &random)
        let grows = Bool.random(using: &random) ? "yes" : "no"
        return "t\(index) cpus=\(cpus) memory=\(memory) grows=\(grows) retries=3 backoff=0"
      }
      var line = Timeline(tasks.joined(separator: ";"), jobs: 4, memoryBytes: 60)
      var running: [Schedule.Admission] = line.admissions()
      while let next = running.indices.randomElement(using: &random) {
        #expect(running.reduce(0) { $0 + $1.cpus } <= 4, "seed \(seed)")
        #expect(running.reduce(0) { $0 + $1.memoryBytes } <= 60, "seed \(seed)")
        let ended = running.remove(at: next)
        line.end(line.name(ended.task), Bool.random(using: &random) ? .success : .memory)
        line.pass(0)
        running += line.admissions()
      }
      #expect(line.closing != nil, "seed \(seed)")
    }
  }
}
