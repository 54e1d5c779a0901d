import Model
import Testing

/// Tasks by name with what each needs; ids in the order given.
func graph(_ rows: [(String, [Int])]) -> TaskGraph {
  var graph = TaskGraph(name: "test")
  for (index, row) in rows.enumerated() {
    var task = TaskGraph.Task(id: TaskID(index), name: row.0, action: .gate)
    task.needs = row.1.map { TaskGraph.Need(task: TaskID($0), variable: "N") }
    graph.tasks.append(task)
  }
  return graph
}

/// SplitMix64: numbers that depend on the seed alone.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A graph whose edges run from lower to higher ids, so that it is acyclic.
func randomGraph(seed: UInt64) -> TaskGraph {
  var generator = SeededGenerator(state: seed)
  let count = Int.random(in: 1...40, using: &generator)
  return graph(
    (0..<count).map { index in
      let needs = (0..<index).filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
      return ("t\(index)", needs)
    })
}

@Suite("A task graph") struct TaskGraphTests {
  @Test func orderPutsNeedsFirstAndTiesInFileOrder() {
    let graph = graph([("d", [1, 2]), ("b", [3]), ("c", [3]), ("a", []), ("e", [])])
    #expect(graph.topologicalOrder().map { graph[$0].name } == ["a", "e", "b", "c", "d"])
    #expect(graph.cycle() == nil)
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func orderHoldsEveryTaskBehindItsNeeds(seed: UInt64) {
    let graph = randomGraph(seed: seed)
    let order = graph.topologicalOrder()
    #expect(Set(order) == Set(graph.tasks.map(\.id)))
    var place = [Int](repeating: 0, count: order.count)
    for (index, task) in order.enumerated() { place[task.index] = index }
    for task in graph.tasks {
      for need in task.predecessors { #expect(place[need.index] < place[task.id.index]) }
    }
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func oneEdgeBackMakesACycleThatIsNamed(seed: UInt64) throws {
    var graph = randomGraph(seed: seed)
    let last = try #require(graph.tasks.indices.last)
    graph.tasks[0].after = [TaskID(last)]
    graph.tasks[last].after = [TaskID(0)]
    let cycle = try #require(graph.cycle())
    // Each waits for the one before it, and the first for the last.
    for (need, task) in zip([cycle[cycle.count - 1]] + cycle, cycle) {
      #expect(graph[task].predecessors.contains(need))
    }
    #expect(Set(cycle).count == cycle.count)
    #expect(graph.topologicalOrder().count < graph.tasks.count)
  }

  @Test func aTaskThatNeedsItselfIsACycle() {
    #expect(graph([("a", []), ("b", [1])]).cycle() == [TaskID(1)])
  }

  @Test func linksGoBothWaysWithoutRepeats() {
    var graph = graph([("a", []), ("b", [0]), ("c", [1])])
    graph.tasks[2].after = [TaskID(1), TaskID(0)]
    let links = graph.links()
    #expect(links.predecessors.map(Array.init) == [[], [TaskID(0)], [TaskID(0), TaskID(1)]])
    #expect(links.dependents.map(Array.init) == [[TaskID(1), TaskID(2)], [TaskID(2)], []])
    #expect(links.ancestors(of: [TaskID(1)]) == [TaskID(0), TaskID(1)])
    #expect(links.descendants(of: [TaskID(1)]) == [TaskID(1), TaskID(2)])
  }
}

@Suite("A newer file in the numbering of a run") struct GraphChangeTests {
  private let old = graph([("a", []), ("b", [0]), ("c", [1])])

  @Test func nothingDiffersFromItself() {
    #expect(old.change(to: old) == nil)
    var moved = old
    moved.tasks[1].line = 99
    #expect(old.change(to: moved) == nil)
  }

  @Test func anotherOrderInTheFileIsNoChange() {
    let newer = graph([("c", [2]), ("a", []), ("b", [1])])
    #expect(old.change(to: newer) == nil)
  }

  @Test func tasksAreAddedChangedAndRemovedByName() throws {
    var newer = graph([("new", [2]), ("b", []), ("a", [])])
    newer.tasks[1].retries = 5
    let change = try #require(old.change(to: newer))
    #expect(change.added.map(\.name) == ["new"])
    #expect(change.added.map(\.id) == [TaskID(3)])
    #expect(change.added[0].needs.map(\.task) == [TaskID(0)])
    #expect(change.changed.map(\.name) == ["b"])
    #expect(change.changed[0].id == TaskID(1))
    #expect(change.removed == [TaskID(2)])

    var merged = old
    merged.apply(change)
    #expect(merged.tasks.map(\.name) == ["a", "b", "c", "new"])
    #expect(merged.tasks.map(\.isRemoved) == [false, false, true, false])
    #expect(merged.task(named: "c") == nil)
    #expect(merged.change(to: newer) == nil)
  }

  @Test func aTaskThatComesBackIsNew() throws {
    var graph = old
    graph.apply(try #require(graph.change(to: withoutLast(old))))
    let back = try #require(graph.change(to: old))
    #expect(back.added.map(\.id) == [TaskID(3)])
    graph.apply(back)
    #expect(graph.task(named: "c")?.id == TaskID(3))
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func applyingAChangeGivesTheNewerGraph(seed: UInt64) {
    var merged = randomGraph(seed: seed)
    let before = merged
    let newer = randomGraph(seed: seed + 1000)
    if let change = merged.change(to: newer) { merged.apply(change) }
    #expect(merged.change(to: newer) == nil)
    #expect(merged.tasks.enumerated().allSatisfy { $0.element.id.index == $0.offset })
    for task in before.tasks { #expect(merged[task.id].name == task.name) }
    #expect(merged.cycle() == nil)
  }

  private func withoutLast(_ graph: TaskGraph) -> TaskGraph {
    var graph = graph
    graph.tasks.removeLast()
    return graph
  }
}
