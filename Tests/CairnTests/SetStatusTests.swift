import Foundation
import Testing

/// A project with this Task Master file.
func taskMasterProject(_ text: String) throws -> TemporaryProject {
  let project = try TemporaryProject()
  try project.write(text, to: ".taskmaster/tasks/tasks.json")
  return project
}

@Suite(.timeLimit(.minutes(15)))
struct SetStatusTests {
  private static let file = ".taskmaster/tasks/tasks.json"
  private static let text = #"""
    {"master": {"tasks": [
      {"id": 1, "title": "a", "status": "pending", "dependencies": [2], "subtasks": [
        {"id": 1, "title": "b", "status": "pending"},
        {"id": 2, "title": "c", "status": "done"}]},
      {"id": 2, "title": "d", "status": "pending", "dependencies": [1]}]},
     "other": {"tasks": [{"id": 1, "title": "e", "status": "review"}]}}
    """#

  @Test("sets tasks and subtasks and says what followed, even where tasks wait for each other")
  func says() async throws {
    let project = try taskMasterProject(Self.text)
    let run = try await CairnBinary.run(["set-status", "1.1,2", "done"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.outputLines == [
        "1.1: pending → done", "1: pending → done, by its subtasks", "2: pending → done",
      ])
    let text = try project.read(Self.file)
    #expect(text.components(separatedBy: #""status": "done""#).count == 5)
    #expect(text.components(separatedBy: "updatedAt").count == 4)
  }

  @Test("takes Task Master's flags and answers in its shape")
  func flags() async throws {
    let project = try taskMasterProject(Self.text)
    try project.write(#"{"currentTag": "other"}"#, to: ".taskmaster/state.json")
    let run = try await CairnBinary.run(
      ["set-status", "--id", "1", "--status", "in-progress", "-f", "json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? NSDictionary)
    #expect(
      answer == [
        "success": true, "storageType": "file", "cascadedTasks": [],
        "updatedTasks": [["taskId": "1", "oldStatus": "review", "newStatus": "in-progress"]],
      ])
    let master = try await CairnBinary.run(
      ["set-status", "-i", "1.1", "-s", "deferred", "-t", "master", "--no-cascade", "--silent"],
      in: project)
    #expect(master.status == 0 && master.output == "" && master.errors == "")
    #expect(try project.read(Self.file).components(separatedBy: "updatedAt").count == 3)
  }

  @Test(
    "what is wrong ends with its code",
    arguments: [
      (["set-status"], 64, "which tasks, and what status?"),
      (["set-status", "1"], 64, "which tasks, and what status?"),
      (["set-status", "1", "dnoe"], 64, "did you mean \"done\"?"),
      (["set-status", "1.3", "done"], 66, "did you mean \"1.1\"?"),
      (["set-status", "1", "done", "--tag", "othre"], 65, "did you mean \"other\"?"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], status: Int32, message: String) async throws {
    let project = try taskMasterProject(Self.text)
    let run = try await CairnBinary.run(arguments, in: project)
    #expect(run.status == status)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(try project.read(Self.file) == Self.text)
  }

  @Test("a failure is an object where objects are asked for")
  func failure() async throws {
    let project = try taskMasterProject("{\n<<<<<<< HEAD\n}")
    let run = try await CairnBinary.run(["set-status", "1", "done", "--json"], in: project)
    #expect(run.status == 65)
    #expect(run.errors.contains("tasks.json:2:1: a merge conflict is left in the file"))
    let answer = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(answer?["success"] as? Bool == false && answer?["taskId"] as? String == "1")
  }

  @Test("a project without such a file")
  func none() async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    let run = try await CairnBinary.run(["set-status", "1", "done"], in: project)
    #expect(run.status == 66)
    #expect(run.errors.contains("the project has no .taskmaster/tasks/tasks.json"))
  }
}
