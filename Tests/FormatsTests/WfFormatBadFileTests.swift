import Formats
import Model
import Testing

@Suite("A trace with a mistake is refused in one message that says where and what to do")
struct WfFormatBadFileTests {
  @Test(arguments: texts + layouts + numbers + identities + references)
  func refused(_ bad: BadFile) {
    do throws(FormatProblem) {
      _ = try trace(bad.text)
      Issue.record("loaded: \(bad.text)")
    } catch {
      #expect(error.description == "trace.json:" + bad.message)
      #expect(error.code == .data)
    }
  }

  @Test func bytesThatAreNotTextAreFoundByLineAndOffset() {
    let bytes = Array("{\n\"a".utf8) + [0xFF]
    #expect(
      message { () throws(FormatProblem) in
        _ = try WorkflowTraceFile.load(bytes, file: "trace.json")
      } == "trace.json:2:3: not UTF-8 text: wrong byte at offset 4")
  }

  @Test func aTraceCutOffAnywhereIsRefused() throws {
    let text = split(
      files: #"{"id": "x", "sizeInBytes": 1}"#, #"{"id": "a", "outputFiles": ["x"]}"#)
    _ = try trace(text)
    for length in 0..<text.utf8.count {
      let words = message { () throws(FormatProblem) in
        _ = try trace(String(decoding: text.utf8.prefix(length), as: UTF8.self))
      }
      #expect(words.contains("not valid JSON"), "\(length): \(words)")
    }
  }

  @Test func theSumOfSizesHasALimit() throws {
    let half = "4503599627370496"
    let files = #"{"id": "x", "sizeInBytes": \#(half)}, {"id": "y", "sizeInBytes": \#(half)}"#
    let fits = split(files: files, #"{"id": "a", "outputFiles": ["x", "y"]}"#)
    #expect(GraphStatistics(try trace(fits).graph).totalBytes == 1 << 53)
    let outside = split(
      files: files + #", {"id": "z", "sizeInBytes": 1}"#,
      #"{"id": "a", "inputFiles": ["z"], "outputFiles": ["x", "y"]}"#)
    _ = try trace(outside)
    let large = split(
      files: files + ",\n" + #"{"id": "z", "sizeInBytes": 1}"#,
      #"{"id": "a", "outputFiles": ["x", "y", "z"]}"#)
    #expect(
      message { () throws(FormatProblem) in _ = try trace(large) }
        == "trace.json:2:1: with file \"z\" the trace holds more than 9007199254740992 bytes; "
        + "sizes are in bytes")
  }

  @Test(arguments: [
    (3, 100, "1:174: more than 3 tasks"), (100, 4, "1:174: more than 4 dependencies"),
    (100, 2, "1:135: more than 2 dependencies"),
  ])
  func moreThanTheLimitsAreRefused(tasks: Int, dependencies: Int, words: String) {
    let text = split(
      files: #"{"id": "f"}"#,
      #"{"id": "a"}, {"id": "b", "parents": ["a"]}, {"id": "c", "inputFiles": ["f", "f"]}, "#
        + #"{"id": "d", "parents": ["a"], "outputFiles": ["f"]}"#)
    #expect(
      message { () throws(FormatProblem) in
        _ = try WorkflowTraceFile.load(
          Array(text.utf8), file: "trace.json",
          limits: .init(tasks: tasks, dependencies: dependencies))
      } == "trace.json:" + words)
  }

  @Test func foreignTextInMessagesIsHarmlessAndShort() {
    let long = String(repeating: "n", count: 10_000)
    let words = message { () throws(FormatProblem) in
      _ = try trace(split(#"{"id": "\#(long)", "parents": ["\u001B[31m\#(long)"]}"#))
    }
    #expect(words.hasPrefix(#"trace.json:1:10103: parent "\u{1B}[31mnnn"#))
    #expect(words.utf8.count < 500)
  }

  @Test func aLongCycleIsNamedInPart() {
    let tasks = (0..<100_000).map { #"{"id": "t\#($0)", "parents": ["t\#(($0 + 1) % 100_000)"]}"# }
    let words = message { () throws(FormatProblem) in
      _ = try trace(split(tasks.joined(separator: ",")))
    }
    #expect(words.hasPrefix("trace.json:1:80: tasks wait for each other: t0 → t"))
    #expect(words.contains(" → … 99980 more … → t0;"))
  }
}

/// Version 1.5 on one line.
private func split(files: String = "", _ tasks: String, records: String = "") -> String {
  #"{"schemaVersion": "1.5", "workflow": {"specification": {"files": [\#(files)], "tasks": [\#(tasks)]}, "execution": {"tasks": [\#(records)]}}}"#
}

/// Version 1.3 on one line.
private func flat(_ tasks: String) -> String {
  #"{"schemaVersion": "1.3", "workflow": {"tasks": [\#(tasks)]}}"#
}

private let texts: [BadFile] = [
  BadFile("", "1:1: not valid JSON: expected a value, found the end of the file"),
  BadFile("tasks: {}", #"1:1: not valid JSON: expected a value, found "tasks""#),
  BadFile("[]", "1:1: expected a WfFormat trace, found a list"),
  BadFile("5", #"1:1: expected a WfFormat trace, found "5""#),
  BadFile(
    split(#"{"id": "a"}"#, records: #"{"id": "a", "runtimeInSeconds": NaN}"#),
    #"1:151: not valid JSON: expected a value, found "NaN""#),
]

private let layouts: [BadFile] = [
  BadFile(
    "{}",
    "1:1: expected a \"schemaVersion\", found none; "
      + "a WfFormat trace says 1.0, 1.1, 1.2, 1.3, 1.4, 1.5 or 1.6"),
  BadFile(
    #"{"schemaVersion": "2.0", "workflow": {}}"#,
    "1:19: \"schemaVersion\": expected 1.0, 1.1, 1.2, 1.3, 1.4, 1.5 or 1.6, found \"2.0\"; "
      + "a later format needs a later Cairn"),
  BadFile(
    #"{"schemaVersion": {}, "workflow": {}}"#,
    "1:19: \"schemaVersion\": expected 1.0, 1.1, 1.2, 1.3, 1.4, 1.5 or 1.6, found a map; "
      + "a later format needs a later Cairn"),
  BadFile(
    #"{"schemaVersion": "1.5"}"#,
    "1:1: expected a \"workflow\", found none; it holds the tasks of a WfFormat trace"),
  BadFile(
    #"{"schemaVersion": "1.5", "workflow": []}"#,
    #"1:38: "workflow": expected a map, found a list"#),
  BadFile(
    #"{"schemaVersion": "1.5", "workflow": {}}"#,
    "1:38: \"workflow\": expected \"specification\" (from 1.5), \"tasks\" (1.3 and 1.4) or "
      + "\"jobs\" (up to 1.2), found none of them"),
  BadFile(
    #"{"schemaVersion": "1.5", "workflow": {"specification": {"files": []}}}"#,
    #"1:56: "specification": expected "tasks", found none"#),
  BadFile(
    #"{"schemaVersion": "1.5", "workflow": {"specification": 5}}"#,
    #"1:56: "specification": expected "tasks", found none"#),
  BadFile(
    #"{"schemaVersion": "1.0", "workflow": {"jobs": {}}}"#,
    #"1:47: "jobs" of "workflow": expected a list, found a map"#),
  BadFile(split("5"), #"1:80: expected a task, found "5""#),
  BadFile(
    split(files: #""x""#, ""), #"1:67: expected a file, found "x""#),
  BadFile(
    split(#"{"id": "a", "parents": "b"}"#),
    #"1:103: "parents" of task "a": expected a list, found "b""#),
  BadFile(
    split(#"{"id": "a", "inputFiles": {}}"#),
    #"1:106: "inputFiles" of task "a": expected a list, found a map"#),
  BadFile(
    flat(#"{"name": "a", "files": [{"name": "f"}]}"#),
    "1:73: \"link\" of \"f\": expected input or output, found nothing; "
      + "it says whether the task reads or writes the file"),
  BadFile(
    flat(#"{"name": "a", "files": [{"name": "f", "link": "both"}]}"#),
    "1:95: \"link\" of \"f\": expected input or output, found \"both\"; "
      + "it says whether the task reads or writes the file"),
]

private let sizes = "expected whole bytes from 0 to 9007199254740992"

private let numbers: [BadFile] =
  ["-1", "0.5", "9007199254740993", "1e16", "1e999", "99999999999999999999", "true", #""x""#].map {
    BadFile(
      split(files: #"{"id": "f", "sizeInBytes": \#($0)}"#, ""),
      "1:94: \"sizeInBytes\" of \"f\": \(sizes), found \"\($0.filter { $0 != "\"" })\"; "
        + "leave it out if it is not known")
  } + [
    BadFile(
      flat(#"{"name": "a", "files": [{"link": "input", "name": "f", "size": -3}]}"#),
      "1:112: \"size\" of \"f\": \(sizes), found \"-3\"; leave it out if it is not known"),
    BadFile(
      split(#"{"id": "a"}"#, records: #"{"id": "a", "runtimeInSeconds": -0.5}"#),
      "1:151: \"runtimeInSeconds\" of task \"a\": expected seconds from 0 to 1000000000, "
        + "found \"-0.5\"; leave it out if it is not known"),
    BadFile(
      flat(#"{"name": "a", "runtime": 1e999}"#),
      "1:74: \"runtime\" of task \"a\": expected seconds from 0 to 1000000000, "
        + "found \"1e999\"; leave it out if it is not known"),
    BadFile(
      split(#"{"id": "a"}"#, records: #"{"id": "a", "memoryInBytes": -1}"#),
      "1:148: \"memoryInBytes\" of task \"a\": expected bytes from 0 to 9007199254740992, "
        + "found \"-1\"; leave it out if it is not known"),
    BadFile(
      flat(#"{"name": "a", "memory": 1e15}"#),
      "1:73: \"memory\" of task \"a\": expected units of 1000 bytes from 0 to 9007199254740, "
        + "found \"1e15\"; leave it out if it is not known"),
    BadFile(
      flat(#"{"name": "a", "cores": "many"}"#),
      "1:72: \"cores\" of task \"a\": expected a number of processors, found \"many\"; "
        + "leave it out if it is not known"),
  ]

private let identities: [BadFile] = [
  BadFile(
    split(#"{"name": "a"}"#),
    #"1:80: expected a task with "id", found none; every task needs one"#),
  BadFile(
    flat(#"{"id": "a"}"#),
    #"1:49: expected a task with "name", found none; every task needs one"#),
  BadFile(
    split(#"{"id": ""}"#),
    #"1:87: "id" of a task: expected text, found ""; every task needs one"#),
  BadFile(
    split(#"{"id": null}"#),
    #"1:87: "id" of a task: expected text, found nothing; every task needs one"#),
  BadFile(
    split(files: #"{"sizeInBytes": 1}"#, ""),
    #"1:67: expected a file with "id", found none; every file needs one"#),
  BadFile(
    flat(#"{"name": "a", "files": [{"link": "input"}]}"#),
    #"1:73: expected a file with "name", found none; every file needs one"#),
  BadFile(
    split("{\"id\": \"a\"},\n{\"id\": \"b\"}, {\"id\": \"a\"}"),
    "2:21: task \"a\" is defined twice; \"id\" tells tasks apart; the first is in line 1"),
  BadFile(
    flat("\n{\"name\": \"a\", \"id\": \"1\"},\n{\"name\": \"a\", \"id\": \"2\"}"),
    "3:10: task \"a\" is defined twice; \"name\" tells tasks apart; the first is in line 2"),
  BadFile(
    split(files: "{\"id\": \"f\"},\n {\"id\": \"f\"}", ""),
    "2:2: file \"f\" is listed twice; take one out; the first is in line 1"),
]

private let references: [BadFile] = [
  BadFile(
    split(#"{"id": "b", "parents": ["mrege"]}, {"id": "merge"}"#),
    "1:104: parent \"mrege\" of task \"b\" is not in the trace; did you mean \"merge\"?"),
  BadFile(
    split(#"{"id": "merge"}, {"id": "b", "parents": ["mrege"]}"#),
    "1:121: parent \"mrege\" of task \"b\" is not in the trace; did you mean \"merge\"?"),
  BadFile(
    flat(#"{"name": "merge", "id": "ID7"}, {"name": "b", "parents": ["ID7"]}"#),
    "1:107: parent \"ID7\" of task \"b\" is not in the trace; add it there or take it out here"),
  BadFile(
    split(#"{"id": "b", "parents": [{}]}"#),
    #"1:104: parent of task "b": expected a name, found a map"#),
  BadFile(
    split(files: #"{"id": "part.1"}"#, #"{"id": "b", "inputFiles": ["part.2"]}"#),
    "1:123: file \"part.2\" of task \"b\" is not in \"files\"; did you mean \"part.1\"?"),
  BadFile(
    split(#"{"id": "b", "outputFiles": ["x"]}"#),
    "1:108: file \"x\" of task \"b\" is not in \"files\"; add it there or take it out here"),
  BadFile(
    split(
      files: #"{"id": "f"}"#,
      #"{"id": "a", "outputFiles": ["f"]}, {"id": "b", "outputFiles": ["f"]}"#),
    "1:154: tasks \"a\" and \"b\" both write \"f\"; "
      + "a file has one writer; let the second one write another"),
  BadFile(
    split("{\"id\": \"a\", \"parents\": [\"b\"]},\n{\"id\": \"b\", \"parents\": [\"a\"]}"),
    "1:80: tasks wait for each other: a → b → a; take one of the parents or files out"),
  BadFile(
    split(#"{"id": "a", "parents": ["a"]}"#),
    "1:80: tasks wait for each other: a → a; take one of the parents or files out"),
  BadFile(
    split(
      files: #"{"id": "f"}, {"id": "g"}"#,
      #"{"id": "a", "inputFiles": ["g"], "outputFiles": ["f"]}, "#
        + #"{"id": "b", "inputFiles": ["f"], "outputFiles": ["g"]}"#),
    "1:104: tasks wait for each other: a → b → a; take one of the parents or files out"),
]
