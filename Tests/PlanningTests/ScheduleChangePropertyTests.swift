import Glibc
import Model
import Planning
import Testing

/// Random graphs, ends and edits: whatever becomes of the file, the rules of a schedule hold, and what
/// is told of it folds into the same.
///
/// A tenth of the seeds by default, all of them with `CAIRN_SOAK=1`.
@Suite("Schedule changes")
struct ScheduleChangePropertyTests {
  static let seeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 2_000 : 200))

  /// With plans a run takes five times as long.
  static let plannedSeeds: [UInt64] = Array(1...(getenv("CAIRN_SOAK") != nil ? 400 : 40))

  @Test(arguments: seeds)
  func anyEditsKeepTheRules(seed: UInt64) throws {
    var storm = EditStorm(seed: seed)
    try storm.run()
  }

  @Test("within a budget, too: all that fits comes to its end", arguments: plannedSeeds)
  func anyEditsKeepTheBudget(seed: UInt64) throws {
    var storm = EditStorm(seed: seed, isBudgeted: true)
    try storm.run()
  }
}

private struct EditStorm {
  /// A task as the file has it.
  struct Entry {
    var name: String
    var needs: Set<String> = []
    var text = 0
    var priority = 0
    var standing = TaskGraph.Standing.pending
    var when = TaskGraph.Condition.success
    var bytes: Int64 = 0
  }

  var random: SplitMix64
  var file: [Entry] = []
  var names = 0
  var schedule: Schedule
  var graph: TaskGraph
  /// The fold of what is told.
  var told = RunState()
  var running: Set<TaskID> = []
  /// Did its work, and nobody has asked for it again.
  var done: Set<TaskID> = []
  var seconds = 0.0
  var editsLeft = 25
  /// nil: nothing is planned.
  var budgetBytes: Int64?
  /// What lies on the disk.
  var lying: [RunState.ArtifactKey: Int64] = [:]
  /// No plan was found for what an edit has made of the graph.
  var isInfeasible = false

  init(seed: UInt64, isBudgeted: Bool = false) {
    random = SplitMix64(seed: seed)
    var file: [Entry] = []
    for number in 0..<Int.random(in: 1...16, using: &random) {
      file.append(Self.entry("t\(number)", file, &random))
    }
    (self.file, names) = (file, file.count)
    graph = Self.graph(file)
    schedule = Schedule(
      graph, options: Schedule.Options(jobs: Int.random(in: 1...4, using: &random), seed: seed))
    if isBudgeted { follow(seed: seed) }
    tell(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: graph.tasks.map { _ in "" })))
    for task in graph.tasks { tell(schedule[task.id]) }
  }

  /// As much as the first plan needs, and room for one more to be as large as any.
  private mutating func follow(seed: UInt64) {
    let subject = schedule.planSubject()
    let planner = Planner(Planner.Budget(workers: 4, seed: seed), effort: .again)
    guard let plan = try? planner.plan(subject) else {
      preconditionFailure("a plan without a budget is always there")
    }
    budgetBytes = plan.peakBytes + Self.mostBytes
    schedule.follow(
      plan, of: subject, budgetBytes: budgetBytes ?? 0,
      dropsEagerly: Bool.random(using: &random))
  }

  private static let mostBytes: Int64 = 100

  static func entry(_ name: String, _ file: [Entry], _ random: inout SplitMix64) -> Entry {
    var entry = Entry(name: name)
    entry.bytes = Int64.random(in: 0...Self.mostBytes, using: &random)
    for other in file where Int.random(in: 0..<5, using: &random) == 0 {
      entry.needs.insert(other.name)
    }
    if Int.random(in: 0..<6, using: &random) == 0 { entry.when = .always }
    if Int.random(in: 0..<8, using: &random) == 0 {
      entry.standing = TaskGraph.Standing.allCases.randomElement(using: &random) ?? .pending
    }
    return entry
  }

  static func graph(_ file: [Entry]) -> TaskGraph {
    var graph = TaskGraph(name: "storm")
    let ids = Dictionary(uniqueKeysWithValues: file.enumerated().map { ($1.name, TaskID($0)) })
    for (index, entry) in file.enumerated() {
      var task = TaskGraph.Task(
        id: TaskID(index), name: entry.name, action: .prompt("\(entry.text)"))
      task.needs = entry.needs.sorted().compactMap { name in
        ids[name].map { TaskGraph.Need(task: $0, variable: name) }
      }
      task.priority = entry.priority
      task.standing = entry.standing
      task.when = entry.when
      task.retries = 1
      task.outputs = [TaskGraph.Output(name: "out", expectedBytes: entry.bytes)]
      graph.tasks.append(task)
    }
    return graph
  }

  mutating func run() throws {
    var turns = 0
    while true {
      turns += 1
      try #require(turns < 20_000, "the run does not come to an end")
      plan()
      admit()
      if let closing = schedule.closing() {
        let isShort = closing.reason.contains("in the workspace")
        #expect(!isShort || isInfeasible, "\(closing.reason)")
        break
      }
      if editsLeft > 0, Int.random(in: 0..<3, using: &random) == 0 {
        try edit()
      } else if !running.isEmpty {
        endOne()
      } else if schedule.isDropDue || schedule.isPlanDue {
        // Something has to leave the workspace, or to be planned, before the next can start.
        continue
      } else {
        let wake = schedule.nextWakeSeconds
        seconds = max(seconds, try #require(wake, "the run neither ends nor waits"))
        schedule.advance(to: seconds)
      }
      try checkFold()
    }
  }

  private mutating func plan() {
    for key in schedule.takeDropped() {
      lying[key] = nil
      schedule.gone(key)
    }
    guard let budgetBytes, schedule.isPlanDue else { return }
    do {
      if try schedule.replan(WorkspaceBudget(bytes: budgetBytes)) != nil { isInfeasible = false }
    } catch {
      isInfeasible = true
    }
  }

  private mutating func admit() {
    for admission in schedule.admit() {
      let task = admission.task
      #expect(!graph[task].isRemoved)
      #expect(!running.contains(task))
      #expect(!done.contains(task), "\(graph[task].name) was done")
      for need in graph[task].predecessors where graph[task].when == .success {
        #expect(schedule[need].state == .done)
      }
      running.insert(task)
      schedule.began(task, at: seconds)
    }
    guard let budgetBytes else { return }
    let written = running.flatMap { graph[$0].outputs }.reduce(0) { $0 + ($1.expectedBytes ?? 0) }
    #expect(lying.values.reduce(written, +) <= budgetBytes)
  }

  private mutating func endOne() {
    guard let task = running.sorted().randomElement(using: &random) else { return }
    running.remove(task)
    let outcomes: [Outcome.Class] = [.success, .success, .success, .exit, .interrupted, .stopped]
    let outcome = outcomes.randomElement(using: &random) ?? .success
    seconds += Double.random(in: 0...2, using: &random)
    if outcome == .success {
      for output in graph[task].outputs {
        let key = RunState.ArtifactKey(task: task, name: output.name)
        lying[key] = output.expectedBytes ?? 0
        schedule.sealed(key, bytes: output.expectedBytes ?? 0)
      }
    }
    schedule.ended(task, Outcome(outcome), at: seconds)
    if outcome == .success { done.insert(task) }
  }

  /// Several edits of the file, saved at once.
  private mutating func edit() throws {
    editsLeft -= 1
    let before = (file, schedule, graph)
    var edits: [String: Schedule.StatusEdit] = [:]
    for _ in 0..<Int.random(in: 1...3, using: &random) { editOnce(&edits) }
    let newer = Self.graph(file)
    guard newer.cycle() == nil else { return file = before.0 }
    do {
      let edit = try schedule.change(to: newer, edits: edits)
      try take(edit, edits, before.1, before.2)
    } catch let refusal as Schedule.Refusal {
      #expect(refusal.description.hasPrefix("tasks would wait for each other"))
      for task in graph.tasks { #expect(schedule[task.id] == before.1[task.id]) }
      file = before.0
    }
  }

  private mutating func editOnce(_ edits: inout [String: Schedule.StatusEdit]) {
    let kind = Int.random(in: 0..<6, using: &random)
    guard kind > 0, let index = file.indices.randomElement(using: &random) else {
      names += 1
      let entry = Self.entry("t\(names)", file, &random)
      return file.insert(entry, at: Int.random(in: 0...file.count, using: &random))
    }
    switch kind {
    case 1:
      let gone = file.remove(at: index).name
      for other in file.indices { file[other].needs.remove(gone) }
      edits[gone] = nil
    case 2: file[index].text += 1
    case 3: file[index].priority = Int.random(in: -1...1, using: &random)
    case 4:
      let need = file.randomElement(using: &random)?.name ?? ""
      if file[index].needs.remove(need) == nil { file[index].needs.insert(need) }
    default:
      let standings = TaskGraph.Standing.allCases
      file[index].standing = standings.randomElement(using: &random) ?? .pending
      let kinds: [Schedule.StatusEdit] = [.plain, .overRunning, .overEnding]
      edits[file[index].name] = kinds.randomElement(using: &random)
    }
  }

  private mutating func take(
    _ edit: Schedule.GraphEdit, _ edits: [String: Schedule.StatusEdit], _ before: Schedule,
    _ old: TaskGraph
  ) throws {
    for change in edit.cancelled { tell(change) }
    graph = edit.graph
    if let change = edit.change { tell(.graphChanged(change)) }
    #expect(graph.cycle() == nil)
    checkUntouched(edit, edits, before, old)
    for task in running { #expect(schedule.isActive(task) && !graph[task].isRemoved) }
    for request in edit.requests {
      guard case .retry(let tasks, let downstream) = request else { continue }
      // As the engine does; one that cannot be retried is refused.
      guard let chosen = try? schedule.retrySet(tasks, downstream: downstream) else { continue }
      schedule.reset(chosen)
      done.subtract(chosen)
    }
  }

  /// What nobody has edited, and what waits for nothing that was, is where it was.
  private func checkUntouched(
    _ edit: Schedule.GraphEdit, _ edits: [String: Schedule.StatusEdit], _ before: Schedule,
    _ old: TaskGraph
  ) {
    let edited = graph.tasks.filter { edits[$0.name] != nil }.map(\.id)
    let changed = (edit.change?.added ?? []).map(\.id) + (edit.change?.changed ?? []).map(\.id)
    let removed = edit.change?.removed ?? []
    let touched = graph.links().descendants(of: edited + changed + removed)
      .union(old.links().descendants(of: removed))
    for task in old.tasks where !touched.contains(task.id) && !task.isRemoved {
      #expect(schedule[task.id] == before[task.id], "\(task.name) was not touched")
    }
  }

  /// What is told folds into what the schedule has.
  private mutating func checkFold() throws {
    for change in schedule.takeChanges() { tell(change) }
    #expect(told.graph == graph)
    var counts = TaskCounts()
    for task in graph.tasks where !task.isRemoved {
      #expect(told[task.id].state == schedule[task.id].state, "\(task.name)")
      counts[schedule[task.id].state] += 1
    }
    #expect(told.counts == counts)
  }

  private mutating func tell(_ change: Schedule.Change) {
    tell(
      .taskState(
        Fact.TaskStateChanged(
          task: change.task, state: change.state, reason: change.reason,
          untilSeconds: change.untilSeconds)))
  }

  private mutating func tell(_ kind: Fact.Kind) {
    told.apply(
      Fact(
        sequence: told.sequence + 1, session: 1, elapsedSeconds: seconds, wallTime: 0, kind: kind))
  }
}
