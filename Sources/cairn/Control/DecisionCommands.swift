import ArgumentParser
import Model
import Project

struct ApproveCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Give tasks of the live run the leave that they wait for.",
    discussion: """
      A command then runs, an agent's work counts, a task that failed is tried again. `cairn show \
      TASK` and the dashboard say what it is about.
      """)

  @OptionGroup var project: ProjectArguments

  func request(of run: LiveRun) throws -> Request { .approve(try tasks(of: run)) }
}

struct RejectCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Refuse what tasks of the live run wait for.",
    discussion: "They fail; with --tell an agent tries again, and is told what you said.")

  @OptionGroup var project: ProjectArguments
  @Option(help: "What the agent should do otherwise.")
  var tell: String?

  func request(of run: LiveRun) throws -> Request {
    if let tell, tell.allSatisfy(\.isWhitespace) {
      throw ProjectProblem(.usage, "--tell: say what the agent should do otherwise")
    }
    return .reject(try tasks(of: run), words: tell)
  }
}

struct AnswerCommand: ControlCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "Type a line into the terminal of a task that asks something.",
    discussion:
      "The words of --text, or a line of standard input, which no list of processes shows.")

  @OptionGroup var project: ProjectArguments
  @Option(help: "The line; without it, a line of standard input.")
  var text: String?

  func request(of run: LiveRun) throws -> Request {
    let tasks = try tasks(of: run)
    guard let task = tasks.first, tasks.count == 1 else {
      throw ProjectProblem(.usage, "answer one task at a time")
    }
    guard let line = text ?? readLine() else {
      throw ProjectProblem(.usage, "no answer was given")
    }
    guard !line.contains(where: \.isNewline) else {
      throw ProjectProblem(.usage, "an answer is one line")
    }
    return .answer(task, text: line)
  }
}
