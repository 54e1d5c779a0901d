import Model

/// What became of the tasks of a run, from which its facts are written.
struct AutonomyStory {
  struct Try {
    var from: Double
    var to: Double
    var outcome = Outcome.Class.success
    /// Of the command and its verification; nil is as long as the attempt.
    var busySeconds: Double?
  }

  struct Act: Sendable {
    var seconds: Double
    /// About the task whose act it is.
    var request: @Sendable ([TaskID]) -> Request
    var kind = Actor.Kind.person
  }

  struct Task {
    var name: String
    var tries: [Try] = []
    /// When it waited for a person, in front of its tries.
    var wait: ClosedRange<Double>?
    var acts: [Act] = []
    var ending = TaskState.done
    var endSeconds = 0.0
    var hasOutput = true
    var isVerified = false

    init(_ name: String) { self.name = name }
  }

  var tasks: [Task] = []
  var acts: [Act] = []
  var holds: [ClosedRange<Double>] = []
  var closing: Fact.RunClosed.Ending?
  var number = 1

  var endSeconds: Double {
    let ends: [Double] = tasks.flatMap { task in
      task.tries.map(\.to) + [task.endSeconds, task.wait?.upperBound ?? 0]
    }
    return (ends + holds.map(\.upperBound) + acts.map(\.seconds)).max() ?? 0
  }
}

extension AutonomyStory {
  var graph: TaskGraph {
    var graph = TaskGraph(name: "story")
    graph.tasks = tasks.enumerated().map { index, story in
      var task = TaskGraph.Task(
        id: TaskID(index), name: story.name, action: .exec(arguments: ["true"]))
      if story.hasOutput { task.outputs = [TaskGraph.Output(name: "out")] }
      if story.isVerified { task.verify = "true" }
      return task
    }
    return graph
  }

  /// The facts in the order of their time, numbered from 1.
  var facts: [Fact] {
    var timeline: [(Double, Fact.Kind)] = []
    for (index, task) in tasks.enumerated() { timeline += Self.timeline(task, TaskID(index)) }
    for act in acts { timeline.append((act.seconds, Self.made(act, []))) }
    for hold in holds {
      timeline.append((hold.lowerBound, .runHeld(Fact.Remark("held"))))
      timeline.append((hold.upperBound, .runContinued(Fact.Remark("continued"))))
    }
    if let closing {
      timeline.append((endSeconds, .runClosed(Fact.RunClosed(ending: closing, reason: "over"))))
    }
    let sorted = timeline.enumerated().sorted {
      ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
    }
    let rest = sorted.map { ($0.element.0, $0.element.1) }
    return (opening.map { (0, $0) } + rest).enumerated().map { index, entry in
      Fact(
        sequence: index + 1, session: 1, elapsedSeconds: entry.0, wallTime: 1, kind: entry.1)
    }
  }

  private var opening: [Fact.Kind] {
    let host = Fact.Host(name: "h", cores: 1, memoryBytes: 0, diskFreeBytes: 0)
    let graph = graph
    return [
      .runOpened(
        Fact.RunOpened(
          run: number, cairn: "1", host: host, config: RunConfig(jobs: 4), isResumed: false,
          token: "t")),
      .graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in "" })),
    ]
  }

  private static func made(_ act: Act, _ tasks: [TaskID]) -> Fact.Kind {
    .requestMade(
      Fact.RequestMade(
        actor: Actor(kind: act.kind, name: "ana@tty", source: "command"),
        request: act.request(tasks)))
  }

  private static func timeline(_ story: Task, _ task: TaskID) -> [(Double, Fact.Kind)] {
    var rows: [(Double, Fact.Kind)] = []
    func enter(_ state: TaskState, _ seconds: Double) {
      rows.append((seconds, .taskState(Fact.TaskStateChanged(task: task, state: state))))
    }
    if let wait = story.wait {
      enter(.waiting, wait.lowerBound)
      enter(.ready, wait.upperBound)
    }
    for act in story.acts { rows.append((act.seconds, made(act, [task]))) }
    for (index, attempt) in story.tries.enumerated() {
      rows.append(
        (
          attempt.from,
          .taskAdmitted(
            Fact.TaskAdmitted(
              task: task, attempt: index + 1, admission: index == 0 ? .first : .retry, cpus: 1,
              memoryBytes: 0))
        ))
      enter(.running, attempt.from)
      rows.append((attempt.to, ended(attempt, index + 1, task)))
      // No attempt runs any more, whatever comes next.
      if index < story.tries.count - 1 { enter(.backoff, attempt.to) }
    }
    enter(story.ending, max(story.endSeconds, story.tries.last?.to ?? 0))
    return rows
  }

  private static func ended(_ attempt: Try, _ number: Int, _ task: TaskID) -> Fact.Kind {
    .attemptEnded(
      Fact.AttemptEnded(
        task: task, attempt: number, outcome: Outcome(attempt.outcome), usage: Usage(),
        phases: Phases(run: attempt.busySeconds ?? attempt.to - attempt.from)))
  }
}

extension AutonomyStory {
  var state: RunState { Self.fold(facts) }
  var tally: AutonomyTally { AutonomyTally(state) }
  var score: AutonomyScore? { AutonomyScore(state) }

  static func fold(_ facts: [Fact]) -> RunState {
    var state = RunState()
    for fact in facts { state.apply(fact) }
    return state
  }

  /// A task that ran once, without anybody.
  static func plain(_ name: String, from: Double = 0, seconds: Double = 10) -> Task {
    var task = Task(name)
    task.tries = [Try(from: from, to: from + seconds)]
    return task
  }

  static func person(_ request: @escaping @Sendable ([TaskID]) -> Request, at seconds: Double = 1)
    -> Act
  {
    Act(seconds: seconds, request: request)
  }
}

extension AutonomyStory {
  static let outcomes: [Outcome.Class] = [
    .exit, .signal, .timeout, .memory, .lost, .verification, .artifact,
  ]

  private static let endings: [TaskState] = [.done, .done, .done, .failed, .skipped, .cancelled]

  /// Requests about tasks that weigh, the lightest first.
  static let weighing: [@Sendable ([TaskID]) -> Request] = [
    { .retry($0, downstream: false) }, { .skip($0, asDone: false) }, { .stop($0) },
    { .signal($0, number: 9) },
  ]

  /// A run with failures, waits, acts, holds and no-ops, all of them by chance.
  init(using random: inout SeededGenerator) {
    for index in 0..<Int.random(in: 1...14, using: &random) {
      tasks.append(Self.task("t\(index)", using: &random))
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) { acts.append(Self.runAct(&random)) }
    var at = 0.0
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      at += .random(in: 1...60, using: &random)
      holds.append(at...(at + .random(in: 1...30, using: &random)))
      at = holds.last?.upperBound ?? at
    }
    if Bool.random(using: &random) { closing = .stopped }
  }

  static func runAct(_ random: inout SeededGenerator) -> Act {
    let isKill = Bool.random(using: &random)
    return person({ _ in isKill ? .killRun : .cancelRun }, at: .random(in: 0...200, using: &random))
  }

  private static func task(_ name: String, using random: inout SeededGenerator) -> Task {
    var task = Task(name)
    var at = Double.random(in: 0...100, using: &random)
    if Int.random(in: 0..<4, using: &random) == 0 {
      task.wait = at...(at + .random(in: 0...50, using: &random))
      at = task.wait?.upperBound ?? at
    }
    let failures = max(0, Int.random(in: -3...3, using: &random))
    task.ending = endings[Int.random(in: 0..<endings.count, using: &random)]
    let isDone = task.ending == .done
    for index in 0..<(failures + 1) {
      let seconds =
        Double.random(in: 0...1, using: &random) < 0.2 ? 0.01 : .random(in: 1...40, using: &random)
      let isLast = index == failures
      let outcome =
        isLast && isDone
        ? Outcome.Class.success : outcomes[Int.random(in: 0..<outcomes.count, using: &random)]
      task.tries.append(Try(from: at, to: at + seconds, outcome: outcome))
      at += seconds + .random(in: 0...5, using: &random)
    }
    task.hasOutput = Bool.random(using: &random)
    task.isVerified = Bool.random(using: &random)
    for _ in 0..<max(0, Int.random(in: -2...2, using: &random)) {
      let request = weighing[Int.random(in: 0..<weighing.count, using: &random)]
      task.acts.append(person(request, at: .random(in: 0...100, using: &random)))
    }
    return task
  }
}
