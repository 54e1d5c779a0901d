import CSpawn
import Glibc

/// Some processes and all below them, as `/proc` shows them now.
struct ProcessTree {
  /// Parents come before their children.
  private(set) var members: [ProcessRecord]

  /// - Complexity: O(members), each a read of a file or two.
  init(roots: [ProcessRecord]) {
    members = roots
    var seen = Set(roots.map(\.pid))
    var next = 0
    while next < members.count {
      for pid in ProcessTable.children(of: members[next]) where seen.insert(pid).inserted {
        if let record = ProcessTable.record(of: pid) { members.append(record) }
      }
      next += 1
    }
  }
}

extension ProcessTree {
  /// A process and all below it; empty where there is none.
  init(rootedAt pid: Int32) {
    self.init(roots: ProcessTable.record(of: pid).map { [$0] } ?? [])
  }
}

extension ProcessRecord {
  /// Signals this process and no later one with the same number.
  func signal(_ number: Int32) {
    let descriptor = cairn_pidfd_open(pid)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // Looked at again: the number may have changed hands before the handle was opened.
    guard ProcessTable.record(of: pid)?.startTime == startTime else { return }
    cairn_pidfd_send_signal(descriptor, number)
  }
}
