import ArgumentParser
import Foundation
import Project

/// A file and task names, in this order, where the file may be left out.
///
/// A task name holds no `/` and a file that is meant exists, so a first argument that looks like a
/// path is one.
struct ProjectArguments: ParsableArguments {
  @Argument(help: "A cairn.yaml, tasks.json or folder, then task names.")
  var words: [String] = []

  @Option(name: .shortAndLong, help: "The file, where its name could be taken for a task's.")
  var file: String?

  var path: String? { file ?? (startsWithPath ? words.first : nil) }
  var names: [String] { file == nil && startsWithPath ? Array(words.dropFirst()) : words }

  func location() throws -> ProjectLocation {
    try ProjectLocation.find(path: path, from: FileManager.default.currentDirectoryPath)
  }

  private var startsWithPath: Bool {
    guard let first = words.first else { return false }
    let endings = [".yaml", ".yml", ".json"]
    return first.contains("/") || first == "." || first == ".."
      || endings.contains { first.hasSuffix($0) }
  }
}

struct ParameterOptions: ParsableArguments {
  @Option(name: .customLong("set"), help: "A parameter of the file, as NAME=VALUE; repeatable.")
  var assignments: [String] = []

  @Option(name: .shortAndLong, help: "Tag of a Task Master file.")
  var tag: String?

  func values() throws -> [String: String] {
    var values: [String: String] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ProjectProblem(.usage, "--set \(assignment): expected NAME=VALUE")
      }
      values[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
    }
    return values
  }
}
