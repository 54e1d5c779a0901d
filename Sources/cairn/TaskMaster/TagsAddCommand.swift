import ArgumentParser
import Formats
import Foundation
import Project

struct TagsAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a tag, empty or as a copy of another.")

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "What it is called: letters, digits, - and _.")
  var name: String?
  @Option(name: .shortAndLong, help: "What it is for.")
  var description: String?
  @Option(help: "The tag whose tasks it begins with.")
  var copyFrom: String?
  @Flag(help: "Begin with the tasks of the current tag.")
  var copyFromCurrent = false
  @Flag(help: "Call it after the git branch.")
  var fromBranch = false

  func validate() throws {
    guard copyFrom == nil || !copyFromCurrent else {
      throw ValidationError("--copy-from and --copy-from-current exclude one another")
    }
    guard (name != nil) != fromBranch else {
      throw ValidationError("give a name, as in: cairn tags add sprint-2, or --from-branch")
    }
  }

  func run() async throws {
    try options.reporting([]) {
      let place = try options.place()
      let name = try name ?? nameOfBranch(place)
      let source = try source(place)
      let change: TaskMasterTagChange =
        source.map { .copy($0, to: name, description: description) }
        ?? .add(name, description: description)
      let result = try place.change(change)
      let from = source.map { ", with \(result.taskCount.counting("task")) of \($0)" } ?? ""
      try options.print(
        ["added tag \(name)\(from); `cairn tags use \(name)` makes it the current one"],
        json: try JSONOutput.encode(Report(tagName: name, result, source, description)))
    }
  }

  private func nameOfBranch(_ place: TaskMasterPlace) throws -> String {
    TaskMasterTagName.ofBranch(try GitBranch.current(in: place.location.root))
  }

  private func source(_ place: TaskMasterPlace) throws -> String? {
    guard copyFromCurrent else { return copyFrom }
    return try place.read().backlog(tag: place.tag(options.tag)).tag
  }

  /// Task Master's shape.
  private struct Report: Encodable {
    var success = true
    var created = true
    var tagName: String
    var tasksCopied: Int
    var sourceTag: String?
    var description: String?
    var storageType = "file"

    init(
      tagName: String, _ result: TaskMasterTagResult, _ source: String?, _ description: String?
    ) {
      self.tagName = tagName
      tasksCopied = result.taskCount
      sourceTag = source
      self.description = description
    }
  }
}

struct TagsCopyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy a tag with all its tasks.")

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "The tag that is there.")
  var source: String
  @Argument(help: "The one that comes.")
  var target: String
  @Option(name: .shortAndLong, help: "What the copy is for.")
  var description: String?

  func run() async throws {
    try options.reporting([]) {
      let result = try options.place().change(
        .copy(source, to: target, description: description))
      try options.print(
        ["copied tag \(source) to \(target), \(result.taskCount.counting("task"))"],
        json: try JSONOutput.encode(
          Report(
            sourceName: source, targetName: target, tasksCopied: result.taskCount,
            description: description)))
    }
  }

  /// Task Master's shape.
  private struct Report: Encodable {
    var success = true
    var copied = true
    var sourceName: String
    var targetName: String
    var tasksCopied: Int
    var description: String?
    var storageType = "file"
  }
}
