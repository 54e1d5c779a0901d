/// What is remembered of a run's autonomy: its score, its newest units, and what became of each class.
package struct AutonomyRecord: Sendable, Equatable {
  /// Units that the score over runs looks back over.
  package static let windowUnits = 200
  /// Classes that are kept of a run, in the order of the graph: thousands of single tasks teach nothing.
  package static let maximumClasses = 2_000

  package var run: Int
  /// Nanoseconds since 1970.
  package var startWallTime: Int64
  package var score: AutonomyScore?
  package var tooShort: Int
  /// Tasks that a person acted on.
  package var touched: Int
  package var busySeconds: Double
  package var blockedSeconds: Double
  /// All that counted.
  package var unitCount: Int
  /// The newest `windowUnits`, the newest first.
  package var units: [Unit]
  package var classes: [Class]

  /// A unit with its names, which outlive the run's graph.
  package struct Unit: Sendable, Equatable {
    package var name: String
    package var taskClass: String
    package var worker: String
    package var score: AutonomyUnit
  }

  /// What became of the tasks of one class.
  package struct Class: Sendable, Equatable {
    package var name: String
    package var tasks = 0
    /// Tasks that needed a person; declared gates do not count, for those were meant to.
    package var neededPerson = 0
    /// Tasks that failed and came through by themselves.
    package var flaky = 0
    /// Tasks that were not delivered.
    package var undelivered = 0
    package var isVerified = false
    package var retries = 0
  }
}

extension AutonomyRecord {
  /// `units` has those of the tally, the newest first.
  init(_ tally: AutonomyTally, _ score: AutonomyScore?, _ units: [Unit], of state: RunState) {
    run = state.run
    startWallTime = state.startWallTime
    self.score = score
    tooShort = tally.tooShort
    touched = tally.units.count { $0.severity > 0 }
    busySeconds = tally.busySeconds
    blockedSeconds = tally.blockedSeconds
    unitCount = tally.units.count
    self.units = Array(units.prefix(Self.windowUnits))
    classes = Self.classes(tally, state)
  }

  private static func classes(_ tally: AutonomyTally, _ state: RunState) -> [Class] {
    var rows: [Class] = []
    var places: [String: Int] = [:]
    for unit in tally.units {
      let name = state.graph.taskClass(of: unit.task)
      if places[name] == nil {
        guard rows.count < maximumClasses else { continue }
        places[name] = rows.count
        rows.append(Class(name: name))
      }
      rows[places[name] ?? 0].add(unit, state.tasks[unit.task.index], state.graph[unit.task])
    }
    return rows
  }
}

extension AutonomyTally {
  /// Its units with their names, the newest first.
  func units(in graph: TaskGraph) -> [AutonomyRecord.Unit] {
    units.sorted { ($1.endSeconds, $0.task) < ($0.endSeconds, $1.task) }.map {
      AutonomyRecord.Unit($0, in: graph)
    }
  }
}

extension AutonomyRecord.Unit {
  fileprivate init(_ unit: AutonomyUnit, in graph: TaskGraph) {
    name = graph[unit.task].name
    taskClass = graph.taskClass(of: unit.task)
    worker = graph.worker(of: unit.task)
    score = unit
  }
}

extension AutonomyRecord.Class {
  fileprivate mutating func add(
    _ unit: AutonomyUnit, _ status: TaskStatus, _ task: TaskGraph.Task
  ) {
    tasks += 1
    let isHungry = status.interventions.contains { $0 != "approve" } || unit.state == .waiting
    if isHungry { neededPerson += 1 }
    if unit.recoveries > 0 { flaky += 1 }
    if !unit.isDelivered { undelivered += 1 }
    if task.verify != nil { isVerified = true }
    retries = max(retries, task.retries.total)
  }
}
