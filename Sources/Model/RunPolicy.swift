/// What is kept of logs.
package struct LogLimits: Sendable, Equatable {
  /// Of one attempt's log; what is longer loses its middle.
  package var capBytes: Int64
  /// Newest runs whose logs are kept.
  package var runs: Int
  /// Of the logs of all runs together.
  package var totalBytes: Int64

  package init(capBytes: Int64 = 64 << 20, runs: Int = 20, totalBytes: Int64 = 2 << 30) {
    self.capBytes = capBytes
    self.runs = runs
    self.totalBytes = totalBytes
  }
}

/// What the journal survives.
package enum Durability: String, Sendable, Codable, CaseIterable {
  /// The death of Cairn.
  case normal
  /// The loss of power too, for an fsync with every commit.
  case full
}
