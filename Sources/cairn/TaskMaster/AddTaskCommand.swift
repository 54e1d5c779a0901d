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
  @Option(help: "critical, high, medium or low; medium, or what the agent says, by default.")
  var priority: String?
  @Option(name: .shortAndLong, help: "Words from which an agent makes the task.")
  var prompt: String?
  @OptionGroup var agent: AgentOptions

  func run() async throws {
    let wording: Wording
    do { wording = try await worded() } catch {
      try options.report(error, [])
      throw error
    }
    let draft = wording.draft
    try options.reporting([]) {
      var added = ""
      try options.edit { edit, tag, time in
        let (new, id) = try edit.adding(draft, tag: wording.tag ?? tag, at: time)
        added = id
        return new
      }
      wording.session?.forget()
      try options.print(
        ["added \(added): \(draft.title)"],
        json: try JSONOutput.encode(TaskMasterDone(taskId: added)))
    }
  }

  private struct Wording {
    var draft: TaskMasterDraft
    /// The tag whose tasks the agent knows; another may be current when it has answered.
    var tag: String?
    /// Keeps the answer until the task is in the file.
    var session: DecompositionAgent?
  }

  /// The task as it was given, or as the agent puts it.
  private func worded() async throws -> Wording {
    guard let prompt else {
      guard let title else {
        throw ProjectProblem(
          .usage, "what is it called? as in: cairn add-task --title 'Fix the door'")
      }
      return Wording(draft: given(title, description ?? title))
    }
    guard title == nil, description == nil, details.isEmpty, testStrategy.isEmpty else {
      throw ProjectProblem(
        .usage,
        "--prompt has an agent word the task: --title, --description, --details and "
          + "--test-strategy exclude it")
    }
    guard !prompt.allSatisfy(\.isWhitespace) else {
      throw ProjectProblem(.usage, "--prompt: what is wanted?")
    }
    return try await asked(prompt)
  }

  private func given(_ title: String, _ description: String) -> TaskMasterDraft {
    TaskMasterDraft(
      title: title, description: description, details: details, testStrategy: testStrategy,
      priority: priority ?? "medium", dependencies: [dependencies].splitAtCommas)
  }

  private func asked(_ prompt: String) async throws -> Wording {
    let place = try options.place()
    let edit = try place.read()
    let backlog = try edit.backlog(tag: place.tag(options.tag))
    // What is wrong with the options is said before an agent is paid.
    _ = try edit.adding(given("x", "x"), tag: backlog.tag, at: "")
    let root = place.location.root
    guard let session = try agent.session(in: root, root: root) else {
      throw ProjectProblem(
        .usage, "an agent has to word it; name one with --agent, or give --title")
    }
    let form = TaskMasterDraft.form(ids: Set(backlog.ids))
    if !options.silent { News.say("asking the agent for a task") }
    var draft = try await session.ask(
      backlog.question(for: prompt, form.schema), called: "task", as: form)
    if let priority { draft.priority = priority }
    draft.add([dependencies].splitAtCommas)
    return Wording(draft: draft, tag: backlog.tag, session: session)
  }
}

/// What a verb says that has changed one task.
struct TaskMasterDone: Encodable {
  var success = true
  var taskId: String
  var storageType = "file"
}
