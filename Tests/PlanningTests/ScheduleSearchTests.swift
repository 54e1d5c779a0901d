import Model
import Planning
import Testing

/// A plan that is searched beside the run, while that goes on.
@Suite("Plans searched beside the run")
struct ScheduleSearchTests {
  /// Four tasks in a row, each of which takes the artifact of the one before it.
  private func chain(bytes: [Int64]) -> TaskGraph {
    var graph = TaskGraph(name: "chain")
    for (index, size) in bytes.enumerated() {
      var task = TaskGraph.Task(id: TaskID(index), name: "t\(index)", action: .gate)
      task.outputs = [TaskGraph.Output(name: "out", expectedBytes: size)]
      task.keep = false
      if index > 0 {
        task.needs = [TaskGraph.Need(task: TaskID(index - 1), variable: "BEFORE")]
      }
      graph.tasks.append(task)
    }
    return graph
  }

  private func key(_ index: Int) -> RunState.ArtifactKey {
    RunState.ArtifactKey(task: TaskID(index), name: "out")
  }

  /// A schedule that has to have a new plan, for its first task made more than the budget has room for
  /// beside what comes.
  private func schedule(budget: WorkspaceBudget) throws -> Schedule {
    let graph = chain(bytes: [10, 10, 10, 10])
    var schedule = Schedule(graph, options: Schedule.Options(jobs: 2))
    let subject = schedule.planSubject()
    let plan = try Planner(Planner.Budget(budget, workers: 2, seed: 1)).plan(PlanGraph(subject))
    schedule.follow(plan, of: subject, budgetBytes: budget.bytes, dropsEagerly: true)
    end(0, bytes: 25, &schedule)
    return schedule
  }

  private func search(
    _ schedule: inout Schedule, _ budget: WorkspaceBudget
  ) throws -> PlanSearch {
    let search = schedule.beginSearch(budget)
    return try #require(search)
  }

  private func end(_ index: Int, bytes: Int64, _ schedule: inout Schedule) {
    let admitted = schedule.admit().map(\.task)
    #expect(admitted == [TaskID(index)])
    schedule.sealed(key(index), bytes: bytes)
    schedule.ended(TaskID(index), Outcome(.success), at: Double(index))
  }

  @Test("what was found is followed if nothing has happened since")
  func holds() throws {
    let budget = WorkspaceBudget(bytes: 30)
    var schedule = try schedule(budget: budget)
    #expect(schedule.isPlanDue)
    let unsafe = schedule.admit()
    #expect(unsafe.isEmpty, "nothing begins that is not safe")
    let search = try search(&schedule, budget)
    #expect(!schedule.isPlanDue, "one search at a time")
    #expect(schedule.closing() == nil, "the run does not end while its plan is searched")
    #expect(throws: Planner.Infeasible.self) { _ = try schedule.adopt(search.proposal(), budget) }
    let admitted = schedule.admit()
    #expect(admitted.isEmpty)
    #expect(!schedule.isPlanDue, "the same is not searched twice")
    #expect(schedule.closing()?.ending == .stalled)
  }

  @Test("who asks for more room in time is not told of what was too little before")
  func overtaken() throws {
    let small = WorkspaceBudget(bytes: 30)
    var schedule = try schedule(budget: small)
    let search = try search(&schedule, small)
    let proposal = search.proposal()
    // Somebody deletes the artifact and has it made anew, in its expected size.
    schedule.gone(key(0))
    schedule.reset([TaskID(0)], recomputes: [], note: "asked for")
    let adopted = try schedule.adopt(proposal, small)
    #expect(adopted == nil, "what it speaks of is over")
    #expect(schedule.isPlanDue)
  }

  @Test("what the run has done since is left out of what was found")
  func rebased() throws {
    let budget = WorkspaceBudget(bytes: 60)
    var schedule = try schedule(budget: WorkspaceBudget(bytes: 30))
    let search = try search(&schedule, budget)
    let proposal = search.proposal()
    schedule.gone(key(0))
    schedule.reset([TaskID(0)], recomputes: [], note: "asked for")
    let adopted = try schedule.adopt(proposal, budget)
    let plan = try #require(adopted)
    #expect(Fact.PlanAdopted(plan).tasks == (0..<4).map { TaskID($0) })
    #expect(plan.peakBytes == 35, "the first is made again, as large as it was")
    for index in 0..<4 { end(index, bytes: index == 0 ? 25 : 10, &schedule) }
    #expect(schedule.closing()?.ending == .done)
  }

  @Test("what was found in haste is looked at again, and stays if there is nothing better")
  func improved() throws {
    let budget = WorkspaceBudget(bytes: 36)
    var schedule = try schedule(budget: WorkspaceBudget(bytes: 30))
    let need = try search(&schedule, budget)
    #expect(need.purpose == .need)
    let hasty = try schedule.adopt(need.proposal(), budget)
    #expect(hasty != nil)
    let improvement = try search(&schedule, budget)
    #expect(improvement.purpose == .improvement)
    let admitted = schedule.admit().map(\.task)
    #expect(admitted == [TaskID(1)], "the run goes on meanwhile")
    let better = try schedule.adopt(improvement.proposal(), budget)
    #expect(better == nil)
    let next = schedule.beginSearch(budget)
    #expect(next == nil, "once is enough")
  }

  @Test(
    "what only a failed task would still read stays in a new plan while the rest fits with it",
    arguments: [(Int64(45), true), (30, false)])
  func retryInputs(budgetBytes: Int64, stays: Bool) throws {
    var graph = chain(bytes: [20, 10, 25])
    graph.tasks[2].needs = []
    graph.tasks[2].after = [TaskID(1)]
    graph.tasks[2].when = .always
    var schedule = Schedule(graph, options: Schedule.Options(jobs: 2))
    let first = schedule.planSubject()
    let plan = try Planner(Planner.Budget(bytes: 60)).plan(first)
    schedule.follow(plan, of: first, budgetBytes: 60, dropsEagerly: true)
    end(0, bytes: 20, &schedule)
    let admitted = schedule.admit().map(\.task)
    #expect(admitted == [TaskID(1)])
    schedule.ended(TaskID(1), Outcome(.exit), at: 1)
    let again = try Planner(Planner.Budget(bytes: budgetBytes)).plan(schedule.planSubject())
    #expect(again.graph.keys.contains(key(0)) == stays)
    #expect(again.graph.surplus.map(\.key) == (stays ? [] : [key(0)]))
  }

  @Test("a spilled result is brought back at last, what waits for a later session is not")
  func spilledResults() {
    var graph = chain(bytes: [10, 10, 10])
    for index in graph.tasks.indices { graph.tasks[index].keep = nil }
    graph.tasks[2].needs = []
    var subject = PlanGraph.Subject(graph, standings: [.done, .absent, .done])
    subject.spilled[key(0)] = 10
    subject.spilled[key(2)] = 10
    #expect(PlanGraph(subject).roles == [.restore(key(2)), .sink])
  }
}
