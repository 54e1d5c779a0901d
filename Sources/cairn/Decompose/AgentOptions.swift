import ArgumentParser
import Foundation
import Model
import Project

/// Which agent is asked, and how long it may take.
struct AgentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The agent's command line, as \"claude -p\"; the project's by default.", valueName: "command")
  )
  var agent: String?
  @Option(help: "How that agent gets its prompt: stdin, argument or file.")
  var promptBy: TaskGraph.Agent.Channel = .stdin
  @Option(help: "Longest time for one answer, in seconds.")
  var timeout: Double = 600
  @Flag(help: "Let the agent act without asking.")
  var trust = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout: expected seconds, up to a day")
    }
  }

  /// The one that was named here.
  var agentNamed: TaskGraph.Agent? {
    get throws {
      guard let agent else { return nil }
      let words = try CommandWords(agent).words
      return TaskGraph.Agent(command: words, prompt: promptBy)
    }
  }

  /// Asks for the person's consent, and gives what asks the agent.
  func session(_ agent: TaskGraph.Agent, root: String) throws -> DecompositionAgent {
    try Consent.ask(for: agent, in: root, isTrusted: trust)
    return try DecompositionAgent(agent, root: root, timeoutSeconds: timeout, tell: News.say)
  }
}

extension TaskGraph.Agent.Channel: ExpressibleByArgument {}

/// The words of a command line: split at spaces, but not inside quotation marks.
struct CommandWords {
  private(set) var words: [String] = []

  init(_ line: String) throws {
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let done = word { words.append(done) }
    guard quote == nil, words.first?.isEmpty == false else {
      throw ProjectProblem(.usage, "--agent \(line): expected a command line")
    }
  }
}
