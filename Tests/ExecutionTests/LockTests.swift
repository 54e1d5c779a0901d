import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("project lock") struct LockTests {
  let folder: TemporaryFolder
  let layout: WorkspaceLayout

  init() throws {
    folder = try TemporaryFolder()
    layout = WorkspaceLayout(root: folder.path)
  }

  @Test("a second Cairn is refused and told who holds the project, until the first lets go")
  func second() throws {
    var first: ProjectLock? = try ProjectLock(layout)
    #expect { try ProjectLock(layout) } throws: {
      let problem = $0 as? JournalProblem
      return problem?.code == .locked
        && problem?.description.hasPrefix("another Cairn holds this project: pid \(getpid())")
          == true
        && problem?.description.contains(", since 20") == true
    }
    let owner = try #require(ProjectLock.owner(of: layout))
    #expect(owner.pid == getpid() && !owner.host.isEmpty)
    #expect(owner.startTime == ProcessTable.record(of: getpid())?.startTime)
    withExtendedLifetime(first) {}
    first = nil
    #expect(ProjectLock.owner(of: layout) == nil)
    _ = try ProjectLock(layout)
  }

  @Test("the record of a dead owner means nothing, whatever it says")
  func stale() throws {
    try folder.write(".cairn/lock", "{\"pid\":1,\"host\":\"x\",\"startTime\":1,\"since\":1}")
    #expect(ProjectLock.owner(of: layout) == nil)
    let lock = try ProjectLock(layout)
    #expect(ProjectLock.owner(of: layout)?.pid == getpid())
    withExtendedLifetime(lock) {}
  }

  @Test("asking who holds a project makes no files")
  func looking() {
    #expect(ProjectLock.owner(of: layout) == nil)
    #expect(folder.names("") == [])
  }

  @Test("a link in the lock's place is not followed")
  func link() throws {
    try folder.write("precious", "stay")
    try folder.make(".cairn")
    symlink(folder.path + "/precious", layout.lock)
    #expect(throws: JournalProblem.self) { try ProjectLock(layout) }
    #expect(folder.read("precious") == "stay")
  }
}
