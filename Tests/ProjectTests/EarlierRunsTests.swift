import Execution
import Foundation
import Model
import Planning
import Project
import Testing

/// What a project's journal tells of the times of tasks.
struct EarlierRunsTests {
  private let root = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString

  private static let graph: TaskGraph = {
    var graph = TaskGraph(name: "g")
    graph.tasks = ["a", "b"].enumerated().map {
      TaskGraph.Task(id: TaskID($0), name: $1, action: .exec(arguments: ["true"]))
    }
    return graph
  }()

  /// Facts of a run in which `a` took so long and `b` failed.
  private static func facts(run: Int, seconds: Double) -> [Fact] {
    let host = Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0)
    var kinds: [Fact.Kind] = [
      .runOpened(
        .init(
          run: run, cairn: "1", host: host, config: RunConfig(jobs: 1), isResumed: false, token: "")
      ),
      .graphDefined(.init(graph: graph, fingerprints: ["", ""])),
    ]
    for (task, outcome, state) in [
      (TaskID(0), Outcome(.success), TaskState.done), (TaskID(1), Outcome(.exit), .failed),
    ] {
      kinds += [
        .taskAdmitted(.init(task: task, attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)),
        .attemptEnded(
          .init(
            task: task, attempt: 1, outcome: outcome, usage: Usage(), phases: Phases(run: seconds))),
        .taskState(.init(task: task, state: state)),
      ]
    }
    return kinds.enumerated().map {
      Fact(sequence: $0 + 1, session: 1, elapsedSeconds: Double($0), wallTime: 1, kind: $1)
    }
  }

  private func location(runs: [Double]) throws -> ProjectLocation {
    try FileManager.default.createDirectory(
      atPath: root + "/.cairn", withIntermediateDirectories: true)
    try Data("tasks: {}\n".utf8).write(to: URL(filePath: root + "/cairn.yaml"))
    let location = try ProjectLocation.find(path: root, from: "/")
    guard !runs.isEmpty else { return location }
    let journal = try Journal(path: location.journal)
    for seconds in runs {
      let run = try journal.newRun(wallTime: 1, cairn: "1")
      try journal.append(Self.facts(run: run, seconds: seconds), run: run)
    }
    return location
  }

  @Test("are read from all runs before the one that goes on")
  func reads() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let history = ProjectHistory(try location(runs: [8, 12, 999]))
    var state = RunState()
    for fact in Self.facts(run: 3, seconds: 1).prefix(2) { state.apply(fact) }
    let estimate = Estimate(state, earlier: history.earlierRuns(before: 3))
    let expectation = try #require(estimate[TaskID(0)])
    #expect(expectation.seconds == 10 && expectation.variance == 8)
    #expect(expectation.basis == .earlier)
    #expect(estimate[TaskID(1)] == nil)
  }

  @Test("are none where there is no journal")
  func none() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(ProjectHistory(try location(runs: [])).earlierRuns(before: 3).isEmpty)
  }
}
