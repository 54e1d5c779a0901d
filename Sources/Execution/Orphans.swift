import CSpawn
import Glibc
import Synchronization

/// Processes that lost their parent and were adopted: by the first process of the namespace, else by
/// this one, as the subreaper that it is.
///
/// The kernel lists them as children of the adopter's first thread; what Cairn starts are children of
/// the launcher's thread. Others in this process may start children, too: those live in our session.
final class Orphans: Sendable {
  private struct Source {
    var list: Int32
    /// Whether this process has to bury them.
    var areOurs: Bool
  }

  private let source: Mutex<Source>
  private let ownSession = getsid(0)

  init() { source = Mutex(Source(list: Self.list(of: getpid()), areOurs: true)) }

  deinit {
    source.withLock { source in
      if source.list >= 0 { close(source.list) }
    }
  }

  private static func list(of pid: Int32) -> Int32 {
    open("/proc/\(pid)/task/\(pid)/children", O_RDONLY | O_CLOEXEC)
  }

  /// From now on they are adopted by this process; nil is our own.
  func watch(_ adopter: Int32?) {
    source.withLock { source in
      if source.list >= 0 { close(source.list) }
      source = Source(list: Self.list(of: adopter ?? getpid()), areOurs: adopter == nil)
    }
  }

  /// Whether only processes of the run are adopted there.
  var areOfTheRun: Bool { source.withLock { !$0.areOurs } }

  /// Whether the list names anybody; one system call.
  var isAnyLeft: Bool {
    source.withLock { source in
      guard source.list >= 0 else { return false }
      var byte: UInt8 = 0
      return pread(source.list, &byte, 1, 0) > 0
    }
  }

  /// The adopted processes, and those that have ended and were not buried.
  func records() -> [ProcessRecord] {
    source.withLock { ProcessTable.pids(inList: $0.list) }
      .compactMap { ProcessTable.record(of: $0) }
      .filter { $0.session != ownSession }
  }

  /// Kills the adopted processes that match, all below them, and what they leave, until none is found;
  /// true when that has happened, false when some take their time.
  func end(where isMine: (ProcessRecord) -> Bool) -> Bool {
    guard isAnyLeft else { return true }
    while true {
      let mine = records().filter(isMine)
      if mine.isEmpty { return true }
      for record in ProcessTree(roots: mine).members { record.signal(SIGKILL) }
      // The children of a buried one are adopted now, so they are looked for again at once.
      guard mine.reduce(false, { bury($1.pid) || $0 }) else { return false }
    }
  }

  /// Waits for adopted processes that have ended.
  func bury() {
    guard isAnyLeft, !areOfTheRun else { return }
    for record in records() where record.isZombie { _ = bury(record.pid) }
  }

  private func bury(_ pid: Int32) -> Bool {
    !areOfTheRun && waitpid(pid, nil, WNOHANG) == pid
  }
}
