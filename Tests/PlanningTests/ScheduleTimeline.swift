import Model
import Planning

/// A schedule that is driven by hand, over a graph written as `name key=value…: need need; …`; a key in
/// capitals is a named resource.
struct Timeline {
  var schedule: Schedule
  let graph: TaskGraph
  var seconds = 0.0
  private(set) var started: [String] = []
  private var running: [TaskID] = []

  init(
    _ text: String, jobs: Int = 1, policy: RetryPolicy? = nil, memoryBytes: Int64? = nil,
    resources: Resources = [:], failFast: Bool = false,
    startsHeld: Bool = false, seed: UInt64 = 1, retryBudget: Int? = nil, trustsReview: Bool = false,
    isAttended: Bool = false,
    weights: [Double]? = nil, selection: [String]? = nil, satisfied: [String] = []
  ) {
    var graph = TaskGraph(sketch: text)
    if let policy {
      for index in graph.tasks.indices { graph.tasks[index].retries = policy }
    }
    let sketched = graph
    func ids(_ names: [String]) -> Set<TaskID> {
      Set(names.compactMap { sketched.task(named: $0)?.id })
    }
    self.graph = graph
    schedule = Schedule(
      graph,
      options: Schedule.Options(
        jobs: jobs, memoryBytes: memoryBytes, resources: resources, failFast: failFast,
        startsHeld: startsHeld, seed: seed, retryBudget: retryBudget,
        trustsReview: trustsReview, isAttended: isAttended, weights: weights),
      selection: selection.map(ids), satisfied: ids(satisfied))
  }

  func name(_ task: TaskID) -> String { graph[task].name }

  func id(_ name: String) -> TaskID {
    guard let task = graph.task(named: name) else { preconditionFailure("no task \(name)") }
    return task.id
  }

  var active: [String] { running.sorted().map(name) }

  var states: String {
    graph.tasks.map { "\($0.name) \(schedule[$0.id].state)" }.joined(separator: ", ")
  }

  var closing: String? { schedule.closing().map { "\($0.ending): \($0.reason)" } }

  mutating func admit() { _ = admissions() }

  mutating func admissions() -> [Schedule.Admission] {
    let admissions = schedule.admit()
    started += admissions.map { name($0.task) }
    running += admissions.map(\.task)
    return admissions
  }

  mutating func end(
    _ name: String, _ outcome: Outcome.Class = .success, status: ExitStatus? = nil
  ) {
    let task = id(name)
    running.removeAll { $0 == task }
    schedule.ended(task, Outcome(outcome, status: status), at: seconds)
  }

  /// Ends the only attempt that runs and lets the back-off pass that may follow.
  mutating func endAndWait(
    _ name: String, _ outcome: Outcome.Class, status: ExitStatus? = nil
  ) {
    admit()
    end(name, outcome, status: status)
    if let wake = schedule.nextWakeSeconds { pass(wake - seconds) }
  }

  mutating func pass(_ time: Double) {
    seconds += time
    schedule.advance(to: seconds)
  }

  mutating func retry(_ name: String, downstream: Bool = false) throws {
    schedule.reset(try schedule.retrySet([id(name)], downstream: downstream))
  }

  /// Runs until nothing starts any more, oldest first.
  mutating func runAll(failing: Set<String> = []) {
    runAll { failing.contains($0) ? .exit : .success }
  }

  mutating func runAll(_ outcome: (String) -> Outcome.Class) {
    admit()
    while let first = running.first {
      end(name(first), outcome(name(first)))
      admit()
    }
  }
}

extension TaskGraph {
  /// Reads `name key=value…: need need; …`.
  init(sketch: String) {
    self.init(name: "sketch")
    for part in sketch.split(separator: ";") {
      let sides = part.split(separator: ":")
      let words = sides[0].split(separator: " ").map(String.init)
      var task = Task(
        id: TaskID(tasks.count), name: words[0], action: .exec(arguments: ["run", words[0]]))
      for word in words.dropFirst() { task.set(word.split(separator: "=").map(String.init)) }
      if sides.count > 1 {
        task.needs = sides[1].split(separator: " ").compactMap { name in
          self.task(named: String(name)).map { Need(task: $0.id, variable: name.uppercased()) }
        }
      }
      tasks.append(task)
    }
  }
}

extension TaskGraph.Task {
  fileprivate mutating func set(_ pair: [String]) {
    switch pair[0] {
    case "cpus": cpus = Int(pair[1]) ?? 1
    case "memory": memoryBytes = Int64(pair[1])
    case "grows": memoryGrows = pair[1] == "yes"
    case "priority": priority = Int(pair[1]) ?? 0
    case "weight": weight = Double(pair[1])
    case "retries": retries = RetryPolicy(.together(Int(pair[1]) ?? 0))
    case "backoff": backoff.firstSeconds = Double(pair[1]) ?? 1
    case "when": when = TaskGraph.Condition(rawValue: pair[1]) ?? .success
    case "standing": standing = TaskGraph.Standing(rawValue: pair[1]) ?? .pending
    case let name where name.uppercased() == name: resources[name] = Int(pair[1]) ?? 0
    default: preconditionFailure("no key \(pair[0])")
    }
  }
}
