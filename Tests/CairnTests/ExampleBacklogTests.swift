import Foundation
import Model
import Testing

/// `Examples/backlog`: a Task Master file, an agent that edits, verifications that test.
@Suite(.timeLimit(.minutes(15)))
struct ExampleBacklogTests {
  @Test("the agent works off the backlog, and what it made works")
  func worksOff() async throws {
    let project = try TemporaryProject(example: "backlog")
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    let lines = try FactLines(run.output)
    let open = lines.state.graph.tasks.filter { $0.standing == .pending }
    #expect(open.count == 20)
    #expect(lines.names(of: open.map(\.id)).subtracting(lines.done) == ["13", "14"])
    #expect(run.errors.contains("`git merge --ff-only cairn/1`"), "\(run.errors)")
    #expect(!project.exists("bin/wordcount"), "the checkout is the user's")
    try project.shell("git merge -q --ff-only cairn/1")
    #expect(try project.shell("printf 'b a b' | bin/wordcount --top 1") == "b 2\n")
    #expect(try project.shell("bin/wordcount --version") == "wordcount 1.0\n")
    #expect(try project.shell("./test.sh").contains("top: ok"))
  }

  @Test("what each task did is one commit on the run's branch, and the checkout is left alone")
  func commits() async throws {
    let project = try TemporaryProject(example: "backlog")
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    let state = try FactLines(run.output).state
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

  @Test("a task that failed its verification is tried again with what the verification said")
  func learns() async throws {
    let project = try TemporaryProject(example: "backlog")
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    let attempts = try #require(try FactLines(run.output).status("6")).attempts
    #expect(attempts.map { $0.outcome?.class } == [.verification, .success])
    let logs = try project.shell("cat .cairn/logs/*/*6.2.prompt.md")
    #expect(logs.contains("total line missing"))
  }

  @Test("a parent runs its verification and no agent, after its subtasks")
  func parentsOnlyVerify() async throws {
    let project = try TemporaryProject(example: "backlog")
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    let lines = try FactLines(run.output)
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

  @Test("it runs unattended: side by side, fed back, blocked, and the file says so")
  func statuses() async throws {
    let project = try TemporaryProject(example: "backlog")
    let before = try project.read(Self.file)
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    let lines = try FactLines(run.output)
    #expect(lines.mostAtOnce >= 2)
    for task in lines.state.graph.tasks where lines.done.contains(task.name) {
      let start = lines.status(task.name)?.lastAttempt?.startSeconds ?? 0
      for need in task.predecessors where need != lines.state.graph.task(named: "1")?.id {
        #expect(try #require(lines.state[need].lastAttempt?.endSeconds) <= start)
      }
    }
    #expect(lines.status("13")?.attempts.map { $0.outcome?.class } == [.exit, .exit])
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
    let after = try project.read(Self.file)
      .replacing(#/,\s*"updatedAt":\s*"[^"]+"/#, with: "")
    #expect(after == expected)
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
