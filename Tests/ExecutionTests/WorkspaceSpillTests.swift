import Foundation
import Glibc
import Model
import Testing

@testable import Execution

/// A project, its workspace and a place to spill to.
struct SpillScene {
  let folder: TemporaryFolder
  let workspace: Workspace
  let place: AttemptPlace

  var task: TaskGraph.Task { place.task }
  static let base = ".cairn/workspace/3/7-sort"

  init(_ folder: TemporaryFolder, spill: String = "spill", limitBytes: Int64 = 1 << 40) throws {
    self.folder = folder
    try folder.make("project")
    workspace = try Workspace(
      root: folder.path + "/project", run: 3,
      spill: SpillPlace(path: "\(folder.path)/\(spill)", limitBytes: limitBytes))
    var task = TaskGraph.Task(id: TaskID(7), name: "sort", action: .gate)
    task.outputs = [TaskGraph.Output(name: "out")]
    place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
  }

  /// Relative to the scene's folder.
  var original: String { "project/\(Self.base)/out" }
  var originals: [String] { folder.names("project/\(Self.base)") }
  var copies: String { "spill/\(own)/3/7-sort" }
  var own: String {
    folder.names("spill").first { $0.hasPrefix("project-") } ?? "none"
  }
  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// Seals what `write` puts into the artifact's folder.
  func seal(_ write: (String) throws -> Void) throws -> Fact.ArtifactSealed {
    let part = try #require(try workspace.prepare(place).outputs["out"])
    try write(part)
    return try #require(try workspace.seal(place).first)
  }

  func seal(_ text: String = "words") throws -> Fact.ArtifactSealed {
    try seal { try Data(text.utf8).write(to: URL(filePath: $0 + "/file")) }
  }

  @discardableResult
  func spill(_ fact: Fact.ArtifactSealed) throws(WorkspaceProblem) -> Int64 {
    try workspace.spill(task, artifact: "out", digest: fact.digest)
  }

  @discardableResult
  func restore(_ fact: Fact.ArtifactSealed) throws(WorkspaceProblem) -> Int64 {
    try workspace.restore(task, artifact: "out", digest: fact.digest)
  }

  func digest(_ name: String) -> String? { try? FileTree.digest(path(name)).digest }

  func status(_ name: String) -> stat {
    var status = stat()
    lstat(path(name), &status)
    return status
  }
}

@Suite("spilled artifacts") struct WorkspaceSpillTests {
  let folder: TemporaryFolder
  let scene: SpillScene

  init() throws {
    folder = try TemporaryFolder()
    scene = try SpillScene(folder)
  }

  /// Names that are no text, rights, links, a hole, an empty folder, one file with two names.
  private func writeOddTree(_ root: String) throws {
    let odd = root.utf8CString.dropLast() + [0x2F, CChar(bitPattern: 0xFF), 0x0A, 0x62, 0]
    close(open(Array(odd), O_WRONLY | O_CREAT, 0o600))
    mkdir(root + "/empty", 0o700)
    mkdir(root + "/deep", 0o750)
    try Data("tool".utf8).write(to: URL(filePath: root + "/deep/tool"))
    chmod(root + "/deep/tool", 0o4751)
    link(root + "/deep/tool", root + "/again")
    symlink("../../gone", root + "/deep/link")
    symlink("/etc/passwd", root + "/outside")
    let hole = open(root + "/hole", O_WRONLY | O_CREAT, 0o640)
    for offset in [1 << 20, 8 << 20] { _ = pwrite(hole, "data", 4, off_t(offset)) }
    ftruncate(hole, 16 << 20)
    close(hole)
    let times = [timespec(tv_sec: 9, tv_nsec: 7), timespec(tv_sec: 8, tv_nsec: 7)]
    utimensat(AT_FDCWD, root + "/deep/tool", times, 0)
    utimensat(AT_FDCWD, root + "/empty", times, 0)
  }

  @Test("a tree comes back as it was: names, rights, links, holes, times, empty folders")
  func roundTrip() throws {
    let fact = try scene.seal(writeOddTree)
    let bytes = try scene.spill(fact)
    #expect(bytes == fact.bytes && bytes < 1 << 20)
    #expect(scene.originals == [] && !scene.workspace.holds(scene.task, artifact: "out"))
    #expect(scene.workspace.holdsSpilled(scene.task, artifact: "out"))
    #expect(folder.names(scene.copies) == ["out"])
    #expect(try scene.restore(fact) == fact.bytes)
    #expect(scene.originals == ["out"] && scene.digest(scene.original) == fact.digest)
    let out = scene.original
    let modes = ["", "/deep", "/deep/tool", "/hole", "/empty"].map {
      scene.status(out + $0).st_mode & 0o7777
    }
    #expect(modes == [0o555, 0o550, 0o4551, 0o440, 0o500])
    #expect(scene.status(out + "/again").st_ino == scene.status(out + "/deep/tool").st_ino)
    #expect(scene.status(out + "/deep/tool").st_mtim.tv_sec == 8)
    #expect(scene.status(out + "/empty").st_mtim.tv_sec == 8)
    #expect(scene.status(out + "/hole").st_size == 16 << 20)
    #expect(scene.digest(scene.copies + "/out") == fact.digest)
  }

  @Test("the copy of one that was restored is used again, and not made anew")
  func again() throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    try scene.restore(fact)
    let before = scene.status(scene.copies + "/out").st_ino
    #expect(try scene.spill(fact) == fact.bytes)
    #expect(scene.status(scene.copies + "/out").st_ino == before)
    #expect(scene.originals == [])
    // Told twice, as after a crash, it changes nothing.
    #expect(try scene.spill(fact) == fact.bytes)
    #expect(try scene.restore(fact) == fact.bytes)
    #expect(try scene.restore(fact) == fact.bytes)
    #expect(scene.originals == ["out"])
  }

  @Test("an artifact that is not what was sealed is not spilled, and stays")
  func mismatch() throws {
    let fact = try scene.seal()
    chmod(scene.path(scene.original + "/file"), 0o644)
    try folder.write(scene.original + "/file", "other")
    let message =
      "artifact \"out\" of task \"sort\" is not spilled: its copy is not what was sealed"
    #expect(throws: WorkspaceProblem(message)) { try scene.spill(fact) }
    #expect(scene.originals == ["out"] && folder.names(scene.copies) == [])
    #expect(folder.read(scene.original + "/file") == "other")
  }

  @Test("a copy of an older attempt gives way")
  func older() throws {
    try scene.spill(try scene.seal("old"))
    let fact = try scene.seal("new")
    try scene.spill(fact)
    #expect(folder.read(scene.copies + "/out/file") == "new")
    try scene.restore(fact)
    #expect(folder.read(scene.original + "/file") == "new")
  }

  @Test(
    "a spilled copy that is not whole is named, and nothing is left half done",
    arguments: [
      "missing", "place gone", "changed", "cut", "rights", "more", "less", "link", "file",
    ])
  func damaged(how: String) throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    let copy = scene.copies + "/out"
    chmod(scene.path(copy), 0o755)
    chmod(scene.path(copy + "/file"), 0o644)
    switch how {
    case "missing": try FileTree.remove(scene.path(copy))
    case "place gone": try FileTree.remove(scene.path("spill"))
    case "changed": try folder.write(copy + "/file", "wOrds")
    case "cut": truncate(scene.path(copy + "/file"), 2)
    case "rights": chmod(scene.path(copy + "/file"), 0o755)
    case "more": try folder.write(copy + "/another", "")
    case "less": unlink(scene.path(copy + "/file"))
    case "link":
      rename(scene.path(copy), scene.path("elsewhere"))
      symlink(scene.path("elsewhere"), scene.path(copy))
    default:
      try FileTree.remove(scene.path(copy))
      try folder.write(copy, "words")
    }
    let problem = #expect(throws: WorkspaceProblem.self) { try scene.restore(fact) }
    let copyPath = scene.path(copy)
    let words =
      switch how {
      case "missing", "place gone":
        "artifact \"out\" of task \"sort\" is missing on the spill file system"
      case "link": "\"\(copyPath)\" is a link, and none is followed there"
      case "file": "\"\(copyPath)\" is not a folder"
      default:
        "the spilled copy of artifact \"out\" of task \"sort\" in \"\(copyPath)\" "
          + "is not what was spilled"
      }
    #expect(problem?.description == words)
    #expect(scene.originals == [])
    #expect(!scene.workspace.holds(scene.task, artifact: "out"))
  }

  @Test("a restored artifact takes the place of a damaged one")
  func replaces() throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    try folder.write(scene.original + "/file", "wrong")
    try scene.restore(fact)
    #expect(folder.read(scene.original + "/file") == "words" && scene.originals == ["out"])
  }

  @Test("what a process has open keeps its place, and its copy serves the next try")
  func handles() async throws {
    let fact = try scene.seal()
    let executor = try ProcessExecutor()
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let launch = Launch(
      arguments: ["sleep", "600"], environment: ["PATH=/usr/bin:/bin"], directory: "/",
      input: scene.path(scene.original + "/file"), log: folder.path + "/log")
    let process = try executor.start(launch) { continuation.yield($0) }
    let message = "artifact \"out\" of task \"sort\" is still open in process \(process.pid)"
    #expect(throws: WorkspaceProblem(message)) { try scene.spill(fact) }
    #expect(scene.originals == ["out"] && folder.names(scene.copies) == ["out"])
    executor.signal(process, 9)
    for await _ in exits { break }
    #expect(try scene.spill(fact) == fact.bytes)
    #expect(scene.originals == [])
  }

  @Test("a dropped artifact stays on the spill file system, and comes back again from there")
  func drop() throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    try scene.restore(fact)
    try scene.workspace.drop(scene.task, artifact: "out")
    #expect(scene.originals == [] && folder.names(scene.copies) == ["out"])
    try scene.restore(fact)
    #expect(scene.originals == ["out"])
  }

  @Test("without a spill place nothing is spilled, and no sweep does anything")
  func none() throws {
    let plain = try Workspace(root: folder.path + "/project", run: 3)
    let message = "there is no spill file system"
    #expect(throws: WorkspaceProblem(message)) {
      try plain.spill(scene.task, artifact: "out", digest: "")
    }
    #expect(throws: WorkspaceProblem(message)) {
      try plain.restore(scene.task, artifact: "out", digest: "")
    }
    try plain.openSpill()
    #expect(!plain.spillIsElsewhere && !plain.holdsSpilled(scene.task, artifact: "out"))
    #expect(plain.removeSpilled(run: 3) == 0 && plain.sweepOldSpills(keeping: []) == 0)
  }

  @Test("what is not in this run's workspace is not spilled")
  func missing() {
    #expect(
      throws: WorkspaceProblem(
        "artifact \"out\" of task \"sort\" is not in the workspace of run 3")
    ) { try scene.workspace.spill(scene.task, artifact: "out", digest: "") }
  }
}
