import Glibc

/// Processes that lost their parent and were adopted by this one, as the subreaper that it is.
///
/// The kernel lists them as children of the first thread; what Cairn starts are children of the
/// launcher's thread. Others in this process may start children, too: those live in our own session.
final class Orphans: Sendable {
  private let list: Int32
  private let ownSession = getsid(0)

  init() { list = open("/proc/self/task/\(getpid())/children", O_RDONLY | O_CLOEXEC) }

  deinit { if list >= 0 { close(list) } }

  /// Whether the list names anybody; one system call.
  var isAnyLeft: Bool {
    guard list >= 0 else { return false }
    var byte: UInt8 = 0
    return pread(list, &byte, 1, 0) > 0
  }

  /// Kills and buries the adopted processes that match, and what they leave, until none is found; true
  /// when that has happened, false when some take their time.
  func end(where isMine: (ProcessRecord) -> Bool) -> Bool {
    guard isAnyLeft else { return true }
    while true {
      let mine = ProcessTable.pids(inList: list).filter { pid in
        ProcessTable.record(of: pid).map(isMine) ?? false
      }
      if mine.isEmpty { return true }
      var buried = 0
      for pid in mine {
        // It is our child and only this thread waits for it: the number is its own.
        kill(pid, SIGKILL)
        if waitpid(pid, nil, WNOHANG) == pid { buried += 1 }
      }
      // The children of a buried one are ours now, so they are looked for again at once.
      if buried == 0 { return false }
    }
  }

  /// Waits for adopted processes that have ended; children that others started live in our session.
  func bury() {
    guard isAnyLeft else { return }
    for pid in ProcessTable.pids(inList: list) {
      guard let record = ProcessTable.record(of: pid), record.isZombie,
        record.session != ownSession
      else { continue }
      waitpid(pid, nil, WNOHANG)
    }
  }
}
