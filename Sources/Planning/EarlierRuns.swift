package import Model

/// How long tasks took in earlier runs of the same project, by name.
package struct EarlierRuns: Sendable, Equatable {
  /// Newest runs that are looked back over.
  package static let maximumRuns = 8
  /// Facts that are read for it in all: a long past must not cost more than it tells.
  package static let maximumFacts = 200_000

  /// Seconds of the attempts that succeeded, one a run, in no order.
  private var samples: [String: Sample] = [:]
  private(set) var runs = 0

  package init() {}

  package var isEmpty: Bool { samples.isEmpty }

  /// Adds the tasks of one run that are done.
  package mutating func add(_ state: RunState) {
    guard runs < Self.maximumRuns else { return }
    runs += 1
    for (index, status) in state.tasks.enumerated() where status.state == .done {
      guard let seconds = status.standingAttempt?.seconds else { continue }
      samples[state.graph.tasks[index].name, default: Sample()].add(seconds)
    }
  }

  subscript(name: String) -> Sample? { samples[name] }

  /// Variance divided by the square of the mean, pooled over all tasks that were measured twice or more;
  /// nil while none was.
  ///
  /// It stands in for the variance of tasks that were measured once.
  var relativeVariance: Double? {
    var sum = 0.0
    var freedom = 0.0
    for sample in samples.values where sample.count >= 2 && sample.mean > 0 {
      guard let variance = sample.variance else { continue }
      sum += (sample.count - 1) * variance / (sample.mean * sample.mean)
      freedom += sample.count - 1
    }
    return freedom > 0 ? sum / freedom : nil
  }
}

/// Mean and variance as they come.
///
/// Welford, "Note on a method for calculating corrected sums of
/// squares and products", 1962.
struct Sample: Sendable, Equatable {
  private(set) var count = 0.0
  private(set) var mean = 0.0
  private var squares = 0.0

  /// Of the sample, with n − 1.
  var variance: Double? { count < 2 ? nil : squares / (count - 1) }

  mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
  }
}
