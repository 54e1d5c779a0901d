import ArgumentParser
import Formats
import Foundation
import Project

struct AddDependencyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-dependency", abstract: "Let a task of a Task Master file wait for another.")

  @OptionGroup var pair: DependencyPair

  func run() async throws {
    let (id, other) = try pair.read()
    try pair.options.reporting([id]) {
      var isNew = true
      try pair.options.edit { edit, tag, time in
        let new = try edit.adding(dependency: other, to: id, tag: tag, at: time)
        isNew = new != nil
        return new ?? edit
      }
      try pair.options.print(
        [isNew ? "\(id) depends on \(other)" : "\(id) depends on \(other) already"],
        json: try JSONOutput.encode(TaskMasterDone(taskId: id)))
    }
  }
}

struct RemoveDependencyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove-dependency",
    abstract: "Let a task of a Task Master file no longer wait for another.")

  @OptionGroup var pair: DependencyPair

  func run() async throws {
    let (id, other) = try pair.read()
    try pair.options.reporting([id]) {
      try pair.options.edit { edit, tag, time in
        try edit.removing(dependency: other, from: id, tag: tag, at: time)
      }
      try pair.options.print(
        ["\(id) no longer depends on \(other)"],
        json: try JSONOutput.encode(TaskMasterDone(taskId: id)))
    }
  }
}

struct DependencyPair: ParsableArguments {
  @OptionGroup var options: TaskMasterPlainOptions

  @Option(name: .shortAndLong, help: "The task that waits.")
  var id: String?
  @Option(name: .shortAndLong, help: "The task that comes first.")
  var dependsOn: String?

  func read() throws(ProjectProblem) -> (id: String, other: String) {
    guard let id, let dependsOn else {
      throw ProjectProblem(.usage, "which tasks? as in: --id 5 --depends-on 3")
    }
    return (id, dependsOn)
  }
}

struct ValidateDependenciesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate-dependencies",
    abstract: "Look for dependencies of a Task Master file that cannot be followed.")

  @OptionGroup var options: TaskMasterOptions

  func run() async throws {
    let place = try options.place()
    let backlog = try options.backlog()
    let faults = backlog.faults()
    try options.print(lines(faults, backlog), json: try JSONOutput.encode(FaultReport(faults)))
    guard faults.all.isEmpty else {
      throw ProjectProblem(
        .badData, "\(place.name): \(faults.all.count) dependencies cannot be followed")
    }
  }

  private func lines(_ faults: TaskMasterBacklog.Faults, _ backlog: TaskMasterBacklog) -> [String] {
    let notes = faults.ambiguous.map { "note: \($0.description)" }
    let found = faults.all.map(\.description)
    return found + notes + (found.isEmpty ? ["all dependencies of \(backlog.tag) hold"] : [])
  }
}

private struct FaultReport: Encodable {
  var success: Bool
  var own: [String]
  var missing: [String]
  var circular: [String]
  /// Taken for the sibling; no fault.
  var ambiguous: [String]

  init(_ faults: TaskMasterBacklog.Faults) {
    success = faults.all.isEmpty
    own = faults.own.map(\.description)
    missing = faults.missing.map(\.description)
    circular = faults.circular.map(\.description)
    ambiguous = faults.ambiguous.map(\.description)
  }

  private enum CodingKeys: String, CodingKey {
    case success, missing, circular, ambiguous
    case own = "self"
  }
}
