import Foundation
import Model
import Project

/// Asks before an agent first acts on a project; the commands of a graph need no asking.
enum Consent {
  static func ask(for loaded: LoadedProject, isTrusted: Bool) throws {
    guard let agent = loaded.graph.agent else { return }
    let hasWorktrees = loaded.graph.tasks.allSatisfy { task in
      if case .prompt = task.action { task.isolation == .worktree } else { true }
    }
    let trust = Trust(loaded.location, agent: agent, hasWorktrees: hasWorktrees)
    if isTrusted || trust.isGiven { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw ProjectProblem(
        .notAllowed,
        "the agent `\(agent.command.joined(separator: " "))` has not been trusted on this project; "
          + "run once in a terminal, or give --trust")
    }
    News.say(trust.question)
    guard Question.ask("Let it act on this project? [y]es or [n]o", answers: "yn") == "y" else {
      throw ProjectProblem(.notAllowed, "the agent was not trusted; nothing was started")
    }
    try trust.give()
  }
}

/// A question on the terminal with one-letter answers.
enum Question {
  /// Wrong answers that are asked again.
  private static let tries = 3

  /// Returns the letter, or nil without an answer.
  static func ask(_ text: String, answers: String) -> Character? {
    for _ in 0..<tries {
      News.say(text)
      guard let line = readLine() else { return nil }
      if let letter = line.lowercased().first, answers.contains(letter) { return letter }
    }
    return nil
  }
}
