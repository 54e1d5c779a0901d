import ArgumentParser
import Formats
import Foundation
import Model
import Project

/// How a result is written, in Task Master's words.
enum TaskMasterFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// What the options of a verb say that Task Master's users know.
protocol TaskMasterAnswering {
  var tag: String? { get }
  var format: TaskMasterFormat { get }
  var json: Bool { get }
  var silent: Bool { get }
  var project: String? { get }
}

struct TaskMasterOptions: ParsableArguments, TaskMasterAnswering {
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
}

/// The same for verbs that use `-t` and `-p` for something else.
struct TaskMasterPlainOptions: ParsableArguments, TaskMasterAnswering {
  @Option(help: "Tag; the current one by default.")
  var tag: String?

  @Option(name: .shortAndLong, help: "text or json.")
  var format: TaskMasterFormat = .text

  @Flag(help: "The same as --format json.")
  var json = false

  @Flag(help: "Write nothing but what went wrong.")
  var silent = false

  @Option(help: "The project's folder, or its tasks.json.")
  var project: String?
}

extension TaskMasterAnswering {
  private var isJSON: Bool { json || format == .json }

  func place() throws -> TaskMasterPlace {
    try TaskMasterPlace(
      ProjectLocation.find(path: project, from: FileManager.default.currentDirectoryPath))
  }

  /// The tasks of the tag that is meant; what the file leaves open is said.
  func backlog() throws -> TaskMasterBacklog {
    let place = try place()
    let backlog = try place.read().backlog(tag: place.tag(tag))
    if !silent { backlog.warnings.forEach { News.say($0.description) } }
    return backlog
  }

  /// Changes the file under its lock; the edit gets the tag and the time.
  func edit(
    _ body: (TaskMasterEdit, String?, String) throws -> TaskMasterEdit
  ) throws {
    let place = try place()
    let tag = place.tag(tag)
    try place.store.edit { try body($0, tag, TaskMasterStore.timestamp(.now)) }
  }

  /// Prints lines or one object, as asked for.
  func print(_ lines: @autoclosure () -> [String], json: @autoclosure () throws -> Data) throws {
    if silent { return }
    if isJSON { return News.json(try json()) }
    lines().forEach(News.result)
  }

  /// A failure is an object too where objects are asked for; the message and the code are as always.
  func reporting(_ ids: [String], _ body: () throws -> Void) throws {
    do { try body() } catch {
      try report(error, ids)
      throw error
    }
  }

  func report(_ error: any Error, _ ids: [String]) throws {
    if isJSON, !silent { News.json(try JSONOutput.encode(TaskMasterFailure(error, ids))) }
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
