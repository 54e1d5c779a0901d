import Formats
import Model
import Testing

func trace(_ text: String) throws(FormatProblem) -> WorkflowTrace {
  try WorkflowTraceFile.load(Array(text.utf8), file: "trace.json")
}

/// A trace of version 1.5 with these files, tasks and records.
func trace(
  files: String = "", tasks: String, records: String = ""
) throws(FormatProblem) -> WorkflowTrace {
  try trace(
    #"""
    {"name": "w", "schemaVersion": "1.5", "workflow": {
      "specification": {"files": [\#(files)], "tasks": [\#(tasks)]},
      "execution": {"tasks": [\#(records)]}}}
    """#)
}

@Suite("A workflow trace becomes a graph, whichever version wrote it") struct WfFormatTests {
  private static let split = #"""
    {"name": "small", "schemaVersion": "1.5", "workflow": {
      "specification": {
        "files": [{"id": "in", "sizeInBytes": 7}, {"id": "a.x", "sizeInBytes": 100},
          {"id": "a.y", "sizeInBytes": 20}, {"id": "b.out", "sizeInBytes": 3}],
        "tasks": [
          {"name": "b", "id": "b_2", "parents": ["a_1"], "children": [],
            "inputFiles": ["a.x", "in", "a.y", "a.x"], "outputFiles": ["b.out"]},
          {"name": "a_1", "id": "a_1", "parents": [], "children": ["b_2"],
            "inputFiles": ["in"], "outputFiles": ["a.x", "a.y"]}]},
      "execution": {"makespanInSeconds": 9, "tasks": [
        {"id": "a_1", "runtimeInSeconds": 2.5, "coreCount": 2, "memoryInBytes": 4000},
        {"id": "b_2", "runtimeInSeconds": 4}]}}}
    """#

  @Test func filesBecomeArtifactsOfTheirWriters() throws {
    let trace = try trace(Self.split)
    #expect(trace.schemaVersion == "1.5")
    #expect(trace.warnings == [])
    #expect(trace.graph.name == "small")
    #expect(trace.graph.tasks.map(\.name) == ["b_2", "a_1"])
    #expect(trace.graph.tasks.map(\.title) == ["b", nil])
    #expect(trace.graph.tasks.map(\.line) == [6, 8])
    #expect(trace.graph.tasks.allSatisfy { $0.action == .gate })
    #expect(trace.graph.tasks[0].outputs == [.init(name: "b.out", expectedBytes: 3)])
    #expect(
      trace.graph.tasks[1].outputs
        == [.init(name: "a.x", expectedBytes: 100), .init(name: "a.y", expectedBytes: 20)])
    #expect(
      trace.graph.tasks[0].needs == [
        .init(task: TaskID(1), artifact: "a.x", variable: "1"),
        .init(task: TaskID(1), artifact: "a.y", variable: "2"),
      ])
    #expect(trace.graph.tasks.allSatisfy { $0.after.isEmpty })
  }

  @Test func recordsAreFoundByTask() throws {
    let trace = try trace(Self.split)
    #expect(trace.seconds == [4, 2.5])
    #expect(trace.graph.tasks.map(\.cpus) == [1, 2])
    #expect(trace.graph.tasks.map(\.memoryBytes) == [nil, 4000])
  }

  @Test(arguments: [
    ("1.0", "jobs", "size", "runtime", #""memory": 4"#),
    ("1.2", "jobs", "size", "runtime", #""memory": 4.0"#),
    ("1.3", "tasks", "size", "runtime", #""memory": 4"#),
    ("1.4", "tasks", "sizeInBytes", "runtimeInSeconds", #""memoryInBytes": 4000"#),
  ])
  func olderVersionsSayTheSame(
    version: String, list: String, size: String, runtime: String, memory: String
  ) throws {
    let older = try trace(
      #"""
      {"name": "small", "schemaVersion": "\#(version)", "workflow": {"\#(list)": [
        {"name": "b_2", "id": "ID7", "parents": ["a_1"], "\#(runtime)": 4, "files": [
          {"link": "input", "name": "a.x", "\#(size)": 100},
          {"link": "input", "name": "in", "\#(size)": 7},
          {"link": "input", "name": "a.y", "\#(size)": 20},
          {"link": "output", "name": "b.out", "\#(size)": 3}]},
        {"name": "a_1", "id": "ID8", "parents": [], "\#(runtime)": 2.5, "cores": 1.5, \#(memory),
          "files": [
            {"link": "input", "name": "in", "\#(size)": 7},
            {"link": "Output", "name": "a.x", "\#(size)": 100},
            {"link": "output", "name": "a.y", "\#(size)": 20}]}]}}
      """#)
    let newer = try trace(Self.split)
    #expect(older.schemaVersion == version)
    #expect(older.warnings == [])
    #expect(older.seconds == newer.seconds)
    #expect(older.graph.canonical == newer.graph.canonical)
  }

  @Test func upToOneFourAFileIsItsPathAndName() throws {
    let trace = try trace(
      #"""
      {"schemaVersion": "1.4", "workflow": {"tasks": [
        {"name": "a", "files": [{"link": "output", "path": "x-", "name": "f", "sizeInBytes": 1}]},
        {"name": "b", "files": [{"link": "output", "path": "y-", "name": "f", "sizeInBytes": 2}]},
        {"name": "c", "files": [{"link": "input", "path": "y-", "name": "f", "sizeInBytes": 2}]}]}}
      """#)
    #expect(trace.graph.tasks.flatMap(\.outputs).map(\.name) == ["x-f", "y-f"])
    #expect(trace.graph.before("c") == ["b"])
    #expect(trace.graph.name == "trace.json")
  }

  @Test func whatIsNotKnownIsLeftOpen() throws {
    let trace = try trace(
      files: #"{"id": "x"}, {"id": "y", "sizeInBytes": null}, {"id": "z", "sizeInBytes": 1e3}"#,
      tasks: #"{"id": 5, "outputFiles": ["x", "y", "z", "z"]}, {"id": "6"}"#,
      records: #"{"id": "5", "runtimeInSeconds": null, "memoryInBytes": 0, "coreCount": -1}"#)
    #expect(trace.graph.tasks.map(\.name) == ["5", "6"])
    #expect(trace.graph.tasks[0].outputs.map(\.expectedBytes) == [nil, nil, 1000])
    #expect(trace.graph.tasks[0].memoryBytes == nil)
    #expect(trace.graph.tasks[0].cpus == 1)
    #expect(trace.seconds == [0, 0])
  }

  @Test(arguments: [
    ("0", 1), ("1", 1), ("1.2", 2), ("48", 48), ("1e300", 10_000), ("1e999", 10_000), ("-4", 1),
  ])
  func coresAreWholeAndWithinLimits(text: String, cpus: Int) throws {
    let trace = try trace(
      tasks: #"{"id": "a"}"#, records: #"{"id": "a", "coreCount": \#(text)}"#)
    #expect(trace.graph.tasks[0].cpus == cpus)
  }

  @Test func titlesAreHarmlessAndShort() throws {
    let long = String(repeating: "n", count: 10_000)
    let trace = try trace(
      tasks:
        #"{"id": "a", "name": "\u001B[2J"}, {"id": "b", "name": "\#(long)"}, {"id": "c", "name": ""}"#
    )
    #expect(
      trace.graph.tasks.map(\.title)
        == [#"\u{1B}[2J"#, String(repeating: "n", count: 120), nil])
  }

  @Test func anEmptyTraceIsAGraph() throws {
    #expect(try trace(tasks: "").graph.tasks == [])
  }
}

extension WfFormatTests {
  @Test func whatIsSettledIsAWarning() throws {
    let trace = try trace(
      files: #"{"id": "x", "sizeInBytes": 1}"#,
      tasks: #"""
        {"id": "a", "inputFiles": ["x"], "outputFiles": ["x"]},
        {"id": "b", "parents": ["a", "a"]}
        """#,
      records: #"{"id": "zz"}"#)
    #expect(trace.graph.tasks[0].needs == [])
    #expect(trace.graph.tasks[1].after == [TaskID(0)])
    #expect(
      trace.warnings.map(\.description) == [
        "trace.json:4:27: a record of task \"zz\", which the specification does not have, is left out",
        "trace.json:2:100: task \"a\" reads \"x\", which it writes itself; taken as written only",
        "trace.json:3:25: task \"b\" reads no file of its parent \"a\"; it only comes after it",
      ])
  }

  @Test func theLastOfTwoSizesIsTaken() throws {
    let trace = try trace(
      #"""
      {"schemaVersion": "1.3", "workflow": {"tasks": [
        {"name": "a", "files": [{"link": "output", "name": "f", "size": 5}]},
        {"name": "b", "files": [{"link": "input", "name": "f", "size": 6}]},
        {"name": "c", "files": [{"link": "input", "name": "f"}]}]}}
      """#)
    #expect(trace.graph.tasks[0].outputs == [.init(name: "f", expectedBytes: 6)])
    #expect(
      trace.warnings.map(\.description) == [
        "trace.json:3:27: file \"f\" has 6 bytes here and 5 before, taken as 6"
      ])
  }

  @Test func warningsOfOneKindAreLimited() throws {
    let tasks = (1...30).map { #"{"id": "t\#($0)", "parents": ["a"]}"# }
    let trace = try trace(tasks: ([#"{"id": "a"}"#] + tasks).joined(separator: ","))
    #expect(trace.warnings.count == 21)
    #expect(
      trace.warnings.last?.description
        == "trace.json: 10 more about parents that hand over no file")
    #expect(trace.graph.tasks.dropFirst().allSatisfy { $0.after == [TaskID(0)] })
  }
}

extension WfFormatTests {
  @Test func idsThatAreNoNamesAreReplaced() throws {
    let long = String(repeating: "x", count: 10_000)
    let ids = ["a/b", "a_b", #"a\u0007b"#, ".", "..", " ", long, long + "x", "ä/ö", "a\\tb"]
    let trace = try trace(tasks: ids.map { #"{"id": "\#($0)"}"# }.joined(separator: ","))
    let end = String(repeating: "x", count: 120)
    #expect(
      trace.graph.tasks.map(\.name) == [
        "a_b~2", "a_b", "a_b~3", "_.", "_..", "_ ", end, String(end.prefix(112)) + "~2", "ä_ö",
        "a_b~4",
      ])
  }

  @Test func pathsOfFilesAreReplacedAndStillFound() throws {
    let trace = try trace(
      files: #"{"id": "1/f", "sizeInBytes": 1}, {"id": "1_f", "sizeInBytes": 2}"#,
      tasks: #"""
        {"id": "a", "outputFiles": ["1/f"]}, {"id": "b", "outputFiles": ["1_f"]},
        {"id": "c", "inputFiles": ["1_f", "1/f"]}
        """#)
    #expect(trace.graph.tasks.flatMap(\.outputs).map(\.name) == ["1_f~2", "1_f"])
    #expect(
      trace.graph.tasks[2].needs == [
        .init(task: TaskID(1), artifact: "1_f", variable: "1"),
        .init(task: TaskID(0), artifact: "1_f~2", variable: "2"),
      ])
  }

  @Test func manyIdsThatMeetAreToldApart() throws {
    let count = 1 << 14
    let ids = (0..<count).map { number in
      (0..<14).map { number >> $0 & 1 == 0 ? "/" : "\\u0001" }.joined()
    }
    let trace = try trace(tasks: ids.map { #"{"id": "\#($0)"}"# }.joined(separator: ","))
    #expect(Set(trace.graph.tasks.map(\.name)).count == count)
  }
}

@Suite("A trace is told from a Task Master file") struct WfFormatSniffTests {
  @Test(arguments: [
    #"{"schemaVersion": "1.5", "workflow": {}}"#,
    #"{"workflow": {"tasks": []}, "schemaVersion": "1.4"}"#,
    "\u{FEFF}\n {\"a\": [1, {\"b\": \"}\"}], \"schemaVersion\": \"9\", \"workflow\" : 5",
    #"{"workflow": {"specification": {"#,
    #"{"workflow": {"machines": [], "jobs": []}}"#,
    #"{"schemaVersion": "1.5"}"#,
    #"{"schemaVersion": "1.5", "description": "\"tasks\": [] \\"#,
  ])
  func trace(_ text: String) { #expect(WorkflowTraceFile.looksLike(Array(text.utf8))) }

  @Test(arguments: [
    "", "null", "[]", "{}", "x", "\"", "{\"", #"["schemaVersion", "workflow"]"#,
    #"{"tasks": [{"workflow": {"jobs": 1}, "schemaVersion": 1}]}"#,
    #"{"workflow": {"tasks": [], "metadata": {}}}"#,
    #"{"master": {"tasks": []}, "workflow": {"tasks": []}}"#,
    #"{"schemaVersion": "2", "master": {"tasks": []}}"#,
    #"{"schemaVersion": "2", "tasks": []}"#,
    #"{"note": "schemaVersion", "workflow ": {}}"#,
  ])
  func noTrace(_ text: String) { #expect(!WorkflowTraceFile.looksLike(Array(text.utf8))) }
}

extension TaskGraph {
  /// What planning uses of the graph, in an order that does not depend on the file's.
  var canonical: [String] {
    tasks.map { task in
      let outputs = task.outputs.map { "\($0.name) \($0.expectedBytes ?? -1)" }.sorted()
      let needs = task.needs.map { "\(self[$0.task].name).\($0.artifact ?? "")" }.sorted()
      let after = task.after.map { self[$0].name }.sorted()
      return "\(task.name) → \(outputs) ← \(needs) after \(after) "
        + "\(task.cpus) \(task.memoryBytes ?? -1)"
    }.sorted()
  }
}
