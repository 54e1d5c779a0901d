import Glibc

extension PackedTree {
  /// Writes everything in a folder, its rights and its time, and ends the frame.
  ///
  /// - Throws: `WorkspaceProblem` naming what cannot be read, what changes meanwhile, a file with
  ///   several names, or the limit of the writer.
  /// - Complexity: O(bytes that are no holes), in `FileTree.bufferBytes` of memory.
  static func write(
    _ folder: borrowing OpenFolder, to writer: ZstdWriter
  ) throws(WorkspaceProblem) {
    var status = stat()
    guard fstat(folder.descriptor, &status) == 0 else {
      throw FileTree.problem("read folder", folder.path)
    }
    var packing = TreePacking(root: folder.path, writer: writer)
    try writer.add(magic)
    try FileTree.walk(folder.descriptor, of: folder.path) { entry throws(WorkspaceProblem) in
      try packing.add(entry)
    }
    try packing.addHead(.end, depth: 0, status, name: [])
    try writer.finish()
  }
}

/// A tree on its way into a stream.
private struct TreePacking {
  let root: String
  let writer: ZstdWriter
  private var buffer = [UInt8](repeating: 0, count: FileTree.bufferBytes)

  init(root: String, writer: ZstdWriter) {
    self.root = root
    self.writer = writer
  }

  mutating func add(_ entry: FileTree.Entry) throws(WorkspaceProblem) {
    let name = FileTree.bytes(of: entry.name)
    let depth = entry.path.count { $0 == 0x2F }
    if entry.isFolder {
      try addHead(.folder, depth: depth, entry.status, name: name)
    } else if entry.isLink {
      try addHead(.link, depth: depth, entry.status, name: name)
      let target = FileTree.target(of: entry)
      try addNumber(UInt16(clamping: target.count))
      try writer.add(target)
    } else {
      try addFile(entry, depth: depth, name: name)
    }
  }

  func addHead(
    _ kind: PackedTree.Kind, depth: Int, _ status: stat, name: [UInt8]
  ) throws(WorkspaceProblem) {
    try writer.add([kind.rawValue, UInt8(clamping: depth)])
    try addNumber(UInt16(truncatingIfNeeded: status.st_mode & 0o7777 & ~FileTree.writeBits))
    try addNumber(Int64(status.st_mtim.tv_sec))
    try addNumber(UInt32(clamping: status.st_mtim.tv_nsec))
    try writer.add([UInt8(clamping: name.count)] + name)
  }

  private func addNumber(_ number: some FixedWidthInteger) throws(WorkspaceProblem) {
    try writer.add(withUnsafeBytes(of: number.littleEndian) { Array($0) })
  }

  private func problem(_ entry: FileTree.Entry, _ words: String) -> WorkspaceProblem {
    WorkspaceProblem("\"\(place(entry))\" \(words)")
  }

  private func place(_ entry: FileTree.Entry) -> String {
    root + "/" + String(decoding: entry.path, as: UTF8.self)
  }
}

// MARK: Files

extension TreePacking {
  private mutating func addFile(
    _ entry: FileTree.Entry, depth: Int, name: [UInt8]
  ) throws(WorkspaceProblem) {
    let file = openat(entry.folder, entry.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw FileTree.problem("read", place(entry)) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw problem(entry, "is no file, folder or link any more")
    }
    guard status.st_nlink == 1 else { throw problem(entry, "has several names") }
    let own = Int64(status.st_size)
    try addHead(.file, depth: depth, status, name: name)
    try addNumber(UInt64(own))
    try addData(file, length: own, entry)
    try addNumber(UInt64(0))
    try addNumber(UInt64(0))
  }

  /// A file system that knows no holes has one piece of data, to the end.
  private mutating func addData(
    _ file: Int32, length: Int64, _ entry: FileTree.Entry
  ) throws(WorkspaceProblem) {
    var end: Int64 = 0
    while end < length {
      let start = Int64(lseek(file, off_t(end), TreeCopy.nextData))
      // Behind the last piece of data.
      if start < 0 && errno == ENXIO { break }
      guard start >= 0 else { throw FileTree.problem("read", place(entry)) }
      end = min(length, Int64(lseek(file, off_t(start), TreeCopy.nextHole)))
      guard end > start else { throw problem(entry, "changes while it is read") }
      try addNumber(UInt64(start))
      try addNumber(UInt64(end - start))
      try addPiece(file, start..<end, entry)
    }
  }

  private mutating func addPiece(
    _ file: Int32, _ range: Range<Int64>, _ entry: FileTree.Entry
  ) throws(WorkspaceProblem) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let wanted = min(buffer.count, Int(range.upperBound - offset))
      let count = pread(file, &buffer, wanted, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileTree.problem("read", place(entry)) }
      guard count > 0 else { throw problem(entry, "changes while it is read") }
      try writer.add(count == buffer.count ? buffer : Array(buffer[..<count]))
      offset += Int64(count)
    }
  }
}
