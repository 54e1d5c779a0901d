import Model
import Testing

@Suite("Tables of a run")
struct TableTests {
  private func key(_ task: Int, _ name: String) -> RunState.ArtifactKey {
    RunState.ArtifactKey(task: TaskID(task), name: name)
  }

  @Test func anArtifactIsFoundByTaskAndName() {
    var table = ArtifactTable<Int>()
    table[key(3, "bam")] = 1
    table[key(3, "qc")] = 2
    table[key(0, "out")] = 3
    table[key(3, "bam")] = 4
    #expect(table.count == 3)
    #expect(table[key(3, "bam")] == 4)
    #expect(table[key(3, "out")] == nil)
    #expect(table[key(900, "out")] == nil)
    #expect(table.keys == [key(0, "out"), key(3, "bam"), key(3, "qc")])
  }

  @Test func whatWasTakenOutLeavesNoTrace() {
    var table = ArtifactTable<Int>()
    table[key(7, "out")] = 1
    table[key(7, "out")] = nil
    table[key(7, "out")] = nil
    #expect(table.isEmpty)
    #expect(table == ArtifactTable<Int>())
    #expect(table.keys.isEmpty)
  }

  @Test func statesAreCountedApart() {
    var counts = TaskCounts()
    for state in TaskState.allCases { counts[state] = 1 }
    counts.move(from: .ready, to: .running)
    #expect(TaskState.allCases.map { counts[$0] } == [1, 0, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1])
    #expect(counts.count { $0.hasEnded } == 4)
  }

  @Test func rowsGoBothWays() {
    var graph = TaskGraph(name: "rows")
    for index in 0..<4 {
      graph.tasks.append(.init(id: TaskID(index), name: "t\(index)", action: .gate))
    }
    graph.tasks[3].after = [TaskID(2), TaskID(0), TaskID(2)]
    graph.tasks[2].needs = [TaskGraph.Need(task: TaskID(0), variable: "T0")]
    graph.tasks[1].after = [TaskID(0)]
    graph.tasks[1].isRemoved = true
    let links = graph.links()
    #expect(links.predecessors.map { $0.map(\.index) } == [[], [], [0], [0, 2]])
    #expect(links.dependents.map { $0.map(\.index) } == [[2, 3], [], [3], []])
  }
}
