import Model
import Testing

@testable import Planning

@Suite("The critical path")
struct CriticalPathTests {
  /// a feeds b and c, both feed d.
  static func diamond() -> TaskGraph {
    var graph = TaskGraph(name: "diamond")
    let needs: [[Int]] = [[], [0], [0], [1, 2]]
    for (index, row) in needs.enumerated() {
      var task = TaskGraph.Task(
        id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["true"]))
      task.needs = row.map { TaskGraph.Need(task: TaskID($0), variable: "T\($0)") }
      graph.tasks.append(task)
    }
    return graph
  }

  static func path(_ graph: TaskGraph, _ seconds: [Double]) -> CriticalPath {
    CriticalPath(order: graph.topologicalOrder(), links: graph.links(), seconds: seconds)
  }

  @Test("goes through the slower branch and gives the other its slack")
  func diamondPath() {
    let graph = Self.diamond()
    let path = Self.path(graph, [1, 5, 2, 3])
    #expect(path.totalSeconds == 9)
    #expect(path.path(graph.links()) == [TaskID(0), TaskID(1), TaskID(3)])
    #expect(graph.tasks.map { path.slackSeconds(of: $0.id) } == [0, 0, 3, 0])
    #expect(path.secondsAhead == [9, 8, 5, 3])
    #expect(path.secondsBehind == [0, 1, 1, 6])
  }

  @Test("gives ties to the smaller number, so that it does not flap")
  func ties() {
    let graph = Self.diamond()
    let path = Self.path(graph, [1, 2, 2, 1])
    #expect(path.path(graph.links()) == [TaskID(0), TaskID(1), TaskID(3)])
  }

  @Test("is as long as the longest path that a search of all paths finds", arguments: 0..<50)
  func isLongest(seed: Int) {
    var random = Lehmer(UInt64(seed) + 1)
    var graph = TaskGraph(name: "random")
    for index in 0..<12 {
      var task = TaskGraph.Task(
        id: TaskID(index), name: "t\(index)", action: .exec(arguments: ["true"]))
      for need in 0..<index where random.next() % 4 == 0 { task.after.append(TaskID(need)) }
      graph.tasks.append(task)
    }
    let seconds = graph.tasks.map { _ in Double(random.next() % 10) }
    let links = graph.links()
    func longest(from task: TaskID) -> Double {
      seconds[task.index] + (links.dependents[task.index].map(longest).max() ?? 0)
    }
    let path = Self.path(graph, seconds)
    let expected = graph.tasks.map { longest(from: $0.id) }
    #expect(path.secondsAhead == expected)
    #expect(path.totalSeconds == expected.max())
    let along = path.path(links)
    #expect(along.reduce(0) { $0 + seconds[$1.index] } == path.totalSeconds)
    #expect(along.allSatisfy { path.slackSeconds(of: $0) == 0 })
  }

  @Test("of an empty graph is nothing")
  func empty() {
    let path = Self.path(TaskGraph(name: ""), [])
    #expect(path.totalSeconds == 0)
    #expect(path.path(TaskGraph(name: "").links()).isEmpty)
  }
}

/// Lehmer, "Mathematical methods in large-scale computing units", 1951; constants of Park and Miller.
private struct Lehmer {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed * 7919 % 2_147_483_647 }

  mutating func next() -> UInt64 {
    state = state * 48_271 % 2_147_483_647
    return state
  }
}
