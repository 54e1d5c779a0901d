import CSpawn
import Glibc

/// Mount namespaces in which a process sees its own slot and none of the others.
///
/// One is made at the first start in a slot and kept, so a start costs what it costs without: it joins a
/// mount namespace in any case. It keeps neighbours apart that mean no harm, or do not know each other;
/// a task that runs as root can unmount what hides the others.
struct SlotNamespaces: Sendable {
  private struct Room {
    var namespace: Int32
    /// A folder that was made anew is another one.
    var folder: FileTree.Inode
  }

  /// Whether starts ask for one.
  var isWanted = false
  /// By the slot's path.
  private var rooms: [String: Room] = [:]

  /// Returns the namespace of a slot's folder, which has to be there.
  ///
  /// - Throws: `SpawnProblem` saying what the system refused.
  mutating func namespace(
    of folder: String, in mounts: Int32
  ) throws(SpawnProblem) -> Int32 {
    var status = stat()
    guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw SpawnProblem("slot \"\(folder)\" is gone: \(systemReason())")
    }
    let inode = FileTree.Inode(status)
    if let room = rooms[folder] {
      if room.folder == inode { return room.namespace }
      Glibc.close(room.namespace)
      rooms[folder] = nil
    }
    let namespace = try Self.make(folder, mounts)
    rooms[folder] = Room(namespace: namespace, folder: inode)
    return namespace
  }

  private static func make(_ folder: String, _ mounts: Int32) throws(SpawnProblem) -> Int32 {
    guard let real = realpath(folder, nil) else {
      throw SpawnProblem("slot \"\(folder)\" is gone: \(systemReason())")
    }
    defer { free(real) }
    let path = String(cString: real)
    let slots = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let made = cairn_slot_open(mounts, slots, path)
    if let step = made.step {
      throw SpawnProblem(
        "cannot \(String(cString: step)): \(systemReason(made.error))",
        isPassing: isShortage(made.error))
    }
    return made.mount_namespace
  }

  /// What runs in them goes on.
  mutating func close() {
    for room in rooms.values { Glibc.close(room.namespace) }
    rooms = [:]
  }
}
