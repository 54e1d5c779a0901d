import RealModule

/// A part of 1 − A, and what took it.
///
/// The parts of a run add up to 1 − A: a factor x with the weight w takes its share of −w ln x, and
/// splits it over what made it smaller than 1.
package struct AutonomyLoss: Sendable, Equatable {
  package enum Factor: String, Sendable, Codable { case untouched, timely, recovered }

  package enum Cause: Sendable, Hashable {
    /// The task ended so.
    case undelivered(TaskState)
    /// A person acted on it.
    case act
    /// A person acted on the whole run.
    case runAct(String)
    /// It waited for a person.
    case waiting
    /// What went wrong with it was not got over without a person, or not at all.
    case incident
    case overrun
  }

  package var amount: Double
  package var factor: Factor
  package var cause: Cause
  /// What its tasks have in common; empty where it is no task's.
  package var taskClass: String
  /// Names, in the order of the graph.
  package var tasks: [String]
  /// Acts or incidents.
  package var count: Int
  /// Acts by their verb, in the order in which they came first.
  package var acts: [String]
}

extension AutonomyLoss {
  /// What took so much, as in `2 manual retries of fetch`.
  package var what: String {
    switch cause {
    case .undelivered(let state): "\(subject) \(Self.ending(state))"
    case .act: "\(actWords) of \(subject)"
    case .runAct(let verb):
      "\(Self.counted(1, verb)) of the run while \(subject) ran or "
        + (tasks.count == 1 ? "was due" : "were due")
    case .waiting: "\(subject) waited for a person"
    case .incident:
      "\(count == 1 ? "a failure" : "\(count) failures") of \(subject) not got over unattended"
    case .overrun: "the workspace was past its budget, and a person ended the run"
    }
  }

  /// As in `0.024 manual retry of fetch`.
  package var words: String { "\(AutonomyScore.thousandths(amount)) \(what)" }

  /// Tasks that are named one by one.
  private static let namedTasks = 3

  private var subject: String {
    if tasks.count == 1 { return TaskGraph.spoken(tasks[0]) }
    if tasks.count <= Self.namedTasks, let first = tasks.first {
      let noun = TaskGraph.spoken(first) == first ? "" : "tasks "
      return noun + tasks.joined(separator: ", ")
    }
    let count = "\(tasks.count) tasks"
    return taskClass.isEmpty ? count : "\(count) of \(TaskGraph.spoken(taskClass))"
  }

  private var actWords: String {
    var seen: [String] = []
    for act in acts where !seen.contains(act) { seen.append(act) }
    return seen.map { verb in Self.counted(acts.count { $0 == verb }, verb) }
      .joined(separator: " and ")
  }

  private static func ending(_ state: TaskState) -> String {
    switch state {
    case .failed: "failed for good"
    case .skipped: "skipped"
    case .cancelled: "cancelled"
    case .waiting: "still waiting for a person"
    default: "not done when the run ended"
    }
  }

  /// An act as a noun, as in `manual retry` or `3 skips`.
  private static func counted(_ count: Int, _ verb: String) -> String {
    let (one, many) =
      switch verb {
      case "retry": ("manual retry", "manual retries")
      case "resume": ("resume after the failure", "resumes after failures")
      case "approve": ("approval", "approvals")
      case "reject": ("rejection", "rejections")
      case "answer": ("answer", "answers")
      case "stop": ("manual stop", "manual stops")
      case "cancel-run": ("stop", "stops")
      case "kill-run": ("kill", "kills")
      default: (verb, "\(verb)s")
      }
    return count == 1 ? one : "\(count) \(many)"
  }
}

extension AutonomyScore {
  /// Returns what 1 − A was lost to, the largest first; tasks of one class that lost it in the same way
  /// are one row.
  ///
  /// - Complexity: O(tasks log tasks).
  package func losses(_ tally: AutonomyTally, in state: RunState) -> [AutonomyLoss] {
    let amounts = split()
    var rows = AutonomyLossRows(state)
    rows.addCredits(tally.units, amount: amounts.untouched)
    rows.addWaits(amount: amounts.timely)
    rows.addIncidents(tally, amount: amounts.recovered)
    return rows.sorted
  }

  /// What each factor took of 1 − A; those that are 0 share it, for each alone takes all.
  package func split() -> (untouched: Double, timely: Double, recovered: Double) {
    let factors = [
      (untouched, Self.untouchedWeight), (timely, Self.timelyWeight),
      (recovered, Self.recoveredWeight),
    ]
    let zeros = factors.count { $0.0 <= 0 }
    let parts = factors.map { factor, weight in
      zeros > 0 ? (factor <= 0 ? 1 : 0) : -weight * Double.log(min(1, factor))
    }
    let sum = parts.reduce(0, +)
    guard sum > 0 else { return (0, 0, 0) }
    let shares = parts.map { (1 - value) * $0 / sum }
    return (shares[0], shares[1], shares[2])
  }
}

/// Gathers losses by cause and class.
private struct AutonomyLossRows {
  private struct Key: Hashable {
    var cause: AutonomyLoss.Cause
    var taskClass: String
  }

  private let state: RunState
  private var rows: [Key: AutonomyLoss] = [:]

  init(_ state: RunState) { self.state = state }

  /// Equal amounts by name, so that the same run is always told in the same order.
  var sorted: [AutonomyLoss] {
    rows.values.sorted { ($1.amount, $0.what) < ($0.amount, $1.what) }
  }

  mutating func addCredits(_ units: [AutonomyUnit], amount: Double) {
    let lost = units.reduce(0) { $0 + 1 - $1.credit }
    guard lost > 0, amount > 0 else { return }
    for unit in units where unit.credit < 1 {
      let part = amount * (1 - unit.credit) / lost
      let acts = state.tasks[unit.task.index].interventions
      if !unit.isDelivered {
        add(part, .untouched, .undelivered(unit.state), unit.task)
      } else if let verb = unit.runAct {
        add(part, .untouched, .runAct(verb), unit.task)
      } else {
        add(part, .untouched, .act, unit.task, count: acts.count, acts: acts)
      }
    }
  }

  mutating func addWaits(amount: Double) {
    guard amount > 0 else { return }
    let waits = state.tasks.map { state.waitingSeconds(of: $0) }
    let sum = waits.reduce(0, +)
    guard sum > 0 else { return }
    for (index, seconds) in waits.enumerated() where seconds > 0 {
      add(amount * seconds / sum, .timely, .waiting, TaskID(index))
    }
  }

  mutating func addIncidents(_ tally: AutonomyTally, amount: Double) {
    guard amount > 0 else { return }
    let overruns = tally.overruns - tally.recoveredOverruns
    let open = tally.units.map { $0.incidents - $0.recoveries }
    let sum = Double(open.reduce(overruns, +))
    guard sum > 0 else { return }
    for (unit, count) in zip(tally.units, open) where count > 0 {
      add(amount * Double(count) / sum, .recovered, .incident, unit.task, count: count)
    }
    guard overruns > 0 else { return }
    add(amount * Double(overruns) / sum, .recovered, .overrun, nil, count: overruns)
  }

  private mutating func add(
    _ amount: Double, _ factor: AutonomyLoss.Factor, _ cause: AutonomyLoss.Cause, _ task: TaskID?,
    count: Int = 1, acts: [String] = []
  ) {
    // An act on the run is one act, whatever it touched.
    let isRunAct = if case .runAct = cause { true } else { false }
    let kind = isRunAct ? "" : task.map { state.graph.taskClass(of: $0) } ?? ""
    let key = Key(cause: cause, taskClass: kind)
    var row =
      rows[key]
      ?? AutonomyLoss(
        amount: 0, factor: factor, cause: cause, taskClass: kind, tasks: [], count: 0, acts: [])
    row.amount += amount
    row.count += count
    row.acts += acts
    if let task { row.tasks.append(state.graph[task].name) }
    rows[key] = row
  }
}
