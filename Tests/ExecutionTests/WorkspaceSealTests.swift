import Foundation
import Glibc
import Model
import Testing

@testable import Execution

@Suite("sealed artifacts") struct WorkspaceSealTests {
  let folder: TemporaryFolder
  let workspace: Workspace
  let place: AttemptPlace
  let part: String
  static let base = ".cairn/workspace/1/0-a"

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace(root: folder.path, run: 1)
    var task = TaskGraph.Task(id: TaskID(0), name: "a", action: .gate)
    task.outputs = [TaskGraph.Output(name: "out")]
    place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
    part = try workspace.prepare(place).outputs["out"] ?? ""
  }

  func write(_ name: String, _ text: String = "x", mode: mode_t = 0o644) throws {
    try folder.write(Self.base + "/out.1.part/" + name, text, mode: mode)
  }

  func mode(_ name: String) -> mode_t {
    var status = stat()
    return lstat("\(folder.path)/\(Self.base)/\(name)", &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test("without proof there is no digest and all stays writable, and the same is measured")
  func withoutProof() throws {
    try write("b/file", String(repeating: "x", count: 9000))
    let bare = try Workspace(root: folder.path, run: 1, proof: .none)
    let without = try #require(try bare.seal(place).first)
    #expect(without.digest == "" && without.files == 1)
    #expect(mode("out/b/file") == 0o644 && mode("out/b") & FileTree.writeBits != 0)
    _ = try workspace.prepare(place)
    try write("b/file", String(repeating: "x", count: 9000))
    let with = try #require(try workspace.seal(place).first)
    #expect(with.digest.count == 32 && with.bytes == without.bytes)
  }

  @Test("what is sealed cannot be written any more, and can be replaced and dropped all the same")
  func readOnly() throws {
    try write("b/file")
    try write("b/tool", mode: 0o775)
    link("\(part)/b/file", "\(part)/again")
    let first = try workspace.seal(place)
    #expect(mode("out") == 0o555 && mode("out/b") == 0o555)
    #expect(mode("out/b/file") == 0o444 && mode("out/b/tool") == 0o555)
    #expect(first[0].bytes == 3 * 4096 && first[0].files == 3)
    _ = try workspace.prepare(place)
    try write("b/file")
    try write("b/tool", mode: 0o555)
    link("\(part)/b/file", "\(part)/again")
    #expect(try workspace.seal(place)[0].digest == first[0].digest)
    try workspace.drop(place.task, artifact: "out")
    #expect(folder.names(Self.base) == [])
  }

  @Test("a file that lies in the project under another name keeps its rights")
  func linkedFromOutside() throws {
    try folder.write("source", "x")
    link("\(folder.path)/source", "\(part)/copy")
    try write("other")
    _ = try workspace.seal(place)
    #expect(mode("out/copy") == 0o644 && mode("out/other") == 0o444)
  }

  @Test("what is no file, folder or link is named", arguments: ["pipe", "socket"])
  func special(kind: String) throws {
    try write("d/file")
    if kind == "pipe" {
      mkfifo("\(part)/d/it", 0o600)
    } else {
      // A short path from inside: the address of a socket has little room for one.
      mknod("\(part)/d/it", S_IFSOCK | 0o600, 0)
    }
    let message =
      "\"\(part)/d/it\" is a \(kind); only files, folders and links can be kept"
    #expect(throws: WorkspaceProblem(message)) { try workspace.seal(place) }
    #expect(!workspace.holds(place.task, artifact: "out"))
    _ = workspace.release(place)
    #expect(folder.names(Self.base) == [])
  }

  @Test("links lead where they led: out of the artifact is allowed, to its passing name is not")
  func links() throws {
    symlink("/etc/hostname", "\(part)/out")
    symlink("../../x", "\(part)/up")
    symlink("gone", "\(part)/dangling")
    #expect(try workspace.seal(place)[0].files == 3)
    _ = try workspace.prepare(place)
    symlink("\(part)/file", "\(part)/own")
    #expect {
      try workspace.seal(place)
    } throws: {
      "\($0)".hasPrefix("link \"\(part)/own\" names its own artifact by its whole path")
    }
  }

  @Test("what an open file would keep on the disk is not dropped")
  func handles() async throws {
    try write("file", "words")
    _ = try workspace.seal(place)
    let executor = try ProcessExecutor()
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let launch = Launch(
      arguments: ["sleep", "600"], environment: ["PATH=/usr/bin:/bin"], directory: "/",
      input: "\(folder.path)/\(Self.base)/out/file", log: folder.path + "/log")
    let process = try executor.start(launch) { continuation.yield($0) }
    let message = "artifact \"out\" of task \"a\" is still open in process \(process.pid)"
    #expect(throws: WorkspaceProblem(message)) {
      try workspace.drop(place.task, artifact: "out")
    }
    #expect(workspace.holds(place.task, artifact: "out"))
    executor.signal(process, 9)
    for await _ in exits { break }
    try workspace.drop(place.task, artifact: "out")
    #expect(!workspace.holds(place.task, artifact: "out"))
  }
}

/// A file system of 1 MiB; only root can mount one.
@Suite("a full disk", .enabled(if: geteuid() == 0), .serialized) struct WorkspaceFullTests {
  let folder: TemporaryFolder
  let disk: Mount

  /// Mounted as long as it lives.
  final class Mount: Sendable {
    let path: String
    private let keeper: Int32

    /// Takes it away when the tests have died in the middle, which runs no `deinit`; it holds nothing
    /// open that another test may wait for.
    private static let keeping = """
      trap '' INT TERM HUP
      for fd in /proc/$$/fd/*; do n=${fd##*/}; if ((n > 2)); then eval "exec $n>&-"; fi; done
      exec < /dev/null > /dev/null 2>&1
      while test -d "/proc/$0"; do sleep 1; done
      umount -l "$1"
      """

    init?(_ path: String) {
      self.path = path
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = ["-c", Self.keeping, "\(getpid())", path]
      guard (try? process.run()) != nil else { return nil }
      keeper = process.processIdentifier
      // Few files too: else as many fit as the machine's memory allows, which are millions.
      guard mount("tmpfs", path, "tmpfs", 0, "size=1m,mode=755,nr_inodes=1k") == 0 else {
        kill(keeper, SIGKILL)
        return nil
      }
    }

    deinit {
      umount2(path, Int32(MNT_DETACH))
      kill(keeper, SIGKILL)
    }
  }

  init() throws {
    folder = try TemporaryFolder()
    try folder.make("disk")
    // A container may have root and no right to mount.
    disk = try #require(Mount(folder.path + "/disk"))
  }

  private func fill() -> Int32 {
    let file = open(disk.path + "/filler", O_WRONLY | O_CREAT, 0o644)
    let block = [UInt8](repeating: 1, count: 4096)
    while Glibc.write(file, block, block.count) > 0 {}
    return file
  }

  private func task() -> TaskGraph.Task {
    var task = TaskGraph.Task(id: TaskID(0), name: "a", action: .gate)
    task.outputs = [TaskGraph.Output(name: "out")]
    return task
  }

  @Test("an export that finds no room leaves what was there, whole, and nothing else")
  func export() throws {
    let workspace = try Workspace(root: folder.path, run: 1)
    let place = AttemptPlace(task: task(), attempt: 1, slot: 0, needed: [])
    let part = try #require(try workspace.prepare(place).outputs["out"])
    for name in ["a", "b", "c"] {
      try Data(count: 300_000).write(to: URL(filePath: "\(part)/\(name)"))
    }
    try folder.write("disk/site/a", "old")
    try folder.write("disk/single", "old")
    _ = try workspace.seal(place)
    close(fill())
    truncate(disk.path + "/filler", 400_000)
    for target in ["disk/site", "disk/new"] {
      let problem = #expect(throws: WorkspaceProblem.self) {
        try workspace.export(TaskGraph.Export(artifact: "out", path: target), of: place)
      }
      #expect(problem?.isDiskFull == true)
      #expect(problem?.description.hasSuffix(": No space left on device") == true)
    }
    #expect(folder.read("disk/site/a") == "old" && folder.names("disk/site") == ["a"])
    #expect(folder.names("disk/new") == [])
    unlink(disk.path + "/filler")
    _ = try workspace.export(TaskGraph.Export(artifact: "out", path: "disk/site"), of: place)
    #expect(folder.names("disk/site") == ["a", "b", "c"])
  }

  @Test("preparing and writing on a full disk is told as such, and leaves nothing behind")
  func prepare() throws {
    let workspace = try Workspace(root: disk.path, run: 1)
    var inputs: [TaskGraph.Task] = []
    let place = AttemptPlace(task: task(), attempt: 1, slot: 0, needed: inputs)
    let part = try #require(try workspace.prepare(place).outputs["out"])
    // No room for another name.
    close(fill())
    var names = 0
    while mkdir("\(part)/\(names)", 0o755) == 0 { names += 1 }
    inputs = []
    var other = task()
    other.id = TaskID(1)
    let second = AttemptPlace(task: other, attempt: 1, slot: 1, needed: inputs)
    let problem = #expect(throws: WorkspaceProblem.self) { try workspace.prepare(second) }
    #expect(problem?.isDiskFull == true)
    _ = workspace.release(second)
    _ = workspace.release(place)
    unlink(disk.path + "/filler")
    #expect(folder.names("disk/.cairn/workspace/1/0-a") == [])
    #expect(folder.names("disk/.cairn/workspace/1/1-a") == [])
    _ = try workspace.prepare(second)
  }

  @Test("a long log on a full disk loses its middle in place")
  func log() throws {
    let path = disk.path + "/log"
    let cap = LogCap(bytes: LogCap.smallest)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    let block = [UInt8](repeating: 0x79, count: 4095) + [0x0A]
    while Glibc.write(file, block, block.count) > 0 {}
    close(file)
    _ = fill()
    try? LogFile.settle(path: path, to: cap)
    var status = stat()
    #expect(lstat(path, &status) == 0 && Int64(status.st_blocks) * 512 <= cap.bytes)
    #expect(LogFile.find(text: "dropped here", path: path, from: 0, backwards: false) != nil)
    #expect(folder.names("disk").filter { $0.hasSuffix(".part") } == [])
  }
}
