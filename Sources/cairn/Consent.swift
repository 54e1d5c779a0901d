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
    try ask(trust, agent, isTrusted, "run once in a terminal, or give --trust")
  }

  /// The same as for a run, where no graph is loaded.
  static func ask(for agent: TaskGraph.Agent, in root: String, isTrusted: Bool) throws {
    try ask(
      Trust(root: root, agent: agent), agent, isTrusted,
      "run once in a terminal, give --trust, or --outline to do without it")
  }

  /// `way` says what to do where nobody can be asked.
  private static func ask(
    _ trust: Trust, _ agent: TaskGraph.Agent, _ isTrusted: Bool, _ way: String
  ) throws {
    if isTrusted || trust.isGiven { return }
    guard isatty(STDIN_FILENO) == 1 else {
      let command = agent.command.joined(separator: " ")
      throw ProjectProblem(
        .notAllowed, "the agent `\(command)` has not been trusted on this project; \(way)")
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
