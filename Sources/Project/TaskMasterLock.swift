import Foundation
import Glibc
import Synchronization

/// Task Master's lock on its file, for both of its engines: `tasks.json.lock`, a folder that is made to
/// take it and touched while it is held.
///
/// ```
///   free ──mkdir──▶ held ──touch──▶ held ──rmdir──▶ free
///                     └──10 s untouched──▶ stale ──rename aside, rmdir──▶ free
/// ```
///
/// The older engine makes a file of that name; a fresh one is waited for, a stale one removed, which the
/// newer engine never does.
final class TaskMasterLock: Sendable {
  /// A lock that was not touched for so long has no owner any more; both engines say so.
  static let staleSeconds = 10.0
  /// Between two touches.
  static let touchSeconds = 3.0
  /// Longest wait for Task Master: whoever died with the lock leaves it stale before that.
  static let waitSeconds = 12.0
  /// Between two tries, doubled from the first to the last, each a random part shorter.
  private static let firstPause = 0.002
  private static let lastPause = 0.02
  /// Longest record of the older engine that is read.
  private static let maximumRecordBytes = 4096

  private let path: String
  /// The folder as it was last touched by us; nil once it is somebody else's.
  private let mark: Mutex<Mark?>
  private let isReleased = DispatchSemaphore(value: 0)

  /// Which folder or file it is, and when it was touched.
  fileprivate struct Mark: Equatable {
    var device: UInt
    var inode: UInt
    var isFolder: Bool
    /// Seconds and nanoseconds since 1970.
    var seconds: Int
    var nanoseconds: Int
  }

  private init(_ path: String, _ mark: Mark) {
    self.path = path
    self.mark = Mutex(mark)
  }
}

extension TaskMasterLock {
  /// Calls with the lock of a file held, and lets it go.
  ///
  /// `wait` is the longest wait for Task Master, in seconds; before it comes the wait for the turn among
  /// Cairns.
  ///
  /// - Throws: What the call throws; `ProjectProblem`: `.locked` says who has it, `.storage` why there
  ///   can be no lock.
  static func hold<Value>(
    of file: String, wait: Double = waitSeconds, _ body: (TaskMasterLock) throws -> Value
  ) throws -> Value {
    let path = file + ".lock"
    let folder = (file as NSString).deletingLastPathComponent
    guard let turn = try TaskMasterTurn.take(folder) else {
      let seconds = Int(TaskMasterTurn.waitSeconds)
      throw ProjectProblem(
        .locked, "\(file): other Cairns have been writing it for more than \(seconds) s; try again")
    }
    let lock = try take(path, wait)
    defer { withExtendedLifetime(turn) {} }
    Thread.detachNewThread { lock.keepFresh() }
    defer { lock.release() }
    return try body(lock)
  }

  /// Whether the lock is still the one that was taken: a process that was stopped for longer than
  /// `staleSeconds` has lost it.
  var isHeld: Bool {
    mark.withLock { mark in mark != nil && Mark(path) == mark }
  }

  private static func take(_ path: String, _ wait: Double) throws(ProjectProblem) -> TaskMasterLock
  {
    let deadline = now() + wait
    var pause = firstPause
    while true {
      let number = mkdir(path, 0o755) == 0 ? 0 : errno
      if number == 0, let mark = Mark(path) { return TaskMasterLock(path, mark) }
      guard number == EEXIST || number == 0 else {
        throw ProjectProblem(.storage, "cannot lock \"\(path)\": \(reason(number))")
      }
      if try clear(path) { continue }
      guard now() < deadline else { throw ProjectProblem(.locked, busy(path, wait)) }
      usleep(UInt32(pause * Double.random(in: 0.5...1) * 1_000_000))
      pause = min(pause * 2, lastPause)
    }
  }

  /// Touches the folder until it is released.
  private func keepFresh() {
    while isReleased.wait(timeout: .now() + Self.touchSeconds) == .timedOut {
      mark.withLock { mark in
        guard mark != nil, Mark(path) == mark else {
          mark = nil
          return
        }
        utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
        mark = Mark(path)
      }
    }
  }

  private func release() {
    mark.withLock { mark in
      if mark != nil, Mark(path) == mark { rmdir(path) }
      mark = nil
    }
    isReleased.signal()
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

extension TaskMasterLock {
  /// Removes a stale lock; returns whether it is worth trying again at once.
  ///
  /// Two that see the same stale lock could each remove it, the second one the fresh lock of the first:
  /// so Cairns do it one at a time, each in its turn, and what was renamed aside is looked at again. A
  /// fresh lock of Task Master's that came in between these two calls goes back.
  private static func clear(_ path: String) throws(ProjectProblem) -> Bool {
    guard let seen = Mark(path) else { return true }
    guard seen.isStale else { return false }
    let aside = "\(path).stale.\(getpid()).\(UInt64.random(in: 0 ... .max))"
    guard rename(path, aside) == 0 else {
      if errno == ENOENT { return true }
      throw ProjectProblem(
        .storage,
        "cannot remove the stale lock \"\(path)\": \(reason(errno)); remove it, its owner is gone")
    }
    guard let moved = Mark(aside), moved == seen else {
      if Mark(path) == nil { rename(aside, path) } else { discard(aside) }
      return false
    }
    discard(aside)
    return true
  }

  /// A folder that somebody put something into is left aside, where it is in nobody's way.
  private static func discard(_ aside: String) {
    if unlink(aside) != 0 { rmdir(aside) }
  }

  private static func busy(_ path: String, _ wait: Double) -> String {
    let name = (path as NSString).deletingPathExtension
    let owner = record(path).map { "Task Master, process \($0)," } ?? "somebody"
    return
      "\(name): locked: \(owner) has held \"\(path)\" for more than \(Int(wait)) s; try again when "
      + "they are done, or remove it if no Task Master runs"
  }

  /// The process that the older engine's file names.
  private static func record(_ path: String) -> Int? {
    struct Record: Decodable { var pid: Int }
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: maximumRecordBytes)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return try? JSONDecoder().decode(Record.self, from: Data(bytes[..<count])).pid
  }
}

extension TaskMasterLock.Mark {
  fileprivate init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(
      device: status.st_dev, inode: status.st_ino, isFolder: status.st_mode & S_IFMT == S_IFDIR,
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  fileprivate var isStale: Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let age = Double(now.tv_sec - seconds) + Double(now.tv_nsec - nanoseconds) / 1e9
    return age > TaskMasterLock.staleSeconds
  }
}
