import Formats
import Foundation
import Model
import Project
import Remote

/// A run that another process of this user carries out, and what its journal says of it.
struct LiveRun {
  let source: RemoteSource
  let record: RunRecord

  /// Reaches the run of a project.
  ///
  /// - Throws: `ProjectProblem`: `unavailable` when there is none.
  static func connect(_ location: ProjectLocation) async throws -> LiveRun {
    do throws(RemoteProblem) {
      return try await find(location)
    } catch  where error.code == .absent {
      throw ProjectProblem(.unavailable, absence(location))
    } catch {
      throw ProjectProblem(
        error.code == .notAllowed ? .notAllowed : .unavailable, "\(error.description)")
    }
  }

  /// As `connect`, with nil where nobody runs the project.
  static func connectIfAny(_ location: ProjectLocation) async -> LiveRun? {
    try? await find(location)
  }

  private static func find(_ location: ProjectLocation) async throws(RemoteProblem) -> LiveRun {
    let places = RunPlace(location)
    let source = try await RemoteSource.connect(project: places.project, places: places.candidates)
    let history = ProjectHistory(location)
    if let record = try? history.record(source.greeting.run) {
      return LiveRun(source: source, record: record)
    }
    // It has only begun: once there is a fact, the journal has it too.
    _ = await source.facts(after: 0)
    do {
      return LiveRun(source: source, record: try history.record(source.greeting.run))
    } catch {
      throw RemoteProblem(.system, "\(error)")
    }
  }

  private static func absence(_ location: ProjectLocation) -> String {
    let record = try? ProjectHistory(location).record(nil)
    switch record?.standing {
    case nil: return "nothing runs here; `cairn run` starts a run"
    case .running, .held:
      return "the Cairn that runs this project does not answer; `cairn status` reads its journal"
    case let standing?:
      let next = standing == .done ? "`cairn run` starts another" : "`cairn resume` goes on with it"
      return "nothing runs here: run \(record?.state.run ?? 0) is \(standing.rawValue); \(next)"
    }
  }
}

/// Where the socket of a project may lie, in this process's environment.
struct RunPlace {
  let project: String
  let candidates: [SocketPlace]

  init(_ location: ProjectLocation) {
    project = SocketPlace.resolved(location.root)
    candidates = SocketPlace.candidates(
      project: project,
      runtimeFolder: ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"])
  }
}

extension LiveRun {
  /// The tasks that names mean: a task, all instances of a matrix, the members of a group.
  func tasks(named names: [String]) throws -> [TaskID] {
    var found: Set<TaskID> = []
    for name in names {
      let meant = tasks(named: name)
      if meant.isEmpty { throw unknown(name) }
      found.formUnion(meant)
    }
    return found.sorted()
  }

  private func tasks(named name: String) -> [TaskID] {
    let graph = record.state.graph
    let group = graph.groups.firstIndex { $0.name == name }
    return graph.tasks.filter { task in
      !task.isRemoved
        && (task.name == name || task.name.hasPrefix("\(name)[")
          || (group != nil && task.group == group))
    }.map(\.id)
  }

  private func unknown(_ name: String) -> ProjectProblem {
    let near = Suggestion.nearest(name, in: record.state.graph.tasks.map(\.name))
    let hint = near.map { "; did you mean \"\($0)\"?" } ?? ""
    return ProjectProblem(.usage, "run \(record.state.run) has no task \"\(name)\"\(hint)")
  }
}
