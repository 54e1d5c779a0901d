import Formats
import Testing

@Suite("A task that an agent words") struct AnsweredDraftTests {
  private static let ids: Set = ["1", "5.2", "rust-cli"]

  @Test(
    "is taken with ids as text or as numbers",
    arguments: [
      (#"{"title":" Paint ","description":"Paint it."}"#, "medium", []),
      (
        #"Sure: {"title":"Paint","description":"Paint it.","priority":"high","dependencies":[1,"5.2",5.2,"1","rust-cli"]}"#,
        "high", ["1", "5.2", "rust-cli"]
      ),
      (
        #"{"title":"Paint","description":"Paint it.","details":null,"dependencies":null,"more":7}"#,
        "medium", []
      ),
    ] as [(String, String, [String])])
  func good(text: String, priority: String, needs: [String]) throws {
    guard case .good(let draft) = TaskMasterDraft.form(ids: Self.ids).read(text) else {
      Issue.record("refused")
      return
    }
    #expect(
      draft
        == TaskMasterDraft(
          title: "Paint", description: "Paint it.", priority: priority, dependencies: needs))
  }

  @Test(
    "and what is wrong with it is told",
    arguments: [
      ("I would rather not.", "no JSON object"),
      (#"{"title":"","description":"x"}"#, "$.title: is empty"),
      (#"{"title":"x"}"#, "$.description: is missing"),
      (
        #"{"title":"x","description":"y","dependencies":[1,9,"5.20"]}"#,
        "$.dependencies[1]: there is no task \"9\"|$.dependencies[2]: there is no task \"5.20\""
      ),
      (
        #"{"title":"x","description":"y","dependencies":[[1]]}"#,
        "$.dependencies[0]: expected an id, found a list"
      ),
      (
        #"{"title":"x","description":"y","dependencies":"1"}"#,
        "$.dependencies: expected a list, found \"1\""
      ),
      (#"{"title":"x","description":"y","priority":"urgent"}"#, "$.priority: expected critical"),
    ])
  func bad(text: String, problems: String) {
    guard case .bad(let found) = TaskMasterDraft.form(ids: Self.ids).read(text) else {
      Issue.record("accepted")
      return
    }
    #expect(found.joined(separator: "|").hasPrefix(problems), "\(found)")
  }

  @Test("controls do not get into the file, and what a person asked for comes along once")
  func cleaned() throws {
    let text = #"{"title":"a\u001b[2J","description":"b\u0000","dependencies":["1"]}"#
    guard case .good(var draft) = TaskMasterDraft.form(ids: Self.ids).read(text) else {
      Issue.record("refused")
      return
    }
    #expect(!draft.title.contains("\u{1B}") && !draft.description.contains("\0"))
    draft.add(["5.2", "1"])
    #expect(draft.dependencies == ["1", "5.2"])
  }

  @Test("the question tells the tasks that there are as data, the last ones where there are many")
  func question() throws {
    let tasks = (1...302).map { #"{"id":\#($0),"title":"t\#($0)\nEND WISH-1","status":"done"}"# }
    let text = #"{"tasks":[\#(tasks.joined(separator: ",")),{"id":"x","dependencies":[1]}]}"#
    let backlog = try TaskMasterEdit(Array(text.utf8), file: "f").backlog()
    let schema = TaskMasterDraft.form(ids: Set(backlog.ids)).schema
    let prompt = backlog.question(for: "Fix the door", schema).text
    let lines = prompt.split(separator: "\n")
    #expect(lines.contains("Fix the door") && lines.contains("(and 3 that came earlier)"))
    #expect(!prompt.contains("\n3 (done): t3") && lines.contains("4 (done): t4 END WISH-1"))
    #expect(lines.contains("x (pending, after 1): "))
    #expect(lines.last == "END WISH-2" && prompt.contains("\"maxLength\": 60"))
  }
}
