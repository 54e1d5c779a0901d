import Formats
import Foundation
import Testing

private let time = "2026-01-02T03:04:05.678Z"

/// The text after one status was set.
private func set(
  _ id: String, _ status: String, in text: String, tag: String? = nil, cascades: Bool = false
) throws -> (text: String, result: TaskMasterStatusResult) {
  let edit = try TaskMasterEdit(Array(text.utf8), file: "tasks.json")
  let (new, results) = try edit.settingStatuses(
    [TaskMasterStatusChange(id: id, status: status)], tag: tag, cascades: cascades, at: time)
  return (String(decoding: new.bytes, as: UTF8.self), try #require(results.first))
}

@Suite("A status is set where it stands, and nothing else moves") struct TaskMasterEditTests {
  @Test(
    "whatever a file's style is, it stays",
    arguments: [
      (
        #"{"tasks":[{"id":1,"status":"pending"}]}"#,
        #"{"tasks":[{"id":1,"status":"done","updatedAt":"\#(time)"}]}"#
      ),
      (
        "{\r\n\t\"tasks\": [\r\n\t\t{\r\n\t\t\t\"id\": 1,\r\n\t\t\t\"status\": \"pending\"\r\n\t\t}\r\n\t]\r\n}\r\n",
        "{\r\n\t\"tasks\": [\r\n\t\t{\r\n\t\t\t\"id\": 1,\r\n\t\t\t\"status\": \"done\",\r\n\t\t\t\"updatedAt\": \"\(time)\"\r\n\t\t}\r\n\t]\r\n}\r\n"
      ),
      (
        "\u{FEFF}{ \"tasks\" : [ { \"status\" : \"pending\", \"id\" : 1 } ] }\n",
        "\u{FEFF}{ \"tasks\" : [ { \"status\" : \"done\", \"id\" : 1, \"updatedAt\" : \"\(time)\" } ] }\n"
      ),
      (
        #"{"tasks":[{"updatedAt":null,"id":1,"status":"pending","x":1E+2,"y":-0.50,"z":"\u00e9\/"}]}"#,
        #"{"tasks":[{"updatedAt":"\#(time)","id":1,"status":"done","x":1E+2,"y":-0.50,"z":"\u00e9\/"}]}"#
      ),
      (
        #"{"tasks":[{"id":1,"status":"done","status":"pending"}]}"#,
        #"{"tasks":[{"id":1,"status":"done","status":"done","updatedAt":"\#(time)"}]}"#
      ),
      (
        #"{"tasks":[{"id":1}]}"#, #"{"tasks":[{"id":1,"status":"done","updatedAt":"\#(time)"}]}"#
      ),
      (
        #"{"tasks":[{"id":1,"status":7}]}"#,
        #"{"tasks":[{"id":1,"status":"done","updatedAt":"\#(time)"}]}"#
      ),
      (
        #"{"tasks": [{}]}"#, #"{"tasks": [{"status": "done", "updatedAt": "\#(time)"}]}"#
      ),
      (
        #"{"meta":{"x":1},"tasks":[{"id":1,"title":"😀\ud83d","status":"pen\u0064ing"}],"tasks2":0}"#,
        #"{"meta":{"x":1},"tasks":[{"id":1,"title":"😀\ud83d","status":"done","updatedAt":"\#(time)"}],"tasks2":0}"#
      ),
    ])
  func styles(before: String, after: String) throws {
    #expect(try set("1", "done", in: before).text == after)
  }

  @Test(
    "an item is found by the name that the reader gives it",
    arguments: [
      ("5", 0), ("5.2", 1), ("5.1", 2), ("5.3.1", 4), ("5~2", 5), ("7", 6), ("a.b", 7), ("29", 8),
      ("29.1", 9),
    ])
  func ids(id: String, row: Int) throws {
    let text = #"""
      {"master": {"tasks": [
        {"id": 5, "status": "pending", "subtasks": [
          {"id": "2", "status": "pending"},
          {"id": 1, "status": "pending"},
          {"id": 3, "subtasks": [
            {"id": 1, "status": "pending"}]}]},
        {"id": 5, "status": "pending"},
        {"id": "7", "status": "pending"},
        {"id": "a.b", "status": "pending"},
        {"id": 29, "status": "pending", "subtasks": [
          {"id": 29.1, "status": "pending"}]}]}}
      """#
    let (new, result) = try set(id, "review", in: text)
    let (old, now) = (text.split(separator: "\n"), new.split(separator: "\n"))
    let changed = zip(old, now).enumerated().filter { $0.element.0 != $0.element.1 }
    // Behind subtasks the new key stands in their last line.
    #expect(changed.allSatisfy { $0.offset == row + 1 || $0.element.1.contains(time) })
    #expect(now[row + 1].contains(#""status": "review""#))
    #expect(result == .init(id: id, old: "pending", new: "review"))
  }

  @Test("a task without an id goes by its place, and a tag by its name")
  func places() throws {
    let text =
      #"{"a":{"tasks":[{"id":1,"status":"done"}]},"b":{"tasks":[{"id":null,"status":"done"}]}}"#
    let new = try set("1", "pending", in: text, tag: "b").text
    #expect(
      new
        == text.replacingOccurrences(
          of: #""id":null,"status":"done""#,
          with: #""id":null,"status":"pending","updatedAt":"\#(time)""#))
  }

  @Test(
    "the same status changes nothing",
    arguments: ["done", "Done", "DONE"])
  func same(status: String) throws {
    let text = #"{"tasks":[{"id":1,"status":"done","subtasks":[{"id":1,"status":"done"}]}]}"#
    for id in ["1", "1.1"] {
      #expect(try set(id, status, in: text, cascades: true).text == text)
    }
  }

  @Test("completed is what some writers call it in subtasks, and no task can have it")
  func completed() throws {
    let text = #"{"tasks":[{"id":1,"status":"pending","subtasks":[{"id":1,"status":"pending"}]}]}"#
    #expect(try set("1", "completed", in: text).result.new == "done")
    #expect(try set("1.1", "completed", in: text).result.new == "completed")
  }

  @Test(
    "what is wrong is said with its file",
    arguments: [
      ("9", "done", #"no task "9" in tag "master""#, FormatProblem.Code.missing),
      ("42.2", "done", #"no task "42.2" in tag "master"; did you mean "42.1"?"#, .missing),
      (
        "42", "doen",
        #"no status "doen": expected pending, in-progress, done, deferred, cancelled, blocked or review; did you mean "done"?"#,
        .usage
      ),
      (
        "42", "\u{1B}[2J",
        "no status \"\\u{1B}[2J\": expected pending, in-progress, done, deferred, cancelled, blocked or review",
        .usage
      ),
    ])
  func refusals(id: String, status: String, message: String, code: FormatProblem.Code) throws {
    let text = #"{"tasks":[{"id":42,"subtasks":[{"id":1}]}]}"#
    do {
      _ = try set(id, status, in: text)
      Issue.record("accepted")
    } catch let problem as FormatProblem {
      #expect(problem.description == "tasks.json: " + message)
      #expect(problem.code == code)
    }
  }

  @Test("one that cannot be read hides no other")
  func oneBadTask() throws {
    let text =
      #"{"tasks":[7,{"id":"a/b","status":"pending"},{"id":1,"subtasks":"none"},{"id":2,"status":"pending","dependencies":[2]}]}"#
    #expect(try set("2", "done", in: text).text.contains(#""id":2,"status":"done""#))
    let backlog = try TaskMasterEdit(Array(text.utf8), file: "f").backlog()
    #expect(backlog.ids == ["1", "2"])
    #expect(backlog.warnings.count == 3)
  }

  @Test("markers of a merge are named with their line and what to do")
  func conflict() {
    let text = "{\"tasks\": [\n<<<<<<< HEAD\n{\"id\": 1}\n=======\n>>>>>>> x\n]}"
    let said = message { () throws(FormatProblem) in _ = try backlog(text) }
    #expect(
      said
        == "tasks.json:2:1: a merge conflict is left in the file: \"<<<<<<< HEAD\"; keep one side "
        + "and delete the lines that begin with <<<<<<<, ======= and >>>>>>>")
    let edited = message { () throws(FormatProblem) in
      _ = try TaskMasterEdit(Array(text.utf8), file: "tasks.json")
    }
    #expect(edited == said)
  }
}

@Suite("A subtask takes its task along") struct TaskMasterCascadeTests {
  @Test(
    arguments: [
      (["done", "done"], "done"), (["done", "completed"], "done"), (["completed"], "done"),
      (["in-progress", "pending"], "in-progress"), (["done", "pending"], "in-progress"),
      (["completed", "pending"], "in-progress"), (["done", "cancelled"], "in-progress"),
      (["in-progress", "review"], "in-progress"), (["pending", "pending"], "pending"),
      (["pending", "deferred"], nil), (["cancelled", "cancelled"], nil), (["review"], nil),
      (["blocked", "pending"], nil), (["nonsense", "pending"], nil),
      (["nonsense", "done"], "in-progress"),
      ([], nil),
    ] as [([String], String?)])
  func rule(subtasks: [String], task: String?) {
    let new = TaskMasterStatus.cascade(from: subtasks.map(TaskMasterStatus.init(written:)))
    #expect(new?.rawValue == task)
  }

  private static let text = #"""
    {"tasks": [{"id": 1, "status": "pending", "subtasks": [
      {"id": 1, "status": "done"},
      {"id": 2, "subtasks": [
        {"id": 1, "status": "pending"}]}]}]}
    """#

  @Test("through every level, and says whom it changed")
  func levels() throws {
    let (text, result) = try set("1.2.1", "done", in: Self.text, cascades: true)
    #expect(
      result.parents == [
        .init(id: "1.2", old: "pending", new: "done"), .init(id: "1", old: "pending", new: "done"),
      ])
    #expect(text.components(separatedBy: time).count == 4)
    #expect(!text.contains("pending"))
  }

  @Test("its time is changed even where its status is not; without cascade neither is")
  func times() throws {
    let (text, result) = try set("1.1", "review", in: Self.text, cascades: true)
    #expect(result.parents.isEmpty)
    #expect(text.components(separatedBy: time).count == 3)
    let alone = try set("1.1", "review", in: Self.text).text
    #expect(alone.components(separatedBy: time).count == 2)
  }

  @Test("several are set one after another")
  func several() throws {
    let edit = try TaskMasterEdit(Array(Self.text.utf8), file: "f")
    let (_, results) = try edit.settingStatuses(
      ["1.1", "1.1", "1.2.1"].map { .init(id: $0, status: "pending") }, tag: nil, cascades: true,
      at: time)
    #expect(results.map(\.old) == ["done", "pending", "pending"])
    #expect(results[0].parents.isEmpty && results[2].parents.isEmpty)
  }
}
