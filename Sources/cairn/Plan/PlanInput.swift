import Model
import Planning
import Project

/// A graph as the planner gets it, and what is known of its sizes and times.
struct PlanInput {
  let statistics: GraphStatistics
  let times: PlanTimes
  let isTrace: Bool
  /// Whether what nobody reads counts while it lies in the workspace.
  let countsProducts: Bool
  private(set) var plan: PlanGraph
  private var subject: PlanGraph.Subject

  init(_ loaded: LoadedProject, countsProducts: Bool, room: MachineRoom?) {
    let earlier =
      loaded.isTrace
      ? EarlierRuns() : ProjectHistory(loaded.location).earlierRuns(before: .max)
    statistics = GraphStatistics(loaded.graph)
    times = PlanTimes(loaded, earlier)
    isTrace = loaded.isTrace
    self.countsProducts = countsProducts
    subject = PlanGraph.Subject(
      countsProducts ? loaded.graph : loaded.graph.leavingOutProducts,
      standings: Self.standings(loaded), seconds: times.seconds)
    subject.room = room
    subject.learn(from: earlier)
    plan = PlanGraph(subject)
  }

  var graph: TaskGraph { subject.graph }

  /// Stands in for each size that nobody knows.
  var guessBytes: Int64 { subject.guessBytes }

  /// Guesses smaller, as a run does: only what is known can make a budget impossible.
  ///
  /// - Returns: Whether there was something left to guess.
  mutating func halveGuesses() -> Bool {
    guard plan.guesses > 0, subject.halveGuess() else { return false }
    plan = PlanGraph(subject)
    return true
  }

  /// Artifacts that lie in the workspace at some time, those of nothing left out.
  var artifactCount: Int {
    var own: [TaskID: Int] = [:]
    for key in plan.keys { own[key.task, default: 0] += 1 }
    // What nobody reads and nobody keeps is scratch of its task.
    let scratch = graph.tasks.reduce(0) { sum, task in
      let step = Int(plan.steps[task.id.index])
      guard step >= 0, plan.flow.scratchBytes[step] > 0 else { return sum }
      return sum + task.outputs.count - own[task.id, default: 0]
    }
    return plan.keys.count + scratch
  }

  /// What the file says is done is done; what it puts off takes its dependents with it.
  private static func standings(_ loaded: LoadedProject) -> [PlanGraph.Standing] {
    let graph = loaded.graph
    var rows: [PlanGraph.Standing] = graph.tasks.map { task in
      if task.isRemoved { return .absent }
      return switch task.standing {
      case .pending: .open
      case .done: .done
      case .review: loaded.trustsReview ? .done : .absent
      case .external, .deferred, .cancelled, .blocked: .absent
      }
    }
    let absent = graph.tasks.map(\.id).filter { rows[$0.index] == .absent }
    guard !absent.isEmpty else { return rows }
    for task in graph.links().descendants(of: absent) where rows[task.index] == .open {
      rows[task.index] = .absent
    }
    return rows
  }
}

/// How long tasks are expected to take.
struct PlanTimes {
  /// One row a task; a second each where nothing is known.
  let seconds: [Double]
  /// Tasks of which a time of their own is known.
  let known: Int

  var isKnown: Bool { known > 0 && seconds.contains { $0 > 0 } }

  /// Times that a trace recorded, or those of the project's earlier runs; what never ran takes the
  /// mean of what did.
  init(_ loaded: LoadedProject, _ earlier: EarlierRuns) {
    if let recorded = loaded.seconds {
      seconds = recorded
      known = recorded.count
      return
    }
    let rows = loaded.graph.tasks.map { earlier.seconds(of: $0.name) }
    let told = rows.compactMap { $0 }
    known = told.count
    let mean = told.isEmpty ? 1 : told.reduce(0, +) / Double(told.count)
    seconds = rows.map { $0 ?? mean }
  }
}
