/// When a session stops by itself though there is more to do; it can be resumed then.
///
/// Nothing of what runs is cut off: the session begins nothing more and ends when that has ended.
package struct StopRules: Sendable, Equatable, Codable {
  /// Largest of each; whoever wants more wants no limit.
  package static let maximumCount = 1_000_000
  package static let maximumDollars = 1_000_000.0
  package static let maximumHours = 10_000.0

  package enum Event: String, Sendable, Codable, CaseIterable {
    /// A task has failed for good.
    case failed
    /// A task waits for a person.
    case waiting
  }

  /// Most tasks that the session begins, those that only verify not among them; their retries are free.
  package var tasks: Int?
  /// Elapsed seconds of the session after which nothing more begins.
  package var seconds: Double?
  package var until: Event?
  /// Tasks that fail for good one after another, with none done in between.
  package var failuresInRow: Int?
  /// What agents may use in the session, in US dollars as they reckon it.
  package var costDollars: Double?
  /// Turns of agents in the session.
  package var turns: Int?

  package init(
    tasks: Int? = nil, seconds: Double? = nil, until: Event? = nil, failuresInRow: Int? = nil,
    costDollars: Double? = nil, turns: Int? = nil
  ) {
    self.tasks = tasks
    self.seconds = seconds
    self.until = until
    self.failuresInRow = failuresInRow
    self.costDollars = costDollars
    self.turns = turns
  }

  package var isEmpty: Bool { self == StopRules() }
}
