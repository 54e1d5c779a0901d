import Foundation
import Testing

/// The verbs that Task Master's users know, in the program that they type.
@Suite(.timeLimit(.minutes(15)))
struct TaskMasterVerbsTests {
  private static let file = ".taskmaster/tasks/tasks.json"
  /// Two tasks that wait for each other, a name that steers terminals, and one that cannot be read.
  private static let text = #"""
    {"master": {"tasks": [
      {"id": 1, "title": "one\u001b[2J", "status": "in-progress", "dependencies": [2], "subtasks": [
        {"id": 1, "title": "inner", "status": "completed"},
        {"id": 2, "title": "next", "status": "pending", "dependencies": [1]}]},
      {"id": 2, "title": "two", "status": "pending", "priority": null, "dependencies": [1, 99]},
      "none", {"id": 3, "title": "three", "status": "frozen"}]},
     "other": {"tasks": [{"id": 1, "title": "elsewhere", "status": "done"}]}}
    """#

  @Test(
    "read a file of which no graph can be made",
    arguments: [
      (["list"], "next: 1.2  next", "expected a task, found \"none\""),
      (["list", "-f", "json"], #""total": 3"#, ""),
      (["list", "pending,in-progress", "-c"], "2 ○ two", ""),
      (["list", "--all-tags", "--compact"], "1 ✓ elsewhere", ""),
      (["next"], "1.2  next", "left out"),
      (["next", "-t", "other"], "nothing to take up", ""),
      (["show", "-i", "1.2"], "1.2  next", ""),
      (["show", "1", "-s", "done"], "1.1  ✓ completed", ""),
      (["tags"], "* master  0 of 3 done, 2 subtasks", ""),
      (["help", "task-master"], "Where Cairn differs, on purpose", ""),
    ] as [([String], String, String)])
  func reads(arguments: [String], output: String, errors: String) async throws {
    let project = try taskMasterProject(Self.text)
    let run = try await CairnBinary.run(arguments, in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains(output), "\(run.output)")
    #expect(errors.isEmpty || run.errors.contains(errors), "\(run.errors)")
    #expect(!(run.output + run.errors).contains("\u{1B}"))
    #expect(try project.read(Self.file) == Self.text)
  }

  @Test("change it where they must, and say so")
  func changes() async throws {
    let project = try taskMasterProject(Self.text)
    for (arguments, output) in [
      (
        ["add-task", "-t", "four", "-d", "what", "--dependencies", "2,3", "--priority", "high"],
        "added 4: four"
      ),
      (["add-dependency", "-i", "1.2", "-d", "3"], "1.2 depends on 3"),
      (["remove-dependency", "--id", "2", "--depends-on", "99"], "2 no longer depends on 99"),
      (["remove-dependency", "-i", "1", "-d", "2", "--json"], #""taskId" : "1""#),
      (["update-subtask", "-i", "1.2", "-p", "works"], "added to the details of 1.2"),
      (["validate-dependencies"], "all dependencies of master hold"),
    ] {
      let run = try await CairnBinary.run(arguments, in: project)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains(output), "\(run.output)")
    }
    let text = try project.read(Self.file)
    #expect(text.contains(#"{"id": 4, "title": "four", "description": "what""#))
    #expect(text.contains(#""dependencies": [1, 3], "updatedAt": "20"#))
    #expect(text.contains(#", "details": "<info added on 20"#))
    #expect(text.contains(#""priority": null, "dependencies": [1], "updatedAt""#))
    #expect(text.contains(#"one\u001b[2J"#) && text.contains(#""none", {"id": 3"#))
  }

  @Test(
    "end with the code of what is wrong",
    arguments: [
      (["validate-dependencies"], 65, "2 dependencies cannot be followed"),
      (["add-task", "--prompt", "think"], 64, "name one with --agent"),
      (["add-dependency", "-i", "2", "-d", "1.2"], 64, "tasks would wait for each other"),
      (["add-dependency", "-i", "2", "-d", "98"], 66, "no task \"98\""),
      (["tags", "use", "othre"], 65, "no tag \"othre\"; did you mean \"other\"?"),
      (["tags", "add", "main"], 64, "Task Master keeps the name for itself"),
      (["tags", "remove", "other"], 77, "with tag \"other\" go 1 task and 0 subtasks; --yes"),
      (["tags", "remove", "master", "-y"], 64, "tag \"master\" stays"),
      (["tags", "add", "x", "--from-branch"], 64, "give a name"),
      (["list", "pendign"], 64, "did you mean \"pending\"?"),
      (["show", "9", "-f", "json"], 66, "no task \"9\""),
      (["complexity-report"], 66, ".taskmaster/reports/task-complexity-report.json"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], status: Int32, message: String) async throws {
    let project = try taskMasterProject(Self.text)
    let run = try await CairnBinary.run(arguments, in: project)
    #expect(run.status == status)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(try project.read(Self.file) == Self.text)
  }

  @Test("a tag is chosen by flag, environment, state and configuration, in this order")
  func tags() async throws {
    let project = try taskMasterProject(
      #"{"a":{"tasks":[{"id":1,"title":"in-a"}]},"b":{"tasks":[{"id":1,"title":"in-b"}]},"c":{"tasks":[{"id":1,"title":"in-c"}]},"master":{"tasks":[{"id":1,"title":"in-master"}]}}"#
    )
    func next(_ arguments: [String] = [], _ environment: [String: String] = [:]) async throws
      -> String
    {
      let run = try await CairnBinary.run(
        ["next"] + arguments, in: project, environment: environment)
      return run.outputLines.first ?? run.errors
    }
    #expect(try await next() == "1  in-master")
    try project.write(#"{"global":{"defaultTag":"c"}}"#, to: ".taskmaster/config.json")
    #expect(try await next() == "1  in-c")
    try project.write(#"{"currentTag":"b"}"#, to: ".taskmaster/state.json")
    #expect(try await next() == "1  in-b")
    #expect(try await next([], ["TASKMASTER_TAG": "a"]) == "1  in-a")
    #expect(try await next(["--tag", "master"], ["TASKMASTER_TAG": "a"]) == "1  in-master")
  }

  @Test("tags come and go, and the current one with them")
  func tagVerbs() async throws {
    let project = try taskMasterProject(Self.text)
    try project.shell("git init -q -b feature/Door .")
    for (arguments, output) in [
      (["add", "sprint"], "added tag sprint"),
      (["add", "--from-branch", "--copy-from-current", "--json"], #""tagName" : "feature-door""#),
      (["use", "feature-door", "--json"], #""previousTag" : "master""#),
      (["rename", "feature-door", "door"], "renamed tag feature-door to door, the current one"),
      (["copy", "other", "more", "-d", "x", "--json"], #""tasksCopied" : 1"#),
      ([], "* door  0 of 3 done, 2 subtasks"),
      (
        ["remove", "door", "--yes"], "removed tag door with its 3 tasks; the current tag is master"
      ),
      (["remove", "more", "-y"], "removed tag more with its 1 task"),
      (["remove", "sprint", "-y", "--json"], #""tasksDeleted" : 0"#),
    ] as [([String], String)] {
      let run = try await CairnBinary.run(["tags"] + arguments, in: project)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains(output), "\(run.output)")
    }
    #expect(try project.read(Self.file) == Self.text)
    let state = try project.read(".taskmaster/state.json")
    #expect(state.contains(#""currentTag": "master""#))
    let told = try await CairnBinary.run(
      ["tags", "use", "other"], in: project, environment: ["TASKMASTER_TAG": "master"])
    #expect(told.errorLines.count == 1 && told.errors.contains("TASKMASTER_TAG is \"master\""))
  }

  @Test("a tag is removed when a person says so", .enabled(if: Tmux.isInstalled, "needs tmux"))
  func asksForRemoval() async throws {
    let project = try taskMasterProject(Self.text)
    let tmux = try Tmux(project, columns: 100, rows: 12)
    try tmux.type("\(CairnBinary.path) tags remove other; echo ended: $?")
    try await tmux.wait(for: "Remove tag \"other\" with 1 task and 0 subtasks, for good?")
    try tmux.type("n")
    try await tmux.wait(for: "ended: 77")
    #expect(try project.read(Self.file) == Self.text)
    try tmux.type("clear; \(CairnBinary.path) tags remove other; echo gone: $?")
    try await tmux.wait(for: "for good? [y]es or [n]o")
    try tmux.type("y")
    try await tmux.wait(for: "gone: 0")
    #expect(try !project.read(Self.file).contains("elsewhere"))
  }

  @Test("a complexity report is printed, the most complex task first")
  func complexity() async throws {
    let project = try taskMasterProject(Self.text)
    try project.write(
      #"{"complexityAnalysis":[{"taskId":1,"taskTitle":"one","complexityScore":3},{"taskId":2,"taskTitle":"two","complexityScore":8,"recommendedSubtasks":5}]}"#,
      to: ".taskmaster/reports/task-complexity-report.json")
    let run = try await CairnBinary.run(["complexity-report"], in: project)
    #expect(
      run.outputLines == [
        "2 tasks judged, the most complex first", "  2  8 of 10, 5 subtasks recommended  two",
        "  1  3 of 10  one",
      ])
  }

  @Test("thousands of tasks are no matter")
  func large() async throws {
    let tasks = (1...5_907).map {
      #"{"id": \#($0), "title": "task \#($0)", "details": "\#(String(repeating: "x", count: 400))", "status": "pending", "dependencies": [\#($0 - 1 > 0 ? String($0 - 1) : "")]}"#
    }
    let text = #"{"tasks": [\#(tasks.joined(separator: ",\n"))]}"#
    let project = try taskMasterProject(text)
    let set = try await CairnBinary.run(["set-status", "1", "done"], in: project)
    #expect(set.status == 0, "\(set.errors)")
    let (old, new) = (text.utf8.count, try project.read(Self.file).utf8.count)
    #expect(
      new - old == #", "updatedAt": "2026-01-02T03:04:05.678Z""#.utf8.count + "done".utf8.count
        - "pending".utf8.count)
    let next = try await CairnBinary.run(["next"], in: project)
    #expect(next.output.hasPrefix("2  task 2\n"))
  }
}
