import Glibc
import Synchronization

/// The cgroup that this process lives in.
struct CgroupHome: Equatable {
  /// Its folder.
  var path: String
  /// The topmost folder of its hierarchy that can be seen here.
  var mount: String

  /// In the one hierarchy of the second version; nil where that is not mounted.
  static func unified() -> CgroupHome? { find(controller: nil) }

  /// In the first version's hierarchy of a controller; nil where it has none.
  static func first(_ controller: String) -> CgroupHome? { find(controller: controller) }

  private static func find(controller: String?) -> CgroupHome? {
    guard let groups = ProcessTable.text("/proc/self/cgroup"),
      let mounts = ProcessTable.text("/proc/self/mountinfo")
    else { return nil }
    return CgroupHome(groups: groups, mounts: mounts, controller: controller)
  }

  /// From the texts of `/proc/self/cgroup`, as in `4:memory:/user` or `0::/user`, and of
  /// `/proc/self/mountinfo`; nil as the controller is the second version.
  init?(groups: String, mounts: String, controller: String?) {
    let places = groups.split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    let own = places.first { fields in
      guard fields.count == 3 else { return false }
      guard let controller else { return fields[0] == "0" && fields[1].isEmpty }
      return fields[1].split(separator: ",").contains { $0 == controller }
    }
    guard let own = own?.last else { return nil }
    for line in mounts.split(separator: "\n") {
      guard let (root, mount) = Self.mount(line, controller), own.hasPrefix(root) else { continue }
      let below = own.dropFirst(root.count)
      self.init(path: "\(mount)\(below == "/" ? "" : below)", mount: String(mount))
      return
    }
    return nil
  }

  init(path: String, mount: String) {
    self.path = path
    self.mount = mount
  }

  /// What is mounted and where, if the line mounts the hierarchy.
  private static func mount(
    _ line: Substring, _ controller: String?
  ) -> (root: Substring, mount: Substring)? {
    let fields = line.split(separator: " ")
    guard fields.count > 4, let dash = fields.lastIndex(of: "-"), dash + 3 < fields.count else {
      return nil
    }
    let options = fields[dash + 3].split(separator: ",")
    let isRight =
      controller.map { wanted in
        fields[dash + 1] == "cgroup" && options.contains { $0 == wanted }
      } ?? (fields[dash + 1] == "cgroup2")
    guard isRight else { return nil }
    return (fields[3] == "/" ? "" : fields[3], fields[4])
  }
}

/// Cgroups that we make: their names say whose they are.
enum OwnCgroup {
  private static let count = Atomic<Int>(0)
  private static let start = ProcessTable.record(of: getpid())?.startTime ?? 0
  private static let namespace = ProcessTable.namespace() ?? 0

  /// A name that no other has, as in `cairn-<pid>-<start time>-<pid namespace>-<number>`.
  static func name() -> String {
    "cairn-\(getpid())-\(start)-\(namespace)-\(count.add(1, ordering: .relaxed).newValue)"
  }

  /// Removes what a Cairn left there that was killed; those that are not empty stay.
  ///
  /// A pid says nothing in another namespace, so what was made in one is left to those who live there.
  static func sweep(_ folder: String) {
    guard namespace != 0 else { return }
    for name in ProcessTable.names(in: folder) {
      let parts = name.split(separator: "-")
      guard parts.count == 5, parts[0] == "cairn", let pid = Int32(parts[1]),
        let start = UInt64(parts[2]), UInt64(parts[3]) == namespace,
        ProcessTable.record(of: pid)?.startTime != start
      else { continue }
      rmdir("\(folder)/\(name)")
    }
  }

  /// Returns false when the kernel refuses; `errno` tells why.
  static func set(_ file: String, _ value: String) -> Bool {
    let file = open(file, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return write(file, value, value.utf8.count) == value.utf8.count
  }
}
