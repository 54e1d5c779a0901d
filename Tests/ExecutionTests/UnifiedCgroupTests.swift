import Glibc
import Testing

@testable import Execution

/// The second version of cgroups, played by folders: not every machine has it with a memory controller.
@Suite("the unified hierarchy of cgroups") struct UnifiedCgroupTests {
  private let folder: TemporaryFolder
  private var home: CgroupHome {
    CgroupHome(path: folder.path + "/user/app", mount: folder.path)
  }

  init() throws {
    folder = try TemporaryFolder()
    for path in ["/user", "/user/app"] { try #require(mkdir(folder.path + path, 0o755) == 0) }
    for path in ["", "/user", "/user/app"] {
      try write("", to: path + "/cgroup.procs")
      try write("", to: path + "/cgroup.subtree_control")
    }
    for path in ["/user", "/user/app"] { try write("domain\n", to: path + "/cgroup.type") }
  }

  private func write(_ text: String, to name: String) throws {
    let file = open(folder.path + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try #require(file >= 0)
    defer { close(file) }
    try #require(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
  }

  private func refusal() -> String? {
    do throws(SpawnProblem) { _ = try MemoryGroups.unified(home) } catch {
      return error.description
    }
    return nil
  }

  @Test("groups are made below the own one if it hands the controller on")
  func below() throws {
    try write("cpu memory\n", to: "/user/app/cgroup.subtree_control")
    let place = try MemoryGroups.unified(home)
    #expect(place == MemoryGroups.Place(folder: home.path, isUnified: true))
  }

  @Test("else beside it, where no limit of its own would be escaped")
  func beside() throws {
    #expect(refusal()?.contains("not handed on") == true)
    try write("memory pids\n", to: "/user/cgroup.subtree_control")
    let place = try MemoryGroups.unified(home)
    #expect(place == MemoryGroups.Place(folder: folder.path + "/user", isUnified: true))
    try write("max 100000\n", to: "/user/app/cpu.max")
    #expect(refusal() == nil)
    for name in ["memory.high", "memory.max", "cpu.max"] {
      try write("1000 100000\n", to: "/user/app/" + name)
      #expect(refusal()?.contains("limit of its own") == true)
      try write("max\n", to: "/user/app/" + name)
    }
  }

  @Test("the root of all can hand the controller on, though processes live in it")
  func root() throws {
    unlink(folder.path + "/user/app/cgroup.type")
    let place = try MemoryGroups.unified(home)
    #expect(place == MemoryGroups.Place(folder: home.path, isUnified: true, isAsleep: true))
  }

  @Test("above what can be seen nothing is made")
  func top() throws {
    let home = CgroupHome(path: folder.path + "/user/app", mount: folder.path + "/user/app")
    try write("memory\n", to: "/user/cgroup.subtree_control")
    #expect(throws: SpawnProblem.self) { try MemoryGroups.unified(home) }
  }

  @Test("a group takes its limit without swap, dies as one, and tells kills and peak")
  func group() throws {
    let group = MemoryGroup(path: folder.path + "/user", folder: 7, isUnified: true)
    #expect(!group.limit(to: 4096))
    for name in ["memory.max", "memory.swap.max", "memory.oom.group"] {
      try write("", to: "/user/" + name)
    }
    #expect(group.limit(to: 4096))
    #expect(folder.read("user/memory.max") == "4096")
    #expect(folder.read("user/memory.swap.max") == "0")
    #expect(folder.read("user/memory.oom.group") == "1")
    #expect(group.kills == 0 && group.peakBytes == nil)
    try write("low 0\nmax 9\noom 2\noom_kill 3\noom_group_kill 1\n", to: "/user/memory.events")
    try write("8192\n", to: "/user/memory.peak")
    #expect(group.kills == 3 && group.peakBytes == 8192)
  }
}
