package import Model

/// How long tasks are expected to take, from what this run and earlier ones have seen.
///
/// A task's own success in this run tells most, then its successes in earlier runs, then its attempts
/// that failed, then the tasks of its group that are done, then all that are done. What others took
/// counts by the work that they and the task were judged to be, where somebody has judged. While nothing
/// is known there is no expectation, and nothing is made up.
package struct Estimate: Sendable, Equatable {
  package struct Expectation: Sendable, Equatable {
    package enum Basis: Sendable, Equatable { case own, earlier, group, run }

    package var seconds: Double
    /// Seconds²; nil while fewer than two measurements tell.
    package var variance: Double?
    package var basis: Basis
  }

  /// One row a task.
  package private(set) var expectations: [Expectation?]
  /// Done tasks whose time was taken.
  package private(set) var measured: Int

  /// - Complexity: O(tasks + attempts).
  package init(_ state: RunState, earlier: EarlierRuns = EarlierRuns()) {
    let weights = state.graph.relativeWeights
    var run = Sample()
    var groups: [Int: Sample] = [:]
    for (index, status) in state.tasks.enumerated() where status.state == .done {
      let weight = weights?[index] ?? 1
      guard let seconds = status.standingAttempt?.seconds, weight > 0 else { continue }
      run.add(seconds / weight)
      if let group = state.graph.tasks[index].group {
        groups[group, default: Sample()].add(seconds / weight)
      }
    }
    measured = Int(run.count)
    let relative = earlier.relativeVariance
    expectations = state.tasks.enumerated().map { index, status in
      let task = state.graph.tasks[index]
      let past = earlier.isEmpty ? nil : earlier[task.name]
      let weight = weights?[index] ?? 1
      let group = task.group.flatMap { groups[$0] }
      return Self.expect(
        status, past: past, relative: relative, group: group?.scaled(by: weight),
        run: run.scaled(by: weight))
    }
  }

  package subscript(task: TaskID) -> Expectation? { expectations[task.index] }

  private static func expect(
    _ status: TaskStatus, past: Sample?, relative: Double?, group: Sample?, run: Sample
  ) -> Expectation? {
    let variance = group?.variance ?? run.variance
    if let seconds = status.standingAttempt?.seconds {
      return Expectation(seconds: seconds, variance: past?.variance ?? variance, basis: .own)
    }
    if let past {
      let spread = past.variance ?? relative.map { $0 * past.mean * past.mean } ?? variance
      return Expectation(seconds: past.mean, variance: spread, basis: .earlier)
    }
    if let seconds = meanOfEnded(status) {
      return Expectation(seconds: seconds, variance: variance, basis: .own)
    }
    if let group {
      return Expectation(seconds: group.mean, variance: variance, basis: .group)
    }
    guard run.count > 0 else { return nil }
    return Expectation(seconds: run.mean, variance: run.variance, basis: .run)
  }

  /// The mean of the attempts that ended by themselves.
  private static func meanOfEnded(_ status: TaskStatus) -> Double? {
    var sample = Sample()
    for attempt in status.attempts where attempt.outcome?.endedByItself == true {
      if let seconds = attempt.seconds { sample.add(seconds) }
    }
    return sample.count > 0 ? sample.mean : nil
  }
}

extension Outcome {
  /// How long the attempt took says something of the next one.
  fileprivate var endedByItself: Bool {
    switch `class` {
    case .success, .exit, .verification, .artifact, .output, .timeout: true
    case .allowance: true
    case .signal, .memory, .lost, .spawn, .exhausted, .conflict, .question, .rejected, .revised,
      .stopped, .interrupted:
      false
    }
  }
}

extension AttemptRecord {
  /// From admission to the end, without the queue and without pauses; nil while it has not ended.
  package var seconds: Double? {
    if let phases { return phases.prepare + phases.run + phases.verify + phases.seal }
    return endSeconds.map { max(0, $0 - startSeconds - pausedSeconds) }
  }
}

/// When the run is expected to end, or why that cannot be said.
package enum Forecast: Sendable, Equatable {
  /// `spreadSeconds` is one standard deviation; nil while too little was measured.
  case known(seconds: Double, spreadSeconds: Double?)
  case unknown(Reason)

  package enum Reason: Sendable, Equatable {
    case nothingMeasured, held, guesses

    package var words: String {
      switch self {
      case .nothingMeasured: "no task has ended, and there is no earlier run"
      case .held: "the run is held"
      case .guesses: "more tasks are guessed than measured"
      }
    }

    /// The same in at most ten letters.
    package var word: String {
      switch self {
      case .nothingMeasured: "no times"
      case .held: "held"
      case .guesses: "guesses"
      }
    }
  }
}

extension Estimate {
  /// Seconds of work left in each task at `now`; nil if one of them cannot be told.
  ///
  /// `told` has what running attempts say of what they have left themselves; that counts first. An
  /// attempt that takes longer than expected has nothing left: that it is late shows as an end that
  /// does not come, not as a number.
  package func remaining(
    _ state: RunState, now: Double, told: [TaskID: Double] = [:]
  ) -> [Double]? {
    var rows: [Double] = []
    rows.reserveCapacity(state.tasks.count)
    for (index, status) in state.tasks.enumerated() {
      if status.state.hasEnded || state.graph.tasks[index].isRemoved {
        rows.append(0)
        continue
      }
      if let seconds = told[TaskID(index)] {
        rows.append(seconds)
        continue
      }
      guard let expected = expectations[index]?.seconds else { return nil }
      rows.append(max(0, expected - status.runningSeconds(at: now)))
    }
    return rows
  }

  /// Whether the end would rest on more guesses than measurements.
  ///
  /// A task is guessed when it is taken for the mean of all that are done, because none of its own
  /// kind is. Early in a run with stages that mean says nothing of the stages to come.
  package func isGuess(_ state: RunState) -> Bool {
    let guesses = state.tasks.indices.count {
      !state.tasks[$0].state.hasEnded && expectations[$0]?.basis == .run
    }
    return guesses > measured
  }

  /// Returns the larger of the critical path and the work divided by the jobs, with a spread.
  ///
  /// Graham, "Bounds on Multiprocessing Timing Anomalies", 1969: no schedule is shorter than either,
  /// and a greedy one is not longer than their sum. The spread is one standard deviation of what the
  /// larger one adds up: the root of the summed variances of the unfinished tasks along the path
  /// (Malcolm, Roseboom, Clark, Fazar, "Application of a Technique for Research and Development Program
  /// Evaluation", 1959), or of all unfinished tasks, divided by the jobs. Tasks are taken to vary
  /// independently; that another path may become the longest is not counted. A running task counts
  /// with its whole variance.
  package func forecast(
    _ state: RunState, path: CriticalPath, remaining: [Double], onPath: [TaskID]
  ) -> Forecast {
    let jobs = Double(max(1, state.opened?.config.jobs ?? 1))
    let work = remaining.reduce(0, +) / jobs
    let isWorkBound = work > path.totalSeconds
    let tasks = isWorkBound ? remaining.indices.map { TaskID($0) } : onPath
    var variance: Double? = 0
    for task in tasks where remaining[task.index] > 0 {
      variance = variance.flatMap { sum in expectations[task.index]?.variance.map { sum + $0 } }
    }
    let spread = variance.map { $0.squareRoot() / (isWorkBound ? jobs : 1) }
    return .known(seconds: max(work, path.totalSeconds), spreadSeconds: spread)
  }

  /// Share of the expected work that is done, 0 to 1; nil while nothing is expected.
  package func progress(_ state: RunState, remaining: [Double]) -> Double? {
    var total = 0.0
    for (index, expectation) in expectations.enumerated() where !state.graph.tasks[index].isRemoved
    {
      total += max(expectation?.seconds ?? 0, remaining[index])
    }
    return total > 0 ? max(0, 1 - remaining.reduce(0, +) / total) : nil
  }
}

extension TaskStatus {
  /// Seconds that the attempt that runs now has run, pauses left out; 0 when none does.
  package func runningSeconds(at now: Double) -> Double {
    guard isRunning, let attempt = attempts.last, attempt.endSeconds == nil else { return 0 }
    let end = state == .paused ? min(now, sinceSeconds) : now
    return max(0, end - attempt.startSeconds - attempt.pausedSeconds)
  }
}
