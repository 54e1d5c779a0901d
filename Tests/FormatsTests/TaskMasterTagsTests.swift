import Formats
import Foundation
import Testing

private let time = "2026-01-02T03:04:05.678Z"
private let stamp = #""created":"\#(time)","updated":"\#(time)""#

private func edit(_ text: String) throws(FormatProblem) -> TaskMasterEdit {
  try TaskMasterEdit(Array(text.utf8), file: "tasks.json")
}

/// The text after a change of tags.
private func after(_ change: TaskMasterTagChange, in text: String) throws -> String {
  String(decoding: try edit(text).applying(change, at: time).bytes, as: UTF8.self)
}

private func refusal(_ change: TaskMasterTagChange, in text: String) -> FormatProblem? {
  do throws(FormatProblem) {
    _ = try edit(text).applying(change, at: time)
    return nil
  } catch {
    return error
  }
}

@Suite("Tags come, go and are renamed, and no other byte moves") struct TaskMasterTagsTests {
  /// Two tags and a note between them, laid out as no writer does.
  private static let odd = """
    {
    \t"a" : {"tasks":[ {"id":1,"title":"\\u00e9\\/","x":1E+2} ], "metadata":{"dependsOn":["b"]}},
    \t"note":  7,\r
    \t"b" :{ "tasks": [] }\r
    }

    """

  @Test(
    "each change in each style",
    arguments: [
      (
        .add("b", description: nil), #"{"a":{"tasks":[]}}"#,
        #"{"a":{"tasks":[]},"b":{"tasks":[],"metadata":{\#(stamp),"description":"Tag created on 2026-01-02"}}}"#
      ),
      (
        .add("b", description: "for \"b\""), "\u{FEFF}{\r\n\t\"a\": {\"tasks\": []}\r\n}\r\n",
        "\u{FEFF}{\r\n\t\"a\": {\"tasks\": []},\r\n\t\"b\": {\r\n\t\t\"tasks\": [],\r\n\t\t\"metadata\": {\r\n\t\t\t\"created\": \"\(time)\",\r\n\t\t\t\"updated\": \"\(time)\",\r\n\t\t\t\"description\": \"for \\\"b\\\"\"\r\n\t\t}\r\n\t}\r\n}\r\n"
      ),
      (
        .add("b", description: "x"), " {}\n",
        """
         {
          "master": {
            "tasks": [],
            "metadata": {
              "created": "\(time)",
              "updated": "\(time)",
              "description": "Tasks live here by default"
            }
          },
          "b": {
            "tasks": [],
            "metadata": {
              "created": "\(time)",
              "updated": "\(time)",
              "description": "x"
            }
          }
        }

        """
      ),
      (
        .copy("a", to: "c", description: "d"), odd,
        odd.replacingOccurrences(
          of: "{ \"tasks\": [] }\r",
          with:
            "{ \"tasks\": [] },\r\n\t\"c\" :{\"tasks\":[ {\"id\":1,\"title\":\"\\u00e9\\/\",\"x\":1E+2} ], \"metadata\":{\"dependsOn\":[\"b\"],\"created\":\"\(time)\",\"updated\":\"\(time)\",\"description\":\"d\"}}\r"
        )
      ),
      (
        .copy("b", to: "c", description: nil), odd,
        odd.replacingOccurrences(
          of: "{ \"tasks\": [] }\r",
          with:
            "{ \"tasks\": [] },\r\n\t\"c\" :{ \"tasks\": [], \"metadata\": {\n\t\t\t\"created\": \"\(time)\",\n\t\t\t\"updated\": \"\(time)\",\n\t\t\t\"description\": \"Copy of \\\"b\\\" created on 2026-01-02\"\n\t\t} }\r"
        )
      ),
      (
        .copy("a", to: "c", description: nil),
        #"{"a":{"metadata":{"created":"1","description":"2"},"tasks":null}}"#,
        #"{"a":{"metadata":{"created":"1","description":"2"},"tasks":null},"c":{"metadata":{"created":"\#(time)","description":"Copy of \"a\" created on 2026-01-02","updated":"\#(time)"},"tasks":null}}"#
      ),
      (
        .remove("a", items: 1), odd, "{\n\t\"note\":  7,\r\n\t\"b\" :{ \"tasks\": [] }\r\n}\n"
      ),
      (
        .remove("b", items: nil), odd,
        odd.replacingOccurrences(of: ",\r\n\t\"b\" :{ \"tasks\": [] }", with: "")
      ),
      (.remove("a", items: 0), #"{ "a": {"tasks": []} }"#, "{}"),
      (
        .remove("a", items: nil),
        #"{"a":{"tasks":[1]},"a":{"tasks":[]},"b":{"tasks":[]},"a":{"tasks":[]}}"#,
        #"{"b":{"tasks":[]}}"#
      ),
      (
        .rename("a", to: "A-1_x"), odd, odd.replacingOccurrences(of: #""a" :"#, with: #""A-1_x" :"#)
      ),
      (
        .rename("\u{E9}/", to: "e"), #"{"\u00e9\/":{"tasks":[]},"\u00e9/":{"tasks":[]}}"#,
        #"{"e":{"tasks":[]},"e":{"tasks":[]}}"#
      ),
    ] as [(TaskMasterTagChange, String, String)])
  func changes(change: TaskMasterTagChange, before: String, after expected: String) throws {
    #expect(try after(change, in: before) == expected)
  }

  @Test("what comes and goes again, or is renamed and back, leaves the bytes as they were")
  func back() throws {
    let file = try edit(Self.odd)
    for (change, undo) in [
      (.add("c", description: nil), .remove("c", items: 0)),
      (.copy("a", to: "c", description: nil), .remove("c", items: 1)),
      (.rename("a", to: "c"), .rename("c", to: "a")),
    ] as [(TaskMasterTagChange, TaskMasterTagChange)] {
      let there = try file.applying(change, at: time)
      #expect(there.bytes != file.bytes)
      #expect(try there.applying(undo, at: time).bytes == file.bytes)
    }
  }

  @Test(
    "names that a tag can have", arguments: ["a", "-", "_", "0", "Feature-X_2", "masters", "tag2"])
  func names(name: String) throws {
    let text = try after(.add(name, description: nil), in: #"{"master":{"tasks":[]}}"#)
    #expect(try edit(text).backlog().tags == ["master", name])
  }

  @Test(
    "and that it cannot",
    arguments: [
      ("", "no tag can be called \"\": expected letters, digits, - and _"),
      ("a b", "no tag can be called \"a b\": expected letters, digits, - and _"),
      ("a/b", "no tag can be called \"a/b\": expected letters, digits, - and _"),
      ("é", "no tag can be called \"é\": expected letters, digits, - and _"),
      ("\u{1B}[2J", "no tag can be called \"\\u{1B}[2J\": expected letters, digits, - and _"),
      ("main", "no tag can be called \"main\": Task Master keeps the name for itself"),
      ("Default", "no tag can be called \"Default\": Task Master keeps the name for itself"),
      ("tasks", "no tag can be called \"tasks\": Task Master keeps the name for itself"),
      ("__proto__", "no tag can be called \"__proto__\": Task Master keeps the name for itself"),
      (
        String(repeating: "x", count: 101),
        "the name of a tag has at most 100 characters, not 101"
      ),
    ])
  func noNames(name: String, message: String) {
    let text = #"{"a":{"tasks":[]}}"#
    for change in [
      .add(name, description: nil), .copy("a", to: name, description: nil), .rename("a", to: name),
    ] as [TaskMasterTagChange] {
      let problem = refusal(change, in: text)
      #expect(problem?.description == "tasks.json: " + message)
      #expect(problem?.code == .usage)
    }
  }

  @Test(
    "what cannot be says why",
    arguments: [
      (.add("a", description: nil), ":1:44: there is a tag \"a\" already", .usage),
      (.rename("a", to: "a"), ":1:44: there is a tag \"a\" already", .usage),
      (
        .copy("master", to: "note", description: nil),
        ":1:2: there is something else called \"note\", which is no tag", .usage
      ),
      (.remove("master", items: nil), ": tag \"master\" stays: Task Master looks for it", .usage),
      (.rename("master", to: "b"), ": tag \"master\" stays: Task Master looks for it", .usage),
      (.remove("note", items: nil), ": no tag \"note\"", .data),
      (.rename("mastre", to: "b"), ": no tag \"mastre\"; did you mean \"master\"?", .data),
      (
        .remove("a", items: 3), ": tag \"a\" has 2 tasks and subtasks now, not 3; try again", .usage
      ),
    ] as [(TaskMasterTagChange, String, FormatProblem.Code)])
  func refusals(change: TaskMasterTagChange, message: String, code: FormatProblem.Code) throws {
    let text = #"{"note":{"x":[]}, "master":{"tasks":[]},   "a":{"tasks":[{"id":1},{"id":2}]}}"#
    let problem = try #require(refusal(change, in: text))
    #expect(problem.description.hasPrefix("tasks.json" + message), "\(problem)")
    #expect(problem.code == code)
  }

  @Test(
    "a file without tags stays one, and its owner is told how to change that",
    arguments: [
      (
        #"{"tasks":[],"meta":{}}"#,
        "tasks.json:1:10: the file's tasks stand at its top, in no tag; to have tags, put {\"master\": in front of all that the file holds, and } behind it"
      ),
      (
        #"{"tasks":[],"a":{"tasks":[]}}"#,
        "tasks.json:1:10: the file's tasks stand at its top, in no tag; move \"tasks\" into \"master\": {\"tasks\": …} first"
      ),
    ])
  func flat(text: String, message: String) throws {
    for change in [
      .add("b", description: nil), .copy("master", to: "b", description: nil),
      .remove("a", items: nil), .rename("a", to: "b"),
    ] as [TaskMasterTagChange] {
      let problem = try #require(refusal(change, in: text))
      #expect(problem.description == message)
      #expect(problem.code == .usage)
    }
    // What the first message says works.
    let wrapped = "{\"master\":" + text + "}"
    _ = try after(.add("b", description: nil), in: wrapped)
  }

  @Test(
    "a branch gives its name as far as a tag can have it",
    arguments: [
      ("feature/Login-2", "feature-login-2"), ("a--b..c", "a-b-c"), ("-x-", "x"), ("äöü", ""),
      (String(repeating: "x", count: 49) + "/yy", String(repeating: "x", count: 49)),
    ])
  func branches(branch: String, tag: String) {
    #expect(TaskMasterTagName.ofBranch(branch) == tag)
  }

  @Test(
    "the current tag is set where it stands",
    arguments: [
      ("{}", #"{"currentTag": "b", "lastSwitched": "\#(time)"}"#),
      (
        #"{"currentTag":"a","branchTagMapping":{"x":"a"},"lastSwitched":null}"#,
        #"{"currentTag":"b","branchTagMapping":{"x":"a"},"lastSwitched":"\#(time)"}"#
      ),
      (
        "{\n  \"activeTag\" : \"a\",\n  \"migrationNoticeShown\" : true\n}\n",
        "{\n  \"activeTag\" : \"b\",\n  \"migrationNoticeShown\" : true,\n  \"currentTag\" : \"b\",\n  \"lastSwitched\" : \"\(time)\"\n}\n"
      ),
    ])
  func state(before: String, after: String) throws {
    let state = try TaskMasterState(Array(before.utf8), file: "state.json")
    #expect(String(decoding: try state.switching(to: "b", at: time), as: UTF8.self) == after)
    #expect(TaskMasterFile.currentTag(inState: Array(after.utf8)) == "b")
  }

  @Test("a state that is none is said, and one that was not there can be read")
  func states() throws {
    for text in ["", "[]", "{", "7"] {
      #expect(throws: FormatProblem.self) {
        _ = try TaskMasterState(Array(text.utf8), file: "state.json")
      }
    }
    let text = TaskMasterState.text(currentTag: "b", at: time)
    #expect(TaskMasterFile.currentTag(inState: Array(text.utf8)) == "b")
  }
}

/// Real files lie outside the repository: `CAIRN_CORPUS` names their folder.
private let corpus: [String] = {
  guard let corpus = ProcessInfo.processInfo.environment["CAIRN_CORPUS"] else { return [] }
  let folder = corpus + "/task-master"
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
}()

@Suite("Tags of real files", .enabled(if: !corpus.isEmpty, "skipped: CAIRN_CORPUS is not set"))
struct TaskMasterRealTagsTests {
  @Test("are copied with the text of their tasks, and gone without a trace", arguments: corpus)
  func copies(path: String) throws {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let file = try TaskMasterEdit(bytes, file: "tasks.json")
    let tags = try file.backlog().tags
    for tag in tags.suffix(2) {
      let change = TaskMasterTagChange.copy(tag, to: "a-copy", description: nil)
      guard let there = try? file.applying(change, at: time) else {
        #expect(tags == ["master"], "only a file without tags is refused")
        return
      }
      #expect(there.bytes.starts(with: bytes.prefix(bytes.count / 2)))
      #expect(try there.backlog(tag: "a-copy").ids == file.backlog(tag: tag).ids)
      #expect(try there.applying(.remove("a-copy", items: nil), at: time).bytes == bytes)
    }
  }
}
