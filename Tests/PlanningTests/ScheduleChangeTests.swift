import Model
import Planning
import Testing

/// A running schedule takes newer versions of its graph.
struct ScheduleChangeTests {
  /// Tasks in order, each with its needs; each is a prompt with a text of its own.
  static func graph(
    _ tasks: KeyValuePairs<String, [String]>, texts: [String: String] = [:],
    standings: [String: TaskGraph.Standing] = [:]
  ) -> TaskGraph {
    var graph = TaskGraph(name: "test")
    for (name, _) in tasks {
      var task = TaskGraph.Task(
        id: TaskID(graph.tasks.count), name: name, action: .prompt(texts[name] ?? name))
      task.standing = standings[name] ?? .pending
      graph.tasks.append(task)
    }
    for (index, needs) in tasks.map(\.value).enumerated() {
      graph.tasks[index].needs = needs.compactMap { need in
        graph.task(named: need).map { TaskGraph.Need(task: $0.id, variable: need) }
      }
    }
    return graph
  }

  private static func schedule(_ graph: TaskGraph, jobs: Int = 4) -> Schedule {
    Schedule(graph, options: Schedule.Options(jobs: jobs))
  }

  private static func states(_ schedule: Schedule, _ graph: TaskGraph) -> String {
    graph.tasks.map { "\($0.name) \(schedule[$0.id].state)" }.joined(separator: ", ")
  }

  @Test("an added task takes part, and others can come to need it")
  func adds() throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": ["a"]]))
    _ = schedule.admit()
    let edit = try schedule.change(
      to: Self.graph(["n": [], "a": [], "b": ["a", "n"], "m": ["b"]]))
    #expect(Self.states(schedule, edit.graph) == "a ready, b blocked, n ready, m blocked")
    #expect(schedule.takeChanges().map { edit.graph[$0.task].name } == ["n"])
    schedule.ended(TaskID(0), Outcome(.success), at: 1)
    #expect(schedule[TaskID(1)].state == .blocked)
    #expect(schedule.admit().map { edit.graph[$0.task].name } == ["n"])
    schedule.ended(TaskID(2), Outcome(.success), at: 2)
    #expect(schedule.admit().map { edit.graph[$0.task].name } == ["b"])
  }

  @Test("a removed task is cancelled before it starts, and its dependents go on without it")
  func removes() throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": [], "c": ["a", "b"]]), jobs: 1)
    _ = schedule.admit()
    let edit = try schedule.change(to: Self.graph(["a": [], "c": ["a"]]))
    #expect(edit.cancelled.map(\.state) == [.cancelled])
    #expect(edit.cancelled.map(\.reason) == ["removed from the file"])
    schedule.ended(TaskID(0), Outcome(.success), at: 1)
    #expect(schedule.admit().map(\.task) == [TaskID(2)])
    schedule.ended(TaskID(2), Outcome(.success), at: 2)
    #expect(schedule.closing()?.reason == "2 done")
  }

  @Test("a running task that was removed goes on, and is not tried again")
  func goesOn() throws {
    var graph = Self.graph(["a": [], "b": []])
    graph.tasks[0].retries = 3
    var schedule = Self.schedule(graph)
    _ = schedule.admit()
    let edit = try schedule.change(to: Self.graph(["b": []]))
    #expect(edit.kept == [TaskID(0)])
    #expect(!edit.graph[TaskID(0)].isRemoved)
    schedule.ended(TaskID(0), Outcome(.exit, status: .code(1)), at: 1)
    #expect(schedule[TaskID(0)].state == .skipped)
    #expect(schedule[TaskID(0)].reason == "removed from the file")
    schedule.ended(TaskID(1), Outcome(.success), at: 2)
    #expect(schedule.closing()?.ending == .done)
  }

  @Test("what has not started takes the new definition, what runs or is done keeps its own")
  func definitions() throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": [], "c": ["a"]]), jobs: 2)
    _ = schedule.admit()
    schedule.ended(TaskID(0), Outcome(.success), at: 1)
    let newer = Self.graph(
      ["a": [], "b": [], "c": ["a"]], texts: ["a": "new", "b": "new", "c": "new"])
    let edit = try schedule.change(to: newer)
    #expect(edit.graph.tasks.map(\.action) == [.prompt("a"), .prompt("b"), .prompt("new")])
    #expect(edit.kept == [TaskID(0), TaskID(1)])
    #expect(edit.change?.changed.map(\.name) == ["c"])
    #expect(try schedule.change(to: newer).change == nil)
  }

  @Test("an edit that would close a circle with what runs is refused as a whole")
  func refusesCycles() throws {
    var graph = Self.graph(["f": [], "x": ["f"]])
    graph.tasks[1].when = .always
    var schedule = Self.schedule(graph)
    _ = schedule.admit()
    schedule.ended(TaskID(0), Outcome(.exit, status: .code(1)), at: 1)
    #expect(schedule.admit().map(\.task) == [TaskID(1)])
    let before = graph.tasks.map { schedule[$0.id] }
    #expect(throws: Schedule.Refusal("tasks would wait for each other: x → f → x")) {
      _ = try schedule.change(to: Self.graph(["x": [], "f": ["x"], "n": []]))
    }
    #expect(graph.tasks.map { schedule[$0.id] } == before)
    schedule.ended(TaskID(1), Outcome(.success), at: 2)
    #expect(schedule.closing()?.ending == .failed)
  }

  @Test(
    "a status that somebody sets wins where nothing runs",
    arguments: [
      (TaskGraph.Standing.done, "a done, b ready"), (.cancelled, "a skipped, b blocked"),
      (.deferred, "a skipped, b blocked"), (.external, "a held, b blocked"),
      (.review, "a held, b blocked"), (.blocked, "a ready, b blocked"),
    ])
  func statuses(standing: TaskGraph.Standing, states: String) throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": ["a"]]))
    let newer = Self.graph(["a": [], "b": ["a"]], standings: ["a": standing])
    // Nobody has set it: that is what the run has written itself.
    _ = try schedule.change(to: newer)
    #expect(schedule[TaskID(0)].state == .ready)
    let edit = try schedule.change(to: newer, edits: ["a": .plain])
    #expect(Self.states(schedule, edit.graph) == states)
    let back = try schedule.change(to: Self.graph(["a": [], "b": ["a"]]), edits: ["a": .plain])
    #expect(Self.states(schedule, back.graph) == "a ready, b blocked")
  }

  @Test("what runs is asked to stop where the file sets it aside, and waits for its verification")
  func running() throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": ["a"]]))
    _ = schedule.admit()
    let done = try schedule.change(
      to: Self.graph(["a": [], "b": ["a"]], standings: ["a": .done]), edits: ["a": .overRunning])
    #expect(done.requests.isEmpty)
    #expect(schedule.takeNotices().map(\.text) == ["the file calls it done; it runs on"])
    let gone = try schedule.change(
      to: Self.graph(["a": [], "b": ["a"]], standings: ["a": .cancelled]),
      edits: ["a": .overRunning])
    #expect(gone.requests == [.stop([TaskID(0)])])
    schedule.ended(TaskID(0), Outcome(.stopped), at: 1)
    #expect(Self.states(schedule, gone.graph) == "a skipped, b blocked")
    #expect(
      schedule.closing()?.reason == "1 wait for a (cancelled in the file)")
  }

  @Test("a task that calls itself done and failed stays failed; one that was repaired does not")
  func lies() throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": ["a"]]))
    _ = schedule.admit()
    schedule.ended(TaskID(0), Outcome(.verification, status: .code(1)), at: 1)
    let newer = Self.graph(["a": [], "b": ["a"]], standings: ["a": .done])
    _ = try schedule.change(to: newer, edits: ["a": .overRunning])
    #expect(Self.states(schedule, newer) == "a failed, b skipped")
    let pending = Self.graph(["a": [], "b": ["a"]])
    let retry = try schedule.change(to: pending, edits: ["a": .overEnding])
    #expect(retry.requests == [.retry([TaskID(0)], downstream: false)])
    _ = try schedule.change(to: newer, edits: ["a": .overEnding])
    #expect(Self.states(schedule, newer) == "a done, b ready")
  }

  @Test("what is done is not run again because of a status")
  func staysDone() throws {
    var schedule = Self.schedule(Self.graph(["a": [], "b": ["a"]]))
    _ = schedule.admit()
    schedule.ended(TaskID(0), Outcome(.success), at: 1)
    let newer = Self.graph(["a": [], "b": ["a"]])
    _ = try schedule.change(to: newer, edits: ["a": .overEnding])
    #expect(Self.states(schedule, newer) == "a done, b ready")
    #expect(schedule.takeNotices().map(\.code) == ["file.ignored"])
  }

  @Test("what was stepped stays so, and a new priority counts")
  func order() throws {
    var schedule = Schedule(
      Self.graph(["a": [], "b": [], "c": []]),
      options: Schedule.Options(jobs: 1, startsHeld: true))
    try schedule.step(TaskID(1))
    var newer = Self.graph(["a": [], "b": [], "c": [], "d": []])
    newer.tasks[2].priority = 5
    _ = try schedule.change(to: newer)
    #expect(schedule.admit().map(\.task) == [TaskID(1)])
    schedule.ended(TaskID(1), Outcome(.success), at: 1)
    #expect(schedule.admit().isEmpty)
    schedule.continue()
    #expect(schedule.admit().map(\.task) == [TaskID(2)])
  }

  @Test("a selection takes in what its tasks come to need, and nothing else")
  func selection() throws {
    let selection = RunConfig.Selection.targets(["b"])
    let graph = Self.graph(["a": [], "b": [], "c": []])
    var schedule = Schedule(
      graph, options: Schedule.Options(jobs: 4), selection: try graph.selected(by: selection))
    let edit = try schedule.change(
      to: Self.graph(["a": [], "n": [], "b": ["a", "n"], "c": [], "m": []]), selection: selection)
    #expect(
      Self.states(schedule, edit.graph)
        == "a ready, b blocked, c skipped, n ready, m skipped")
  }
}
