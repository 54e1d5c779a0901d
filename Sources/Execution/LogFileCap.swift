import CSpawn
import Glibc

/// How much of one attempt's log is kept: its beginning and its end.
///
/// While the task writes, the blocks in between are given back to the file system and offsets stay as
/// they are, so the task needs no pipe and notices nothing. Afterwards the log is written anew without
/// the hole. A ring or a pipe that Cairn empties was rejected: either every byte of every task would
/// pass through Cairn, and a task would stand still when Cairn does.
package struct LogCap: Sendable, Equatable {
  /// Multiple of every file system's blocks: parts of blocks are not given back.
  static let blockBytes: Int64 = 1 << 16
  package static let smallest: Int64 = 8 * blockBytes

  /// Allocated bytes above which the middle is dropped.
  package let bytes: Int64
  /// Kept of the beginning.
  let headBytes: Int64
  /// Kept of the end; more than that until the cap is reached again.
  let tailBytes: Int64

  /// A cap below `smallest` counts as that.
  package init(bytes: Int64 = 64 << 20) {
    self.bytes = max(bytes, Self.smallest) / Self.blockBytes * Self.blockBytes
    headBytes = self.bytes / 4 / Self.blockBytes * Self.blockBytes
    tailBytes = self.bytes / 2 / Self.blockBytes * Self.blockBytes
  }
}

/// What became of a log that may have been too long.
package enum LogTrim: Sendable, Equatable {
  /// It is not.
  case fits
  case dropped
  /// The file system cannot drop a part of a file.
  case unsupported
}

extension LogFile {
  /// Drops the middle of a log that is being written, if it is longer than its cap.
  ///
  /// - Throws: `WorkspaceProblem` when the log is not there, or its file system fails.
  package static func trim(path: String, to cap: LogCap) throws(WorkspaceProblem) -> LogTrim {
    let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw FileTree.problem("open log", path) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .fits }
    guard Int64(status.st_blocks) * FileTree.blockBytes > cap.bytes else { return .fits }
    let end = (Int64(status.st_size) - cap.tailBytes) / LogCap.blockBytes * LogCap.blockBytes
    guard end > cap.headBytes else { return .fits }
    switch cairn_punch_hole(file, cap.headBytes, end - cap.headBytes) {
    case 0: return .dropped
    case EOPNOTSUPP, ENOSYS, EINVAL: return .unsupported
    case let number: throw FileTree.problem("shorten log", path, number)
    }
  }

  /// Writes a log that is longer than its cap anew, as head, a line about what was dropped, and tail.
  ///
  /// For a log that nobody writes any more; what was dropped is not read. Where the disk has no room
  /// for it, the log stays as it is, without its middle if possible.
  ///
  /// - Throws: `WorkspaceProblem` when it cannot be written.
  package static func settle(path: String, to cap: LogCap) throws(WorkspaceProblem) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      Int64(status.st_size) > cap.bytes
    else { return }
    // First: it may be what there is no room for.
    _ = try? trim(path: path, to: cap)
    let log = try OpenLog(path)
    let neighbour = path + ".part"
    unlink(neighbour)
    let copy = open(neighbour, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard copy >= 0 else { throw FileTree.problem("shorten log", path) }
    defer { close(copy) }
    guard write(log, to: copy, cap), rename(neighbour, path) == 0 else {
      let problem = FileTree.problem("shorten log", path)
      unlink(neighbour)
      throw problem
    }
  }

  /// Copies what is kept, whole lines where lines are not endless.
  private static func write(_ log: borrowing OpenLog, to copy: Int32, _ cap: LogCap) -> Bool {
    let spans = log.spans()
    let holes = spans.all.filter { $0.marker != nil }.map(\.range.upperBound)
    let data = spans.all.filter { $0.marker == nil }.map(\.range)
    let head =
      0..<min(cap.headBytes, data.first.map { $0.lowerBound == 0 ? $0.upperBound : 0 } ?? 0)
    let tail = max(spans.size - cap.tailBytes, holes.last ?? 0, head.upperBound)..<spans.size
    let headEnd = log.lineEnd(before: head.upperBound)
    let tailStart = log.lineStart(behind: tail.lowerBound, end: tail.upperBound)
    let marker = LogMarker.line(
      dropped: tailStart - headEnd, beginsLine: log.beginsLine(headEnd))
    return log.pour(0..<headEnd, copy) && pour(marker, copy)
      && log.pour(tailStart..<tail.upperBound, copy)
  }

  static func pour(_ bytes: [UInt8], _ copy: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let step = bytes.withUnsafeBytes { bytes in
        bytes.baseAddress.map { Glibc.write(copy, $0 + written, bytes.count - written) } ?? -1
      }
      if step < 0 && errno == EINTR { continue }
      guard step > 0 else { return false }
      written += step
    }
    return true
  }
}

extension OpenLog {
  /// A seam is moved by at most this much to the end of a line.
  private static let seamBytes: Int64 = 1 << 16

  func beginsLine(_ offset: Int64) -> Bool {
    offset == 0 || read(at: offset - 1, count: 1) == [0x0A]
  }

  /// The last end of a line at or in front of `offset`, or that itself.
  func lineEnd(before offset: Int64) -> Int64 {
    let start = max(0, offset - Self.seamBytes)
    let newline = read(at: start, count: Int(offset - start)).lastIndex(of: 0x0A)
    return newline.map { start + Int64($0) + 1 } ?? offset
  }

  /// The first beginning of a line at or behind `offset`, or that itself.
  func lineStart(behind offset: Int64, end: Int64) -> Int64 {
    if beginsLine(offset) { return offset }
    let bytes = read(at: offset, count: Int(min(Self.seamBytes, end - offset)))
    return Self.firstNewline(in: bytes).map { offset + Int64($0) + 1 } ?? offset
  }

  /// Copies a range; false with `errno` if it cannot be written.
  func pour(_ range: Range<Int64>, _ copy: Int32) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(range.upperBound - offset, Int64(LogFile.chunkBytes))
      let bytes = read(at: offset, count: Int(count))
      // A task of ours made it shorter meanwhile: what there was has been copied.
      guard !bytes.isEmpty else { return true }
      guard LogFile.pour(bytes, copy) else { return false }
      offset += Int64(bytes.count)
    }
    return true
  }
}
