import Foundation
import Glibc
import Model
import Testing

@testable import Execution

/// Only root can mount one, of 1 MiB.
@Suite("another file system", .enabled(if: geteuid() == 0), .serialized)
struct WorkspaceSpillMountTests {
  let folder: TemporaryFolder
  let disk: WorkspaceFullTests.Mount

  init() throws {
    folder = try TemporaryFolder()
    try folder.make("disk")
    // A container may have root and no right to mount.
    disk = try #require(WorkspaceFullTests.Mount(folder.path + "/disk"))
  }

  private func fill() {
    let file = open(disk.path + "/filler", O_WRONLY | O_CREAT, 0o644)
    let block = [UInt8](repeating: 1, count: 4096)
    while Glibc.write(file, block, block.count) > 0 {}
    close(file)
  }

  private func seal(_ scene: SpillScene, bytes: Int) throws -> Fact.ArtifactSealed {
    try scene.seal { part in
      try Data(repeating: 5, count: bytes).write(to: URL(filePath: part + "/file"))
      // 16 MiB would not fit were the hole written.
      let hole = open(part + "/hole", O_WRONLY | O_CREAT, 0o644)
      _ = pwrite(hole, "end", 3, off_t(16 << 20))
      close(hole)
    }
  }

  @Test("a copy goes there and back, holes and all, and the place is known to be elsewhere")
  func roundTrip() throws {
    let scene = try SpillScene(folder, spill: "disk/not/yet")
    #expect(scene.workspace.spillIsElsewhere)
    #expect(try !SpillScene(folder).workspace.spillIsElsewhere)
    let fact = try seal(scene, bytes: 300_000)
    #expect(try scene.spill(fact) <= 400_000)
    #expect(scene.originals == [])
    #expect(try scene.restore(fact) <= 400_000)
    #expect(scene.digest(scene.original) == fact.digest)
  }

  @Test("a full spill file system is told as such, and nothing is lost")
  func full() throws {
    let scene = try SpillScene(folder, spill: "disk")
    let fact = try seal(scene, bytes: 600_000)
    try scene.workspace.openSpill()
    fill()
    truncate(disk.path + "/filler", 700_000)
    let problem = #expect(throws: WorkspaceProblem.self) { try scene.spill(fact) }
    #expect(problem?.isDiskFull == true)
    #expect(problem?.description.hasSuffix(": No space left on device") == true)
    #expect(scene.originals == ["out"] && scene.digest(scene.original) == fact.digest)
    let copies = "disk/\(folder.names("disk").first { $0 != "filler" } ?? "")/3/7-sort"
    #expect(folder.names(copies) == [])
    unlink(disk.path + "/filler")
    try scene.spill(fact)
    #expect(scene.originals == [] && folder.names(copies) == ["out"])
  }

  @Test("a workspace without room for what comes back leaves the copy, and nothing half done")
  func fullWorkspace() throws {
    let inside = try Workspace(
      root: disk.path, run: 3, spill: SpillPlace(path: folder.path + "/spill", limitBytes: .max))
    let scene = try SpillScene(folder)
    let part = try #require(try inside.prepare(scene.place).outputs["out"])
    try Data(repeating: 5, count: 600_000).write(to: URL(filePath: part + "/file"))
    let fact = try #require(try inside.seal(scene.place).first)
    _ = try inside.spill(scene.task, artifact: "out", digest: fact.digest)
    fill()
    let problem = #expect(throws: WorkspaceProblem.self) {
      try inside.restore(scene.task, artifact: "out", digest: fact.digest)
    }
    #expect(problem?.isDiskFull == true)
    #expect(folder.names("disk/\(SpillScene.base)") == [])
    #expect(inside.holdsSpilled(scene.task, artifact: "out"))
    unlink(disk.path + "/filler")
    #expect(
      try inside.restore(scene.task, artifact: "out", digest: fact.digest) == fact.bytes)
  }

  @Test("a place that cannot be written is named, before and after it was used")
  func readOnly() throws {
    func remount(_ flags: UInt) { mount("", disk.path, "", UInt(MS_REMOUNT) | flags, nil) }
    let scene = try SpillScene(folder, spill: "disk/spill")
    let fact = try scene.seal()
    remount(UInt(MS_RDONLY))
    let words = "cannot make folder \"\(disk.path)/spill\": Read-only file system"
    #expect(throws: WorkspaceProblem(words)) { try scene.workspace.openSpill() }
    #expect(throws: WorkspaceProblem(words)) { try scene.spill(fact) }
    remount(0)
    try scene.spill(fact)
    remount(UInt(MS_RDONLY))
    #expect(try scene.restore(fact) == fact.bytes)
    #expect(throws: WorkspaceProblem.self) { try scene.workspace.openSpill() }
    #expect(scene.workspace.removeSpilled(run: 3) == 0)
    remount(0)
    #expect(scene.workspace.removeSpilled(run: 3) > 0)
  }
}
