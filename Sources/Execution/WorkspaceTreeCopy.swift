import Glibc

/// Copies a tree as it is: names of any bytes, rights, times of change, links as links, holes as
/// holes, and several names of one file as one file where the file system can.
///
/// The rights to write are left out, as sealing does; owners and extended attributes are not copied.
/// Every step goes through the descriptor of the folder above and never through a symbolic link. What
/// was copied before a problem stays: the caller deletes it. Nothing is flushed.
struct TreeCopy {
  private let source: String
  private let target: String
  private let top: Int32
  /// Where the first name of a file with several was copied to, relative to `top`.
  private var first: [FileTree.Inode: [UInt8]] = [:]

  private init(_ source: String, _ target: String, _ top: Int32) {
    self.source = source
    self.target = target
    self.top = top
  }

  /// Copies what lies in a folder, its rights and its time, into an empty one.
  ///
  /// - Throws: `WorkspaceProblem` naming the file; `isDiskFull` where there was no room for it.
  /// - Complexity: O(bytes), two descriptors open a level.
  static func copy(
    _ source: borrowing OpenFolder, to target: borrowing OpenFolder
  ) throws(WorkspaceProblem) {
    var copy = TreeCopy(source.path, target.path, target.descriptor)
    var status = stat()
    guard fstat(source.descriptor, &status) == 0 else {
      throw FileTree.problem("read folder", source.path)
    }
    try copy.content(of: source.descriptor, to: target.descriptor, [], depth: 0)
    guard settle(target.descriptor, as: status) else {
      throw FileTree.problem("write", target.path)
    }
  }

  private mutating func content(
    of folder: Int32, to copy: Int32, _ prefix: [UInt8], depth: Int
  ) throws(WorkspaceProblem) {
    guard depth < FileTree.maximumDepth else {
      throw WorkspaceProblem(
        "folder \"\(source)\" is nested deeper than \(FileTree.maximumDepth) levels")
    }
    for name in try FileTree.names(in: folder, of: source) {
      let path = prefix + (prefix.isEmpty ? [] : [0x2F]) + FileTree.bytes(of: name)
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        throw FileTree.problem("read", Self.place(source, path))
      }
      let entry = FileTree.Entry(path: path, status: status, folder: folder, name: name)
      if entry.isFolder {
        try self.folder(entry, in: copy, depth: depth)
      } else if entry.isLink {
        try link(entry, in: copy)
      } else {
        try file(entry, in: copy)
      }
    }
  }

  private static func place(_ root: String, _ path: [UInt8]) -> String {
    root + "/" + String(decoding: path, as: UTF8.self)
  }

  private func failed(_ entry: FileTree.Entry, _ number: Int32 = errno) -> WorkspaceProblem {
    FileTree.problem("copy to", Self.place(target, entry.path), number)
  }

  /// Gives an open file or folder the rights but those to write, and the time, of another.
  private static func settle(_ copy: Int32, as status: stat) -> Bool {
    // A time is a courtesy to programs that compare them: no digest has it.
    futimens(copy, [status.st_atim, status.st_mtim])
    return fchmod(copy, status.st_mode & 0o7777 & ~FileTree.writeBits) == 0
  }
}

// MARK: One entry

extension TreeCopy {
  private mutating func folder(
    _ entry: FileTree.Entry, in copy: Int32, depth: Int
  ) throws(WorkspaceProblem) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let folder = openat(entry.folder, entry.name, flags)
    guard folder >= 0 else {
      throw FileTree.problem("read folder", Self.place(source, entry.path))
    }
    defer { close(folder) }
    guard mkdirat(copy, entry.name, 0o700) == 0 else { throw failed(entry) }
    let inner = openat(copy, entry.name, flags)
    guard inner >= 0 else { throw failed(entry) }
    defer { close(inner) }
    try content(of: folder, to: inner, entry.path, depth: depth + 1)
    guard Self.settle(inner, as: entry.status) else { throw failed(entry) }
  }

  private func link(_ entry: FileTree.Entry, in copy: Int32) throws(WorkspaceProblem) {
    let text = FileTree.target(of: entry).map { CChar(bitPattern: $0) } + [0]
    guard symlinkat(text, copy, entry.name) == 0 else { throw failed(entry) }
    let times = [entry.status.st_atim, entry.status.st_mtim]
    utimensat(copy, entry.name, times, AT_SYMLINK_NOFOLLOW)
  }

  private mutating func file(_ entry: FileTree.Entry, in copy: Int32) throws(WorkspaceProblem) {
    let inode = FileTree.Inode(entry.status)
    if entry.isFile, entry.status.st_nlink > 1 {
      // A path may have become too long to be named at once; then there are two files.
      if let other = first[inode]?.map({ CChar(bitPattern: $0) }),
        linkat(top, other + [0], copy, entry.name, 0) == 0
      {
        return
      }
      first[inode] = entry.path
    }
    let place = Self.place(source, entry.path)
    let file = openat(entry.folder, entry.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw FileTree.problem("read", place) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkspaceProblem("\"\(place)\" is no file, folder or link any more")
    }
    try write(file, status, entry, in: copy)
  }

  private func write(
    _ file: Int32, _ status: stat, _ entry: FileTree.Entry, in folder: Int32
  ) throws(WorkspaceProblem) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let copy = openat(folder, entry.name, flags, 0o600)
    guard copy >= 0 else { throw failed(entry) }
    let isWhole =
      Self.pourData(file, copy, length: Int64(status.st_size)) && Self.settle(copy, as: status)
    let number = errno
    // A file system on the network may say only now that it had no room.
    let isClosed = close(copy) == 0
    guard isWhole, isClosed else { throw failed(entry, isWhole ? errno : number) }
  }
}

// MARK: Holes

extension TreeCopy {
  /// `SEEK_DATA` and `SEEK_HOLE`, which Swift's Glibc does not show.
  static let nextData: Int32 = 3
  static let nextHole: Int32 = 4

  /// Copies what a file holds and leaves out its holes; false sets `errno`.
  ///
  /// A file system that knows no holes has one piece of data, to the end.
  private static func pourData(_ source: Int32, _ copy: Int32, length: Int64) -> Bool {
    var end: Int64 = 0
    while end < length {
      let start = Int64(lseek(source, off_t(end), nextData))
      // Behind the last piece of data.
      if start < 0 && errno == ENXIO { break }
      guard start >= 0 else { return false }
      end = Int64(lseek(source, off_t(start), nextHole))
      guard end > start, lseek(source, off_t(start), SEEK_SET) == off_t(start),
        lseek(copy, off_t(start), SEEK_SET) == off_t(start),
        FileCopy.pour(source, copy, atMost: end - start)
      else { return false }
    }
    return ftruncate(copy, off_t(length)) == 0
  }
}
