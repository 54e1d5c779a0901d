/// What an agent said it used, summed over an attempt or a run.
package struct AgentUsage: Sendable, Equatable, Codable {
  /// Most dollars that are told: what is more, or no number, is no account of anything.
  package static let maximumDollars = 1e9

  /// Answers of the model.
  package var turns: Int
  /// Those read from a cache among them.
  package var inputTokens: Int64
  package var outputTokens: Int64
  /// In US dollars, as the agent reckons it; nil while it says nothing of it.
  package var costDollars: Double?

  package init(
    turns: Int = 0, inputTokens: Int64 = 0, outputTokens: Int64 = 0, costDollars: Double? = nil
  ) {
    self.turns = turns
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.costDollars = costDollars
  }

  package var tokens: Int64 { inputTokens.addingCapped(outputTokens) }

  /// Numbers come from outside: sums stop at the largest instead of trapping.
  package static func + (a: AgentUsage, b: AgentUsage) -> AgentUsage {
    var sum = AgentUsage(
      turns: a.turns.addingCapped(b.turns),
      inputTokens: a.inputTokens.addingCapped(b.inputTokens),
      outputTokens: a.outputTokens.addingCapped(b.outputTokens))
    if a.costDollars != nil || b.costDollars != nil {
      sum.costDollars = min(maximumDollars, (a.costDollars ?? 0) + (b.costDollars ?? 0))
    }
    return sum
  }
}

extension FixedWidthInteger {
  /// The sum, or the largest value where it is larger than that; for values from 0 on.
  package func addingCapped(_ other: Self) -> Self {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}

extension RunState {
  /// What the run's agents used so far; nil while none said anything.
  ///
  /// - Complexity: O(attempts).
  package var agentUsage: AgentUsage? {
    var sum: AgentUsage?
    for task in tasks {
      for attempt in task.attempts {
        guard let usage = attempt.usage?.agent else { continue }
        sum = (sum ?? AgentUsage()) + usage
      }
    }
    return sum
  }
}

extension Usage {
  private enum Key: String, CodingKey {
    case userSeconds, systemSeconds, peakResidentBytes, memoryPeakBytes, readBytes, writtenBytes
    case agent
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      userSeconds: try container.decode(Double.self, forKey: .userSeconds),
      systemSeconds: try container.decode(Double.self, forKey: .systemSeconds),
      peakResidentBytes: try container.decode(Int64.self, forKey: .peakResidentBytes),
      memoryPeakBytes: try container.decodeIfPresent(Int64.self, forKey: .memoryPeakBytes),
      readBytes: try container.decode(Int64.self, forKey: .readBytes),
      writtenBytes: try container.decode(Int64.self, forKey: .writtenBytes))
    agent = try container.decodeIfPresent(AgentUsage.self, forKey: .agent)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(userSeconds, forKey: .userSeconds)
    try container.encode(systemSeconds, forKey: .systemSeconds)
    try container.encode(peakResidentBytes, forKey: .peakResidentBytes)
    try container.encodeIfPresent(memoryPeakBytes, forKey: .memoryPeakBytes)
    try container.encode(readBytes, forKey: .readBytes)
    try container.encode(writtenBytes, forKey: .writtenBytes)
    try container.encodeIfPresent(agent, forKey: .agent)
  }
}
