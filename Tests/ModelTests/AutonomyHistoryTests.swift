import Model
import Testing

@Suite("The autonomy of several runs")
struct AutonomyHistoryTests {
  typealias Story = AutonomyStory

  /// A run of so many tasks, the first of which needed a person, or failed and came through.
  private static func record(
    _ run: Int, tasks: Int = 3, retried: Bool = false, flaky: Bool = false, verified: Bool = false,
    name: String = "fetch"
  ) -> AutonomyRecord {
    var story = Story()
    story.number = run
    story.tasks = [Story.plain(name)] + (1..<tasks).map { Story.plain("t\($0)", from: Double($0)) }
    story.tasks[0].isVerified = verified
    if retried { story.tasks[0].acts = [Story.person(Story.weighing[0])] }
    if flaky {
      story.tasks[0].tries = [
        Story.Try(from: 0, to: 1, outcome: .exit), Story.Try(from: 2, to: 3),
      ]
    }
    return AutonomyReport(story.state).record
  }

  @Test("looks back over the newest 200 tasks, of the oldest run over its newest")
  func window() throws {
    let history = AutonomyHistory([
      Self.record(1, tasks: 300), Self.record(2, tasks: 90, retried: true),
      Self.record(3, tasks: 80),
    ])
    let window = AutonomyWindow(history)
    #expect(window.units.count == 200 && window.runs == 3)
    let score = try #require(window.score)
    #expect(score.untouched == 1 - 0.5 / 200)
    #expect(window.units.suffix(30).map(\.name) == (270..<300).reversed().map { "t\($0)" })
    #expect(AutonomyWindow(history, limit: 80).score?.value == 1)
    #expect(AutonomyWindow(AutonomyHistory()).score == nil)
  }

  @Test("has a trend, and how a run compares with the one before")
  func trend() throws {
    let records = (1...25).map { Self.record($0, retried: $0 == 24) }
    let history = AutonomyHistory(records.shuffled())
    #expect(history.trend.count == 20)
    #expect(history.trend.last == 1 && history.trend[18] < 1)
    #expect(try #require(history.change(of: 25, 1)) > 0.05)
    #expect(history.change(of: 24, 1) == 0)
    #expect(history.change(of: 1, 1) == nil)
    #expect(history.with(Self.record(25, retried: true)).records.count == 25)
  }

  @Test("names what needs a person again and again")
  func needsPerson() throws {
    let history = AutonomyHistory((1...9).map { Self.record($0, retried: $0 % 3 == 0) })
    #expect(
      history.lessons.map(\.words) == [
        "fetch needed a person in 3 of 9 runs: add a verify or raise retries"
      ])
    let verified = AutonomyHistory((1...4).map { Self.record($0, retried: $0 > 2, verified: true) })
    #expect(
      verified.lessons.map(\.words) == [
        "fetch needed a person in 2 of 4 runs: raise retries, or have its verify say what is missing"
      ])
  }

  @Test("names what is flaky, and an instance of a matrix by its matrix")
  func flaky() {
    let history = AutonomyHistory(
      (1...5).map { Self.record($0, flaky: $0 > 2, name: "shard[n=\($0)]") })
    #expect(
      history.lessons.map(\.words) == [
        "shard failed and came through by itself in 3 of 5 runs: add a verify, and find what makes it fail"
      ])
  }

  @Test("learns nothing from too little")
  func tooLittle() {
    let two = AutonomyHistory((1...2).map { Self.record($0, retried: true) })
    #expect(two.lessons.isEmpty)
    let once = AutonomyHistory((1...3).map { Self.record($0, retried: $0 == 1) })
    #expect(once.lessons.isEmpty)
    let rare = AutonomyHistory((1...11).map { Self.record($0, retried: $0 < 3) })
    #expect(rare.lessons.isEmpty, "2 of 11 is less than a fifth")
  }

  @Test("a class is a matrix, a step's parent, or the task itself; an agent its program and model")
  func classes() {
    var graph = TaskGraph(name: "g")
    graph.groups = [TaskGraph.Group(name: "5"), TaskGraph.Group(name: "build")]
    graph.agent = TaskGraph.Agent(command: ["/usr/bin/claude", "-p", "--model", "opus"])
    for (index, (name, group)) in [("5.2", 0), ("5", 0), ("make", 1), ("shard[n=1,k=a[]", nil)]
      .enumerated()
    {
      var task = TaskGraph.Task(
        id: TaskID(index), name: name, action: index == 0 ? .prompt("do") : .gate)
      task.group = group
      graph.tasks.append(task)
    }
    #expect(
      graph.tasks.map { graph.taskClass(of: $0.id) } == ["5", "5", "make", "shard"])
    #expect(graph.worker(of: TaskID(0)) == "claude opus")
    #expect(graph.worker(of: TaskID(1)) == "commands")
    graph.agent = TaskGraph.Agent(command: ["./agent.sh", "--model=small"])
    #expect(graph.worker(of: TaskID(0)) == "agent.sh small")
    graph.agent = TaskGraph.Agent(command: ["./agent.sh"])
    #expect(graph.worker(of: TaskID(0)) == "agent.sh")
  }

  @Test("few tasks are named one by one, and numbers as those of tasks")
  func names() throws {
    var story = Story()
    story.tasks = (1...5).map { Story.plain("3.\($0)") } + (1...2).map { Story.plain("s[n=\($0)]") }
    for index in 0..<7 { story.tasks[index].acts = [Story.person(Story.weighing[0])] }
    func what() -> [String] { AutonomyReport(story.state).losses.map(\.what).sorted() }
    #expect(what().contains("2 manual retries of s[n=1], s[n=2]"))
    #expect(what().contains("manual retry of task 3.5"))
    story.acts = [Story.person({ _ in .killRun })]
    story.tasks = Array(story.tasks.prefix(3)).map { task in
      var task = task
      task.acts = []
      return task
    }
    #expect(what() == ["kill of the run while tasks 3.1, 3.2, 3.3 ran or were due"])
  }

  @Test("is told in sections, each with a limit")
  func sheet() throws {
    var story = Story()
    story.tasks = (0..<40).map { Story.plain("t\($0)") }
    for index in 0..<30 { story.tasks[index].acts = [Story.person(Story.weighing[index % 3])] }
    let report = AutonomyReport(story.state)
    let sheet = AutonomySheet(report, history: AutonomyHistory())
    #expect(
      sheet.sections.map(\.title) == [
        "run 1", "lost \(AutonomyScore.thousandths(1 - (report.score?.value ?? 0)))",
        "last 40 tasks, of 1 run", "by agent", "by class, the lowest first", "learned from 1 run",
      ])
    #expect(sheet.sections[1].rows.count == AutonomySheet.maximumRows + 1)
    #expect(sheet.sections[1].rows.last?.text == "and 18 more")
    #expect(sheet.sections.flatMap(\.rows).allSatisfy { $0.figure.count <= 6 })
  }
}
