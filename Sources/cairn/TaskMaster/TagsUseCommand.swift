import ArgumentParser
import Formats
import Foundation
import Project

struct TagsUseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "use", abstract: "Make a tag the current one, in .taskmaster/state.json.")

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "The tag.")
  var name: String

  func run() async throws {
    try options.reporting([]) {
      let result = try options.place().use(name)
      let isSame = result.previous == name
      try options.print(
        [isSame ? "\(name) is the current tag already" : "the current tag is \(name)"],
        json: try JSONOutput.encode(
          Report(
            previousTag: result.previous, currentTag: name, switched: !isSame,
            taskCount: result.taskCount)))
      options.tellOfEnvironment { $0 != name }
    }
  }

  /// Task Master's shape.
  private struct Report: Encodable {
    var success = true
    var previousTag: String?
    var currentTag: String
    var switched: Bool
    var taskCount: Int
    var storageType = "file"
  }
}

struct TagsRenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Give a tag another name.")

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "What it is called.")
  var old: String
  @Argument(help: "What it shall be called.")
  var new: String

  func run() async throws {
    try options.reporting([]) {
      let result = try options.place().change(.rename(old, to: new))
      let isCurrent = result.current == new
      let more = isCurrent ? ", the current one" : ""
      try options.print(
        ["renamed tag \(old) to \(new)\(more)"],
        json: try JSONOutput.encode(
          Report(
            oldName: old, newName: new, taskCount: result.taskCount, wasCurrentTag: isCurrent,
            isCurrentTag: isCurrent)))
      options.tellOfEnvironment { $0 == old }
    }
  }

  /// Task Master's shape.
  private struct Report: Encodable {
    var success = true
    var renamed = true
    var oldName: String
    var newName: String
    var taskCount: Int
    var wasCurrentTag: Bool
    var isCurrentTag: Bool
    var storageType = "file"
  }
}

struct TagsRemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a tag with all its tasks.",
    discussion: "Asks first, and without a terminal does nothing but with --yes.")

  @OptionGroup var options: TaskMasterOptions

  @Argument(help: "The tag.")
  var name: String
  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  func run() async throws {
    try options.reporting([]) {
      let place = try options.place()
      let result = try place.change(.remove(name, items: try yes ? nil : confirmed(place)))
      let current = result.current ?? TaskMasterFile.defaultTag
      let wasCurrent = result.previous == name
      let more = wasCurrent ? "; the current tag is \(current)" : ""
      try options.print(
        ["removed tag \(name) with its \(result.taskCount.counting("task"))\(more)"],
        json: try JSONOutput.encode(
          Report(
            tagName: name, tasksDeleted: result.taskCount, wasCurrentTag: wasCurrent,
            switchedToMaster: wasCurrent && current == TaskMasterFile.defaultTag,
            currentTag: current)))
      options.tellOfEnvironment { $0 == name }
    }
  }

  /// Asks, and returns how many tasks and subtasks the answer is about.
  private func confirmed(_ place: TaskMasterPlace) throws -> Int {
    let edit = try place.read()
    // What cannot be is said before anybody is asked.
    _ = try edit.applying(.remove(name, items: nil), at: "")
    let backlog = try edit.backlog(tag: name)
    let subtasks = backlog.counts().subtasks.values.reduce(0, +)
    let tasks = backlog.ids.count - subtasks
    let loss = "\(tasks.counting("task")) and \(subtasks.counting("subtask"))"
    guard isatty(STDIN_FILENO) == 1 else {
      throw ProjectProblem(
        .notAllowed,
        "\(place.name): with tag \(name.quoted) go \(loss); --yes removes it without asking")
    }
    let question = "Remove tag \(name.quoted) with \(loss), for good? [y]es or [n]o"
    guard Question.ask(question, answers: "yn") == "y" else {
      throw ProjectProblem(.notAllowed, "nothing was removed")
    }
    return backlog.ids.count
  }

  /// Task Master's shape, and the tag that is current now.
  private struct Report: Encodable {
    var success = true
    var deleted = true
    var tagName: String
    var tasksDeleted: Int
    var wasCurrentTag: Bool
    var switchedToMaster: Bool
    var currentTag: String
    var storageType = "file"
  }
}

extension TaskMasterAnswering {
  /// Says that the environment chooses the tag, if that is worth knowing.
  fileprivate func tellOfEnvironment(if matters: (String) -> Bool) {
    guard !silent, let tag = TaskMasterPlace.tagOfEnvironment(), matters(tag) else { return }
    News.say("TASKMASTER_TAG is \(tag.quoted), and wins over the current tag until it is unset")
  }
}

extension Int {
  /// As in `1 task`, `2 tasks`.
  func counting(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
