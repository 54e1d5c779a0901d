import Formats
import Foundation
import Project
import Testing

/// A project with a Task Master file in a folder of its own.
private final class Tagged: Sendable {
  static let text =
    #"{"master":{"tasks":[]},"a":{"tasks":[{"id":1},{"id":2,"subtasks":[{"id":1}]}]}}"#

  let root: String

  init(_ text: String = Tagged.text, state: String? = nil) throws {
    root = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString
    try write(text, to: "tasks/tasks.json")
    if let state { try write(state, to: "state.json") }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var place: TaskMasterPlace {
    get throws { try TaskMasterPlace(ProjectLocation.find(path: root, from: "/")) }
  }

  func write(_ text: String, to name: String) throws {
    let url = URL(filePath: "\(root)/.taskmaster/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: "\(root)/.taskmaster/\(name)").map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// What lies in Task Master's folder and that of the tasks.
  var names: [String] {
    get throws {
      try ["/.taskmaster", "/.taskmaster/tasks"].flatMap {
        try FileManager.default.contentsOfDirectory(atPath: root + $0)
      }.sorted()
    }
  }
}

@Suite("The current tag follows what becomes of the tags") struct TaskMasterCurrentTagTests {
  private static let state = #"{"currentTag":"a","branchTagMapping":{"x":"a"}}"#

  /// The start of a state file that says this tag, and keeps what it said besides.
  private static func begins(_ text: String?, _ tag: String) -> Bool {
    text?.hasPrefix(#"{"currentTag":"\#(tag)","branchTagMapping":{"x":"a"},"lastSwitched":"20"#)
      ?? false
  }

  @Test("one that is renamed stays current, one that is removed gives way to master")
  func follows() throws {
    let project = try Tagged(state: Self.state)
    let renamed = try project.place.change(.rename("a", to: "b"))
    #expect(renamed == result(2, "a", "b"))
    #expect(Self.begins(project.read("state.json"), "b"))
    let removed = try project.place.change(.remove("b", items: 3))
    #expect(removed == result(2, "b", "master"))
    #expect(Self.begins(project.read("state.json"), "master"))
    #expect(project.read("tasks/tasks.json") == #"{"master":{"tasks":[]}}"#)
    #expect(try project.names == ["state.json", "tasks", "tasks.json"])
  }

  private func result(_ count: Int, _ previous: String, _ current: String) -> TaskMasterTagResult {
    TaskMasterTagResult(taskCount: count, previous: previous, current: current)
  }

  @Test("without a master the first tag that is left is current")
  func first() throws {
    let text = #"{"b":{"tasks":[]},"a":{"tasks":[]}}"#
    let project = try Tagged(text, state: Self.state)
    #expect(try project.place.change(.remove("a", items: nil)) == result(0, "a", "b"))
    #expect(Self.begins(project.read("state.json"), "b"))
  }

  @Test("the name in the configuration counts where there is no state, which is made then")
  func configuration() throws {
    let project = try Tagged()
    try project.write(#"{"global":{"defaultTag":"a"}}"#, to: "config.json")
    #expect(try project.place.change(.rename("a", to: "b")).current == "b")
    let state = try #require(project.read("state.json"))
    #expect(state.hasPrefix("{\n  \"currentTag\": \"b\",\n  \"lastSwitched\": \"20"))
    #expect(try project.names == ["config.json", "state.json", "tasks", "tasks.json"])
  }

  @Test("other tags leave it alone, and so does what is refused")
  func alone() throws {
    let project = try Tagged(state: #"{"currentTag":"master"}"#)
    for change in [
      .add("b", description: nil), .copy("a", to: "c", description: nil),
      .rename("b", to: "d"), .remove("d", items: 0),
    ] as [TaskMasterTagChange] {
      #expect(try project.place.change(change).current == "master")
    }
    for change in [.remove("a", items: 9), .remove("none", items: nil), .rename("a", to: "c")]
      as [TaskMasterTagChange]
    {
      #expect(throws: FormatProblem.self) { try project.place.change(change) }
    }
    #expect(project.read("state.json") == #"{"currentTag":"master"}"#)
  }

  @Test("a tag is used that is there, and a state that cannot be read is left")
  func use() throws {
    let project = try Tagged(state: Self.state)
    #expect(try project.place.use("a") == result(2, "a", "a"))
    #expect(project.read("state.json") == Self.state)
    #expect(try project.place.use("master") == result(0, "a", "master"))
    #expect(Self.begins(project.read("state.json"), "master"))
    #expect(throws: FormatProblem.self) { try project.place.use("none") }
    try project.write("{", to: "state.json")
    #expect(throws: FormatProblem.self) { try project.place.use("a") }
    #expect(project.read("state.json") == "{")
    try project.write(#"{"global":{"defaultTag":"a"}}"#, to: "config.json")
    for change in [.rename("a", to: "b"), .remove("a", items: nil)] as [TaskMasterTagChange] {
      #expect(throws: FormatProblem.self) { try project.place.change(change) }
    }
    #expect(project.read("tasks/tasks.json") == Tagged.text)
  }
}

@Suite("A branch is read from where git keeps it") struct GitBranchTests {
  private func folder() throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/cairn-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: path + "/.git/worktrees/w", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: path + "/w/deep", withIntermediateDirectories: true)
    return path
  }

  @Test("of a repository above, and of a worktree")
  func branches() throws {
    let root = try folder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in [
      ("/.git/HEAD", "ref: refs/heads/feature/x\n"), ("/w/.git", "gitdir: ../.git/worktrees/w\n"),
      ("/.git/worktrees/w/HEAD", "ref: refs/heads/other\n"),
    ] { try Data(text.utf8).write(to: URL(filePath: root + path)) }
    #expect(try GitBranch.current(in: root) == "feature/x")
    #expect(try GitBranch.current(in: root + "/w/deep") == "other")
  }

  @Test(
    "and one that is on none says so",
    arguments: ["1b4c2d\n", "ref: refs/heads/.invalid\n", "ref: refs/tags/x\n", ""])
  func none(head: String) throws {
    let root = try folder()
    defer { try? FileManager.default.removeItem(atPath: root) }
    try Data(head.utf8).write(to: URL(filePath: root + "/.git/HEAD"))
    let said = #expect(throws: ProjectProblem.self) { _ = try GitBranch.current(in: root) }
    #expect(said?.code == .usage)
  }
}
