import Formats
import Foundation
import Testing

private let time = "2026-01-02T03:04:05.678Z"

private func edit(_ text: String) throws -> TaskMasterEdit {
  try TaskMasterEdit(Array(text.utf8), file: "tasks.json")
}

private func tasks(_ tasks: String) throws -> TaskMasterBacklog {
  try edit(#"{"master": {"tasks": [\#(tasks)]}}"#).backlog()
}

private func problem(_ body: () throws -> Void) -> FormatProblem? {
  do {
    try body()
    return nil
  } catch { return error as? FormatProblem }
}

@Suite("What comes next, by Task Master's rule") struct TaskMasterNextTests {
  @Test(
    arguments: [
      // The subtasks of what is in progress come first, whatever their task depends on.
      (
        #"{"id":1,"status":"pending","priority":"high"},{"id":2,"status":"in-progress","priority":"low","dependencies":[1],"subtasks":[{"id":1,"status":"done"},{"id":2,"status":"pending","dependencies":[1]}]}"#,
        "2.2"
      ),
      // Those of what is pending do not.
      (#"{"id":2,"status":"pending","subtasks":[{"id":1,"status":"pending"}]}"#, "2"),
      // Priority, then dependencies, then numbers.
      (#"{"id":1,"status":"pending"},{"id":2,"status":"pending","priority":"critical"}"#, "2"),
      (
        #"{"id":3,"status":"done"},{"id":1,"status":"pending","dependencies":[3]},{"id":2,"status":"pending"}"#,
        "2"
      ),
      (#"{"id":10,"status":"pending"},{"id":9,"status":"in-progress"}"#, "9"),
      (#"{"id":"b","status":"pending"},{"id":"a","status":"pending"}"#, "a"),
      // A subtask has the priority of its task, unless it has its own.
      (
        #"{"id":1,"status":"in-progress","priority":"low","subtasks":[{"id":1,"status":"pending"}]},{"id":2,"status":"in-progress","priority":"high","subtasks":[{"id":1,"status":"pending"}]}"#,
        "2.1"
      ),
      // On purpose: completed is done, the sibling comes first, and the task of that number else.
      (
        #"{"id":1,"status":"in-progress","subtasks":[{"id":1,"status":"completed"},{"id":2,"status":"pending","dependencies":["1"]}]}"#,
        "1.2"
      ),
      (
        #"{"id":7,"status":"done"},{"id":1,"status":"in-progress","subtasks":[{"id":2,"status":"pending","dependencies":[7]}]}"#,
        "1.2"
      ),
      // What cannot be read hides nothing; unknown words are worked on by nobody.
      (#"5,{"id":1,"status":"todo"},{"id":2,"status":"pending"}"#, "2"),
      (#"{"id":1}"#, "1"),
      (#"{"id":1,"status":"cancelled"},{"id":2,"status":"pending","dependencies":[1]}"#, nil),
      (#"{"id":2,"status":"pending","dependencies":[9]}"#, nil),
      (
        #"{"id":1,"status":"pending","dependencies":[2]},{"id":2,"status":"pending","dependencies":[1]}"#,
        nil
      ),
      ("", nil),
    ] as [(String, String?)])
  func next(text: String, id: String?) throws {
    #expect(try tasks(text).next() == id)
  }

  @Test("a listing is filtered by status, by what is ready and by what others wait for")
  func filters() throws {
    let backlog = try tasks(
      #"{"id":1,"status":"completed"},{"id":2,"status":"review","dependencies":[1]},{"id":3,"status":"cancelled"},{"id":4,"dependencies":[3]},{"id":5,"dependencies":[4],"subtasks":[{"id":1}]}"#
    )
    func ids(_ filter: TaskMasterFilter, _ isDeep: Bool = false) -> [String] {
      backlog.rows(filter, withSubtasks: isDeep).map(\.id)
    }
    #expect(ids(.init()) == ["1", "2", "3", "4", "5"])
    #expect(ids(.init(), true).last == "5.1")
    #expect(ids(.init(statuses: [.done, .cancelled])) == ["1", "3"])
    #expect(ids(.init(isReady: true)) == ["2", "4"])
    #expect(ids(.init(isBlocking: true)) == ["1", "3", "4"])
    #expect(ids(.init(isReady: true, isBlocking: true)) == ["4"])
  }
}

@Suite("Answers in Task Master's shape") struct TaskMasterAnswerTests {
  private func object(_ text: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
  }

  @Test("a listing has ids as text, what a task blocks, and everything that the file says")
  func listing() throws {
    let backlog = try tasks(
      #"{"id":1,"title":"a\u001b[2J\#u{9B}","x":[1e2],"x":{"y":null}},{"id":2,"dependencies":[1,"8"],"subtasks":[{"id":1}]}"#
        .replacingOccurrences(of: "#u{9B}", with: "\u{9B}"))
    let text = TaskMasterBacklog.listing([backlog], TaskMasterFilter(), withSubtasks: false)
    #expect(
      !text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    let answer = try object(text)
    #expect(
      answer["metadata"] as? NSDictionary == [
        "total": 2, "filtered": 2, "tag": "master", "storageType": "file", "allTags": false,
      ])
    #expect(
      answer["tasks"] as? NSArray == [
        [
          "id": "1", "title": "a\u{1B}[2J\u{9B}", "x": ["y": NSNull()], "status": "pending",
          "priority": "medium", "dependencies": [], "subtasks": [], "blocks": ["2"],
        ],
        [
          "id": "2", "dependencies": ["1", "8"], "subtasks": [], "status": "pending",
          "priority": "medium", "blocks": [],
        ],
      ])
  }

  @Test("next and show say whether there is one")
  func answers() throws {
    let backlog = try tasks(
      #"{"id":1,"status":"in-progress","subtasks":[{"id":1,"status":"done"},{"id":2}]}"#)
    let next = try object(backlog.nextAnswer())
    #expect(next["found"] as? Bool == true && next["hasAnyTasks"] as? Bool == true)
    #expect((next["task"] as? NSDictionary)?["id"] as? String == "1.2")
    let one = try object(backlog.answer(of: ["1"], subtasks: [.done]))
    #expect(((one["task"] as? NSDictionary)?["subtasks"] as? NSArray)?.count == 1)
    #expect(
      try object(backlog.answer(of: ["9"])) == [
        "task": NSNull(), "found": false, "storageType": "file",
      ])
    let several = try object(backlog.answer(of: ["1.1", "9"]))
    #expect(several["notFound"] as? [String] == ["9"] && (several["tasks"] as? NSArray)?.count == 1)
    #expect(
      try object(tasks("").nextAnswer()) == [
        "task": NSNull(), "found": false, "tag": "master", "storageType": "file",
        "hasAnyTasks": false,
      ])
  }

  @Test("a report's file is looked for in both spellings of its tag")
  func reports() throws {
    #expect(TaskMasterComplexity.fileNames(tag: "master") == ["task-complexity-report.json"])
    #expect(
      TaskMasterComplexity.fileNames(tag: "Feature.x") == [
        "task-complexity-report_Feature.x.json", "task-complexity-report_feature-x.json",
      ])
    #expect(TaskMasterComplexity.fileNames(tag: "../x") == ["task-complexity-report_---x.json"])
    let report = try TaskMasterComplexity(
      Array(
        #"{"meta":{},"complexityAnalysis":[{"taskId":1,"complexityScore":3},{"taskId":"2","taskTitle":"b","complexityScore":7.5,"recommendedSubtasks":4},{"taskId":3,"complexityScore":99}]}"#
          .utf8), file: "r.json")
    #expect(report.rows.map(\.id) == ["2", "1"])
    #expect(report.rows.map(\.scoreText) == ["7.5", "3"])
    #expect(
      problem { _ = try TaskMasterComplexity(Array("{}".utf8), file: "r.json") }?.file == "r.json")
  }
}

@Suite("Dependencies of a Task Master file are judged and changed") struct TaskMasterDependencyTests
{
  @Test("what cannot be followed is named with its place, and what sibling first makes of the rest")
  func faults() throws {
    let backlog = try edit(
      #"""
      {"tasks": [
        {"id": 1, "dependencies": [1, 2]}, {"id": 2, "dependencies": [3]},
        {"id": 3, "dependencies": [2, "9"], "subtasks": [
          {"id": 1, "dependencies": [2]}, {"id": 2, "dependencies": ["1", 7]}]}]}
      """#
    ).backlog()
    let faults = backlog.faults()
    #expect(faults.own.map(\.description) == ["tasks.json:2:30: task \"1\" depends on itself"])
    #expect(
      faults.missing.map(\.description) == [
        "tasks.json:3:33: task \"3\" depends on \"9\", which does not exist",
        "tasks.json:4:69: task \"3.2\" depends on \"7\", which is neither a subtask of \"3\" nor a task",
      ])
    #expect(
      faults.circular.map(\.description) == [
        "tasks.json:2:38: tasks wait for each other: 2 → 3 → 2",
        "tasks.json:4:5: tasks wait for each other: 3.1 → 3.2 → 3.1",
      ])
    #expect(
      faults.ambiguous.map(\.description) == [
        "tasks.json:4:32: task \"3.1\" depends on \"2\", taken as its sibling \"3.2\"",
        "tasks.json:4:64: task \"3.2\" depends on \"1\", taken as its sibling \"3.1\"",
      ])
    #expect(faults.all.count == 5)
  }

  @Test(
    "one is added in the file's own style",
    arguments: [
      (#"[{"id":1,"dependencies":[]},{"id":2}]"#, "1", "2", #""dependencies":[2],"#),
      (#"[{"id":1},{"id":2}]"#, "1", "2", #","dependencies":[2],"#),
      (#"[{"id":1,"dependencies":null},{"id":2}]"#, "1", "2", #""dependencies":[2],"#),
      (#"[{"id":1,"dependencies":[2]},{"id":2},{"id":3}]"#, "1", "3", #""dependencies":[2,3],"#),
      (#"[{"id":"1","dependencies":["2"]},{"id":"2"},{"id":"3"}]"#, "1", "3", #"["2","3"]"#),
      (#"[{"id":1,"subtasks":[{"id":1},{"id":2,"dependencies":[]}]},{"id":3}]"#, "1.2", "1", "[1]"),
      (
        #"[{"id":1,"subtasks":[{"id":1},{"id":2,"dependencies":[]}]},{"id":3}]"#, "1.2", "1.1",
        "[1]"
      ),
      (#"[{"id":1,"subtasks":[{"id":1},{"id":2,"dependencies":[]}]},{"id":3}]"#, "1.2", "3", "[3]"),
      (#"[{"id":1},{"id":3,"dependencies":[],"subtasks":[{"id":1}]}]"#, "1", "3.1", #"["3.1"]"#),
    ])
  func adds(list: String, id: String, other: String, expected: String) throws {
    let before = try edit(#"{"tasks":\#(list)}"#)
    let after = try #require(try before.adding(dependency: other, to: id, tag: nil, at: time))
    let text = String(decoding: after.bytes, as: UTF8.self)
    #expect(text.contains(expected), "\(text)")
    #expect(text.contains("updatedAt"))
    #expect(try after.adding(dependency: other, to: id, tag: nil, at: time) == nil)
    let gone = try after.removing(dependency: other, from: id, tag: nil, at: time)
    #expect(try gone.adding(dependency: other, to: id, tag: nil, at: time) != nil)
  }

  @Test("an empty list grows as the file is laid out, and empties again")
  func layout() throws {
    let text =
      "{\r\n\t\"tasks\": [\r\n\t\t{\r\n\t\t\t\"id\": 1,\r\n\t\t\t\"updatedAt\": \"\(time)\",\r\n\t\t\t\"dependencies\": []\r\n\t\t},\r\n\t\t{\r\n\t\t\t\"id\": 2\r\n\t\t}\r\n\t]\r\n}"
    let after = try #require(
      try edit(text).adding(dependency: "2", to: "1", tag: nil, at: time))
    let grown = String(decoding: after.bytes, as: UTF8.self)
    #expect(grown == text.replacingOccurrences(of: "[]", with: "[\r\n\t\t\t\t2\r\n\t\t\t]"))
    let gone = try after.removing(dependency: "2", from: "1", tag: nil, at: time)
    #expect(String(decoding: gone.bytes, as: UTF8.self) == text)
  }

  @Test(
    "a circle is refused before it is there",
    arguments: [
      ("1", "1", "1 → 1"), ("1", "7", "1 → 7 → 1"), ("3.1", "3", "3.1 → 3 → 3.1"),
      ("1", "3", "1 → 3 → 3.1 → 7 → 1"), ("3", "4", "3.2 → 4 → 3.2"),
    ])
  func circles(id: String, other: String, circle: String) throws {
    let text =
      #"{"tasks":[{"id":1},{"id":7,"dependencies":[1]},{"id":3,"subtasks":[{"id":1,"dependencies":["7"]},{"id":2}]},{"id":4,"dependencies":["3.2"]}]}"#
    let said = problem { _ = try edit(text).adding(dependency: other, to: id, tag: nil, at: time) }
    #expect(said?.code == .usage)
    #expect(
      said?.description.hasSuffix("tasks would wait for each other: \(circle)") == true,
      "\(said?.description ?? "")")
  }

  @Test("a file that has a circle already can be mended")
  func mends() throws {
    let text = #"{"tasks":[{"id":1,"dependencies":[2, 2]},{"id":2,"dependencies":[1]},{"id":3}]}"#
    let before = try edit(text)
    #expect(try before.adding(dependency: "3", to: "1", tag: nil, at: time) != nil)
    let after = try before.removing(dependency: "2", from: "1", tag: nil, at: time)
    #expect(String(decoding: after.bytes, as: UTF8.self).contains(#""dependencies":[],"#))
    #expect(try after.backlog().faults().all.isEmpty)
    let said = problem { _ = try after.removing(dependency: "2", from: "1", tag: nil, at: time) }
    #expect(said?.description == #"tasks.json: task "1" does not depend on "2""#)
    #expect(said?.code == .missing)
  }
}

@Suite("Tasks and notes are added to a Task Master file") struct TaskMasterAddTests {
  private let draft = TaskMasterDraft(title: "New \"one\"", description: "é", dependencies: ["2"])

  @Test(
    "no number follows an id that nobody can count on from",
    arguments: [
      ("", "1"), (#"{"id":2},{"id":"7"}"#, "8"), (#"{"id":"CKA.1"},{"id":"3-b"}"#, "4"),
      (#"{"id":9223372036854775807},{"id":4}"#, "5"), (#"{"id":9007199254740992}"#, "1"),
      (#"{"id":99999999999999999999}"#, "1"), (#"{"id":-5},{"id":1e300}"#, "2"),
    ])
  func numbers(tasks: String, next: String) throws {
    let edit = try edit(#"{"tasks":[\#(tasks)]}"#)
    let plain = TaskMasterDraft(title: "x", description: "x")
    #expect(try edit.adding(plain, tag: nil, at: time).id == next)
    let origin = TaskMasterEdit.Origin(document: "d.md", time: time)
    let more = Decomposition(name: "d", items: [.init(title: "y")])
    let after = try edit.adding(more, to: "master", as: .append, from: origin)
    #expect(try after.backlog().ids.last == next)
  }

  @Test("behind the others, in the file's own style, under the next number")
  func adds() throws {
    let text =
      "{\n  \"master\": {\n    \"tasks\": [\n      {\n        \"id\": 2\n      }\n    ]\n  }\n}"
    let (after, id) = try edit(text).adding(draft, tag: nil, at: time)
    #expect(id == "3")
    let added = """
      },
            {
              "id": 3,
              "title": "New \\"one\\"",
              "description": "é",
              "details": "",
              "testStrategy": "",
              "status": "pending",
              "dependencies": [
                2
              ],
              "priority": "medium",
              "subtasks": [],
              "updatedAt": "\(time)"
            }
          ]
      """
    #expect(
      String(decoding: after.bytes, as: UTF8.self)
        == text.replacingOccurrences(of: "}\n    ]", with: added))
  }

  @Test(
    "to every shape of file",
    arguments: [
      ("{}", #"{"master":{"tasks":[{"id":1,"#), ("{ }", #"{"master":{"tasks":[{"id":1,"#),
      (#"{"tasks":[]}"#, #"{"tasks":[{"id":1,"#),
      (#"{"a":{"tasks":null}}"#, #"{"a":{"tasks":[{"id":1,"#),
      (#"{"tasks":[{"id":"7"},{"id":"x"}]}"#, #"{"id":"x"},{"id":"8","#),
      (#"{"meta":{}}"#, #"{"meta":{},"master":{"tasks":[{"id":1,"#),
    ])
  func shapes(text: String, expected: String) throws {
    let draft = TaskMasterDraft(title: "t", description: "d")
    let after = try edit(text).adding(draft, tag: nil, at: time).edit
    let new = String(decoding: after.bytes, as: UTF8.self).filter { !$0.isWhitespace }
    #expect(new.hasPrefix(expected) || new.contains(expected), "\(new)")
  }

  @Test("what Task Master could not read is refused")
  func refusals() throws {
    let file = try edit(#"{"tasks":[{"id":1}]}"#)
    var other = draft
    #expect(problem { _ = try file.adding(other, tag: nil, at: time) }?.code == .missing)
    other.dependencies = []
    other.priority = "hihg"
    #expect(
      problem { _ = try file.adding(other, tag: nil, at: time) }?.description
        == "tasks.json: no priority \"hihg\": expected critical, high, medium or low; did you mean \"high\"?"
    )
    other.priority = "high"
    other.description = " "
    #expect(problem { _ = try file.adding(other, tag: nil, at: time) }?.code == .usage)
  }

  @Test("a note goes behind the details, as Task Master marks it")
  func notes() throws {
    let text =
      #"{"tasks":[{"id":1,"subtasks":[{"id":1,"details":"old"},{"id":2},{"id":3,"details":7.5},{"id":4,"details":["a"]}]}]}"#
    let block = #"<info added on \#(time)>\nnew \"x\"\n</info added on \#(time)>"#
    let file = try edit(text)
    func noted(_ id: String) throws -> String {
      String(
        decoding: try file.adding(note: "new \"x\"", to: id, tag: nil, at: time).bytes,
        as: UTF8.self)
    }
    #expect(try noted("1.1").contains(#""details":"old\n\#(block)","updatedAt":"\#(time)""#))
    #expect(try noted("1.2").contains(#"{"id":2,"details":"\#(block)","updatedAt":"\#(time)"}"#))
    #expect(problem { _ = try noted("1.4") }?.code == .data)
    #expect(problem { _ = try noted("1.5") }?.code == .missing)
  }
}
