import Execution
import Formats
import Foundation
import Model
import Planning

/// What stands in a project, looked at without changing a byte of it.
///
/// SQLite may write the index of a WAL (`-shm`) that lies beside the journal; that is no content.
package struct DoctorProject {
  /// Names told before "and n more".
  private static let namesTold = 3

  private let location: ProjectLocation
  private let layout: WorkspaceLayout
  private let bytes: (Int64) -> String

  /// `bytes` writes a number of bytes for people.
  package init(_ location: ProjectLocation, bytes: @escaping (Int64) -> String) {
    self.location = location
    layout = WorkspaceLayout(root: location.root)
    self.bytes = bytes
  }

  package func diagnoses() -> [Diagnosis] {
    let owner = ProjectLock.owner(of: layout)
    let last = lastRun()
    var found = [file(), lock(owner)]
    found.append(journal(last))
    if case .success(let run?) = last {
      found.append(standing(run, owner))
      if owner == nil { found.append(processes(run)) }
      found.append(DoctorStore(location, bytes: bytes).diagnosis())
    }
    let survey = layout.survey()
    if owner == nil { found.append(halfWritten(survey)) }
    found.append(size(survey))
    return found
  }

  // MARK: File and lock

  private func file() -> Diagnosis {
    let name = location.displayName
    do {
      let loaded = try LoadedProject(location)
      let count = loaded.graph.tasks.count { !$0.isRemoved }
      if let warning = loaded.warnings.first {
        return .warning(.project, "file", "\(name): \(warning)", do: nil)
      }
      if let agent = loaded.graph.agent?.command.first, !Self.canBeFound(agent) {
        return .warning(
          .project, "file", "\(name): the agent \"\(agent)\" is not found in PATH",
          do: "install it, or change agent.command")
      }
      if LoadedProject.interpreter.first != "bash" {
        return .warning(
          .project, "file", "\(name), \(count) tasks; without bash, scripts run in sh -eu",
          do: "install bash: sh does not see a failure inside a pipeline")
      }
      return .fine(.project, "file", "\(name), \(count) tasks")
    } catch {
      let (code, text) = Self.reading(error)
      return .problem(.project, "file", text, do: nil, code)
    }
  }

  private static func canBeFound(_ program: String) -> Bool {
    if program.contains("/") { return true }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  private func lock(_ owner: ProjectLock.Owner?) -> Diagnosis {
    if let owner {
      let place = owner.terminal.map { " on \($0)" } ?? ""
      return .fine(.project, "lock", "held by a living Cairn, pid \(owner.pid)\(place)")
    }
    guard let dead = ProjectLock.record(of: layout) else {
      return .fine(.project, "lock", "free")
    }
    return .fine(
      .project, "lock", "free; its last holder, pid \(dead.pid), died without leaving it")
  }

  // MARK: Journal and runs

  private struct LastRun {
    var state: RunState
  }

  private func lastRun() -> Result<LastRun?, any Error> {
    Result {
      guard FileManager.default.fileExists(atPath: layout.journal) else { return nil }
      let journal = try Journal(reading: layout.journal)
      try journal.integrityCheck()
      guard let number = try journal.lastRunWithFacts() else {
        return nil
      }
      return LastRun(state: try journal.history(run: number).state)
    }
  }

  private func journal(_ last: Result<LastRun?, any Error>) -> Diagnosis {
    switch last {
    case .failure(let error):
      let (code, text) = Self.reading(error)
      return .problem(.project, "journal", text, do: nil, code)
    case .success(nil): return .fine(.project, "journal", "no run yet")
    case .success:
      return .fine(.project, "journal", "whole, schema \(Journal.schemaVersion)")
    }
  }

  private static func reading(_ error: any Error) -> (ProjectProblem.Code, String) {
    let code: ProjectProblem.Code =
      switch error {
      case let problem as ProjectProblem: problem.code
      case let problem as FormatProblem:
        ProjectProblem.Code(rawValue: problem.code.rawValue) ?? .badData
      case is JournalProblem: .storage
      default: .badData
      }
    return (code, String(describing: error))
  }

  private func standing(_ run: LastRun, _ owner: ProjectLock.Owner?) -> Diagnosis {
    let state = run.state
    let standing = RunStanding(state, isAlive: owner != nil)
    let done = state.counts[.done]
    let text = "run \(state.run) \(standing.rawValue), \(done) of \(state.taskCount) tasks done"
    guard standing.isUnfinished else { return .fine(.project, "last run", text) }
    return .warning(
      .project, "last run", text,
      do: "`cairn resume` goes on with it, `cairn run --fresh` starts anew")
  }

  private func processes(_ run: LastRun) -> Diagnosis {
    guard let token = run.state.opened?.token, !token.isEmpty else {
      return .fine(.project, "leftovers", "none left")
    }
    let started = run.state.tasks.compactMap { status -> StartedProcess? in
      guard let attempt = status.lastAttempt, attempt.outcome == nil, let pid = attempt.pid,
        let startTime = attempt.startTime
      else { return nil }
      return StartedProcess(pid: pid, startTime: startTime)
    }
    let alive = Leftovers.find(token: token, started: started)
    guard !alive.isEmpty else {
      return .fine(.project, "leftovers", "none of run \(run.state.run) is left")
    }
    return .warning(
      .project, "leftovers",
      "of run \(run.state.run) still alive: pid \(Self.list(alive.map { "\($0.pid)" }))",
      do: "`cairn resume` or the next run ends them")
  }

  // MARK: Files

  private func halfWritten(_ survey: WorkspaceSurvey) -> Diagnosis {
    let names = survey.unsealed + survey.usedSlots.map { "slots/\($0)" }
    guard !names.isEmpty else { return .fine(.project, "half-written", "nothing left") }
    return .warning(
      .project, "half-written",
      "\(names.count) folders of attempts that never ended: \(Self.list(names))",
      do: "the next run clears them away")
  }

  private func size(_ survey: WorkspaceSurvey) -> Diagnosis {
    let text =
      "workspace \(bytes(survey.workspaceBytes)), logs \(bytes(survey.logBytes)), "
      + "journal \(bytes(survey.journalBytes))"
    guard let problem = survey.problems.first else { return .fine(.project, "size", text) }
    return .warning(
      .project, "size", "\(text), of what can be read: \(problem)", do: "give back the rights to it"
    )
  }

  private static func list(_ names: [String]) -> String {
    let told = names.prefix(namesTold).joined(separator: ", ")
    return names.count > namesTold ? "\(told) and \(names.count - namesTold) more" : told
  }
}
