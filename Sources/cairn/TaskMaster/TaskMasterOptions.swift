import ArgumentParser
import Formats
import Foundation
import Model
import Project

/// How a result is written, in Task Master's words.
enum TaskMasterFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// What every verb that Task Master's users know takes.
struct TaskMasterOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Tag; the current one by default.")
  var tag: String?

  @Option(name: .shortAndLong, help: "text or json.")
  var format: TaskMasterFormat = .text

  @Flag(help: "The same as --format json.")
  var json = false

  @Flag(help: "Write nothing but what went wrong.")
  var silent = false

  @Option(name: .shortAndLong, help: "The project's folder, or its tasks.json.")
  var project: String?

  var isJSON: Bool { json || format == .json }

  func place() throws -> TaskMasterPlace {
    try TaskMasterPlace(
      ProjectLocation.find(path: project, from: FileManager.default.currentDirectoryPath))
  }
}

extension TaskMasterOptions {
  /// Prints lines or one object, as asked for.
  func print(_ lines: @autoclosure () -> [String], json: @autoclosure () throws -> Data) throws {
    if silent { return }
    if isJSON { return News.json(try json()) }
    lines().forEach(News.result)
  }

  /// A failure is an object too where objects are asked for; the message and the code are as always.
  func reporting(_ ids: [String], _ body: () throws -> Void) throws {
    do { try body() } catch {
      if isJSON, !silent { News.json(try JSONOutput.encode(TaskMasterFailure(error, ids))) }
      throw error
    }
  }
}

/// What Task Master prints when a verb failed.
private struct TaskMasterFailure: Encodable {
  var success = false
  var error: String
  var taskId: String
  var timestamp: String

  init(_ error: any Error, _ ids: [String]) {
    self.error = String(describing: error)
    taskId = ids.joined(separator: ",")
    timestamp = TaskMasterStore.timestamp(.now)
  }
}

extension [String] {
  /// The ids of `1,1.1 2`.
  var splitAtCommas: [String] {
    flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
