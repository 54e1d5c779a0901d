import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("digest") struct DigestTests {
  @Test(
    "the digest is XXH3-128",
    arguments: [
      ("", "99aa06d3014798d86001c324468d497f"), ("a", "a96faf705af16834e6c632b61e964e1f"),
    ])
  func knownValues(text: String, expected: String) {
    var digest = Digest()
    digest.add(Array(text.utf8))
    #expect(digest.hexadecimal() == expected)
  }

  func tree(_ change: (TemporaryFolder) throws -> Void) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write("a/file", "content")
    try folder.write("b", "tool", mode: 0o755)
    symlink("b", folder.path + "/link")
    try change(folder)
    return try FileTree.digest(folder.path).digest
  }

  @Test("times and rights to write do not count; names, contents, links and other rights do")
  func trees() throws {
    let base = try tree { _ in }
    #expect(try tree { chmod($0.path + "/b", 0o575) } == base)
    let changed = [
      try tree { try $0.write("a/file", "Content") }, try tree { try $0.make("empty") },
      try tree { chmod($0.path + "/b", 0o644) }, try tree { chmod($0.path + "/a", 0o700) },
      try tree { rename($0.path + "/b", $0.path + "/c") },
      try tree {
        unlink($0.path + "/link")
        symlink("a", $0.path + "/link")
      },
    ]
    #expect(Set(changed + [base]).count == 7)
  }

  @Test("allocated bytes are blocks: holes take none, a second name takes none")
  func measure() throws {
    let folder = try TemporaryFolder()
    try folder.write("a", String(repeating: "x", count: 5000))
    link(folder.path + "/a", folder.path + "/again")
    let file = open(folder.path + "/hole", O_WRONLY | O_CREAT, 0o644)
    ftruncate(file, 1 << 20)
    close(file)
    var expected = FileTree.Measure(bytes: 8192, files: 3)
    #expect(try FileTree.digest(folder.path).0 == expected)
    mkfifo(folder.path + "/fifo", 0o600)
    expected.files = 4
    #expect(try FileTree.measure(folder.path) == expected)
  }

  @Test("a tree that is nested too deep is refused, not followed")
  func depth() throws {
    let folder = try TemporaryFolder()
    let deep = Array(repeating: "d", count: FileTree.maximumDepth - 1).joined(separator: "/")
    try folder.make(deep)
    _ = try FileTree.measure(folder.path)
    try folder.make(deep + "/d")
    #expect(throws: WorkspaceProblem.self) { try FileTree.measure(folder.path) }
    rmdir(folder.path + "/" + deep + "/d")
  }
}

@Suite("digest of a definition") struct DigestFingerprintTests {
  static func graph(_ change: (inout TaskGraph.Task) -> Void = { _ in }) -> TaskGraph {
    var first = TaskGraph.Task(id: TaskID(UInt32(0)), name: "first", action: .gate)
    first.outputs = [TaskGraph.Output(name: "out")]
    var task = TaskGraph.Task(
      id: TaskID(UInt32(1)), name: "t", action: .shell(script: "true", interpreter: ["sh", "-c"]))
    task.needs = [TaskGraph.Need(task: first.id, variable: "FIRST")]
    task.environment = [TaskGraph.Variable("A", "1")]
    change(&task)
    return TaskGraph(
      name: "g", tasks: [first, task], agent: TaskGraph.Agent(command: ["agent", "-p"]))
  }

  static func print(_ graph: TaskGraph, inputs: String? = nil) -> String {
    Fingerprint.definition(of: graph.tasks[1], in: graph, inputs: inputs)
  }

  @Test("what changes the result changes the fingerprint, each in its own way")
  func covered() {
    let changes: [(inout TaskGraph.Task) -> Void] = [
      { $0.action = .shell(script: "false", interpreter: ["sh", "-c"]) },
      { $0.action = .shell(script: "true", interpreter: ["bash", "-c"]) },
      { $0.action = .exec(arguments: ["true"]) }, { $0.action = .prompt("true") },
      { $0.environment = [] }, { $0.environment = [TaskGraph.Variable("A1", "")] },
      { $0.directory = "sub" }, { $0.needs = [] }, { $0.needs[0].variable = "F" },
      { $0.needs[0].artifact = "out" }, { $0.needs[0].folder = "n=1" },
      { $0.outputs = [TaskGraph.Output(name: "out")] }, { $0.verify = "true" },
      { $0.isPure = true }, { $0.verify = "" },
    ]
    let prints = changes.map { Self.print(Self.graph($0)) }
    let base = Self.graph()
    #expect(Set(prints + [Self.print(base), Self.print(base, inputs: "i")]).count == 17)
  }

  @Test("what only changes when a task runs does not")
  func uncovered() {
    let changed = Self.graph {
      $0.retries = 3
      $0.priority = 9
      $0.timeoutSeconds = 1
      $0.line = 99
      $0.memoryBytes = 5
      $0.resources = ["gpu": 1]
      $0.title = "T"
      $0.after = [TaskID(UInt32(0))]
    }
    #expect(Self.print(changed) == Self.print(Self.graph()))
  }

  @Test("the agent counts for prompts alone")
  func agent() {
    var prompt = Self.graph { $0.action = .prompt("do") }
    let before = Self.print(prompt)
    prompt.agent?.command = ["agent", "-q"]
    #expect(Self.print(prompt) != before)
    var shell = Self.graph()
    shell.agent = nil
    #expect(Self.print(shell) == Self.print(Self.graph()))
  }

  @Test("parts do not run into one another")
  func combine() {
    #expect(Fingerprint.combine(["ab", "c"]) != Fingerprint.combine(["a", "bc"]))
    #expect(Fingerprint.combine([]) != Fingerprint.combine([""]))
  }
}

@Suite("digest of input files") struct DigestGlobTests {
  static let files = [
    "a.c", "b.h", "src/x.c", "src/deep/y.c", "src/.hidden.c", ".dot/z.c", "src/[q].c", "src/é.c",
    ".cairn/w.c",
  ]

  @Test(
    "globs match as in a shell",
    arguments: [
      ("*.c", ["a.c"]), ("?.?", ["a.c", "b.h"]), ("[!a].*", ["b.h"]),
      ("[a-b].[ch]", ["a.c", "b.h"]),
      ("src/*.c", ["src/[q].c", "src/x.c", "src/é.c"]), ("src/?.c", ["src/x.c", "src/é.c"]),
      ("**/*.c", ["a.c", "src/[q].c", "src/deep/y.c", "src/x.c", "src/é.c"]),
      ("src/**/y.c", ["src/deep/y.c"]), ("src/deep", ["src/deep/y.c"]),
      ("src/deep/**", ["src/deep/y.c"]), (".dot/*", [".dot/z.c"]), ("src/.h*", ["src/.hidden.c"]),
      ("./a.c", ["a.c"]), ("nothing/*", []), ("src/[[]q].c", ["src/[q].c"]), ("[", []),
      ("**/.cairn/*", []), ("*/*.c", ["src/[q].c", "src/x.c", "src/é.c"]),
      ("**", ["a.c", "b.h", "src/[q].c", "src/deep/y.c", "src/x.c", "src/é.c"]),
    ])
  func matches(glob: String, expected: [String]) throws {
    let folder = try TemporaryFolder()
    for file in Self.files { try folder.write(file, file) }
    #expect(try Glob(glob).files(in: folder.path) == Set(expected))
  }

  @Test("a pattern of many stars is no trap")
  func hostile() {
    let pattern = Array(String(repeating: "a*", count: 100).utf8)
    #expect(Glob.matches(pattern, String(repeating: "a", count: 250)))
    #expect(!Glob.matches(pattern + Array("z".utf8), String(repeating: "a", count: 250)))
  }

  @Test("contents and names of matching files count, others do not")
  func inputs() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.c", "1")
    let base = try Fingerprint.inputs(["*.c"], root: folder.path)
    try folder.write("b.h", "1")
    #expect(try Fingerprint.inputs(["*.c"], root: folder.path) == base)
    try folder.write("a.c", "2")
    #expect(try Fingerprint.inputs(["*.c"], root: folder.path) != base)
  }
}
