import RealModule

/// How much of the work finished, verified, without interventions.
///
/// A = U^0.6 · T^0.2 · R^0.2. U is the mean credit of the tasks that were due, T the share of time not
/// lost waiting for a person, R the share of incidents that the run got over by itself. `low` is the
/// 95 % lower bound (Wilson, one-sided); a target is claimed only by it.
package struct AutonomyScore: Sendable, Equatable {
  package var untouched: Double
  /// `untouched` with each task weighted by its duration; nil where none took any time.
  ///
  /// Splitting a task into smaller ones changes the plain mean, but not this one.
  package var untouchedByTime: Double?
  package var timely: Double
  package var recovered: Double
  package var value: Double
  package var low: Double
  /// Tasks that counted.
  package var units: Int
  package var incidents: Int
  package var recoveries: Int

  /// What of 1 − A a factor can take: its exponent.
  package static let untouchedWeight = 0.6
  package static let timelyWeight = 0.2
  package static let recoveredWeight = 0.2
  /// Quantile of the one-sided 95 % bound.
  package static let z = 1.645
  /// A larger difference between the two means is told.
  package static let unevenness = 0.05
  /// Target unless the run has one of its own.
  package static let standardTarget = 0.95

  /// Scores the log; nil while no task that counts has ended.
  ///
  /// - Complexity: O(tasks + attempts).
  package init?(_ state: RunState) { self.init(AutonomyTally(state)) }

  package init?(_ tally: AutonomyTally) {
    self.init(
      tally.units, busySeconds: tally.busySeconds, blockedSeconds: tally.blockedSeconds,
      overruns: tally.overruns, recoveredOverruns: tally.recoveredOverruns)
  }

  /// Scores units of one run or several; nil if there are none.
  package init?(
    _ units: [AutonomyUnit], busySeconds: Double, blockedSeconds: Double, overruns: Int = 0,
    recoveredOverruns: Int = 0
  ) {
    guard !units.isEmpty else { return nil }
    self.init(
      credits: units.map(\.credit), seconds: units.map(\.busySeconds), busySeconds: busySeconds,
      waitedSeconds: blockedSeconds,
      incidents: units.reduce(overruns) { $0 + $1.incidents },
      recoveries: units.reduce(recoveredOverruns) { $0 + $1.recoveries })
  }

  /// Scores what was counted.
  ///
  /// - Parameters:
  ///   - credits: One a unit, 0 to 1; must not be empty.
  ///   - seconds: One a unit; none where durations are not known.
  ///   - busySeconds: Time in which attempts ran or were verified.
  ///   - waitedSeconds: Time in which only a person could bring a task on.
  ///   - incidents: What went wrong by itself.
  ///   - recoveries: Incidents that were got over without a person, at most `incidents`.
  package init(
    credits: [Double], seconds: [Double] = [], busySeconds: Double, waitedSeconds: Double,
    incidents: Int, recoveries: Int
  ) {
    precondition(!credits.isEmpty, "no units, no score")
    let count = Double(credits.count)
    let mean = credits.reduce(0, +) / count
    let total = busySeconds + waitedSeconds
    let share = total > 0 ? 1 - waitedSeconds / total : 1
    let recovery = Double(recoveries + 1) / Double(incidents + 1)
    let recoveryLow =
      incidents == 0 ? recovery : Self.interval(recovery, count: Double(incidents + 1)).low
    untouched = mean
    untouchedByTime = Self.mean(credits, weights: seconds)
    timely = share
    recovered = recovery
    units = credits.count
    self.incidents = incidents
    self.recoveries = recoveries
    value = Self.combine(mean, share, recovery)
    low = Self.combine(Self.interval(mean, count: count).low, share, recoveryLow)
  }

  private static func mean(_ values: [Double], weights: [Double]) -> Double? {
    let total = weights.reduce(0, +)
    guard total > 0 else { return nil }
    return min(1, zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total)
  }

  private static func combine(_ u: Double, _ t: Double, _ r: Double) -> Double {
    Double.pow(u, untouchedWeight) * Double.pow(t, timelyWeight)
      * Double.pow(r, recoveredWeight)
  }

  /// Both ends of Wilson's interval for a share; its lower end alone is the one-sided bound of `z`.
  ///
  /// Conservative for fractional credits too, whose variance is at most p(1 − p). Wilson, "Probable
  /// inference, the law of succession, and statistical inference", 1927.
  package static func interval(
    _ p: Double, count n: Double, z: Double = z
  ) -> (low: Double, high: Double) {
    let z2 = z * z
    let spread = z * max(0, p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
    let middle = p + z2 / (2 * n)
    let scale = 1 + z2 / n
    // Rounding must not lift the bound of a perfect share above it.
    return (min(p, max(0, (middle - spread) / scale)), max(p, min(1, (middle + spread) / scale)))
  }
}

extension AutonomyScore {
  /// The two means differ so much that a few long tasks, or many short ones, decide.
  package var isUneven: Bool {
    untouchedByTime.map { abs($0 - untouched) > Self.unevenness } ?? false
  }

  /// Only the bound can claim a target.
  package func claims(_ target: Double) -> Bool { low >= target }

  /// As in `0.98 (at least 0.91, n=40)`; both are rounded down, for a target is not reached by rounding.
  package var words: String {
    "\(Self.hundredths(value)) (at least \(Self.hundredths(low)), n=\(units))"
  }

  /// What there is to say where both means differ; nil elsewhere.
  package var unevenWords: String? {
    guard isUneven, let byTime = untouchedByTime else { return nil }
    let few = byTime < untouched ? "long" : "short"
    return "U is \(Self.hundredths(untouched)) by task and \(Self.hundredths(byTime)) by time: "
      + "\(few) tasks need people more"
  }

  /// As in `0.93`, rounded down.
  package static func hundredths(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    let count = Int((min(max(value, 0), 1) * 100 + 1e-9).rounded(.down))
    return "\(count / 100)." + (count % 100 < 10 ? "0" : "") + "\(count % 100)"
  }

  /// As in `0.024`; what is too small for that, but not nothing, is `<0.001`.
  package static func thousandths(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    let count = Int((min(max(value, 0), 1) * 1000).rounded())
    guard count > 0 || value <= 0 else { return "<0.001" }
    let digits = String(1000 + count % 1000).dropFirst()
    return "\(count / 1000).\(digits)"
  }
}

extension AutonomyTally {
  /// The score in words, or why there is none.
  package func words(_ score: AutonomyScore?) -> String {
    if let score { return score.words }
    guard tooShort > 0 else { return "n/a: no task has ended" }
    let verb = tooShort == 1 ? "task was" : "tasks were"
    return "n/a: \(Self.grouped(tooShort)) \(verb) too short to count"
  }

  /// As in `5,000`.
  static func grouped(_ count: Int) -> String {
    var text = ""
    for (index, digit) in String(count).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
