import Model
import Testing

@testable import Planning

@Suite("Which slot a task gets")
struct ChainSlotsTests {
  private func graph(
    _ needs: [[Int]], chains: [Int: String] = [:], works: Set<Int> = []
  ) -> TaskGraph {
    var graph = TaskGraph(name: "chains")
    for (number, needs) in needs.enumerated() {
      var task = TaskGraph.Task(id: TaskID(number), name: "t\(number)", action: .gate)
      task.needs = needs.map { TaskGraph.Need(task: TaskID($0), variable: "T\($0)") }
      task.chain = chains[number]
      if works.contains(number) { task.isolation = .worktree }
      graph.tasks.append(task)
    }
    return graph
  }

  @Test("a path of one need and one dependent each is a chain, a name joins what is apart")
  func chains() {
    #expect(graph([[], [0], [1]]).chains() == [0, 0, 0])
    #expect(graph([[], [0], [0], [1, 2], [3]]).chains() == [0, 1, 2, 3, 3])
    let named = graph([[], [], [0], [1]], chains: [0: "x", 3: "x"]).chains()
    #expect(named[0] == named[3] && named[2] != named[0] && named[1] != named[0])
  }

  @Test("a chain comes back to its slot, others get the one that rests longest")
  func homes() {
    var slots = ChainSlots(graph([[], [], [0], [1], []]))
    #expect(slots.take(TaskID(0)).slot == 0)
    #expect(slots.take(TaskID(1)).slot == 1)
    slots.give(from: TaskID(1))
    slots.give(from: TaskID(0))
    #expect(slots.take(TaskID(2)).slot == 0)
    slots.give(from: TaskID(2))
    #expect(slots.take(TaskID(4)).slot == 1)
    slots.give(from: TaskID(4))
    #expect(slots.take(TaskID(3)).slot == 0)
  }

  @Test("of worktrees that are there, one with the same caches is chosen, then of the same class")
  func sameCaches() {
    var graph = graph([[], [], [], [], []], works: [0, 1, 2, 3, 4])
    for (number, name) in ["build[n=1]", "test", "build[n=2]", "doc", "lint"].enumerated() {
      graph.tasks[number].name = name
    }
    graph.tasks[0].caches = [".build", "deps"]
    graph.tasks[1].caches = [".build", "deps"]
    graph.tasks[2].caches = ["deps", ".build"]
    graph.tasks[3].caches = ["site"]
    var slots = ChainSlots(graph)
    for (slot, worker) in [3, 1, 0].enumerated() { slots.keep(10, in: slot, by: TaskID(worker)) }
    #expect(slots.take(TaskID(2)).slot == 2, "another instance of the same matrix worked there")
    #expect(slots.take(TaskID(0)).slot == 1, "the same caches, of another class")
    slots.give(from: TaskID(0))
    slots.give(from: TaskID(2))
    #expect(slots.take(TaskID(1)).slot == 1, "both have its caches, and that one rests longer")
    #expect(slots.take(TaskID(3)).slot == 0)
    #expect(slots.take(TaskID(4)).slot == 2, "warm, though nothing of it but the files is of use")
  }

  @Test("who works in a worktree prefers a slot that has one, and its bytes are theirs meanwhile")
  func warm() {
    var slots = ChainSlots(graph([[], [], []], works: [0, 1]))
    slots.keep(70, in: 2)
    #expect(slots.keptBytes == 70)
    #expect(slots.keptBytes(for: TaskID(2)) == 0, "who does not work in it")
    #expect(slots.keptBytes(for: TaskID(0)) == 70)
    let taken = slots.take(TaskID(0))
    #expect((taken.slot, taken.keptBytes) == (2, 70))
    #expect(slots.keptBytes == 0)
    slots.keep(90, in: 2)
    #expect(slots.keptBytes == 0, "they are in the plan as the task's")
    let cold = slots.take(TaskID(1))
    #expect((cold.slot, cold.keptBytes) == (0, 0))
    slots.give(from: TaskID(0))
    #expect(slots.keptBytes == 90)
  }

  @Test("worktrees go for who needs room, the one longest unused first, but not the one to work in")
  func cools() {
    var slots = ChainSlots(graph([[], [], []], works: [0, 1]))
    for (slot, bytes) in [Int64(10), 20, 30].enumerated() { slots.keep(bytes, in: slot) }
    _ = slots.take(TaskID(1))
    slots.give(from: TaskID(1))
    slots.makeRoom(21, for: TaskID(1))
    #expect(slots.takeCooled() == [1, 2], "0 is the task's own")
    #expect(slots.isCooling && slots.keptBytes == 60)
    slots.makeRoom(50, for: TaskID(2))
    #expect(!slots.hasCooled, "as much is on its way")
    slots.keep(0, in: 1)
    slots.stays(in: 2)
    #expect(!slots.isCooling && slots.keptBytes == 40)
    slots.makeRoom(1_000, for: TaskID(2))
    #expect(slots.takeCooled() == [0], "what cannot be deleted is not asked again")
    #expect(slots.keptBytes(for: TaskID(0)) == 30)
  }

  @Test("nobody gets a worktree that is being deleted, nor another one beside it")
  func leaving() {
    var slots = ChainSlots(graph([[], []], works: [0]))
    slots.keep(10, in: 0)
    slots.makeRoom(1, for: TaskID(1))
    #expect(slots.keptBytes(for: TaskID(0)) == nil)
    #expect(slots.take(TaskID(1)).slot == 0, "others do not touch it")
    slots.keep(0, in: 0)
    #expect(slots.keptBytes(for: TaskID(0)) == 0)
  }
}
