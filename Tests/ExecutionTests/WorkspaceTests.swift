import Foundation
import Glibc
import Model
import Testing

@testable import Execution

/// A folder that lives as long as the test; its path has no symbolic links.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var name = Array("/tmp/cairn-test-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw WorkspaceProblem(systemReason()) }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileTree.remove(path) }

  func make(_ name: String) throws { try FileTree.makeFolders(path + "/" + name) }

  func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
    let file = path + "/" + name
    if let slash = name.lastIndex(of: "/") { try make(String(name[..<slash])) }
    try Data(text.utf8).write(to: URL(filePath: file))
    chmod(file, mode)
  }

  func read(_ name: String) -> String? {
    try? String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }

  func names(_ name: String) -> [String] { FileTree.plainNames(in: path + "/" + name) }
}

@Suite("workspace") struct WorkspaceTests {
  let folder: TemporaryFolder
  let workspace: Workspace

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace(root: folder.path, run: 3)
  }

  func task(_ id: UInt32, _ name: String, outputs: [String] = ["out"]) -> TaskGraph.Task {
    var task = TaskGraph.Task(id: TaskID(id), name: name, action: .gate)
    task.outputs = outputs.map { TaskGraph.Output(name: $0) }
    return task
  }

  func place(_ task: TaskGraph.Task, attempt: Int = 1, needed: [TaskGraph.Task] = [])
    -> AttemptPlace
  {
    AttemptPlace(task: task, attempt: attempt, slot: 0, needed: needed)
  }

  func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @discardableResult
  func sealed(_ task: TaskGraph.Task, attempt: Int = 1, _ text: String = "x") throws
    -> [Fact.ArtifactSealed]
  {
    let place = place(task, attempt: attempt)
    for output in try workspace.prepare(place).outputs.values { try write(text, to: output + "/f") }
    return try workspace.seal(place)
  }

  @Test("an artifact is written beside its place and renamed when it is sealed")
  func seal() throws {
    let task = task(7, "shard[n=0]")
    let base = ".cairn/workspace/3/7-shard%5Bn%3D0%5D"
    let folders = try workspace.prepare(place(task))
    #expect(folders.outputs["out"] == "\(folder.path)/\(base)/out.1.part")
    #expect(folders.scratch == "\(folder.path)/.cairn/workspace/slots/0")
    try write("hello", to: "\(folder.path)/\(base)/out.1.part/f")
    #expect(!workspace.holds(task, artifact: "out"))
    let fact = try #require(try workspace.seal(place(task)).first)
    #expect(workspace.holds(task, artifact: "out"))
    #expect(folder.names(base) == ["out"])
    #expect(folder.read("\(base)/out/f") == "hello")
    #expect(fact.bytes == 4096 && fact.files == 1 && fact.digest.count == 32)
  }

  @Test("a second attempt replaces the artifact of the first and leaves nothing else")
  func replace() throws {
    let task = task(0, "a")
    let first = try sealed(task, "old")
    let second = try sealed(task, attempt: 2, "new")
    #expect(first[0].digest != second[0].digest)
    #expect(folder.names(".cairn/workspace/3/0-a") == ["out"])
    #expect(folder.read(".cairn/workspace/3/0-a/out/f") == "new")
  }

  @Test("a task that removed its artifact's folder, or put a link there, has no artifact at all")
  func missing() throws {
    let task = task(0, "a", outputs: ["bam", "qc"])
    let qc = try #require(try workspace.prepare(place(task)).outputs["qc"])
    try FileTree.remove(qc)
    symlink("/etc", qc)
    let message = "artifact \"qc\" of task \"a\" is missing: its folder is gone"
    #expect(throws: WorkspaceProblem(message)) { try workspace.seal(place(task)) }
    #expect(!workspace.holds(task, artifact: "bam"))
  }

  @Test("a slot is empty when an attempt begins, and release tells what it held")
  func slots() throws {
    let task = task(0, "a")
    let scratch = try workspace.prepare(place(task)).scratch
    try write("left", to: scratch + "/f")
    #expect(workspace.release(place(task)) == 4096)
    try write("left", to: scratch + "/g")
    _ = try workspace.prepare(place(task))
    #expect(folder.names(".cairn/workspace/slots/0") == [])
  }

  @Test("a task without artifacts is prepared and released by a look, once its slot is known")
  func now() throws {
    let task = task(0, "a", outputs: [])
    let place = place(task)
    #expect(workspace.prepareNow(place) == nil && !workspace.leavesNothing(place))
    let folders = try workspace.prepare(place)
    #expect(workspace.leavesNothing(place))
    #expect(workspace.prepareNow(place) == folders)
    #expect(workspace.prepareNow(self.place(self.task(1, "b"))) == nil)
  }

  @Test(
    "whatever a task does in its slot, it is seen, however quick it was",
    arguments: ["file", "deleted", "folder", "link", "rights", "gone", "replaced"])
  func touched(how: String) throws {
    let place = place(task(0, "a", outputs: []))
    for round in 1...20 {
      let scratch = try workspace.prepare(place).scratch
      #expect(workspace.leavesNothing(place))
      switch how {
      case "file": try write("x", to: scratch + "/f")
      case "deleted":
        try write("x", to: scratch + "/f")
        unlink(scratch + "/f")
      case "folder": mkdir(scratch + "/d", 0o755)
      case "link": symlink("/etc", scratch + "/l")
      case "rights": chmod(scratch, 0)
      case "gone": rmdir(scratch)
      default:
        rmdir(scratch)
        symlink("/etc", scratch)
      }
      #expect(!workspace.leavesNothing(place), "round \(round)")
      #expect(workspace.prepareNow(place) == nil, "round \(round)")
      _ = workspace.release(place)
    }
    _ = try workspace.prepare(place)
    #expect(folder.names(".cairn/workspace/slots/0") == [] && workspace.leavesNothing(place))
  }

  @Test("inputs have to be proved, so a task that has any is not prepared at once")
  func inputsNow() throws {
    let one = task(0, "one")
    try sealed(one)
    var user = task(1, "user", outputs: [])
    user.needs = [TaskGraph.Need(task: one.id, variable: "ONE")]
    let use = place(user, needed: [one])
    #expect(try workspace.prepare(use).inputs["ONE"] != nil)
    #expect(workspace.prepareNow(use) == nil && !workspace.leavesNothing(use))
    let free = place(task(2, "free", outputs: []))
    #expect(try workspace.prepare(free) == workspace.prepareNow(free))
  }

  @Test("emptying a slot never follows a link out of it")
  func links() throws {
    try folder.write("precious/file", "stay")
    let task = task(0, "a")
    let scratch = try workspace.prepare(place(task)).scratch
    symlink(folder.path + "/precious", scratch + "/link")
    _ = workspace.release(place(task))
    try FileTree.remove(scratch)
    symlink(folder.path + "/precious", scratch)
    _ = workspace.release(place(task))
    _ = try workspace.prepare(place(task))
    #expect(folder.read("precious/file") == "stay")
    #expect(Workspace.isFolder(scratch))
  }

  @Test("folders without rights are deleted all the same")
  func rights() throws {
    try folder.write("tree/a/b/file", "x")
    chmod(folder.path + "/tree/a/b", 0)
    chmod(folder.path + "/tree/a", 0o500)
    try FileTree.remove(folder.path + "/tree")
    #expect(folder.names("") == [".cairn"])
  }

  @Test("release removes half-written artifacts and links to inputs, but nothing sealed")
  func release() throws {
    let first = task(0, "first")
    try sealed(first)
    var second = task(1, "second")
    second.needs = [TaskGraph.Need(task: first.id, variable: "FIRST", folder: "n=1")]
    _ = try workspace.prepare(place(second, needed: [first]))
    #expect(folder.names(".cairn/workspace/3/1-second") == ["in.1", "out.1.part"])
    _ = workspace.release(place(second, needed: [first]))
    #expect(folder.names(".cairn/workspace/3/1-second") == [])
    #expect(folder.read(".cairn/workspace/3/0-first/out/f") == "x")
  }

  @Test("inputs are one artifact's folder, a task's folder, or a folder of links to a matrix")
  func inputs() throws {
    let one = task(0, "one")
    let two = task(1, "two", outputs: ["bam", "qc"])
    let none = task(2, "none", outputs: [])
    for task in [one, two, none] { try sealed(task, task.name) }
    var user = task(3, "user")
    user.needs = [
      TaskGraph.Need(task: one.id, variable: "ONE"), TaskGraph.Need(task: two.id, variable: "TWO"),
      TaskGraph.Need(task: two.id, artifact: "bam", variable: "BAM"),
      TaskGraph.Need(task: none.id, variable: "NONE"),
      TaskGraph.Need(task: one.id, variable: "ALL", folder: "n=0"),
      TaskGraph.Need(task: two.id, artifact: "qc", variable: "ALL", folder: "n=1"),
    ]
    let inputs = try workspace.prepare(place(user, needed: [one, two, two, none, one, two])).inputs
    let base = folder.path + "/.cairn/workspace/3"
    #expect(inputs["ONE"] == base + "/0-one/out")
    #expect(inputs["TWO"] == base + "/1-two")
    #expect(inputs["BAM"] == base + "/1-two/bam")
    #expect(inputs["NONE"] == nil)
    #expect(inputs["ALL"] == base + "/3-user/in.1/ALL")
    #expect(folder.read(".cairn/workspace/3/3-user/in.1/ALL/n=0/f") == "one")
    #expect(folder.read(".cairn/workspace/3/3-user/in.1/ALL/n=1/f") == "two")
  }

  @Test("a missing input is named, and a hostile folder name is refused")
  func missingInput() throws {
    let first = task(0, "a")
    var user = task(1, "user")
    user.needs = [TaskGraph.Need(task: first.id, variable: "A")]
    #expect(throws: WorkspaceProblem("artifact \"out\" of task \"a\" is missing")) {
      try workspace.prepare(place(user, needed: [first]))
    }
    try sealed(first)
    user.needs = [TaskGraph.Need(task: first.id, variable: "A", folder: "../../x")]
    #expect(throws: WorkspaceProblem("input folder \"../../x\" is no file name")) {
      try workspace.prepare(place(user, needed: [first]))
    }
  }

  @Test("artifacts of an earlier run stand in by name until this run has its own")
  func inherited() throws {
    try sealed(task(5, "a"), "old")
    let later = try Workspace(
      root: folder.path, run: 4, inherited: [.init(run: 3, tasks: ["a": TaskID(UInt32(5))])])
    let now = task(0, "a")
    #expect(later.holds(now, artifact: "out"))
    #expect(!later.holds(task(1, "b"), artifact: "out"))
    var user = task(2, "user")
    user.needs = [TaskGraph.Need(task: now.id, variable: "A")]
    let use = place(user, needed: [now])
    #expect(try later.prepare(use).inputs["A"]?.hasSuffix("/3/5-a/out") == true)
    _ = try later.prepare(place(now))
    _ = try later.seal(place(now))
    #expect(try later.prepare(use).inputs["A"]?.hasSuffix("/4/0-a/out") == true)
  }

  @Test("old runs are swept but for what is kept")
  func sweep() throws {
    try sealed(task(0, "a", outputs: ["x", "y"]))
    try sealed(task(1, "b"))
    let later = try Workspace(root: folder.path, run: 4)
    let kept = ArtifactPlace(run: 3, task: TaskID(UInt32(0)), name: "a", artifact: "x")
    #expect(later.sweepOldRuns(keeping: [kept]) == 8192)
    #expect(folder.names(".cairn/workspace/3") == ["0-a"])
    #expect(folder.names(".cairn/workspace/3/0-a") == ["x"])
    #expect(later.sweepOldRuns(keeping: []) == 4096)
    #expect(folder.names(".cairn/workspace") == ["4", "slots"])
  }

  @Test("a dropped artifact is gone, and dropping it again is no error")
  func drop() throws {
    let task = task(0, "a")
    try sealed(task)
    try workspace.drop(task, artifact: "out")
    try workspace.drop(task, artifact: "out")
    #expect(!workspace.holds(task, artifact: "out"))
  }

  @Test("logs lie by run, task and attempt, in a folder that git ignores")
  func logs() {
    let log = workspace.log(task(2, "a/b"), attempt: 4, stream: .verify)
    #expect(log.name == "3/2-a%2Fb.4.verify.log")
    #expect(log.path == folder.path + "/.cairn/logs/3/2-a%2Fb.4.verify.log")
    #expect(folder.read(".cairn/.gitignore") == "*\n")
  }

  @Test(
    "a task's name on disk is plain and bounded",
    arguments: [
      ("align", "1-align"), ("5.2", "1-5%2E2"), ("..", "1-%2E%2E"), ("é", "1-%C3%A9"),
      (String(repeating: "a", count: 99), "1-" + String(repeating: "a", count: 60)),
      (String(repeating: "=", count: 99), "1-" + String(repeating: "%3D", count: 20)),
    ])
  func names(name: String, expected: String) {
    #expect(WorkspaceLayout.folder(TaskID(UInt32(1)), name) == expected)
  }
}

@Suite("workspace export") struct WorkspaceExportTests {
  let folder: TemporaryFolder
  let workspace: Workspace
  let place: AttemptPlace

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace(root: folder.path, run: 1)
    var task = TaskGraph.Task(id: TaskID(UInt32(0)), name: "a", action: .gate)
    task.outputs = [TaskGraph.Output(name: "out")]
    place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
  }

  @discardableResult
  func export(_ files: [String: String], to path: String) throws -> Fact.ArtifactExported {
    _ = try workspace.prepare(place)
    for (name, text) in files {
      try folder.write(".cairn/workspace/1/0-a/out.1.part/\(name)", text)
    }
    _ = try workspace.seal(place)
    return try workspace.export(TaskGraph.Export(artifact: "out", path: path), of: place)
  }

  @Test("an only file becomes the path")
  func file() throws {
    let fact = try export(["deep/all": "sum"], to: "reports/all.txt")
    #expect(folder.read("reports/all.txt") == "sum")
    #expect(folder.names("reports") == ["all.txt"])
    #expect(fact.bytes == 4096 && fact.path == "reports/all.txt")
  }

  @Test("several files, or a path that ends in a slash, become a folder; others in it stay")
  func several() throws {
    try folder.write("site/old", "stay")
    try export(["a": "1", "b/c": "2"], to: "site")
    #expect(folder.names("site") == ["a", "b", "old"])
    #expect(folder.read("site/b/c") == "2")
    try export(["a": "3"], to: "site/")
    #expect(folder.read("site/a") == "3")
  }

  @Test("an absolute path may lie anywhere, a relative one only in the project, never in .cairn")
  func paths() throws {
    let elsewhere = try TemporaryFolder()
    try export(["a": "1"], to: elsewhere.path + "/x")
    #expect(elsewhere.read("x") == "1")
    for path in ["../x", "a/../../x", ".cairn/x", "./.cairn/lock", "a/../.cairn/x", ""] {
      #expect(throws: WorkspaceProblem.self, "\(path)") { try export(["a": "1"], to: path) }
    }
    try export(["a": "1"], to: "a/../b")
    #expect(folder.read("b") == "1")
  }

  @Test("a folder in the way of a file is named and left alone")
  func blocked() throws {
    try folder.write("reports/old", "stay")
    let message = "cannot write \"\(folder.path)/reports\": Is a directory"
    #expect(throws: WorkspaceProblem(message)) { try export(["a": "1"], to: "reports") }
    #expect(folder.names("") == [".cairn", "reports"])
    #expect(folder.names("reports") == ["old"])
  }
}
