import RealModule

/// How much of the work finished, verified, without interventions.
///
/// A = U^0.6 · T^0.2 · R^0.2. U is the mean credit of the tasks that were due, T the share of time not
/// lost waiting for a person, R the share of incidents that the run got over by itself. `low` is the
/// 95 % lower bound (Wilson, one-sided); a target is claimed only by it.
package struct AutonomyScore: Sendable, Equatable {
  package var untouched: Double
  package var timely: Double
  package var recovered: Double
  package var value: Double
  package var low: Double
  /// Tasks that counted.
  package var units: Int
  package var incidents: Int

  /// Quantile of the one-sided 95 % bound.
  private static let z = 1.645
  /// A task that ran shorter and left no artifact is no unit of work.
  package static let noOpSeconds = 0.05

  /// Scores the log; nil while no task has ended.
  ///
  /// - Complexity: O(tasks + attempts).
  package init?(_ state: RunState) {
    let units = state.graph.tasks.map(\.id).compactMap { Unit($0, in: state) }
    guard !units.isEmpty else { return nil }
    let incidents = units.reduce(0) { $0 + $1.incidents }
    let recoveries = units.reduce(0) { $0 + $1.recoveries }
    let busy = units.reduce(0) { $0 + $1.busySeconds }
    let waited = state.tasks.reduce(0) { $0 + $1.waitingSeconds }
    self.init(
      credits: units.map(\.credit), busySeconds: busy, waitedSeconds: waited,
      incidents: incidents, recoveries: recoveries)
  }

  /// Scores what was counted.
  ///
  /// - Parameters:
  ///   - credits: One a unit, 0 to 1; must not be empty.
  ///   - busySeconds: Time in which attempts ran or were verified.
  ///   - waitedSeconds: Time in which only a person could bring a task on.
  ///   - incidents: Attempts that went wrong by themselves.
  ///   - recoveries: Incidents that were got over without a person, at most `incidents`.
  package init(
    credits: [Double], busySeconds: Double, waitedSeconds: Double, incidents: Int, recoveries: Int
  ) {
    precondition(!credits.isEmpty, "no units, no score")
    let count = Double(credits.count)
    let mean = credits.reduce(0, +) / count
    let total = busySeconds + waitedSeconds
    let share = total > 0 ? 1 - waitedSeconds / total : 1
    let recovery = Double(recoveries + 1) / Double(incidents + 1)
    let recoveryLow =
      incidents == 0 ? recovery : Self.wilsonLow(recovery, count: Double(incidents + 1))
    untouched = mean
    timely = share
    recovered = recovery
    units = credits.count
    self.incidents = incidents
    value = Self.combine(mean, share, recovery)
    low = Self.combine(Self.wilsonLow(mean, count: count), share, recoveryLow)
  }

  private static func combine(_ u: Double, _ t: Double, _ r: Double) -> Double {
    Double.pow(u, 0.6) * Double.pow(t, 0.2) * Double.pow(r, 0.2)
  }

  /// Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
  private static func wilsonLow(_ p: Double, count n: Double) -> Double {
    let z2 = z * z
    let spread = z * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
    return max(0, (p + z2 / (2 * n) - spread) / (1 + z2 / n))
  }

  /// A task that was due, and what became of it.
  private struct Unit {
    var credit: Double
    var busySeconds: Double
    var incidents: Int
    var recoveries: Int

    init?(_ task: TaskID, in state: RunState) {
      let status = state[task]
      guard status.state.hasEnded, !state.graph[task].isRemoved else { return nil }
      guard !status.attempts.isEmpty || status.severity > 0 else { return nil }
      let busy = status.attempts.reduce(0) { $0 + ($1.phases.map { $0.run + $0.verify } ?? 0) }
      let isNoOp = busy < AutonomyScore.noOpSeconds && state.graph[task].outputs.isEmpty
      guard !isNoOp || status.state != .done || status.severity > 0 else { return nil }
      let failures = status.attempts.count { $0.outcome.map(\.isIncident) ?? false }
      let isDelivered = status.state == .done
      credit = isDelivered ? 1 - status.severity : 0
      busySeconds = busy
      incidents = failures
      recoveries = isDelivered && status.severity == 0 ? failures : 0
    }
  }
}

extension Outcome {
  /// Something went wrong that no person asked for.
  fileprivate var isIncident: Bool { `class` != .success && `class` != .stopped }
}
