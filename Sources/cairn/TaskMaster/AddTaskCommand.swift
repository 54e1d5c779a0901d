import ArgumentParser
import Formats
import Project

struct AddTaskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-task", abstract: "Add a task to a Task Master file.")

  @OptionGroup var options: TaskMasterPlainOptions

  @Option(name: .shortAndLong, help: "What it is called.")
  var title: String?
  @Option(name: .shortAndLong, help: "What is to be done; the title by default.")
  var description: String?
  @Option(help: "How.")
  var details = ""
  @Option(help: "How it is tested.")
  var testStrategy = ""
  @Option(help: "Ids that come first, by comma.")
  var dependencies = ""
  @Option(help: "critical, high, medium or low.")
  var priority = "medium"
  @Option(name: .shortAndLong, help: "Words from which an agent makes the task; not built.")
  var prompt: String?

  func run() async throws {
    guard let title else {
      throw prompt == nil
        ? ProjectProblem(.usage, "what is it called? as in: cairn add-task --title 'Fix the door'")
        : ProjectProblem(
          .notBuilt, "add-task --prompt: needs an agent, which is not built; give --title")
    }
    let draft = TaskMasterDraft(
      title: title, description: description ?? title, details: details,
      testStrategy: testStrategy, priority: priority,
      dependencies: [dependencies].splitAtCommas)
    try options.reporting([]) {
      var added = ""
      try options.edit { edit, tag, time in
        let (new, id) = try edit.adding(draft, tag: tag, at: time)
        added = id
        return new
      }
      try options.print(
        ["added \(added): \(title)"], json: try JSONOutput.encode(TaskMasterDone(taskId: added)))
    }
  }
}

/// What a verb says that has changed one task.
struct TaskMasterDone: Encodable {
  var success = true
  var taskId: String
  var storageType = "file"
}
