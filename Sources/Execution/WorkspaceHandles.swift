import Glibc

/// Which process of ours has a file open.
///
/// Bytes of a deleted file stay allocated for as long as it is open, so an artifact that a daemon still
/// reads must not be counted as gone. Only processes below this one are looked at: all of a run are.
enum OpenHandles {
  /// How long a drop waits for readers that are about to end.
  static let graceSeconds = 2.0
  private static let pollMicroseconds: UInt32 = 50_000
  /// Most processes that are looked at.
  private static let maximumProcesses = 65_536

  /// Returns a process that has a file of the folder open even after a grace; nil if none has.
  ///
  /// - Complexity: O(descriptors of the processes below this one).
  static func holderAfterGrace(of folder: String) -> Int32? {
    guard access(folder, F_OK) == 0 else { return nil }
    let deadline = monotonicSeconds() + graceSeconds
    while let pid = holder(of: folder) {
      guard monotonicSeconds() < deadline else { return pid }
      usleep(pollMicroseconds)
    }
    return nil
  }

  static func holder(of folder: String) -> Int32? {
    let inside = Array((folder + "/").utf8)
    return descendants().first { pid in
      let process = "/proc/\(pid)"
      return isInside(process + "/cwd", inside)
        || FileTree.plainNames(in: process + "/fd").contains {
          isInside("\(process)/fd/\($0)", inside)
        }
    }
  }

  private static func isInside(_ link: String, _ folder: [UInt8]) -> Bool {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link, &buffer, buffer.count)
    guard count > 0 else { return false }
    let target = buffer.prefix(count).lazy.map { UInt8(bitPattern: $0) }
    return target.starts(with: folder) || target.elementsEqual(folder.dropLast())
  }

  private static func descendants() -> [Int32] {
    var found: [Int32] = []
    var open = [getpid()]
    while let pid = open.popLast(), found.count < maximumProcesses {
      let tasks = "/proc/\(pid)/task"
      for thread in FileTree.plainNames(in: tasks) {
        guard let text = ProcessTable.read("\(tasks)/\(thread)/children", atMost: 1 << 20) else {
          continue
        }
        let children = text.split(separator: 0x20).compactMap {
          Int32(String(decoding: $0, as: UTF8.self))
        }
        found += children
        open += children
      }
    }
    return found
  }
}
