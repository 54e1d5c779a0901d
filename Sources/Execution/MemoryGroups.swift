import CSpawn
import Glibc

/// A cgroup of one attempt, which holds it to the memory that it declares.
///
/// Page cache that the attempt fills is counted, too, but gives way before anybody is killed.
struct MemoryGroup: Sendable, Equatable {
  let path: String
  /// The open folder.
  let folder: Int32
  let isUnified: Bool

  /// Lets the process be born in it, or join before it execs.
  ///
  /// A process can be in one group of the second version only. Where the containment is a cgroup, too,
  /// its guardian is told of ours.
  func place(_ request: inout cairn_launch) {
    if isUnified { request.cgroup = folder } else { request.memory_cgroup = folder }
  }

  /// How many of its processes the kernel has killed for want of memory, theirs or the machine's.
  var kills: UInt64 {
    let text = ProcessTable.text(path + (isUnified ? "/memory.events" : "/memory.oom_control"))
    let line = text?.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
    return line.flatMap { UInt64($0.dropFirst("oom_kill ".count)) } ?? 0
  }

  /// The most that was charged to it; nil where the kernel does not keep it.
  var peakBytes: Int64? {
    let text = ProcessTable.text(path + (isUnified ? "/memory.peak" : "/memory.max_usage_in_bytes"))
    return text.flatMap { Int64($0.prefix { $0 != "\n" }) }
  }

  func limit(to bytes: Int64) -> Bool {
    guard isUnified else {
      // Of the first version the kernel kills one process at a time, and the rest sees to itself.
      guard OwnCgroup.set(path + "/memory.limit_in_bytes", "\(bytes)") else { return false }
      // Both are missing where swap is not counted, or where there is none.
      _ = OwnCgroup.set(path + "/memory.memsw.limit_in_bytes", "\(bytes)")
      return true
    }
    _ = OwnCgroup.set(path + "/memory.swap.max", "0")
    _ = OwnCgroup.set(path + "/memory.oom.group", "1")
    return OwnCgroup.set(path + "/memory.max", "\(bytes)")
  }
}

/// The cgroups of attempts that declare their memory; others cost nothing.
struct MemoryGroups {
  /// Most groups that are tried again to be removed; beyond, they are left to the next Cairn.
  private static let maximumLeftovers = 1024

  /// Where groups are made; nil until an attempt wants one.
  private var place: Result<Place, SpawnProblem>?
  /// Groups in which something still lived when they were to be removed.
  private var leftovers: [String] = []
  /// What the names of ours begin with; a dot and a number follow.
  private let series = OwnCgroup.name() + "."
  private var count = 0

  /// A folder below which groups with a limit of memory can be made.
  struct Place: Sendable, Equatable {
    var folder: String
    var isUnified: Bool
    /// The controller has to be handed on first.
    var isAsleep = false
  }

  /// Returns nil where the machine does not let us: then memory is watched, not limited.
  mutating func make(limit: Int64) -> MemoryGroup? {
    if place == nil { place = Self.prepare() }
    guard case .success(let place)? = place else { return nil }
    removeLeftovers()
    count += 1
    let path = "\(place.folder)/\(series)\(count)"
    guard mkdir(path, 0o755) == 0 else { return nil }
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let group = MemoryGroup(path: path, folder: folder, isUnified: place.isUnified)
    if folder >= 0, group.limit(to: limit) { return group }
    remove(group)
    return nil
  }

  /// What the paths of all groups made here begin with; nil before the first.
  var beginning: String? {
    guard case .success(let place)? = place else { return nil }
    return "\(place.folder)/\(series)"
  }

  mutating func remove(_ group: MemoryGroup) {
    if group.folder >= 0 { close(group.folder) }
    if rmdir(group.path) != 0, leftovers.count < Self.maximumLeftovers {
      leftovers.append(group.path)
    }
  }

  mutating func removeLeftovers() {
    leftovers.removeAll { rmdir($0) == 0 || errno == ENOENT }
  }
}

extension MemoryGroups {
  private static func prepare() -> Result<Place, SpawnProblem> {
    Result { () throws(SpawnProblem) in
      let place = try find()
      if place.isAsleep, !OwnCgroup.set(place.folder + "/cgroup.subtree_control", "+memory") {
        throw SpawnProblem("cannot hand the memory controller on: \(systemReason())")
      }
      OwnCgroup.sweep(place.folder)
      return place
    }
  }

  /// Looks for it; changes nothing.
  ///
  /// - Throws: `SpawnProblem` that says why there is none.
  static func find() throws(SpawnProblem) -> Place {
    if let home = CgroupHome.unified(), list("\(home.path)/cgroup.controllers").contains("memory") {
      return try unified(home)
    }
    guard let home = CgroupHome.first("memory") else {
      throw SpawnProblem("no cgroup here has a memory controller")
    }
    try requireOurs(home.path)
    return Place(folder: home.path, isUnified: false)
  }

  /// Below our own group if it hands the controller on, else beside it.
  ///
  /// A group with processes, as ours is, hands nothing on unless it is the root of all. What is set
  /// above holds beside it, too, but a limit that is set on ours alone must not be escaped.
  static func unified(_ home: CgroupHome) throws(SpawnProblem) -> Place {
    if isHandedOn(by: home.path) || access(home.path + "/cgroup.type", F_OK) != 0 {
      try requireOurs(home.path)
      return Place(folder: home.path, isUnified: true, isAsleep: !isHandedOn(by: home.path))
    }
    let above = home.path.lastIndex(of: "/").map { String(home.path[..<$0]) } ?? ""
    guard home.path != home.mount, isHandedOn(by: above) else {
      throw SpawnProblem("the controller is not handed on to groups below \"\(home.path)\"")
    }
    try requireOurs(above)
    for name in ["memory.max", "memory.high", "cpu.max"] {
      guard let text = ProcessTable.text("\(home.path)/\(name)"), !text.hasPrefix("max") else {
        continue
      }
      throw SpawnProblem("\"\(home.path)\" has a limit of its own, \(name)")
    }
    return Place(folder: above, isUnified: true)
  }

  private static func isHandedOn(by folder: String) -> Bool {
    list(folder + "/cgroup.subtree_control").contains("memory")
  }

  private static func list(_ file: String) -> [Substring] {
    ProcessTable.text(file)?.split { $0 == " " || $0 == "\n" } ?? []
  }

  private static func requireOurs(_ folder: String) throws(SpawnProblem) {
    for name in ["", "/cgroup.procs"] where access(folder + name, W_OK) != 0 {
      throw SpawnProblem("cannot write \"\(folder + name)\": \(systemReason())")
    }
  }
}
