import Execution
import Foundation
import Model
import Project
import Testing

/// What a project's journal tells of the autonomy of its runs.
struct AutonomyHistoryTests {
  private let root = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString

  /// A run of one task, which a person retried or not.
  private static func facts(run: Int, isRetried: Bool) -> [Fact] {
    let host = Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0)
    let task = TaskID(0)
    var graph = TaskGraph(name: "g")
    graph.tasks = [TaskGraph.Task(id: task, name: "a", action: .exec(arguments: ["true"]))]
    var kinds: [Fact.Kind] = [
      .runOpened(
        .init(
          run: run, cairn: "1", host: host, config: RunConfig(jobs: 1), isResumed: false, token: "")
      ),
      .graphDefined(.init(graph: graph, fingerprints: [""])),
      .taskAdmitted(.init(task: task, attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)),
      .attemptEnded(
        .init(
          task: task, attempt: 1, outcome: Outcome(.success), usage: Usage(),
          phases: Phases(run: 1))),
      .taskState(.init(task: task, state: .done)),
    ]
    if isRetried {
      let person = Actor(kind: .person, name: "ana@tty", source: "command")
      kinds.append(
        .requestMade(.init(actor: person, request: .retry([task], downstream: false))))
    }
    return kinds.enumerated().map {
      Fact(sequence: $0 + 1, session: 1, elapsedSeconds: Double($0), wallTime: 1, kind: $1)
    }
  }

  private func location(_ runs: [Bool]) throws -> ProjectLocation {
    try FileManager.default.createDirectory(
      atPath: root + "/.cairn", withIntermediateDirectories: true)
    try Data("tasks: {}\n".utf8).write(to: URL(filePath: root + "/cairn.yaml"))
    let location = try ProjectLocation.find(path: root, from: "/")
    guard !runs.isEmpty else { return location }
    let journal = try Journal(path: location.journal)
    for isRetried in runs {
      let run = try journal.newRun(wallTime: 1, cairn: "1")
      try journal.append(Self.facts(run: run, isRetried: isRetried), run: run)
    }
    return location
  }

  @Test("is read of the runs before one, the newest first, as many as are asked for")
  func reads() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let history = ProjectHistory(try location([false, true, false, true]))
    let past = history.autonomy(before: 4)
    #expect(past.records.map(\.run) == [3, 2, 1])
    #expect(past.records.map { $0.score?.untouched } == [1, 0.5, 1])
    #expect(history.autonomy(before: .max, runs: 2).records.map(\.run) == [4, 3])
    #expect(history.autonomy(before: 4, runs: -1).records.isEmpty)
    #expect(past.with(try history.record(nil).autonomyRecord).lessons.map(\.cases) == [2])
  }

  @Test("is none where there is no journal")
  func none() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(ProjectHistory(try location([])).autonomy(before: .max).records.isEmpty)
  }
}

extension RunRecord {
  fileprivate var autonomyRecord: AutonomyRecord { AutonomyReport(state).record }
}
