import Formats
import Foundation
import Model
import Testing

@Suite("A Task Master file becomes a graph, whatever wrote it") struct TaskMasterTests {
  private static let task = #"{"id": 1, "title": "One", "status": "pending", "dependencies": []}"#

  @Test(arguments: [
    (#"{"tasks": [\#(task)], "metadata": {}}"#, ["master"], "master", 1),
    (#"{"meta": {"n": 1}, "project": "x", "tasks": [\#(task)]}"#, ["master"], "master", 1),
    (
      #"{"feature": {"tasks": [\#(task)]}, "other": {"tasks": []}}"#, ["feature", "other"],
      "feature", 1
    ),
    (
      #"{"feature": {"tasks": []}, "master": {"tasks": [\#(task)], "metadata": {}}}"#,
      ["feature", "master"], "master", 1
    ),
    (#"{"tasks": [\#(task)], "feature": {"tasks": []}}"#, ["master", "feature"], "master", 1),
    (#"{"tasks": [], "master": {"tasks": [\#(task)]}}"#, ["master"], "master", 1),
    (#"{"tasks": [], "meta": {}}"#, ["master"], "master", 0),
    (#"{"master": {"tasks": null}}"#, ["master"], "master", 0),
    ("{}", [], "master", 0),
  ])
  func rootShapes(text: String, tags: [String], tag: String, count: Int) throws {
    let loaded = try backlog(text)
    #expect(loaded.tags == tags)
    #expect(loaded.tag == tag)
    #expect(loaded.graph.tasks.count == count)
  }

  @Test func aTagIsChosenByName() throws {
    let text = #"{"a": {"tasks": []}, "feature": {"tasks": [\#(Self.task)]}}"#
    #expect(try backlog(text, .init(tag: "feature")).graph.tasks.map(\.name) == ["1"])
    #expect(
      message { () throws(FormatProblem) in _ = try backlog(text, .init(tag: "featrue")) }
        == "tasks.json: no tag \"featrue\"; did you mean \"feature\"?")
    #expect(
      message { () throws(FormatProblem) in _ = try backlog(text, .init(tag: "zzz")) }
        == "tasks.json: no tag \"zzz\"; there is \"a\", \"feature\"")
  }

  @Test func idsAreTextWhateverTheirType() throws {
    let loaded = try backlog(
      #"""
      {"tasks": [
        {"id": 1, "title": "a"}, {"id": "2", "title": "b", "dependencies": [1, "3.1"]},
        {"id": 3.0, "title": "c", "subtasks": [
          {"id": 1, "title": "d"}, {"id": "2", "title": "e", "dependencies": ["1"]},
          {"id": 3.3, "title": "f", "dependencies": ["3.2"]}]},
        {"id": "CKA.1", "title": "g", "dependencies": ["task-1"]}, {"id": "task-1", "title": "h"},
        {"id": 5.10, "title": "i", "dependencies": null}]}
      """#)
    let graph = loaded.graph
    #expect(
      graph.tasks.map(\.name)
        == ["1", "2", "3.1", "3.2", "3.3", "3", "CKA.1", "task-1", "5.10"])
    #expect(graph.before("2") == ["1", "3.1"])
    #expect(graph.before("3.2") == ["3.1"])
    #expect(graph.before("3.3") == ["3.2"])
    #expect(graph.before("3") == ["3.1", "3.2", "3.3"])
    #expect(graph.before("CKA.1") == ["task-1"])
    #expect(graph.task(named: "2")?.line == 2)
  }

  @Test func aParentIsAGroupWhoseLastStepItIs() throws {
    let loaded = try backlog(
      #"""
      {"tasks": [
        {"id": 1, "title": "First"},
        {"id": 2, "title": "Second", "dependencies": [1], "subtasks": [
          {"id": 1, "title": "Inner", "subtasks": [{"id": 1, "title": "Deep"}, {"id": 2, "title": "Deeper", "dependencies": [1]}]},
          {"id": 2, "title": "Next", "dependencies": [1]}]},
        {"id": 3, "title": "Third", "dependencies": [2]}]}
      """#, .init(agent: .init(command: ["helper"])))
    let graph = loaded.graph
    #expect(graph.tasks.map(\.name) == ["1", "2.1.1", "2.1.2", "2.1", "2.2", "2", "3"])
    #expect(
      graph.groups == [
        .init(name: "2", title: "Second"), .init(name: "2.1", title: "Inner", parent: 0),
      ])
    #expect(graph.tasks.map(\.group) == [nil, 1, 1, 1, 0, 0, nil])
    #expect(graph.tasks.filter { $0.action == .gate }.map(\.name) == ["2.1", "2"])
    #expect(graph.before("2.1.1") == ["1"])
    #expect(graph.before("2.1.2") == ["1", "2.1.1"])
    #expect(graph.before("2.2") == ["1", "2.1"])
    #expect(graph.before("2") == ["1", "2.1", "2.2"])
    #expect(graph.before("3") == ["2"])
    #expect(graph.agent?.command == ["helper"])
    #expect(graph.tasks.allSatisfy { $0.outputs.isEmpty })
  }

  @Test func aTaskWeighsWhatTheReportSaysElseTheFileAndSubtasksShareTheirParents() throws {
    let text = #"""
      {"tasks": [
        {"id": 1, "complexityScore": 9, "subtasks": [{"id": 1}, {"id": 2, "complexity": "3"}]},
        {"id": 2, "complexity": 4}, {"id": 3, "complexityScore": 4}, {"id": 4},
        {"id": 5, "complexity": {"score": 5}}, {"id": 6, "complexityScore": -1}, {"id": 7, "complexity": 1e9}]}
      """#
    let graph = try TaskMasterFile.load(
      Array(text.utf8), file: "tasks.json", complexity: { $0 == "master" ? ["1": 8, "3": 6] : [:] }
    ).graph
    #expect(graph.tasks.map(\.name) == ["1.1", "1.2", "1", "2", "3", "4", "5", "6", "7"])
    #expect(graph.tasks.map(\.weight) == [4, 3, nil, 4, 6, nil, nil, nil, nil])
  }

  @Test func aBareNumberIsTheSiblingFirst() throws {
    let loaded = try backlog(
      #"""
      {"tasks": [
        {"id": 1, "title": "a"}, {"id": 3, "title": "b"},
        {"id": 2, "title": "c", "subtasks": [
          {"id": 1, "title": "d"}, {"id": 2, "title": "e", "dependencies": [1, 3, "1"]}]}]}
      """#)
    #expect(loaded.graph.before("2.2") == ["3", "2.1"])
    #expect(
      loaded.warnings.map(\.description) == [
        "tasks.json:4:71: 2 dependencies name both a sibling and a task, taken as the sibling: 2.2 → 1, 2.2 → 1"
      ])
  }

  @Test func aDependencyThatDoesNotExistLeavesItsTaskWaiting() throws {
    let loaded = try backlog(
      #"""
      {"tasks": [
        {"id": 1, "title": "a", "dependencies": [16]},
        {"id": 2, "title": "b", "dependencies": ["7.1"], "subtasks": [{"id": 1, "title": "c"}]},
        {"id": 3, "title": "d", "status": "done", "dependencies": [99]}]}
      """#)
    #expect(loaded.graph.tasks.map(\.standing) == [.blocked, .blocked, .blocked, .done])
    #expect(
      loaded.warnings.map(\.description) == [
        "tasks.json:2:44: task \"1\" depends on \"16\", which does not exist; it waits",
        "tasks.json:3:44: task \"2\" depends on \"7.1\", which does not exist; it waits",
        "tasks.json:4:62: task \"3\" depends on \"99\", which does not exist; it waits",
      ])
  }

  @Test func repeatedAndMissingIdsAreSettledWithAWarning() throws {
    let loaded = try backlog(
      #"""
      {"tasks": [
        {"id": 42, "title": "a"}, {"id": 42, "title": "b"}, {"id": "42", "title": "c"},
        {"id": null, "title": "d", "dependencies": [42]}]}
      """#)
    #expect(loaded.graph.tasks.map(\.name) == ["42", "42~2", "42~3", "4"])
    #expect(loaded.graph.before("4") == ["42"])
    #expect(
      loaded.warnings.map(\.description) == [
        "tasks.json:2:36: id \"42\" is taken, this task is called \"42~2\"",
        "tasks.json:2:62: id \"42\" is taken, this task is called \"42~3\"",
        "tasks.json:3:3: a task without an id, taken as \"4\"",
      ])
  }

  @Test func warningsOfOneKindAreLimited() throws {
    let tasks = (1...30).map { #"{"id": \#($0), "title": "t", "dependencies": [99]}"# }
    let loaded = try backlog(#"{"tasks": [\#(tasks.joined(separator: ",\n"))]}"#)
    #expect(loaded.warnings.count == TaskMasterFile.maximumWarnings + 1)
    #expect(loaded.warnings.last?.description == "tasks.json: 10 more about dependencies")
  }

  @Test(arguments: [
    ("pending", TaskGraph.Standing.pending), ("done", .done), ("completed", .done),
    ("in-progress", .external), ("review", .review), ("deferred", .deferred),
    ("cancelled", .cancelled), ("blocked", .blocked), ("Done", .done), ("in_progress", .external),
    ("wontfix", .blocked),
  ])
  func statuses(status: String, standing: TaskGraph.Standing) throws {
    let text = #"{"tasks": [{"id": 1, "title": "a", "status": "\#(status)"}]}"#
    let loaded = try backlog(text)
    #expect(loaded.graph.tasks[0].standing == standing)
    #expect(loaded.warnings.isEmpty == (status != "wontfix"))
  }

  @Test func trustTakesReviewForDone() throws {
    let text = #"{"tasks": [{"id": 1, "title": "a", "status": "review"}]}"#
    #expect(try backlog(text, .init(trust: true)).graph.tasks[0].standing == .done)
  }

  @Test func subtasksShareTheEndOfTheirTask() throws {
    let loaded = try backlog(
      #"""
      {"tasks": [
        {"id": 1, "status": "cancelled", "subtasks": [{"id": 1}, {"id": 2, "status": "done"}]},
        {"id": 2, "status": "in-progress", "subtasks": [{"id": 1}]}]}
      """#)
    #expect(
      loaded.graph.tasks.map(\.standing) == [.cancelled, .done, .cancelled, .pending, .pending])
    #expect(loaded.warnings.count == 1)
  }

  @Test func thePromptHoldsWhatTheTaskSays() throws {
    var reference = TaskMasterReference()
    reference.template.verify = "make test"
    reference.template.retries = 2
    let loaded = try backlog(
      #"""
      {"tasks": [{"id": 7, "title": "Say h\u00e9", "description": "Be brief.", "priority": "high",
        "details": ["one", "two"], "test_strategy": "Look.", "subtasks": []},
        {"id": 8, "title": "Bare", "priority": null}]}
      """#, reference)
    let tasks = loaded.graph.tasks
    #expect(
      tasks[0].action
        == .prompt(
          "Task 7: Say hé\n\nBe brief.\n\nDetails:\none\ntwo\n\nTest strategy:\nLook.\n"))
    #expect(tasks[1].action == .prompt("Task 8: Bare\n"))
    #expect(tasks.map(\.priority) == [1, 0])
    #expect(tasks.allSatisfy { $0.verify == "make test" && $0.retries == 2 })
  }

  @Test(arguments: [
    (
      #"{"tasks": [{"id": 1, "dependencies": [2]}, {"id": 2, "dependencies": [1]}]}"#,
      "tasks.json:1: tasks wait for each other: 1 → 2 → 1"
    ),
    (
      #"{"tasks": [{"id": 4, "dependencies": [4]}]}"#,
      "tasks.json:1: tasks wait for each other: 4 → 4"
    ),
    (
      "{\"tasks\": [\n{\"id\": 12, \"subtasks\": [\n{\"id\": 1, \"dependencies\": [4]},\n"
        + "{\"id\": 4, \"dependencies\": [\"12.1\"]}]}]}",
      "tasks.json:3: tasks wait for each other: 12.1 → 12.4 → 12.1"
    ),
    ("[]", "tasks.json:1:1: expected a map with \"tasks\" or with tags, found a list"),
    (#"{"tasks": 5}"#, "tasks.json:1:11: \"tasks\": expected a list, found \"5\""),
    (#"{"tasks": ["x"]}"#, "tasks.json:1:12: expected a task, found \"x\""),
    (
      #"{"tasks": [{"id": 1, "subtasks": {}}]}"#,
      "tasks.json:1:34: \"subtasks\": expected a list, found a map"
    ),
    (#"{"tasks": [{"id": "a/b"}]}"#, "tasks.json:1:19: id \"a/b\": a name must not hold \"/\""),
  ])
  func refused(text: String, expected: String) {
    #expect(message { () throws(FormatProblem) in _ = try backlog(text) } == expected)
  }

  @Test(arguments: [
    ("", "1:1: not valid JSON: expected a value, found the end of the file"),
    ("{\"a\": 1,}", "1:9: not valid JSON: expected a key, found \"}\""),
    ("{\"a\" 1}", "1:6: not valid JSON: expected \":\", found \"1\""),
    ("{\"é\": [1 2]}", "1:10: not valid JSON: expected \",\" or \"]\", found \"2\""),
    ("<<<<<<", "1:1: not valid JSON: expected a value, found \"<<<<<<\""),
    ("{}\n}", "2:1: not valid JSON: expected the end of the file, found \"}\""),
    ("[1.]", "1:2: not valid JSON: expected a value, found \"1.\""),
    ("[01]", "1:2: not valid JSON: expected a value, found \"01\""),
    ("[\"a\nb\"]", "1:4: not valid JSON: control character in a string, found \"\\n\""),
    ("[\"\\x\"]", "1:3: not valid JSON: unknown escape in a string"),
    ("[\"\\u12", "1:3: not valid JSON: unknown escape in a string"),
    ("[\"\\", "1:3: not valid JSON: unknown escape in a string"),
    ("[\"a", "1:4: not valid JSON: a string has no end"),
    (String(repeating: "[", count: 600), "1:514: not valid JSON: nested more than 512 deep"),
  ])
  func notJSON(text: String, expected: String) {
    #expect(
      message { () throws(FormatProblem) in _ = try backlog(text) } == "tasks.json:" + expected)
  }

  @Test func aFileThatEndsAtAnyByteIsRefusedWithItsPlace() {
    let text = """
      {"master": {"tasks": [{"id": 1, "title": "Ä \\u00e9", "dependencies": [],
        "priority": "high", "subtasks": [{"id": 1.5e3, "title": null}]}, {"id": "2"}]}}
      """
    let bytes = Array(text.utf8)
    for length in bytes.indices {
      do throws(FormatProblem) {
        _ = try TaskMasterFile.load(Array(bytes[..<length]), file: "tasks.json")
        Issue.record("loaded \(length) bytes")
      } catch {
        #expect(error.line != nil && error.column != nil, "\(length) bytes: \(error)")
      }
    }
    #expect((try? TaskMasterFile.load(bytes, file: "tasks.json")) != nil)
  }

  @Test(arguments: ["NaN", "Infinity", "-", "+1", "0x10", "1e", "nil"])
  func whatIsNoNumberOfJSONIsRefused(_ word: String) {
    let text = "{\"tasks\": [{\"id\": \(word)}]}"
    #expect(
      message { () throws(FormatProblem) in _ = try backlog(text) }.hasPrefix(
        "tasks.json:1:19: not valid JSON"))
  }

  @Test func hugeNumbersAreNamesLikeAnyOther() throws {
    let huge = String(repeating: "9", count: 100)
    let loaded = try backlog(
      "\u{FEFF}{\"tasks\": [{\"id\": \(huge)}, {\"id\": 2, \"dependencies\": [\(huge)]}]}")
    #expect(loaded.graph.tasks.map(\.name) == [huge, "2"])
    #expect(loaded.graph.before("2") == [huge])
  }

  /// Newest first, so that each depends on what comes behind it.
  @Test func aLongChainNeedsNoStack() throws {
    let count = 20_000
    let tasks = (0..<count).reversed().map {
      "{\"id\": \($0), \"dependencies\": [\($0 == 0 ? "" : String($0 - 1))]}"
    }
    let graph = try backlog("{\"tasks\": [\(tasks.joined(separator: ","))]}").graph
    #expect(graph.topologicalOrder().count == count)
    #expect(graph.links().descendants(of: [TaskID(count - 1)]).count == count)
    let cycle =
      "{\"tasks\": [\(tasks.dropLast().joined(separator: ",")),"
      + "{\"id\": 0, \"dependencies\": [\(count - 1)]}]}"
    #expect(
      message { () throws(FormatProblem) in _ = try backlog(cycle) }.contains("wait for each other")
    )
  }

  @Test func escapesAreReadAndHalfPairsReplaced() throws {
    let loaded = try backlog(
      #"{"tasks": [{"id": 1, "title": "\ud83d\ude00 \ud83d \t\/\u001b[2J"}]}"#)
    #expect(loaded.graph.tasks[0].title == "😀 \u{FFFD} \t/\u{1B}[2J")
  }

  @Test func theCurrentTagIsRead() {
    #expect(TaskMasterFile.currentTag(inState: Array(#"{"currentTag": "x"}"#.utf8)) == "x")
    #expect(TaskMasterFile.currentTag(inState: Array(#"{"activeTag": "y"}"#.utf8)) == "y")
    #expect(TaskMasterFile.currentTag(inState: Array("nonsense".utf8)) == nil)
  }

  /// Real files lie outside the repository: `CAIRN_CORPUS` names their folder.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["CAIRN_CORPUS"] != nil,
      "skipped: CAIRN_CORPUS is not set"))
  func everyRealFileLoadsOrNamesItsCycle() throws {
    let corpus = try #require(ProcessInfo.processInfo.environment["CAIRN_CORPUS"])
    let folder = URL(fileURLWithPath: corpus).appendingPathComponent("task-master")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }.sorted()
    try #require(!files.isEmpty)
    for file in files {
      let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
      var tags: [String?] = [nil]
      if let loaded = try? TaskMasterFile.load(bytes, file: file) { tags += loaded.tags }
      for tag in tags {
        do throws(FormatProblem) {
          let loaded = try TaskMasterFile.load(bytes, file: file, reference: .init(tag: tag))
          #expect(!loaded.graph.tasks.isEmpty)
          #expect(loaded.graph.cycle() == nil)
        } catch {
          #expect(error.message.hasPrefix("tasks wait for each other: "), "\(error)")
        }
      }
    }
  }
}
