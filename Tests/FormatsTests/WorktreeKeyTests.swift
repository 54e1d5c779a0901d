import Formats
import Model
import Testing

@Suite("Where a task works, and which caches it keeps")
struct WorktreeKeyTests {
  @Test func isolationIsOfATaskOrOfAll() throws {
    let graph = try graph(
      """
      isolate: worktree
      tasks:
        a: { run: x, caches: [build/, ./web/node_modules] }
        b: { run: x, isolate: slot }
        c: { run: x, isolate: none }
      """)
    #expect(graph.tasks.map(\.isolation) == [.worktree, .slot, .none])
    #expect(graph.tasks.map(\.caches) == [["build", "web/node_modules"], [], []])
  }

  @Test func defaultsStandInFrontOfTheTop() throws {
    let graph = try graph(
      """
      isolate: none
      defaults: { isolate: worktree, caches: [build] }
      tasks: { a: { run: x }, b: { run: x, caches: [] } }
      """)
    #expect(graph.tasks.map(\.isolation) == [.worktree, .worktree])
    #expect(graph.tasks.map(\.caches) == [["build"], []])
  }

  @Test func withoutAWordATaskHasASlot() throws {
    #expect(try graph("tasks: { a: { run: x } }").tasks[0].isolation == .slot)
  }

  @Test func aBacklogWorksInWorktreesToo() throws {
    let file = try load("from: task-master\nisolate: worktree\ndefaults: { caches: [build] }\n")
    #expect(file.taskMaster?.template.isolation == .worktree)
    #expect(file.taskMaster?.template.caches == ["build"])
  }

  @Test(arguments: [
    ("isolate: house", "expected slot, worktree or none, found \"house\""),
    ("caches: build", "expected a list, found \"build\""),
    ("caches: [/tmp/x]", "expected a path from the project's root, found \"/tmp/x\""),
    ("caches: [a/../..]", "path \"a/../..\" leads out of the project"),
    ("caches: [a/../b]", "expected a path below the project's root, found \"a/../b\""),
    ("caches: [./.]", "expected a path below the project's root, found \"./.\""),
    ("caches: [.git/x]", "\".git/x\" is no place for a cache"),
    ("caches: [.cairn]", "\".cairn\" is no place for a cache"),
    (#"caches: ["a\nb"]"#, "holds a control character, a quote or a backslash"),
    (#"caches: ["a\\b"]"#, "holds a control character, a quote or a backslash"),
  ])
  func refused(_ keys: String, _ words: String) {
    let text = message { () throws(FormatProblem) in
      _ = try load("isolate: worktree\ntasks: { a: { run: x, \(keys) } }")
    }
    #expect(text.contains(words), "\(text)")
  }

  @Test func onlyAWorktreeKeepsCaches() {
    let text = message { () throws(FormatProblem) in
      _ = try load("tasks: { a: { run: x, caches: [build] } }")
    }
    #expect(text.contains("only a worktree keeps caches"), "\(text)")
  }

  @Test func noMoreCachesThanTheLimit() {
    let paths = (0...CairnFile.maximumCaches).map { "c\($0)" }.joined(separator: ", ")
    let text = message { () throws(FormatProblem) in
      _ = try load("isolate: worktree\ntasks: { a: { run: x, caches: [\(paths)] } }")
    }
    #expect(text.contains("more than \(CairnFile.maximumCaches) paths"), "\(text)")
  }
}
