import Glibc
import Synchronization

/// A cgroup of the second version below Cairn's own, for the processes of one executor.
struct ControlGroup {
  let path: String
  /// The open folder.
  let folder: Int32

  private static let count = Atomic<Int>(0)

  /// - Throws: `SpawnProblem` that says why the machine delegates none.
  init() throws(SpawnProblem) {
    guard let home = Self.home() else { throw SpawnProblem("there is no cgroup of version 2") }
    for name in ["", "/cgroup.procs"] where access(home + name, W_OK) != 0 {
      throw SpawnProblem("cannot write \"\(home + name)\": \(systemReason())")
    }
    Self.sweep(home)
    let number = Self.count.add(1, ordering: .relaxed).newValue
    let start = ProcessTable.record(of: getpid())?.startTime ?? 0
    path = "\(home)/cairn-\(getpid())-\(start)-\(number)"
    guard mkdir(path, 0o755) == 0 else {
      throw SpawnProblem("cannot make \"\(path)\": \(systemReason())")
    }
    guard access(path + "/cgroup.kill", W_OK) == 0 else {
      rmdir(path)
      throw SpawnProblem("the kernel cannot kill a cgroup as a whole")
    }
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw SpawnProblem("cannot open \"\(path)\": \(systemReason())") }
  }

  /// Kills what lives in it and removes it; the guardian does so again when that takes a while.
  func remove() {
    let kill = open(path + "/cgroup.kill", O_WRONLY | O_CLOEXEC)
    if kill >= 0 {
      _ = write(kill, "1", 1)
      close(kill)
    }
    close(folder)
    rmdir(path)
  }

  /// The folder of the cgroup that Cairn lives in.
  private static func home() -> String? {
    guard let groups = ProcessTable.text("/proc/self/cgroup"),
      let mounts = ProcessTable.text("/proc/self/mountinfo"),
      let own = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
    else { return nil }
    let path = own.dropFirst(3)
    for line in mounts.split(separator: "\n") where line.contains(" - cgroup2 ") {
      let fields = line.split(separator: " ")
      guard fields.count > 4 else { continue }
      let root = fields[3] == "/" ? "" : fields[3]
      guard path.hasPrefix(root) else { continue }
      let below = path.dropFirst(root.count)
      return "\(fields[4])\(below == "/" ? "" : below)"
    }
    return nil
  }

  /// Removes what a Cairn left that died together with its guardian.
  private static func sweep(_ home: String) {
    guard let entries = opendir(home) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let parts = name.split(separator: "-")
      guard parts.count == 4, parts[0] == "cairn", let pid = Int32(parts[1]),
        let start = UInt64(parts[2]), ProcessTable.record(of: pid)?.startTime != start
      else { continue }
      rmdir("\(home)/\(name)")
    }
  }
}
