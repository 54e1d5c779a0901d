import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("spill places") struct WorkspaceSpillPlaceTests {
  let folder: TemporaryFolder
  let scene: SpillScene

  init() throws {
    folder = try TemporaryFolder()
    scene = try SpillScene(folder)
  }

  @Test("a missing place is made, for its owner alone, and so is the project's folder in it")
  func made() throws {
    let deep = try SpillScene(folder, spill: "a/b/c//")
    try deep.workspace.openSpill()
    let own = try #require(folder.names("a/b/c").first)
    for name in ["a", "a/b", "a/b/c", "a/b/c/" + own] {
      #expect(scene.status(name).st_mode & 0o7777 == 0o700)
    }
  }

  @Test(
    "a place that cannot be used is named, and the artifact stays",
    arguments: [
      "relative", "file", "below a file", "link", "project link", "run link", "task file",
    ])
  func hostile(how: String) throws {
    let fact = try scene.seal()
    try scene.workspace.openSpill()
    let own = "spill/\(scene.own)"
    try folder.make("victim/7-sort/out")
    func put(_ name: String, link: Bool) throws {
      try FileTree.remove(scene.path(name))
      if link {
        symlink(scene.path("victim"), scene.path(name))
      } else {
        try folder.write(name, "")
      }
    }
    var words: String
    switch how {
    case "relative": words = "spill path \"spill\" is not absolute"
    case "file":
      try put("spill", link: false)
      words = "\"\(scene.path("spill"))\" is not a folder"
    case "below a file":
      try put("spill", link: false)
      words = "\"\(scene.path("spill/in"))\" is not a folder"
    case "link":
      try put("spill", link: true)
      words = "\"\(scene.path("spill"))\" is a link, and none is followed there"
    case "project link":
      try put(own, link: true)
      words = "\"\(scene.path(own))\" is a link, and none is followed there"
    case "run link":
      try put(own + "/3", link: true)
      words = "\"\(scene.path(own))/3\" is a link, and none is followed there"
    default:
      try put(own + "/3/7-sort", link: false)
      words = "\"\(scene.path(own))/3/7-sort\" is not a folder"
    }
    let path =
      how == "relative" ? "spill" : scene.path(how == "below a file" ? "spill/in" : "spill")
    let workspace = try Workspace(
      root: folder.path + "/project", run: 3, spill: SpillPlace(path: path, limitBytes: 1 << 40))
    #expect(throws: WorkspaceProblem(words)) {
      try workspace.spill(scene.task, artifact: "out", digest: fact.digest)
    }
    #expect(scene.originals == ["out"] && folder.names("victim/7-sort") == ["out"])
    _ = workspace.removeSpilled(run: 3)
    _ = workspace.sweepOldSpills(keeping: [])
    #expect(folder.names("victim/7-sort") == ["out"])
  }

  @Test("links in the place of a copy or of a part are replaced, not followed")
  func planted() throws {
    let fact = try scene.seal()
    try scene.workspace.openSpill()
    try folder.make(scene.copies)
    try folder.write("victim/file", "words")
    for name in ["out", "out.part"] {
      symlink(scene.path("victim"), scene.path("\(scene.copies)/\(name)"))
    }
    try scene.spill(fact)
    #expect(folder.names(scene.copies) == ["out"] && folder.read("victim/file") == "words")
    #expect(scene.status(scene.copies + "/out").st_mode & S_IFMT == S_IFDIR)
    symlink(scene.path("victim"), scene.path(scene.original + ".restore.part"))
    try scene.restore(fact)
    #expect(scene.originals == ["out"] && folder.read("victim/file") == "words")
  }

  @Test("another user's folder with the project's name is refused", .enabled(if: geteuid() == 0))
  func foreign() throws {
    let fact = try scene.seal()
    try scene.workspace.openSpill()
    let own = scene.path("spill/" + scene.own)
    chown(own, 65_534, 65_534)
    let words = "spill folder \"\(own)\" belongs to another user"
    #expect(throws: WorkspaceProblem(words)) { try scene.spill(fact) }
    #expect(scene.originals == ["out"])
    chown(own, 0, 0)
    chmod(own, 0o777)
    try scene.spill(fact)
    #expect(scene.status("spill/" + scene.own).st_mode & 0o7777 == 0o700)
  }

  @Test("two projects share a place and do not see one another")
  func shared() throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    try folder.make("other/project")
    let other = try Workspace(
      root: folder.path + "/other/project", run: 3, spill: scene.workspace.spill)
    #expect(!other.holdsSpilled(scene.task, artifact: "out"))
    try other.openSpill()
    #expect(other.sweepOldSpills(keeping: []) == 0 && other.removeSpilled(run: 3) == 0)
    #expect(try scene.restore(fact) == fact.bytes)
  }
}

// MARK: Old runs

extension WorkspaceSpillPlaceTests {
  @Test("copies of a run that ended are removed, and the project's folder with the last")
  func ended() throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    #expect(scene.workspace.removeSpilled(run: 2) == 0)
    #expect(scene.workspace.removeSpilled(run: 3) >= fact.bytes)
    #expect(folder.names("spill") == [])
  }

  @Test("a new whole run removes the copies of dead runs but the kept and the inherited ones")
  func sweep() throws {
    let fact = try scene.seal()
    try scene.spill(fact)
    let own = "spill/\(scene.own)"
    for run in ["1", "2", "9"] {
      for name in ["out", "kept", "out.part"] {
        try folder.write("\(own)/\(run)/7-sort/\(name)/f", "x")
      }
    }
    try folder.write("\(own)/notes/mine/f/f", "x")
    let kept = ArtifactPlace(run: 1, task: TaskID(UInt32(7)), name: "sort", artifact: "kept")
    let later = try Workspace(
      root: folder.path + "/project", run: 4, inherited: [.init(run: 2, tasks: [:])],
      spill: scene.workspace.spill)
    #expect(later.sweepOldRuns(keeping: [kept]) == 0)
    #expect(folder.names(own) == ["1", "2", "notes"])
    #expect(folder.names(own + "/1/7-sort") == ["kept"])
    #expect(folder.names(own + "/2/7-sort").count == 3)
  }
}

// MARK: The limit

extension WorkspaceSpillPlaceTests {
  @Test("copies stop at the limit, and what was deleted makes room")
  func limit() throws {
    let fact = try scene.seal()
    let two = try SpillScene(folder, limitBytes: fact.bytes * 2)
    var others: [TaskGraph.Task] = []
    for number in 0..<3 {
      var task = scene.task
      task.name = "t\(number)"
      let place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
      let part = try #require(try two.workspace.prepare(place).outputs["out"])
      try Data("words".utf8).write(to: URL(filePath: part + "/file"))
      _ = try two.workspace.seal(place)
      others.append(task)
    }
    for task in others[..<2] {
      _ = try two.workspace.spill(task, artifact: "out", digest: fact.digest)
    }
    let problem = #expect(throws: WorkspaceProblem.self) { try two.spill(fact) }
    #expect(
      problem?.description
        == "artifact \"out\" of task \"sort\" is not spilled: its "
        + "\(ByteText.words(fact.bytes)) and the \(ByteText.words(fact.bytes * 2)) in "
        + "\"\(folder.path)/spill/\(scene.own)\" are more than the limit of "
        + ByteText.words(fact.bytes * 2))
    #expect(problem?.isDiskFull == false)
    #expect(scene.originals == ["out"] && folder.names(scene.copies) == [])
    try FileTree.remove("\(folder.path)/spill/\(scene.own)/3/7-t0")
    #expect(try two.spill(fact) == fact.bytes)
    #expect(throws: WorkspaceProblem.self) {
      try two.workspace.spill(others[2], artifact: "out", digest: fact.digest)
    }
    two.workspace.removeSpilled(run: 3)
    _ = try two.workspace.spill(others[2], artifact: "out", digest: fact.digest)
  }

  @Test("of many at once no more go in than the limit allows")
  func atOnce() async throws {
    let fact = try scene.seal()
    let four = try SpillScene(folder, limitBytes: fact.bytes * 4)
    var tasks: [TaskGraph.Task] = []
    for number in 0..<12 {
      var task = scene.task
      task.name = "t\(number)"
      let place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
      let part = try #require(try four.workspace.prepare(place).outputs["out"])
      try Data("words".utf8).write(to: URL(filePath: part + "/file"))
      _ = try four.workspace.seal(place)
      tasks.append(task)
    }
    let spilled = await withTaskGroup(of: Bool.self) { group in
      for task in tasks {
        group.addTask {
          (try? four.workspace.spill(task, artifact: "out", digest: fact.digest)) != nil
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    let left = tasks.filter { four.workspace.holds($0, artifact: "out") }
    #expect(spilled <= 4 && spilled > 0 && left.count == 12 - spilled)
    #expect(try FileTree.measure("\(folder.path)/spill/\(scene.own)/3").files == spilled)
  }
}
