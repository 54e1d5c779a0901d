import Model
import Project
import Testing

/// What the file is to say of tasks, as the log of a run has them.
struct StatusBookTests {
  /// A run that is told fact by fact, and the book that is kept of it.
  private struct Diary {
    var run = RunState()
    var book: StatusBook

    /// `5`, and `2` with its subtasks `2.1` and `2.2`.
    init(_ book: StatusBook = StatusBook(trustsReview: false)) {
      self.book = book
      var graph = TaskGraph(name: "g", groups: [TaskGraph.Group(name: "2")])
      for (index, name) in ["5", "2.1", "2.2", "2"].enumerated() {
        var task = TaskGraph.Task(id: TaskID(index), name: name, action: .prompt(name))
        task.group = name == "5" ? nil : 0
        graph.tasks.append(task)
      }
      tell(.graphDefined(Fact.GraphDefined(graph: graph, fingerprints: ["", "", "", ""])))
    }

    mutating func tell(_ kind: Fact.Kind) {
      run.apply(
        Fact(
          sequence: run.sequence + 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: kind))
    }

    private func id(_ name: String) -> TaskID { run.graph.task(named: name)?.id ?? TaskID(99) }

    /// As the follower does it: `2.1 inProgress`.
    mutating func enter(_ name: String, _ state: TaskState) -> [String] {
      tell(.taskState(Fact.TaskStateChanged(task: id(name), state: state)))
      return Self.words(book.note([id(name)], in: run))
    }

    mutating func start(
      _ name: String, _ admission: Fact.TaskAdmitted.Admission = .first
    ) -> [String] {
      let attempt = run[id(name)].attempts.count + 1
      tell(
        .taskAdmitted(
          Fact.TaskAdmitted(
            task: id(name), attempt: attempt, admission: admission, cpus: 1, memoryBytes: 0)))
      return enter(name, .running)
    }

    mutating func end(
      _ name: String, _ state: TaskState, _ outcome: Outcome.Class, verified: Bool? = nil
    ) -> [String] {
      let attempt = run[id(name)].attempts.count
      if let verified {
        tell(
          .verifyEnded(
            Fact.VerifyEnded(
              task: id(name), attempt: attempt, status: .code(verified ? 0 : 1), seconds: 0,
              log: "")))
      }
      tell(
        .attemptEnded(
          Fact.AttemptEnded(
            task: id(name), attempt: attempt, outcome: Outcome(outcome), usage: Usage(),
            phases: Phases())))
      return enter(name, state)
    }

    mutating func close() -> [String] { Self.words(book.close(run)) }

    static func words(_ entries: [StatusBook.Entry]) -> [String] {
      entries.map { "\($0.name) \($0.word)" }
    }
  }

  @Test("verified is done, what nothing verified is for review, what failed for good is blocked")
  func ends() {
    var diary = Diary()
    #expect(diary.start("5") == ["5 inProgress"])
    #expect(diary.enter("5", .verifying) == [])
    #expect(diary.end("5", .done, .success, verified: true) == ["5 done"])
    diary = Diary()
    _ = diary.start("5")
    #expect(diary.end("5", .done, .success) == ["5 review"])
    diary = Diary(StatusBook(trustsReview: true))
    _ = diary.start("5")
    #expect(diary.end("5", .done, .success) == ["5 done"])
    diary = Diary()
    _ = diary.start("5")
    #expect(diary.end("5", .backoff, .verification, verified: false) == [])
    #expect(diary.start("5", .retry) == [])
    #expect(diary.end("5", .failed, .exit) == ["5 blocked"])
    #expect(diary.start("5", .retry) == ["5 inProgress"])
    #expect(diary.close() == ["5 back"])
  }

  @Test("a task with subtasks is in progress from the first of them until its last step has passed")
  func parents() {
    var diary = Diary()
    #expect(diary.start("2.1") == ["2.1 inProgress", "2 inProgress"])
    #expect(diary.end("2.1", .done, .success, verified: true) == ["2.1 done"])
    #expect(diary.start("2.2") == ["2.2 inProgress"])
    #expect(diary.end("2.2", .done, .success, verified: true) == ["2.2 done"])
    #expect(diary.start("2") == [])
    #expect(diary.end("2", .done, .success, verified: true) == ["2 done"])
    #expect(diary.close() == [])
  }

  @Test("what was not brought to its end is taken back, but for the task of what is done")
  func takenBack() {
    var diary = Diary()
    _ = diary.start("2.1")
    _ = diary.start("5")
    #expect(diary.end("5", .cancelled, .stopped) == ["5 back"])
    #expect(diary.enter("2", .skipped) == [], "its other subtask may go on")
    #expect(diary.close() == ["2.1 back", "2 back"])
    diary = Diary()
    _ = diary.start("2.1")
    _ = diary.end("2.1", .done, .success)
    _ = diary.start("2.2")
    #expect(diary.close() == ["2.2 back"])
  }

  @Test("what the run did not set is left alone")
  func leftAlone() {
    var diary = Diary()
    #expect(diary.enter("5", .skipped) == [])
    #expect(diary.enter("2.1", .done) == [], "done in the file")
    #expect(diary.enter("2.2", .held) == [])
    #expect(diary.close() == [])
  }

  @Test("what is only made again stays done")
  func recomputes() {
    var diary = Diary()
    _ = diary.start("5")
    _ = diary.end("5", .done, .success, verified: true)
    #expect(diary.start("5", .recompute) == [])
    #expect(diary.end("5", .done, .success, verified: true) == [])
  }

  @Test("a session writes again what the log says is done and the file does not")
  func reopened() {
    var diary = Diary()
    for name in ["5", "2.1"] {
      _ = diary.start(name)
      _ = diary.end(name, .done, .success, verified: name == "5")
    }
    var next = StatusBook(trustsReview: false)
    let standings: [String: TaskGraph.Standing] = ["5": .external, "2.1": .done]
    #expect(Diary.words(next.reopen(diary.run) { standings[$0] }) == ["5 done"])
  }

  @Test("what a session of ours has left in progress is ours to take back")
  func inherited() {
    var diary = Diary(StatusBook(trustsReview: false, ours: ["2.2"]))
    #expect(diary.close() == ["2.2 back"])
  }
}
