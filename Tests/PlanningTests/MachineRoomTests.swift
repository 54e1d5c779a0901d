import Model
import Planning
import Testing

@Suite("Cores, memory and named resources")
struct MachineRoomTests {
  private func claim(_ sketch: String, _ room: MachineRoom, misses: Int = 0) -> Claim {
    room.claim(of: TaskGraph(sketch: sketch).tasks[0], misses: misses)
  }

  @Test func whatIsTakenComesBackAndIsRoomAgain() {
    let whole = MachineRoom(cores: 4, memoryBytes: 100, resources: ["GPU": 2])
    var room = whole
    let claim = claim("a cpus=3 memory=60 GPU=2", room)
    #expect(room.fits(claim))
    room.take(claim)
    #expect(!room.fits(claim) && !room.isFull)
    #expect(room.shortage(of: claim) == "GPU")
    #expect(room.fits(Claim(cores: 1, memoryBytes: 40)))
    #expect(!room.fits(Claim(cores: 2)))
    #expect(!room.fits(Claim(memoryBytes: 41)))
    #expect(room.fits(.nothing))
    room.giveBack(claim)
    #expect(room == whole)
  }

  @Test func whoAsksForMoreThanThereIsTakesAll() {
    let room = MachineRoom(cores: 2, memoryBytes: 50, resources: ["GPU": 1])
    let all = Claim(cores: 2, memoryBytes: 50, resources: ["GPU": 1])
    #expect(claim("a cpus=9 memory=99 GPU=5 TAPE=1", room) == all)
    #expect(room.fits(all))
  }

  @Test func aReserveThatGrowsStaysWithinTheMemory() {
    let room = MachineRoom(cores: 1, memoryBytes: 250)
    let reserves = (0...3).map { claim("a memory=100 grows=yes", room, misses: $0).memoryBytes }
    #expect(reserves == [100, 200, 250, 250])
    let most = "a memory=\(Int64.max) grows=yes"
    #expect(claim(most, MachineRoom(cores: 1), misses: 5).memoryBytes == .max)
  }

  @Test func withoutALimitMemoryIsNotCounted() {
    var room = MachineRoom(cores: 3)
    let claim = claim("a memory=\(Int64.max)", room)
    room.take(claim)
    #expect(room.fits(claim))
    room.take(claim)
    #expect(room.fits(claim))
  }
}

@Suite("A plan's expected end heeds what tasks take of the machine")
struct StepClaimTests {
  /// The end that a plan expects of tasks of a second each.
  private func end(
    _ sketch: String, jobs: Int, memoryBytes: Int64? = nil, resources: Resources = [:]
  ) throws -> Double? {
    let schedule = Schedule(
      TaskGraph(sketch: sketch),
      options: Schedule.Options(jobs: jobs, memoryBytes: memoryBytes, resources: resources))
    let planner = Planner(Planner.Budget(workers: jobs), effort: .first)
    return try planner.plan(PlanGraph(schedule.planSubject())).makespanSeconds
  }

  @Test func whatWantsTheOnlyGPURunsOneAfterTheOther() throws {
    let sketch = "a GPU=1; b GPU=1; c GPU=1; d; e; f"
    #expect(try end(sketch, jobs: 6, resources: ["GPU": 1]) == 3)
    #expect(try end(sketch, jobs: 6, resources: ["GPU": 2]) == 2)
    #expect(try end(sketch, jobs: 6, resources: ["GPU": 3]) == 1)
  }

  @Test func coresAndMemoryCountAsInTheRun() throws {
    #expect(try end("a cpus=2; b cpus=2; c; d", jobs: 3) == 2)
    #expect(try end("a cpus=9; b", jobs: 2) == 2)
    #expect(try end("a memory=60; b memory=60; c memory=40", jobs: 3, memoryBytes: 100) == 2)
    #expect(try end("a memory=60; b memory=60; c memory=40", jobs: 3) == 1)
  }

  @Test func manyThatWaitForOneResourceHoldNobodyElseUp() throws {
    let many = (0..<300).map { "g\($0) GPU=1" }.joined(separator: ";")
    let rest = (0..<300).map { "t\($0)" }.joined(separator: ";")
    #expect(try end(many + ";" + rest, jobs: 2, resources: ["GPU": 1]) == 300)
  }

  @Test func aGraphThatTakesOneCoreATaskIsPlannedAsWithoutClaims() throws {
    let graph = TaskGraph(sketch: "a memory=5; b: a; c: a; d: b c")
    var subject = Schedule(graph, options: Schedule.Options(jobs: 2)).planSubject()
    let claimed = PlanGraph(subject)
    subject.room = nil
    #expect(claimed == PlanGraph(subject))
  }

  /// Seeds 1 to 60.
  @Test func theRunThatFollowsAPlanEndsWhenThePlanSays() throws {
    for seed in UInt64(1)...60 {
      var random = SplitMix64(seed: seed)
      let tasks = (0..<20).map { index in
        let needs = (0..<index).filter { _ in Int.random(in: 0..<8, using: &random) == 0 }
        return "t\(index) cpus=\(Int.random(in: 1...3, using: &random)) "
          + "memory=\(Int.random(in: 0...60, using: &random)) "
          + "GPU=\(Int.random(in: 0...2, using: &random)):"
          + needs.map { " t\($0)" }.joined()
      }
      let graph = TaskGraph(sketch: tasks.joined(separator: ";"))
      var config = RunConfig(jobs: 4, memoryBytes: 100, resources: ["GPU": 2])
      config.workspace = WorkspaceBudget(bytes: 1 << 30)
      let subject = Schedule(graph, options: Schedule.Options(config)).planSubject()
      let planner = Planner(Planner.Budget(bytes: 1 << 30, workers: 4), effort: .first)
      let plan = try planner.plan(PlanGraph(subject))
      var simulation = Simulation(
        graph, config: config, load: Simulation.Load(seconds: subject.seconds), plan: plan,
        of: subject)
      #expect(simulation.run()?.ending == .done, "seed \(seed)")
      #expect(simulation.seconds == plan.makespanSeconds, "seed \(seed)")
    }
  }
}
