import Formats
import Model
import Testing

struct BadFile: Sendable, CustomTestStringConvertible {
  var text: String
  var message: String
  var code = FormatProblem.Code.data

  init(_ text: String, _ message: String, _ code: FormatProblem.Code = .data) {
    self.text = text
    self.message = message
    self.code = code
  }

  var testDescription: String { message }
}

@Suite("A Cairn file with a mistake is refused in one message that says where")
struct BadCairnFileTests {
  @Test(arguments: shapes + keys + BadFile.values + names + references + matrices + unbuilt)
  func refused(_ bad: BadFile) {
    do throws(FormatProblem) {
      _ = try load(bad.text)
      Issue.record("loaded: \(bad.text)")
    } catch {
      #expect(error.description == bad.message)
      #expect(error.code == bad.code)
    }
  }

  @Test func undeclaredParameterIsAMistakeOfTheCommandLine() {
    let text = "params: { colour: red }\ntasks: { a: { run: x } }"
    do throws(FormatProblem) {
      _ = try load(text, parameters: ["color": "blue"])
      Issue.record("loaded")
    } catch {
      #expect(
        error.description
          == "cairn.yaml: --set color: no such key in \"params\"; did you mean \"colour\"?")
      #expect(error.code == .usage)
    }
  }

  @Test func bytesThatAreNotTextAreFoundByLineAndOffset() {
    let bytes = Array("name: a\nx: ".utf8) + [0xFF, 0x0A]
    #expect(
      message { () throws(FormatProblem) in _ = try CairnFile.load(bytes, file: "cairn.yaml") }
        == "cairn.yaml:2:4: not UTF-8 text: wrong byte at offset 11")
  }

  @Test func aFileOverTheLimitIsRefusedUnread() {
    let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 64 << 20 + 1)
    #expect(
      message { () throws(FormatProblem) in _ = try CairnFile.load(bytes, file: "cairn.yaml") }
        == "cairn.yaml: file of 67108865 bytes; the limit is 64MiB")
  }

  @Test func aliasesThatMultiplyAreStopped() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let alias = "*a\(level - 1)"
      text +=
        "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    #expect(
      message { () throws(FormatProblem) in _ = try load(text) }
        .hasSuffix("more than 1000000 YAML nodes once aliases are followed"))
  }

  /// Forty levels of ten: each of these keeps a parser that hashes its keys busy for ever.
  @Test(arguments: [
    "? *a39\n: x\n", "*a39 : x\n", "{ *a39 : x }\n", "{ *a39 }\n", "? [*a39]\n", "[*a39]: x\n",
    "x: { y: 1, *a39 }\n", "x: { [*a39] : 1 }\n", "x: { # y\n  *a39 }\n", "{ !!seq [*a39] }\n",
    "x: {\"y\":1,[*a39]}\n",
  ])
  func aliasesThatMultiplyInAKeyAreStopped(_ last: String) {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...39 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let found = message { () throws(FormatProblem) in _ = try load(text + last) }
    #expect(found.contains("a key that looks like a list, a map or an alias"))
  }

  @Test func scriptsThatLookLikeAliasesAreRead() throws {
    let script = #"echo "${x}: *y" && awk '{ n[$1]: *z }' *foo; f(a, *b) ? c : { {d}: *e }"#
    let block = (0..<100).map {
      "  t\($0):\n    <<: [*one, *two]\n    run: |\n      \(script)\n"
    }
    #expect(
      try graph(
        "tasks:\n  a: &one { run: x, retries: 1 }\n"
          + "  b: &two { run: y, cpus: 2 }\n" + block.joined()
      ).tasks.count == 102)
  }

  @Test func nestingAndAnchorsHaveLimits() {
    let deep = "tasks: " + String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
    #expect(
      message { () throws(FormatProblem) in _ = try load(deep) }
        == "cairn.yaml:1:72: nested more than 64 deep")
    let anchors = (0...1000).map { "a\($0): &a\($0) x" }.joined(separator: "\n")
    #expect(
      message { () throws(FormatProblem) in _ = try load(anchors) }
        == "cairn.yaml: more than 1000 anchors")
    let hopeless = String(repeating: "[", count: 100_000)
    #expect(
      message { () throws(FormatProblem) in _ = try load(hopeless) }.contains("not valid YAML"))
  }

  @Test func moreTasksThanTheLimitAreRefused() {
    let matrix = "{ matrix: { n: 1..10000 }, run: x }"
    let text = "tasks:\n" + (0...10).map { "  t\($0): \(matrix)\n" }.joined()
    #expect(
      message { () throws(FormatProblem) in _ = try load(text) }
        == "cairn.yaml:12:3: more than 100000 tasks")
  }

  @Test func moreDependenciesThanTheLimitAreRefused() {
    let text = """
      tasks:
        a: { matrix: { n: 1..10000 }, run: x }
        b: { matrix: { n: 1..101 }, run: x, needs: [a] }
      """
    #expect(
      message { () throws(FormatProblem) in _ = try load(text) }
        == "cairn.yaml:3:47: more than 1000000 dependencies")
  }

  @Test func namesInMessagesCannotReachTheTerminal() {
    let text = "tasks:\n  \"a\\e[31m\\u202E\": { run: x }\n"
    let words = message { () throws(FormatProblem) in _ = try load(text) }
    #expect(
      words
        == #"cairn.yaml:2:3: task "a\u{1B}[31m\u{202E}": a name must not hold control characters"#)
  }
}

private let shapes: [BadFile] = [
  BadFile("", "cairn.yaml: the file is empty; \"cairn init\" writes one"),
  BadFile("# only a comment\n", "cairn.yaml: the file is empty; \"cairn init\" writes one"),
  BadFile("- a\n- b\n", "cairn.yaml:1:1: expected a map with \"tasks\", found a list"),
  BadFile("just words", "cairn.yaml:1:1: expected a map with \"tasks\", found \"just words\""),
  BadFile("name: a\n", "cairn.yaml: no \"tasks\""),
  BadFile("tasks:\n", "cairn.yaml:1:7: \"tasks\": no task is defined"),
  BadFile("tasks: {}\n", "cairn.yaml:1:8: \"tasks\": no task is defined"),
  BadFile("tasks: [a]\n", "cairn.yaml:1:8: \"tasks\": expected a map, found a list"),
  BadFile(
    "tasks:\n  a: run\n",
    "cairn.yaml:2:6: task \"a\": expected a map such as { run: … }, found \"run\""),
  BadFile(
    "tasks:\n  a: { run: x\n  b: { run: y }\n",
    "cairn.yaml:3:4: not valid YAML: did not find expected ',' or '}' (while parsing a flow mapping that begins at line 2)"
  ),
  BadFile(
    "tasks:\n\ta: { run: x }\n",
    "cairn.yaml:2:1: not valid YAML: found character that cannot start any token (while scanning for the next token that begins at line 2)"
  ),
  BadFile("tasks: { a: *b }\n", "cairn.yaml:1:13: not valid YAML: found undefined alias"),
  BadFile(
    "tasks: { a: { run: x } }\n---\ntasks: {}\n",
    "cairn.yaml:2:1: expected one YAML document, found another"),
  BadFile("a: \u{1}\n", "cairn.yaml:1:4: not valid YAML: control characters are not allowed"),
  BadFile(
    "tasks:\n  a: { run: x }\n  b: { run: x }\n  a: { run: y }\n",
    "cairn.yaml:2:3: \"a\" is given more than once"),
  BadFile(
    "tasks:\n  a:\n    run: x\n    run: y\n", "cairn.yaml:3:5: \"run\" is given more than once"),
  BadFile(
    "tasks: { [a, b]: { run: x } }\n",
    "cairn.yaml:1:10: expected a name as key, found a list or a map"),
  BadFile(
    "tasks: { a: { <<: 5, run: x } }\n",
    "cairn.yaml:1:19: \"<<\": expected a map to merge, found \"5\""),
]

private let keys: [BadFile] = [
  BadFile(
    "tasks:\n  fetch:\n    run: x\n    retires: 2\n",
    "cairn.yaml:4:5: unknown key \"retires\" in task \"fetch\"; did you mean \"retries\"?"),
  BadFile("tsaks: {}\n", "cairn.yaml:1:1: unknown key \"tsaks\"; did you mean \"tasks\"?"),
  BadFile(
    "budget: { job: 2 }\ntasks: { a: { run: x } }\n",
    "cairn.yaml:1:11: unknown key \"job\" in \"budget\"; did you mean \"jobs\"?"),
  BadFile(
    "defaults: { verify: x }\ntasks: { a: { run: x } }\n",
    "cairn.yaml:1:13: unknown key \"verify\" in \"defaults\""),
  BadFile(
    "agent: { cmd: [x] }\ntasks: { a: { run: x } }\n",
    "cairn.yaml:1:10: unknown key \"cmd\" in \"agent\""),
  BadFile(
    "agent: { prompt: stdin }\ntasks: { a: { run: x } }\n",
    "cairn.yaml:1:8: \"agent\": has neither \"command\" nor \"use\""),
  BadFile(
    "tag: master\ntasks: { a: { run: x } }\n", "cairn.yaml:1:1: \"tag\" needs \"from: task-master\""
  ),
  BadFile("from: jira\n", "cairn.yaml:1:7: \"from\": expected task-master, found \"jira\""),
  BadFile(
    "from: task-master\ntasks: { a: { run: x } }\n",
    "cairn.yaml:2:1: \"tasks\" and \"from\" exclude each other"),
  BadFile(
    "verify: make test\ntasks: { a: { run: x } }\n",
    "cairn.yaml:1:1: \"verify\" at the top checks prompts and needs an \"agent\"; give each task its own"
  ),
  BadFile(
    "tasks:\n  a: { env: { A: b } }\n",
    "cairn.yaml:2:3: task \"a\" has nothing to do: expected run, exec or prompt"),
  BadFile(
    "tasks:\n  a: { run: x, exec: [y] }\n",
    "cairn.yaml:2:16: task \"a\" has both \"run\" and \"exec\""),
  BadFile(
    "tasks:\n  a: { exec: [x], shell: bash }\n",
    "cairn.yaml:2:26: \"shell\" of task \"a\": \"exec\" uses no shell"),
  BadFile(
    "tasks:\n  a: { prompt: do it }\n",
    "cairn.yaml:2:3: task \"a\" has a prompt and the file no \"agent\""),
  BadFile(
    "tasks:\n  a: { run: x, output: 1MiB, outputs: { b: 1MiB } }\n",
    "cairn.yaml:2:24: \"output\" of task \"a\": excludes \"outputs\""),
]

private let names: [BadFile] = [
  BadFile("tasks:\n  \"\": { run: x }\n", "cairn.yaml:2:3: task \"\": a name must not be empty"),
  BadFile(
    "tasks:\n  a/b: { run: x }\n", "cairn.yaml:2:3: task \"a/b\": a name must not hold \"/\""),
  BadFile("tasks:\n  \"..\": { run: x }\n", "cairn.yaml:2:3: task \"..\": not a name"),
  BadFile(
    "tasks:\n  \(String(repeating: "n", count: 121)): { run: x }\n",
    "cairn.yaml:2:3: task \"\(String(repeating: "n", count: 120))…\": a name has at most 120 characters, found 121"
  ),
  BadFile(
    "tasks:\n  a: { matrix: { n: [1] }, run: x }\n  \"a[n=1]\": { run: x }\n",
    "cairn.yaml:3:3: task \"a[n=1]\" is defined twice"),
  BadFile(
    "tasks:\n  a: { run: x, outputs: { x-y: 1B, x.y: 1B } }\n",
    "cairn.yaml:2:36: \"outputs\" of task \"a\": \"x-y\" and \"x.y\" are both CAIRN_OUT_X_Y"),
  BadFile(
    "tasks:\n  a: { run: x, group: b }\n  b: { run: x }\n",
    "cairn.yaml:2:23: group \"b\" has the name of a task"),
  BadFile(
    "tasks:\n  a: { run: x, export: r }\n  b: { run: x, export: r }\n",
    "cairn.yaml:3:24: tasks \"a\" and \"b\" both export \"r\""),
]

private let references: [BadFile] = [
  BadFile(
    "tasks:\n  shard: { run: x }\n  merge: { run: x, needs: [shrad] }\n",
    "cairn.yaml:3:28: task \"merge\" needs \"shrad\", which is not defined; did you mean \"shard\"?"
  ),
  BadFile(
    "tasks:\n  a: { run: x, after: [zzz] }\n",
    "cairn.yaml:2:24: task \"a\" needs \"zzz\", which is not defined"),
  BadFile(
    "tasks:\n  align: { run: x, outputs: { bam: 1B } }\n  b: { run: x, needs: [align.bma] }\n",
    "cairn.yaml:3:24: task \"b\" needs \"align.bma\", but task \"align\" has no artifact \"bma\"; did you mean \"bam\"?"
  ),
  BadFile(
    "tasks:\n  a: { run: x, group: g }\n  b: { run: x, needs: [g] }\n",
    "cairn.yaml:3:24: task \"b\" needs \"g\", which is a group; name its tasks"),
  BadFile(
    "tasks:\n  a-b: { run: x }\n  a.b: { run: x }\n  c: { run: x, needs: [a-b, a.b] }\n",
    "cairn.yaml:4:29: needs \"a-b\" and \"a.b\" of task \"c\" are both CAIRN_IN_A_B; name them: needs: { a: …, b: … }"
  ),
  BadFile(
    "tasks:\n  a: { run: x, needs: a }\n",
    "cairn.yaml:2:23: \"needs\" of task \"a\": expected a list or a map, found \"a\""),
  BadFile(
    "tasks:\n  a: { run: x, needs: [a] }\n", "cairn.yaml:2:3: tasks wait for each other: a → a"),
  BadFile(
    "tasks:\n  z: { run: x }\n  a: { run: x, needs: [c] }\n  b: { run: x, after: [a] }\n  c: { run: x, needs: [b] }\n",
    "cairn.yaml:3:3: tasks wait for each other: a → b → c → a"),
]

private let matrices: [BadFile] = [
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: 1..200, m: 1..51 } }\n",
    "cairn.yaml:2:37: matrix of task \"a\" has more than 10000 instances"),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: 0..9223372036854775807 } }\n",
    "cairn.yaml:2:29: matrix of task \"a\" has more than 10000 instances"),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: 3..1 } }\n",
    "cairn.yaml:2:29: \"n\" of task \"a\": range \"3..1\" runs backwards"),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: few } }\n",
    "cairn.yaml:2:29: \"n\" of task \"a\": expected a range such as 0..15 or a list, found \"few\""),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: [] } }\n",
    "cairn.yaml:2:29: \"n\" of task \"a\": must not be empty"),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: [1, 1] } }\n",
    "cairn.yaml:2:33: \"n\" of task \"a\": \"1\" is given twice"),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: [\"1,m=2\"] } }\n",
    "cairn.yaml:2:30: \"n\" of task \"a\": a matrix value must not hold any of [ ] , = /, found \"1,m=2\""
  ),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: 0..1 }, env: { n: 5 } }\n",
    "cairn.yaml:2:16: \"n\" of the matrix of task \"a\" is also in \"env\" or \"params\""),
  BadFile(
    "tasks:\n  a: { run: x, matrix: { n: 0..1 }, export: r }\n",
    "cairn.yaml:2:45: tasks \"a[n=0]\" and \"a[n=1]\" both export \"r\""),
]

private let unbuilt: [BadFile] =
  ["include", "parent"].map {
    BadFile(
      "\($0): x\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:1: \"\($0)\" is not built yet, found at the top", .notBuilt)
  }
  + ["progress", "secrets"].map {
    BadFile(
      "tasks:\n  a: { run: x, \($0): y }\n",
      "cairn.yaml:2:16: \"\($0)\" is not built yet, found in task \"a\"", .notBuilt)
  }
