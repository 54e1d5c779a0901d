import Glibc
import Model
import Testing

@testable import Execution

private let place = Result { () throws(SpawnProblem) in try MemoryGroups.find() }

private var isOffered: Bool { if case .success = place { true } else { false } }

@Suite("a cgroup for the memory of an attempt", .timeLimit(.minutes(15)))
struct MemoryGroupTests {
  private static let limit: Int64 = 64 << 20
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(
    _ script: String, limit: Int64? = limit, in executor: ProcessExecutor, log: String = "log"
  ) async throws -> ProcessExit {
    try await start(script, limit: limit, in: executor, log: log).exit()
  }

  private func start(
    _ script: String, limit: Int64? = limit, in executor: ProcessExecutor, log: String = "log"
  ) throws -> RunningProcess {
    let launch = Launch(
      arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
      directory: folder.path, log: folder.path + "/" + log,
      limits: Launch.Limits(memoryBytes: limit))
    let (stream, bell) = AsyncStream.makeStream(of: ProcessExit.self)
    return RunningProcess(process: try executor.start(launch) { bell.yield($0) }, exits: stream)
  }

  /// Fills a variable of a shell with this many MiB.
  private static func eat(_ mebibytes: Int) -> String {
    "x=$(head -c \(mebibytes << 20) /dev/zero | tr '\\0' x)"
  }

  /// Groups of this process.
  private static func groups() throws -> [String] {
    let root = try place.get().folder
    return ProcessTable.names(in: root).filter { $0.hasPrefix("cairn-\(getpid())-") }
  }

  @Test(
    "an attempt above its limit ends as out of memory, one below it does not",
    .enabled(if: isOffered, "no cgroup with a memory controller is ours"),
    arguments: Containment.Kind.allCases)
  func exceeds(kind: Containment.Kind) async throws {
    guard let executor = try? ProcessExecutor(containment: kind) else { return }
    let over = try await run(Self.eat(256), in: executor)
    #expect(over.cause == .outOfMemory && over.status != .code(0))
    let peak = try #require(over.usage.memoryPeakBytes)
    #expect(peak > Self.limit / 2 && peak <= Self.limit)
    let under = try await run(Self.eat(8), in: executor)
    #expect(under.cause == .itself && under.status == .code(0))
    #expect(try #require(under.usage.memoryPeakBytes) > 8 << 20)
  }

  @Test(
    "a KILL that somebody sent is no want of memory",
    .enabled(if: isOffered, "no cgroup with a memory controller is ours"))
  func killed() async throws {
    let executor = try ProcessExecutor()
    let exit = try await run("kill -9 $$", in: executor)
    #expect(exit.cause == .itself && exit.status == .signal(SIGKILL))
  }

  @Test(
    "daemons live in the group, too, and it is gone with the attempt",
    .enabled(if: isOffered, "no cgroup with a memory controller is ours"))
  func removed() async throws {
    let executor = try ProcessExecutor()
    let script = "setsid sleep 1000 & cat /proc/self/cgroup > groups; read x < go"
    #expect(mkfifo(folder.path + "/go", 0o600) == 0)
    let running = try start(script, in: executor)
    let own = try await name(in: "groups")
    let members = ProcessTable.text("\(try place.get().folder)/\(own)/cgroup.procs") ?? ""
    #expect(members.split(separator: "\n").count >= 2)
    executor.signal(running.process, SIGKILL)
    _ = try await running.exit()
    while try Self.groups().contains(own) { try await Task.sleep(for: .milliseconds(2)) }
  }

  private static func name(_ line: Substring) -> String? {
    line.split(separator: "/").last { $0.hasPrefix("cairn-\(getpid())-") }.map(String.init)
  }

  @Test(
    "the end of an executor ends its own groups and no others",
    .enabled(if: isOffered, "no cgroup with a memory controller is ours"))
  func guarded() async throws {
    let root = try place.get().folder
    var guarded: ProcessExecutor? = try ProcessExecutor(containment: .guardian)
    let other = try ProcessExecutor(containment: .guardian)
    let first = try start("cat /proc/self/cgroup > a; sleep 1000", in: try #require(guarded))
    let second = try start("cat /proc/self/cgroup > b; sleep 1000", in: other)
    let names = try await [name(in: "a"), name(in: "b")]
    guarded = nil
    _ = try await first.exit()
    while access("\(root)/\(names[0])", F_OK) == 0 { try await Task.sleep(for: .milliseconds(2)) }
    #expect(access("\(root)/\(names[1])", F_OK) == 0)
    #expect(ProcessTable.record(of: second.process.pid)?.startTime == second.process.startTime)
    other.signal(second.process, SIGKILL)
    _ = try await second.exit()
  }

  /// The group that a process has written down.
  private func name(in file: String) async throws -> String {
    while folder.read(file)?.hasSuffix("\n") != true {
      try await Task.sleep(for: .milliseconds(2))
    }
    let lines = folder.read(file)?.split(separator: "\n") ?? []
    return try #require(lines.compactMap(Self.name).first)
  }

  @Test("what declares no memory gets no group and no exact peak")
  func undeclared() async throws {
    let exit = try await run("cat /proc/self/cgroup", limit: nil, in: ProcessExecutor())
    #expect(exit.usage.memoryPeakBytes == nil)
    let memory = folder.read("log")?.split(separator: "\n").first { $0.contains(":memory:") }
    #expect(memory?.contains("/cairn-") != true)
  }

  @Test(
    "groups of a Cairn that was killed are removed, those of a living one stay",
    .enabled(if: isOffered, "no cgroup with a memory controller is ours"))
  func swept() async throws {
    let root = try place.get().folder
    let start = try #require(ProcessTable.record(of: getpid())?.startTime)
    let space = try #require(ProcessTable.namespace())
    let dead = "\(root)/cairn-\(getpid())-\(start + 1)-\(space)-1"
    let alive = "\(root)/cairn-\(getpid())-\(start)-\(space)-0"
    let foreign = "\(root)/somebody-\(getpid())-\(start + 1)-\(space)-1"
    for path in [dead, alive, foreign] { try #require(mkdir(path, 0o755) == 0) }
    defer { for path in [dead, alive, foreign] { rmdir(path) } }
    _ = try await run("true", in: ProcessExecutor())
    #expect(access(dead, F_OK) != 0)
    #expect(access(alive, F_OK) == 0)
    #expect(access(foreign, F_OK) == 0)
  }
}

@Suite("what Cairn leaves among cgroups") struct OwnCgroupTests {
  @Test("a Cairn in another pid namespace leaves alone what it cannot judge")
  func namespaces() throws {
    let folder = try TemporaryFolder()
    let own = folder.path + "/" + OwnCgroup.name()
    // In a namespace of its own nobody has our pid, or somebody else has.
    let parts = own.split(separator: "-", omittingEmptySubsequences: false)
    let space = try #require(ProcessTable.namespace())
    try #require(parts[parts.count - 2] == "\(space)")
    let elsewhere = folder.path + "/cairn-\(Int32.max)-1-\(space + 1)-1"
    let dead = folder.path + "/cairn-\(Int32.max)-1-\(space)-1"
    for path in [own, elsewhere, dead] { try #require(mkdir(path, 0o755) == 0) }
    OwnCgroup.sweep(folder.path)
    #expect(access(own, F_OK) == 0)
    #expect(access(elsewhere, F_OK) == 0)
    #expect(access(dead, F_OK) != 0)
  }
}

@Suite("where Cairn lives among cgroups") struct CgroupHomeTests {
  private static let mounts = """
    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
    36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:4 - cgroup2 cgroup2 rw
    """
  private static let groups = "9:cpu,cpuacct:/a\n4:memory:/b/c\n0::/user.slice/x:y\n"

  private static func home(
    _ controller: String?, groups: String = groups, mounts: String = mounts
  ) -> CgroupHome? { CgroupHome(groups: groups, mounts: mounts, controller: controller) }

  @Test("each hierarchy is found by its controller, the second version without one")
  func found() {
    #expect(Self.home("memory")?.path == "/sys/fs/cgroup/memory/b/c")
    #expect(Self.home("cpuacct")?.path == "/sys/fs/cgroup/cpu,cpuacct/a")
    #expect(Self.home(nil)?.path == "/sys/fs/cgroup/unified/user.slice/x:y")
    #expect(Self.home(nil)?.mount == "/sys/fs/cgroup/unified")
    #expect(Self.home("freezer") == nil)
    #expect(Self.home(nil, groups: "4:memory:/b") == nil)
  }

  @Test("in a container only a part of the hierarchy is mounted")
  func part() {
    let mounts = "41 31 0:38 /pods/7 /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
    #expect(Self.home(nil, groups: "0::/pods/7/a\n", mounts: mounts)?.path == "/sys/fs/cgroup/a")
    #expect(Self.home(nil, groups: "0::/pods/7\n", mounts: mounts)?.path == "/sys/fs/cgroup")
    #expect(Self.home(nil, groups: "0::/other\n", mounts: mounts) == nil)
    #expect(Self.home(nil, groups: "0::/\n", mounts: Self.mounts)?.path == "/sys/fs/cgroup/unified")
  }
}
