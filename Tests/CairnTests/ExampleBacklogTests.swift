import Foundation
import Model
import Testing

/// `Examples/backlog`: a Task Master file, an agent that edits, verifications that test.
@Suite(.timeLimit(.minutes(15)))
struct ExampleBacklogTests {
  /// Everything that one run shows, for it takes seconds.
  @Test("it runs unattended: the agent works off the backlog, and what it made works")
  func worksOff() async throws {
    let project = try TemporaryProject(example: "backlog")
    let before = try project.read(Self.file)
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    let lines = try FactLines(run.output)
    let open = lines.state.graph.tasks.filter { $0.standing == .pending }
    #expect(open.count == 20)
    #expect(lines.names(of: open.map(\.id)).subtracting(lines.done) == ["13", "14"])
    #expect(lines.status("13")?.attempts.map { $0.outcome?.class } == [.exit, .exit])
    #expect(lines.mostAtOnce >= 2)
    try expectOrder(lines)
    try expectParentsOnlyVerify(lines)
    try expectFeedback(lines, project)
    try expectStatuses(before, try project.read(Self.file))
    try expectCommits(lines.state, project)
    #expect(run.errors.contains("`git merge --ff-only cairn/1`"), "\(run.errors)")
    #expect(!project.exists("bin/wordcount"), "the checkout is the user's")
    try project.shell("git merge -q --ff-only cairn/1")
    #expect(try project.shell("printf 'b a b' | bin/wordcount --top 1") == "b 2\n")
    #expect(try project.shell("bin/wordcount --version") == "wordcount 1.0\n")
    #expect(try project.shell("./test.sh").contains("top: ok"))
  }

  /// Tasks run in the order of their dependencies.
  private func expectOrder(_ lines: FactLines) throws {
    for task in lines.state.graph.tasks where lines.done.contains(task.name) {
      let start = lines.status(task.name)?.lastAttempt?.startSeconds ?? 0
      for need in task.predecessors where need != lines.state.graph.task(named: "1")?.id {
        #expect(try #require(lines.state[need].lastAttempt?.endSeconds) <= start)
      }
    }
  }

  /// What each task did is one commit on the run's branch, and the checkout is left alone.
  private func expectCommits(_ state: RunState, _ project: TemporaryProject) throws {
    #expect(try project.shell("git status --porcelain") == " M .taskmaster/tasks/tasks.json\n")
    let log = try project.shell(
      "git log --format='%(trailers:key=Cairn-Task,valueonly,separator=)' HEAD..cairn/1")
    let agents = state.graph.tasks.filter { task in
      guard case .prompt = task.action, task.standing == .pending else { return false }
      return state[task.id].state == .done
    }
    let committed = log.split(separator: "\n").map(String.init)
    #expect(committed.sorted() == agents.map(\.name).sorted())
    #expect(try project.shell("git rev-parse cairn/1") == "\(state.branch?.commit ?? "")\n")
    #expect(try project.shell("git diff --name-only HEAD cairn/1 -- .taskmaster .cairn") == "")
  }

  /// A task that failed its verification is tried again with what the verification said.
  private func expectFeedback(_ lines: FactLines, _ project: TemporaryProject) throws {
    let attempts = try #require(lines.status("6")).attempts
    #expect(attempts.map { $0.outcome?.class } == [.verification, .success])
    let logs = try project.shell("cat .cairn/logs/*/*6.2.prompt.md")
    #expect(logs.contains("total line missing"))
  }

  /// A parent runs its verification and no agent, after its subtasks.
  private func expectParentsOnlyVerify(_ lines: FactLines) throws {
    for (parent, subtasks) in [("2", ["2.1", "2.2"]), ("4", ["4.1", "4.2", "4.3"])] {
      let status = try #require(lines.status(parent))
      #expect(status.lastAttempt?.verification?.status == .code(0))
      let start = try #require(status.lastAttempt?.startSeconds)
      for subtask in subtasks {
        let end = try #require(lines.status(subtask)?.lastAttempt?.endSeconds)
        #expect(end <= start)
      }
    }
  }

  /// The file says what became of each task, and nothing else of it has changed.
  private func expectStatuses(_ before: String, _ after: String) throws {
    var expected = before.replacing(#""status": "pending""#, with: #""status": "done""#)
    for (id, status) in [("13", "blocked"), ("14", "pending")] {
      let task = try #require(expected.range(of: #""id": \#(id),"#))
      let rest = try #require(
        expected.range(of: #""done""#, range: task.upperBound..<expected.endIndex))
      expected.replaceSubrange(rest, with: "\"\(status)\"")
    }
    let later = try #require(expected.range(of: #""later""#))
    let tail = try #require(
      expected.range(of: #""done""#, range: later.upperBound..<expected.endIndex))
    expected.replaceSubrange(tail, with: #""pending""#)
    #expect(after.replacing(/,\s*"updatedAt":\s*"[^"]+"/, with: "") == expected)
  }

  @Test("without a terminal and without --trust no agent acts")
  func refusesUntrusted() async throws {
    let project = try TemporaryProject(example: "backlog")
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 77)
    #expect(
      run.errors.hasSuffix(
        "cairn: the agent `./agent.sh` has not been trusted on this project; "
          + "run once in a terminal, or give --trust\n"))
    #expect(!project.exists("lib/input.sh"))
  }

  private static let file = ".taskmaster/tasks/tasks.json"
}

extension FactLines {
  /// Most attempts that ran at the same time.
  fileprivate var mostAtOnce: Int {
    var running = 0
    return facts.reduce(0) { most, fact in
      if case .attemptStarted = fact.kind { running += 1 }
      if case .attemptEnded = fact.kind { running -= 1 }
      return max(most, running)
    }
  }
}
