package import Model
package import Planning

/// What follows from the run and is too dear to find for each frame: expectations, critical path,
/// autonomy.
package struct Outlook: Sendable {
  /// Between two refreshes of a large graph, in elapsed seconds.
  static let refreshSeconds = 1.0
  /// A graph with fewer tasks is looked at with each batch of facts.
  static let smallGraph = 1_000
  /// A path is only left for one that is longer by this share, so that it does not flap.
  static let hysteresis = 0.05

  package private(set) var order: [TaskID] = []
  package private(set) var estimate: Estimate?
  package private(set) var critical: CriticalPath?
  /// The critical path from a start to an end, over what is done too; empty while unknown.
  package private(set) var path: [TaskID] = []
  package private(set) var isOnPath: [Bool] = []
  package private(set) var forecast = Forecast.unknown(.nothingMeasured)
  /// Share of the expected work that is done, 0 to 1; nil while that would be a guess.
  package private(set) var progress: Double?
  /// Times still to come rest on more guesses than measurements and are not shown.
  package private(set) var isGuess = false
  package private(set) var autonomy: AutonomyScore?
  /// What the score is made of, and what took most of it.
  package private(set) var autonomyTally = AutonomyTally()
  package private(set) var autonomyLoss: AutonomyLoss?
  /// The autonomy of earlier runs.
  var pastAutonomy = AutonomyHistory()
  package private(set) var refreshedAt = 0.0
  private var refreshedSequence = -1
  /// What tasks took in earlier runs.
  private var earlier = EarlierRuns()

  package init() {}
}

extension Outlook {
  mutating func adopt(_ run: RunState) {
    let (earlier, autonomy) = (earlier, pastAutonomy)
    self = Outlook()
    self.earlier = earlier
    pastAutonomy = autonomy
    order = run.graph.topologicalOrder()
    isOnPath = Array(repeating: false, count: run.tasks.count)
  }

  /// Looks at earlier runs too from now on.
  mutating func take(_ earlier: EarlierRuns) {
    self.earlier = earlier
    refreshedSequence = -1
    refreshedAt = -.infinity
  }

  /// Keeps what another knows of earlier runs.
  mutating func keep(earlierOf other: Outlook) {
    if !other.earlier.isEmpty { take(other.earlier) }
    pastAutonomy = other.pastAutonomy
  }

  /// `told` has what running tasks say of the seconds that they have left.
  ///
  /// - Returns: Whether the critical path changed.
  /// - Complexity: O(tasks + edges), at most four times a second for a large graph.
  mutating func refresh(
    _ run: RunState, now: Double, told: [TaskID: Double] = [:]
  ) -> Bool {
    let isDue = run.tasks.count < Self.smallGraph || now - refreshedAt >= Self.refreshSeconds
    let isNew = run.sequence != refreshedSequence || now - refreshedAt >= 1
    guard !run.tasks.isEmpty, isNew, isDue || run.closed != nil else { return false }
    refreshedAt = now
    refreshedSequence = run.sequence
    autonomyTally = AutonomyTally(run)
    autonomy = AutonomyScore(autonomyTally)
    autonomyLoss = autonomy?.losses(autonomyTally, in: run).first
    return estimate(run, now, told)
  }

  private mutating func estimate(
    _ run: RunState, _ now: Double, _ told: [TaskID: Double]
  ) -> Bool {
    let estimate = Estimate(run, earlier: earlier)
    self.estimate = estimate
    guard let remaining = estimate.remaining(run, now: now, told: told) else {
      forecast = .unknown(.nothingMeasured)
      return false
    }
    let critical = CriticalPath(order: order, links: run.links, seconds: remaining)
    self.critical = critical
    isGuess = estimate.isGuess(run)
    progress = isGuess ? nil : estimate.progress(run, remaining: remaining)
    if run.isHeld {
      forecast = .unknown(.held)
    } else if isGuess {
      forecast = .unknown(.guesses)
    } else {
      forecast = estimate.forecast(
        run, path: critical, remaining: remaining, onPath: critical.path(run.links))
    }
    return choosePath(run, estimate, remaining)
  }

  /// What is done counts as long as it took, so that the path leads from a start to an end.
  private mutating func choosePath(
    _ run: RunState, _ estimate: Estimate, _ remaining: [Double]
  ) -> Bool {
    guard !remaining.allSatisfy({ $0 == 0 }) || path.isEmpty else { return false }
    let seconds = estimate.expectations.indices.map { index in
      max(estimate.expectations[index]?.seconds ?? 0, remaining[index])
    }
    let whole = CriticalPath(order: order, links: run.links, seconds: seconds)
    let old = path.reduce(0) { $0 + seconds[$1.index] }
    guard path.isEmpty || old < whole.totalSeconds * (1 - Self.hysteresis) else { return false }
    let newPath = whole.path(run.links)
    guard newPath != path else { return false }
    path = newPath
    isOnPath = Array(repeating: false, count: run.tasks.count)
    for task in path { isOnPath[task.index] = true }
    return true
  }
}

/// One number a second of the run's clock, the newest last; for the sparklines.
package struct History: Sendable {
  /// Seconds that are kept.
  package static let limit = 300

  private var values: [Double] = []
  private var lastSecond = 0

  package init() {}

  mutating func record(_ value: Double, at elapsedSeconds: Double) {
    let second = Int(min(max(0, elapsedSeconds), 1e9))
    if values.isEmpty || second - lastSecond > Self.limit {
      values = [value]
    } else if second > lastSecond {
      let gap = values.last ?? 0
      values += Array(repeating: gap, count: second - lastSecond - 1)
      values.append(value)
    } else {
      values[values.count - 1] = value
    }
    lastSecond = max(lastSecond, second)
    if values.count > 2 * Self.limit { values.removeFirst(values.count - Self.limit) }
  }

  /// The last `seconds`, as steps of which each is the largest of its share.
  func newest(_ seconds: Int, steps: Int, now: Double) -> [Double] {
    guard let last = values.last, steps > 0 else { return [] }
    let still = min(seconds, max(0, Int(min(now, 1e9)) - lastSecond))
    let shown = Array((values + Array(repeating: last, count: still)).suffix(seconds))
    let width = max(1, seconds / steps)
    return stride(from: shown.count % width, to: shown.count, by: width).map { start in
      shown[start..<min(start + width, shown.count)].max() ?? 0
    }
  }
}
