import Foundation
import Glibc

/// The file that a path leads to, read and replaced as a whole.
struct TaskMasterTarget {
  /// Most times that a file is read again because it was written meanwhile.
  private static let maximumReads = 10
  private static let pauseMicroseconds: UInt32 = 10_000

  /// Absolute, without symbolic links.
  let path: String
  private let name: String

  /// The bytes of the file and the state that it had all the time while they were read.
  struct Seen {
    var bytes: [UInt8]
    fileprivate var state: FileState
  }

  init(_ path: String, called name: String) throws(ProjectProblem) {
    guard let real = realpath(path, nil) else {
      throw ProjectProblem(.missing, "\(name): no such file")
    }
    defer { free(real) }
    self.path = String(cString: real)
    self.name = name
  }
}

extension TaskMasterTarget {
  /// Reads the file; one that is written meanwhile is read again.
  func read() throws(ProjectProblem) -> Seen {
    var seen: Seen?
    for _ in 1...Self.maximumReads {
      let before = FileState(path)
      let bytes = try SourceText.read(path, called: name)
      if let before, FileState(path) == before, before.size == bytes.count {
        seen = Seen(bytes: bytes, state: before)
        // Who writes in place empties the file first.
        if !bytes.isEmpty { break }
      }
      usleep(Self.pauseMicroseconds)
    }
    if let seen { return seen }
    throw ProjectProblem(.storage, "\(name): changes while it is read; try again")
  }

  /// Replaces the file if it still is what was seen, and returns whether it was.
  ///
  /// What was written is on the disk before it gets the file's name: after a loss of power the file is
  /// the old or the new one.
  func replace(_ seen: Seen, with bytes: [UInt8], lock: TaskMasterLock) throws(ProjectProblem)
    -> Bool
  {
    removeLeftovers()
    let temporary = "\(folder)/\(temporaryPrefix)\(getpid())-\(UInt32.random(in: 0 ... .max))"
    var isPublished = false
    defer { if !isPublished { unlink(temporary) } }
    try write(bytes, to: temporary, like: seen.state)
    guard lock.isHeld else {
      throw ProjectProblem(.locked, "\(name): the lock was lost meanwhile; nothing was changed")
    }
    guard FileState(path) == seen.state else { return false }
    guard rename(temporary, path) == 0 else { throw problem("replace") }
    isPublished = true
    try synchronizeFolder()
    return true
  }

  /// What temporary files are called in front of the process that made them: other files of the folder
  /// have locks of their own.
  private var temporaryPrefix: String { ".\((path as NSString).lastPathComponent).cairn-" }

  private var folder: String { (path as NSString).deletingLastPathComponent }

  private func problem(_ verb: String) -> ProjectProblem {
    ProjectProblem(.storage, "\(name): cannot \(verb) it: \(String(cString: strerror(errno)))")
  }

  /// Files of those that were killed: whoever lives and writes has the lock, and that is ours.
  private func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(temporaryPrefix) { unlink(folder + "/" + name) }
  }

  private func write(_ bytes: [UInt8], to temporary: String, like state: FileState)
    throws(ProjectProblem)
  {
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw problem("write beside") }
    defer { close(file) }
    // Where the owner may not be given away the file becomes ours, as it does with Task Master.
    if fchown(file, state.owner, state.group) != 0 { fchown(file, uid_t.max, state.group) }
    guard fchmod(file, state.mode) == 0 else { throw problem("keep the permissions of") }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) }
      guard count >= 0 || errno == EINTR else { throw problem("write") }
    }
    guard fsync(file) == 0 else { throw problem("write") }
  }

  private func synchronizeFolder() throws(ProjectProblem) {
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw problem("secure") }
    defer { close(file) }
    // Some file systems know no fsync of folders.
    guard fsync(file) == 0 || errno == EINVAL else { throw problem("secure") }
  }
}

/// What tells whether a file is still the same.
private struct FileState: Equatable {
  var device: UInt
  var inode: UInt
  var size: Int
  var seconds: Int
  var nanoseconds: Int
  var mode: mode_t
  var owner: uid_t
  var group: gid_t

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = status.st_dev
    inode = status.st_ino
    size = status.st_size
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
  }
}
