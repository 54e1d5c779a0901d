import Execution
import Glibc
import Synchronization

/// Tells when files may have changed, by whatever way they were written.
///
/// What is watched are the folders: whoever saves well replaces the file, and a checkout replaces the
/// folder. What the kernel tells of nobody, as on a network, a slow look finds. One thread, which sleeps.
package final class FileWatch: Sendable {
  /// Between two looks at files of which nothing was heard.
  static let lookMilliseconds: Int32 = 5_000
  /// What comes together is told once.
  private static let pauseMicroseconds: UInt32 = 50_000

  /// One element a change, or several changes; ends with `stop()`.
  package let changes: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  /// Closed to end the thread.
  private let leash: Mutex<Int32>

  /// Watches files, which need not exist; nil where there is no room for a thread or a descriptor.
  package init?(_ paths: [String]) {
    (changes, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // Without it there are the looks.
    let notify = inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK))
    leash = Mutex(ends[1])
    // Here and not by the thread: what changes before that runs is a change.
    let (bell, leashed, looks) = (bell, ends[0], paths.map(FileLook.init))
    do {
      try OwnThread.start("cairn.watch") { Self.watch(paths, looks, notify, leashed, bell) }
    } catch {
      for file in [leashed, notify] where file >= 0 { close(file) }
      return nil
    }
  }

  /// Ends the thread and the stream.
  package func stop() {
    leash.withLock { leash in
      if leash >= 0 { close(leash) }
      leash = -1
    }
  }

  deinit { stop() }
}

extension FileWatch {
  private static func watch(
    _ paths: [String], _ looks: [FileLook], _ notify: Int32, _ leash: Int32,
    _ bell: AsyncStream<Void>.Continuation
  ) {
    defer {
      bell.finish()
      for file in [notify, leash] where file >= 0 { close(file) }
    }
    var seen = looks
    while true {
      attach(paths, notify)
      let newer = paths.map(FileLook.init)
      if newer != seen { bell.yield() }
      seen = newer
      var waits = [
        pollfd(fd: leash, events: 0, revents: 0),
        pollfd(fd: notify, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waits, 2, lookMilliseconds) >= 0 || errno == EINTR else { return }
      if waits[0].revents != 0 { return }
      guard waits[1].revents != 0 else { continue }
      usleep(pauseMicroseconds)
      skip(notify)
    }
  }

  /// Hears of the files' folders and of those that they lie in; a folder that is watched already stays
  /// so, one that was replaced is watched anew.
  private static func attach(_ paths: [String], _ notify: Int32) {
    guard notify >= 0 else { return }
    let mask = UInt32(
      IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
        | IN_MOVE_SELF)
    for path in paths {
      let folder = parent(of: path)
      _ = inotify_add_watch(notify, folder, mask)
      _ = inotify_add_watch(notify, parent(of: folder), mask)
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What was heard only says that it is time to look.
  private static func skip(_ notify: Int32) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while read(notify, &bytes, bytes.count) > 0 {}
  }
}

/// What tells whether a file is still the same; that of one that is not there is all zeros.
private struct FileLook: Equatable, Sendable {
  private var device: UInt = 0
  private var inode: UInt = 0
  private var size = 0
  private var seconds = 0
  private var nanoseconds = 0

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    device = status.st_dev
    inode = status.st_ino
    size = status.st_size
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
