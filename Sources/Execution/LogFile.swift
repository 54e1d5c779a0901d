import Glibc
package import Model

/// Windows of log files, read with `pread`: a log may be truncated or grow by gigabytes meanwhile,
/// so it is never mapped and never read whole.
package enum LogFile {
  /// Read in one go when searching.
  static let chunkBytes = 1 << 20
  /// Longest text that is searched for; the rest of a longer one is ignored.
  static let maximumNeedleBytes = 1024
  /// A line that holds a hit is looked for this far back, else the hit itself is answered.
  static let maximumLineBytes = 1 << 20

  /// Returns at most `LogWindow.maximumBytes` bytes of the file.
  ///
  /// A missing or unreadable file is an empty window with the reason.
  package static func window(path: String, at position: LogPosition) -> LogWindow {
    do {
      let log = try OpenLog(path)
      let size = log.size()
      let limit = Int64(LogWindow.maximumBytes)
      let (start, end): (Int64, Int64) =
        switch position {
        case .end: (max(0, size - limit), size)
        case .offset(let offset): (min(max(0, offset), size), size)
        case .before(let offset):
          (max(0, min(max(0, offset), size) - limit), min(max(0, offset), size))
        }
      let bytes = log.read(at: start, count: Int(min(limit, end - start)))
      return LogWindow(
        offset: start, bytes: bytes, totalBytes: max(size, start + Int64(bytes.count)))
    } catch {
      return LogWindow(offset: 0, bytes: [], totalBytes: 0, problem: error.description)
    }
  }

  /// Returns the offset of the first line that holds the text and begins at `offset` or behind it,
  /// or, backwards, of the last that begins in front of it; nil if there is none.
  ///
  /// So the line behind a hit is found from `hit + 1`, the one in front of it from `hit`. Capital and
  /// small letters are the same in ASCII only.
  ///
  /// - Complexity: O(bytes searched), in `chunkBytes` of memory.
  package static func find(
    text: String, path: String, from offset: Int64, backwards: Bool
  ) -> Int64? {
    let needle = Array(text.utf8.prefix(maximumNeedleBytes)).map(folded)
    guard !needle.isEmpty, let log = try? OpenLog(path) else { return nil }
    let size = log.size()
    let from = min(max(0, offset), size)
    let hit =
      backwards
      ? lastHit(of: needle, in: log, before: from)
      : firstHit(of: needle, in: log, from: log.nextLine(from, size: size), size: size)
    return hit.map { log.lineStart(of: $0) }
  }

  private static func firstHit(
    of needle: [UInt8], in log: borrowing OpenLog, from start: Int64, size: Int64
  ) -> Int64? {
    var offset = start
    while offset < size {
      let chunk = log.read(at: offset, count: chunkBytes)
      if let index = firstIndex(of: needle, in: chunk) { return offset + Int64(index) }
      guard chunk.count >= needle.count else { return nil }
      // The tail that a hit could have begun in is read again.
      offset += Int64(chunk.count - needle.count + 1)
    }
    return nil
  }

  private static func lastHit(
    of needle: [UInt8], in log: borrowing OpenLog, before end: Int64
  ) -> Int64? {
    var end = end
    while end > 0 {
      let start = max(0, end - Int64(chunkBytes))
      let chunk = log.read(at: start, count: Int(end - start))
      if let index = lastIndex(of: needle, in: chunk) { return start + Int64(index) }
      guard start > 0 else { return nil }
      end = start + Int64(needle.count - 1)
    }
    return nil
  }

  private static func firstIndex(of needle: [UInt8], in bytes: [UInt8], from start: Int = 0) -> Int?
  {
    let small = needle[0]
    let capital = small >= 0x61 && small <= 0x7A ? small & ~0x20 : small
    return bytes.withUnsafeBufferPointer { bytes in
      var nextSmall = position(of: small, in: bytes, from: start)
      var nextCapital =
        capital == small ? bytes.count : position(of: capital, in: bytes, from: start)
      while true {
        let next = min(nextSmall, nextCapital)
        guard next + needle.count <= bytes.count else { return nil }
        if matches(needle, bytes, at: next) { return next }
        if next == nextSmall { nextSmall = position(of: small, in: bytes, from: next + 1) }
        if next == nextCapital { nextCapital = position(of: capital, in: bytes, from: next + 1) }
      }
    }
  }

  private static func lastIndex(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
    var last: Int?
    while let next = firstIndex(of: needle, in: bytes, from: last.map { $0 + 1 } ?? 0) {
      last = next
    }
    return last
  }

  /// The place of the first such byte, or the end.
  private static func position(
    of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int {
    guard start < bytes.count, let base = UnsafeRawPointer(bytes.baseAddress),
      let found = memchr(base + start, Int32(byte), bytes.count - start)
    else { return bytes.count }
    return UnsafeRawPointer(found) - base
  }

  private static func matches(
    _ needle: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> Bool {
    var position = 0
    while position < needle.count {
      guard folded(bytes[index + position]) == needle[position] else { return false }
      position += 1
    }
    return true
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }
}

/// A log that is open for reading.
private struct OpenLog: ~Copyable {
  private let descriptor: Int32

  init(_ path: String) throws(WorkspaceProblem) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw WorkspaceProblem("cannot read log \"\(path)\": \(systemReason())")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw WorkspaceProblem("cannot read log \"\(path)\": not a file")
    }
  }

  deinit { close(descriptor) }

  func size() -> Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }

  func read(at offset: Int64, count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          off_t(offset) + off_t(filled))
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { return }
        filled += got
      }
    }
  }

  /// The first place at or behind `offset` where a line begins, or the end.
  func nextLine(_ offset: Int64, size: Int64) -> Int64 {
    guard offset > 0 else { return 0 }
    var place = offset - 1
    while place < size {
      let chunk = read(at: place, count: LogFile.chunkBytes)
      if let newline = chunk.firstIndex(of: 0x0A) { return place + Int64(newline) + 1 }
      guard !chunk.isEmpty else { return size }
      place += Int64(chunk.count)
    }
    return size
  }

  func lineStart(of hit: Int64) -> Int64 {
    let start = max(0, hit - Int64(LogFile.maximumLineBytes))
    let bytes = read(at: start, count: Int(hit - start))
    guard let newline = bytes.lastIndex(of: 0x0A) else { return start == 0 ? 0 : hit }
    return start + Int64(newline) + 1
  }
}
