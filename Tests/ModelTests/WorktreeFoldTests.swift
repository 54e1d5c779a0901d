import Model
import Testing

@Suite("the fold of worktrees")
struct WorktreeFoldTests {
  private var fold: Fold
  private var run: RunState { fold.run }

  init() {
    var graph = TaskGraph(name: "g")
    for number in 0..<2 {
      var task = TaskGraph.Task(id: TaskID(number), name: "t\(number)", action: .gate)
      task.isolation = .worktree
      graph.tasks.append(task)
    }
    fold = Fold(graph)
  }

  private mutating func start(_ task: Int, keptBytes: Int64? = nil) {
    let id = TaskID(task)
    fold.tell(
      .taskAdmitted(
        Fact.TaskAdmitted(task: id, attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)))
    fold.tell(.slotLeased(Fact.SlotLeased(slot: 3, task: id, attempt: 1, keptBytes: keptBytes)))
    fold.tell(
      .attemptStarted(
        Fact.AttemptStarted(
          task: id, attempt: 1, pid: 1, startTime: 1, log: "l", slot: 3, fingerprint: "f")))
  }

  private mutating func end(_ task: Int) {
    fold.tell(
      .attemptEnded(
        Fact.AttemptEnded(
          task: TaskID(task), attempt: 1, outcome: Outcome(.success), usage: Usage(),
          phases: Phases())))
  }

  @Test("its bytes are who works in it, then they are kept, and the next who does finds them")
  mutating func kept() {
    start(0)
    fold.tell(.slotKept(Fact.SlotKept(slot: 3, task: TaskID(0), bytes: 400)))
    #expect(run.ledger[.leased] == 400 && run.ledger[.warm] == 0)
    end(0)
    #expect(run.ledger[.warm] == 400 && run.ledger[.free] == 600)
    start(1, keptBytes: 400)
    #expect(run.ledger.blocks.first?.key.task == TaskID(1), "though its size is as before")
    let reuse = run.reuse
    #expect((reuse.askedBytes, reuse.freshBytes, reuse.recycledBytes) == (800, 400, 400))
    end(1)
    fold.tell(.slotKept(Fact.SlotKept(slot: 3, bytes: 0, reason: "room")))
    #expect(run.footprintBytes == 0 && run.worktrees.isEmpty && run.peakBytes == 400)
  }

  @Test("a checkpoint has them, and what no run could say is not believed")
  mutating func hostile() {
    fold.tell(.slotKept(Fact.SlotKept(slot: 1, task: TaskID(77), bytes: 5)))
    fold.tell(.slotKept(Fact.SlotKept(slot: 2, bytes: -5)))
    #expect(run.worktrees.mapValues(\.bytes) == [1: 5])
    #expect(run.ledger.blocks.map(\.key.task) == [TaskID(0)])
    let copy = RunState(run.checkpoint, graphFacts: fold.graphFacts)
    #expect(copy?.worktrees == run.worktrees)
  }
}
