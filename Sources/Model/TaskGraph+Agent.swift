extension TaskGraph {
  /// The command line that carries out prompts, and what is known of it.
  package struct Agent: Sendable, Equatable, Codable {
    /// How the prompt comes to it: on standard input, as its last argument, or as the path of a file
    /// in its last argument.
    package enum Channel: String, Sendable, Codable, CaseIterable { case stdin, argument, file }

    /// What it prints.
    package enum Report: String, Sendable, Codable, CaseIterable {
      /// Text, for people.
      case text
      /// A JSON object a line, as coding agents stream what they do.
      case events
    }

    package var command: [String]
    package var prompt: Channel
    /// What it is called on the screen; nil is the program's name.
    package var name: String?
    /// Missing in graphs of earlier versions, as all below: text.
    package var report: Report?
    /// Gets a pseudo-terminal, on which it may ask.
    package var tty: Bool?
    package var environment: [Variable]?
    /// Relative to where its task works.
    package var directory: String?
    /// A regular expression: what its terminal shows while it waits for a person.
    package var asks: String?
    package var limits: Limits?

    package init(command: [String], prompt: Channel = .stdin) {
      self.command = command
      self.prompt = prompt
    }

    /// What one attempt may use; nil is any amount.
    package struct Limits: Sendable, Equatable, Codable {
      package var turns: Int?
      package var tokens: Int64?
      package var costDollars: Double?

      package init(turns: Int? = nil, tokens: Int64? = nil, costDollars: Double? = nil) {
        self.turns = turns
        self.tokens = tokens
        self.costDollars = costDollars
      }

      /// Which limit is passed, in words; nil is none.
      package func passed(by usage: AgentUsage) -> String? {
        if let turns, usage.turns > turns { return "took more than \(turns) turns" }
        if let tokens, usage.tokens > tokens { return "used more than \(tokens) tokens" }
        guard let costDollars, let cost = usage.costDollars, cost > costDollars else { return nil }
        return "cost more than $\(costDollars)"
      }
    }

    package var words: String {
      name ?? command.first.map { String($0.split(separator: "/").last ?? "") } ?? "agent"
    }
  }
}
