import Model
import Testing

@Suite("the fold of worktrees")
struct WorktreeFoldTests {
  private var run = RunState()
  private var facts: [Fact] = []

  init() {
    var graph = TaskGraph(name: "g")
    for number in 0..<2 {
      var task = TaskGraph.Task(id: TaskID(number), name: "t\(number)", action: .gate)
      task.isolation = .worktree
      graph.tasks.append(task)
    }
    tell(
      .runOpened(
        Fact.RunOpened(
          run: 1, cairn: "test",
          host: Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0),
          config: RunConfig(jobs: 1, workspace: WorkspaceBudget(bytes: 1000)), isResumed: false,
          token: "t")))
    tell(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: ["", ""])))
  }

  private mutating func tell(_ kind: Fact.Kind) {
    facts.append(
      Fact(
        sequence: run.sequence + 1, session: 1, elapsedSeconds: 0, wallTime: 1, kind: kind))
    run.apply(facts[facts.count - 1])
  }

  private mutating func start(_ task: Int, keptBytes: Int64? = nil) {
    let id = TaskID(task)
    tell(
      .taskAdmitted(
        Fact.TaskAdmitted(task: id, attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)))
    tell(.slotLeased(Fact.SlotLeased(slot: 3, task: id, attempt: 1, keptBytes: keptBytes)))
    tell(
      .attemptStarted(
        Fact.AttemptStarted(
          task: id, attempt: 1, pid: 1, startTime: 1, log: "l", slot: 3, fingerprint: "f")))
  }

  private mutating func end(_ task: Int) {
    tell(
      .attemptEnded(
        Fact.AttemptEnded(
          task: TaskID(task), attempt: 1, outcome: Outcome(.success), usage: Usage(),
          phases: Phases())))
  }

  @Test("its bytes are who works in it, then they are kept, and the next who does finds them")
  mutating func kept() {
    start(0)
    tell(.slotKept(Fact.SlotKept(slot: 3, task: TaskID(0), bytes: 400)))
    #expect(run.ledger[.leased] == 400 && run.ledger[.warm] == 0)
    end(0)
    #expect(run.ledger[.warm] == 400 && run.ledger[.free] == 600)
    start(1, keptBytes: 400)
    #expect(run.ledger.blocks.first?.key.task == TaskID(1), "though its size is as before")
    let reuse = run.reuse
    #expect((reuse.askedBytes, reuse.freshBytes, reuse.recycledBytes) == (800, 400, 400))
    end(1)
    tell(.slotKept(Fact.SlotKept(slot: 3, bytes: 0, reason: "room")))
    #expect(run.footprintBytes == 0 && run.worktrees.isEmpty && run.peakBytes == 400)
  }

  @Test("a checkpoint has them, and what no run could say is not believed")
  mutating func hostile() {
    tell(.slotKept(Fact.SlotKept(slot: 1, task: TaskID(77), bytes: 5)))
    tell(.slotKept(Fact.SlotKept(slot: 2, bytes: -5)))
    #expect(run.worktrees.mapValues(\.bytes) == [1: 5])
    #expect(run.ledger.blocks.map(\.key.task) == [TaskID(0)])
    let graphFacts = facts.filter { if case .graphDefined = $0.kind { true } else { false } }
    let copy = RunState(run.checkpoint, graphFacts: graphFacts)
    #expect(copy?.worktrees == run.worktrees)
  }
}
