import Model
import Testing

@Suite("Statistics of a graph") struct GraphStatisticsTests {
  /// `a` hands `x` to `b` and `c`; `d` takes all of `b` and comes after `c`; `e` stands alone.
  private static let sample: TaskGraph = {
    var sample = graph([("a", []), ("b", []), ("c", []), ("d", []), ("e", [])])
    sample.tasks[0].outputs = [
      .init(name: "x", expectedBytes: 100), .init(name: "y", expectedBytes: 1000),
    ]
    for index in 1...2 {
      sample.tasks[index].needs = [.init(task: TaskID(0), artifact: "x", variable: "X")]
    }
    sample.tasks[1].outputs = [.init(name: "out", expectedBytes: 10), .init(name: "log")]
    sample.tasks[2].outputs = [.init(name: "x", expectedBytes: 1)]
    sample.tasks[3].needs = [.init(task: TaskID(1), variable: "B")]
    sample.tasks[3].after = [TaskID(2), TaskID(1)]
    return sample
  }()

  @Test func countsWhatThereIs() {
    let found = GraphStatistics(Self.sample, seconds: [1, 2, 3, 4])
    #expect(found.tasks == 5)
    #expect(found.edges == 4)
    #expect(found.artifacts == 5)
    #expect(found.productCount == 2)
    #expect(found.depth == 3)
    #expect(found.width == 2)
    #expect(found.totalBytes == 1111)
    #expect(found.intermediateBytes == 110)
    #expect(found.largestBytes == 1000)
    #expect(found.unknownSizes == 1)
    #expect(found.seconds == 10)
    #expect(GraphStatistics(Self.sample).seconds == nil)
  }

  @Test func aRemovedTaskCountsAsNothing() {
    var graph = Self.sample
    graph.tasks[1].isRemoved = true
    let found = GraphStatistics(graph, seconds: [1, 2, 3, 4, 5])
    #expect(found.tasks == 4)
    #expect(found.edges == 2)
    #expect(found.artifacts == 3)
    #expect(found.productCount == 2)
    #expect(found.depth == 3)
    #expect(found.unknownSizes == 0)
    #expect(found.seconds == 13)
  }

  @Test func nothingHasNothing() {
    let found = GraphStatistics(TaskGraph(name: "empty"), seconds: [])
    #expect(found.tasks == 0)
    #expect(found.depth == 0)
    #expect(found.width == 0)
    #expect(found.seconds == 0)
  }

  @Test func sizesThatDoNotFitStopAtTheLimit() {
    var sample = graph([("a", [])])
    sample.tasks[0].outputs = [
      .init(name: "x", expectedBytes: .max), .init(name: "y", expectedBytes: 1),
    ]
    #expect(GraphStatistics(sample).totalBytes == .max)
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func levelsAreLongestPaths(seed: UInt64) {
    let graph = randomGraph(seed: seed)
    var levels: [Int] = []
    for task in graph.tasks {
      levels.append((task.predecessors.map { levels[$0.index] }.max() ?? -1) + 1)
    }
    let found = GraphStatistics(graph)
    #expect(found.depth == (levels.max() ?? -1) + 1)
    #expect(found.width == Dictionary(grouping: levels) { $0 }.values.map(\.count).max())
    #expect(found.edges == graph.tasks.reduce(0) { $0 + $1.predecessors.count })
  }
}
