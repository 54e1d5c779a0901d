import ArgumentParser
import Formats
import Project

struct UpdateSubtaskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update-subtask",
    abstract: "Add a note to the details of a subtask in a Task Master file.",
    discussion: "The text is added as it is, with its time; no agent rewrites it.")

  @OptionGroup var options: TaskMasterPlainOptions

  @Option(name: .shortAndLong, help: "The subtask, as 5.2.")
  var id: String?
  @Option(name: .shortAndLong, help: "The text.")
  var prompt: String?

  func run() async throws {
    guard let id, let prompt, !prompt.allSatisfy(\.isWhitespace) else {
      throw ProjectProblem(
        .usage, "which subtask, and what text? as in: --id 5.2 --prompt 'works on macOS too'")
    }
    try options.reporting([id]) {
      try options.edit { edit, tag, time in
        try edit.adding(note: prompt, to: id, tag: tag, at: time)
      }
      try options.print(
        ["added to the details of \(id)"], json: try JSONOutput.encode(TaskMasterDone(taskId: id)))
    }
  }
}
