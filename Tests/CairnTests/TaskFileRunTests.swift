import Foundation
import Model
import Testing

/// A run and its Task Master file, by the real program.
@Suite(.timeLimit(.minutes(15)))
struct TaskFileRunTests {
  private static let file = ".taskmaster/tasks/tasks.json"

  /// An agent that waits until somebody makes `go-` and the name of its task.
  private static let waiting =
    "cat > /dev/null; until [ -e go-$CAIRN_TASK ]; do sleep 0.02; done; touch made-$CAIRN_TASK"

  private func project(
    agent: String, verify: String? = "test -e made-$CAIRN_TASK", tasks: [String], jobs: Int = 2
  ) throws -> TemporaryProject {
    let project = try TemporaryProject(
      """
      from: task-master
      isolate: none
      agent: { command: [sh, -c, '\(agent)'] }
      \(verify.map { "verify: \($0)" } ?? "trust: false")
      budget: { jobs: \(jobs) }
      """)
    try project.write(Self.text(tasks), to: Self.file)
    return project
  }

  private static func text(_ tasks: [String]) -> String {
    "{\n  \"master\": {\n    \"tasks\": [\n      " + tasks.joined(separator: ",\n      ")
      + "\n    ]\n  }\n}"
  }

  private static func task(
    _ id: Int, _ status: String = "pending", needs: [Int] = [], subtasks: [String] = []
  ) -> String {
    let inner = subtasks.isEmpty ? "" : ", \"subtasks\": [\(subtasks.joined(separator: ", "))]"
    return #"{"id": \#(id), "title": "Task \#(id)", "description": "d", "status": "\#(status)", "#
      + #""dependencies": [\#(needs.map(String.init).joined(separator: ", "))]\#(inner)}"#
  }

  /// Statuses by id, subtasks as `2.1`.
  private func statuses(_ project: TemporaryProject) throws -> [String: String] {
    let data = Data(try project.read(Self.file).utf8)
    let root = try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]]
    var found: [String: String] = [:]
    for task in root?["master"]?["tasks"] as? [[String: Any]] ?? [] {
      let id = "\(task["id"] ?? "")"
      found[id] = task["status"] as? String
      for subtask in task["subtasks"] as? [[String: Any]] ?? [] {
        found["\(id).\(subtask["id"] ?? "")"] = subtask["status"] as? String
      }
    }
    return found
  }

  private func wait(_ project: TemporaryProject, for status: String, of id: String) async throws {
    try await poll("\(id) \(status)") {
      try? statuses(project)[id] == status ? true : nil
    }
  }

  /// As an editor saves: a new file takes the name of the old one.
  private func replace(_ project: TemporaryProject, by tasks: [String]) throws {
    try project.write(Self.text(tasks), to: ".taskmaster/new.json")
    try project.shell("mv .taskmaster/new.json \(Self.file)")
  }

  @Test("an agent that does nothing is blocked by a verification, and reviewed where none is")
  func lies() async throws {
    let plain = try project(agent: "cat > /dev/null", verify: nil, tasks: [Self.task(1)])
    let checked = try project(
      agent: "cat > /dev/null; until grep -q in-progress \(Self.file); do sleep 0.02; done; "
        + "sed -i s/in-progress/done/ \(Self.file)",
      tasks: [Self.task(1), Self.task(2, needs: [1])])
    #expect(try await CairnBinary.run(["run", "--trust"], in: plain).status == 0)
    #expect(try statuses(plain) == ["1": "review"])
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: checked)
    #expect(run.status == 1, "\(run.errors)")
    #expect(try statuses(checked) == ["1": "blocked", "2": "pending"])
    #expect(try FactLines(run.output).admitted(session: 1) == ["1"])
  }

  @Test("statuses follow the run, byte for byte elsewhere, and a task is open until its last step")
  func follows() async throws {
    let first = [
      Self.task(1), Self.task(2, needs: [1], subtasks: [Self.task(1), Self.task(2, needs: [1])]),
    ]
    let project = try project(agent: Self.waiting, tasks: first)
    let before = try project.read(Self.file)
    let child = try CairnBinary.start(["run", "--trust", "--json"], in: project)
    try await wait(project, for: "in-progress", of: "1")
    try project.write("", to: "go-1")
    try await wait(project, for: "in-progress", of: "2.1")
    #expect(
      try statuses(project)
        == ["1": "done", "2": "in-progress", "2.1": "in-progress", "2.2": "pending"])
    try project.write("", to: "go-2.1")
    try project.write("", to: "go-2.2")
    // Its own last step runs no agent, and has not made what its verification wants.
    let run = await child.finished()
    #expect(run.status == 1, "\(run.errors)")
    #expect(
      try statuses(project) == ["1": "done", "2": "blocked", "2.1": "done", "2.2": "done"])
    let after = try project.read(Self.file)
      .replacing(#/"status": "[a-z-]+"/#, with: #""status": "pending""#)
      .replacing(#/,\s*"updatedAt":\s*"[^"]+"/#, with: "")
    #expect(after == before)
  }

  @Test("tasks that come, go and are set by others while it runs are taken into the run")
  func live() async throws {
    let project = try project(
      agent: Self.waiting,
      tasks: [Self.task(1), Self.task(2, needs: [1]), Self.task(3, needs: [1]), Self.task(5)])
    let child = try CairnBinary.start(["run", "--trust", "--json"], in: project)
    try await wait(project, for: "in-progress", of: "1")
    try await wait(project, for: "in-progress", of: "5")
    try replace(
      project,
      by: [
        Self.task(1, "in-progress"), Self.task(3, "cancelled", needs: [1]),
        Self.task(4, needs: [1]), Self.task(5, "in-progress"),
      ])
    try await poll("the change") {
      try FactLines(child.output).facts.contains { $0.kind.name == "graph.changed" } ? true : nil
    }
    for task in 1...5 { try project.write("", to: "go-\(task)") }
    let run = await child.finished()
    #expect(run.status == 0, "\(run.errors)")
    let lines = try FactLines(run.output)
    #expect(Set(lines.admitted(session: 1)) == ["1", "4", "5"])
    #expect(
      try statuses(project) == ["1": "done", "3": "cancelled", "4": "done", "5": "done"])
    #expect(lines.facts.count { $0.kind.name == "graph.changed" } == 1, "our own words are none")
    #expect(lines.state.counts.total == 4)
  }

  @Test("a file that cannot be read for a while is told of once, and nothing is lost")
  func broken() async throws {
    let project = try project(
      agent: Self.waiting, tasks: [Self.task(1), Self.task(2, needs: [1])])
    let child = try CairnBinary.start(["run", "--trust", "--json"], in: project)
    try await wait(project, for: "in-progress", of: "1")
    try project.write("{\n<<<<<<< ours\n", to: Self.file)
    try await poll("the notice") {
      try FactLines(child.output).notices("file.unread").isEmpty ? nil : true
    }
    try project.write("", to: "go-1")
    try await poll("the second task") {
      try FactLines(child.output).admitted(session: 1).contains("2") ? true : nil
    }
    try replace(project, by: [Self.task(1), Self.task(2, needs: [1])])
    try project.write("", to: "go-2")
    let run = await child.finished()
    #expect(run.status == 0, "\(run.errors)")
    #expect(try FactLines(run.output).notices("file.unread").count == 1)
    #expect(try statuses(project) == ["1": "done", "2": "done"])
  }

  @Test("what was in progress when Cairn was killed is its own, and what was done is written again")
  func killed() async throws {
    let project = try project(
      agent: Self.waiting, tasks: [Self.task(1), Self.task(2), Self.task(3, "in-progress")])
    let child = try CairnBinary.start(["run", "--trust", "--json"], in: project)
    try await wait(project, for: "in-progress", of: "1")
    try await wait(project, for: "in-progress", of: "2")
    // Somebody holds the lock, so the fact is there and the status is not.
    try project.shell("mkdir \(Self.file).lock")
    try project.write("", to: "go-1")
    try await poll("the first task") { try FactLines(child.output).done.contains("1") ? true : nil }
    child.send(SIGKILL)
    _ = await child.finished()
    try project.shell("rmdir \(Self.file).lock")
    #expect(
      try statuses(project) == ["1": "in-progress", "2": "in-progress", "3": "in-progress"])
    try project.write("", to: "go-2")
    let run = try await CairnBinary.run(["resume", "--trust", "--json"], in: project)
    #expect(run.status == 2, "somebody works on 3: \(run.errors)")
    #expect(try statuses(project) == ["1": "done", "2": "done", "3": "in-progress"])
    try project.write("", to: "go-3")
    let take = try await CairnBinary.run(["resume", "--trust", "--take", "--json"], in: project)
    #expect(take.status == 0, "\(take.errors)")
    #expect(try statuses(project)["3"] == "done")
  }

  @Test("what the run has called done runs again when its definition has changed")
  func redefined() async throws {
    let project = try project(
      agent: "cat > /dev/null; touch made-$CAIRN_TASK",
      tasks: [Self.task(1), Self.task(2), Self.task(3, needs: [1])])
    #expect(try await CairnBinary.run(["run", "--trust"], in: project).status == 0)
    try project.edit(Self.file, "Task 1", to: "Task one")
    let run = try await CairnBinary.run(["resume", "--trust", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try admittedNames(run.output) == ["1", "3"])
    #expect(try statuses(project) == ["1": "done", "2": "done", "3": "done"])
  }

  @Test("a run that is stopped takes back what it has not brought to its end")
  func stopped() async throws {
    let project = try project(
      agent: Self.waiting, tasks: [Self.task(1), Self.task(2, "deferred"), Self.task(3)])
    let child = try CairnBinary.start(["run", "--trust"], in: project)
    try await wait(project, for: "in-progress", of: "3")
    child.send(SIGTERM)
    #expect(await child.finished().status == 2)
    #expect(try statuses(project) == ["1": "pending", "2": "deferred", "3": "pending"])
  }
}
