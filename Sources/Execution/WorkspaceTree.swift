import Glibc

/// Walks, measures and deletes trees that tasks wrote: nothing in them is trusted.
///
/// Every step goes through the descriptor of the folder above and never through a symbolic link, so
/// no rename meanwhile can lead a walk, or a deletion, out of the tree.
enum FileTree {
  /// Folders nested deeper are refused; one descriptor is open a level.
  static let maximumDepth = 200
  static let bufferBytes = 1 << 18
  static let blockBytes: Int64 = 512
  /// `O_PATH`, which Swift's Glibc does not show: names a file without the right to read it.
  private static let pathOnly: Int32 = 0o10_000_000

  /// One entry, told before what lies in it.
  struct Entry {
    /// Bytes, for a file system's names need not be text.
    var path: [UInt8]
    var status: stat
    /// The open folder that the entry lies in.
    var folder: Int32
    var name: [CChar]

    var type: mode_t { status.st_mode & S_IFMT }
    var isFolder: Bool { type == S_IFDIR }
    var isFile: Bool { type == S_IFREG }
    var isLink: Bool { type == S_IFLNK }
    /// Allocated, not length.
    var bytes: Int64 { Int64(status.st_blocks) * FileTree.blockBytes }
  }

  /// Opens a folder itself; a symbolic link in its place is an error.
  static func openFolder(_ path: String) -> Int32 {
    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  }

  /// Visits every entry below the folder, names in order of their bytes, a folder before its content.
  ///
  /// - Throws: what `visit` throws, or a problem naming the folder that cannot be read.
  static func walk(
    _ path: String, _ visit: (Entry) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) {
    let folder = openFolder(path)
    guard folder >= 0 else { throw problem("read folder", path) }
    defer { close(folder) }
    try walk(folder, of: path, visit)
  }

  /// Visits every entry below an open folder; `path` is what it is called in problems.
  static func walk(
    _ folder: Int32, of path: String, _ visit: (Entry) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) {
    try walk(folder, [], root: path, depth: 0, visit)
  }

  private static func walk(
    _ folder: Int32, _ prefix: [UInt8], root: String, depth: Int,
    _ visit: (Entry) throws(WorkspaceProblem) -> Void
  ) throws(WorkspaceProblem) {
    guard depth < maximumDepth else {
      throw WorkspaceProblem("folder \"\(root)\" is nested deeper than \(maximumDepth) levels")
    }
    for name in try names(in: folder, of: root) {
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      let path = prefix + (prefix.isEmpty ? [] : [0x2F]) + bytes(of: name)
      let entry = Entry(path: path, status: status, folder: folder, name: name)
      try visit(entry)
      guard entry.isFolder else { continue }
      let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard inner >= 0 else {
        throw problem("read folder", root + "/" + String(decoding: path, as: UTF8.self))
      }
      defer { close(inner) }
      try walk(inner, path, root: root, depth: depth + 1, visit)
    }
  }

  /// The names in an open folder, in order of their bytes.
  static func names(in folder: Int32, of path: String) throws(WorkspaceProblem) -> [[CChar]] {
    let own = fcntl(folder, F_DUPFD_CLOEXEC, 3)
    guard own >= 0, let stream = fdopendir(own) else {
      if own >= 0 { close(own) }
      throw problem("read folder", path)
    }
    defer { closedir(stream) }
    rewinddir(stream)
    var names: [[CChar]] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { text in
          Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
        }
      }
      if name != [0x2E, 0] && name != [0x2E, 0x2E, 0] { names.append(name) }
    }
    return names.sorted { bytes(of: $0).lexicographicallyPrecedes(bytes(of: $1)) }
  }

  static func bytes(of name: [CChar]) -> [UInt8] {
    name.dropLast().map { UInt8(bitPattern: $0) }
  }

  static func problem(_ act: String, _ path: String, _ number: Int32 = errno) -> WorkspaceProblem {
    WorkspaceProblem(
      "cannot \(act) \"\(path)\": \(systemReason(number))",
      isDiskFull: number == ENOSPC || number == EDQUOT, isPassing: isShortage(number))
  }
}

// MARK: Measuring

extension FileTree {
  /// What a tree takes and, when asked for, what it holds.
  struct Measure: Equatable {
    /// Allocated bytes; a file with several names counts once.
    var bytes: Int64 = 0
    /// Everything but folders.
    var files = 0
  }

  struct Inode: Hashable {
    var device: UInt64
    var number: UInt64

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      number = UInt64(status.st_ino)
    }
  }

  /// - Complexity: O(entries).
  static func measure(_ path: String) throws(WorkspaceProblem) -> Measure {
    let folder = openFolder(path)
    guard folder >= 0 else { throw problem("read folder", path) }
    defer { close(folder) }
    return try measure(folder, of: path)
  }

  static func measure(_ folder: Int32, of path: String) throws(WorkspaceProblem) -> Measure {
    var total = Measure()
    var seen: Set<Inode> = []
    try walk(folder, of: path) { entry throws(WorkspaceProblem) in
      add(entry, to: &total, &seen)
    }
    return total
  }

  static func add(_ entry: Entry, to total: inout Measure, _ seen: inout Set<Inode>) {
    if !entry.isFolder { total.files += 1 }
    if entry.status.st_nlink > 1 && !entry.isFolder {
      guard seen.insert(Inode(entry.status)).inserted else { return }
    }
    total.bytes += entry.bytes
  }

  static func target(of entry: Entry) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(entry.folder, entry.name, &buffer, buffer.count)
    return buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
  }

  /// Adds the content and then its length, which a growing file would else leave open.
  static func addContent(
    _ file: Int32, _ name: String, to digest: inout Digest, _ buffer: inout [UInt8],
    content: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(WorkspaceProblem) {
    var length: UInt64 = 0
    while true {
      let count = read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw problem("read", name) }
      guard count > 0 else { break }
      buffer.withUnsafeBytes {
        let read = UnsafeRawBufferPointer(rebasing: $0[..<count])
        digest.add(read)
        content(read)
      }
      length += UInt64(count)
    }
    digest.addNumber(length)
  }
}

// MARK: Making and deleting

extension FileTree {
  /// Makes a folder and those above it.
  static func makeFolders(_ path: String, mode: mode_t = 0o755) throws(WorkspaceProblem) {
    if mkdir(path, mode) == 0 { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try makeFolders(String(path[..<slash]), mode: mode)
      if mkdir(path, mode) == 0 { return }
    }
    let number = errno
    var status = stat()
    guard number == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw problem("make folder", path, number)
    }
  }

  /// Reads a whole file; for those that Cairn or git wrote.
  static func content(of path: String) throws(WorkspaceProblem) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw problem("read", path) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: bufferBytes)
    while true {
      let count = read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw problem("read", path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  static func write(_ bytes: [UInt8], ifMissing path: String) throws(WorkspaceProblem) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if file < 0 && errno == EEXIST { return }
    guard file >= 0 else { throw problem("write", path) }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        bytes.baseAddress.map { Glibc.write(file, $0 + written, bytes.count - written) } ?? 0
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw problem("write", path) }
      written += count
    }
  }

  /// Deletes a folder and everything below it, or whatever else has its name; a missing one is fine.
  static func remove(_ path: String) throws(WorkspaceProblem) {
    try remove(Array(path.utf8CString), in: AT_FDCWD, as: path)
  }

  /// Deletes what has the name in an open folder; `path` is what it is called in problems.
  static func remove(_ name: [CChar], in above: Int32, as path: String) throws(WorkspaceProblem) {
    let folder = openOwned(above, name)
    if folder < 0 {
      if errno == ENOENT { return }
      guard errno == ENOTDIR || errno == ELOOP, unlinkat(above, name, 0) == 0 else {
        throw problem("delete", path)
      }
      return
    }
    defer { close(folder) }
    try empty(folder, of: path, depth: 0)
    guard unlinkat(above, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
      throw problem("delete", path)
    }
  }

  /// Deletes everything in a folder and keeps the folder.
  static func empty(_ path: String) throws(WorkspaceProblem) {
    let folder = openOwned(AT_FDCWD, Array(path.utf8CString))
    guard folder >= 0 else { throw problem("read folder", path) }
    defer { close(folder) }
    try empty(folder, of: path, depth: 0)
  }

  private static func empty(_ folder: Int32, of root: String, depth: Int)
    throws(WorkspaceProblem)
  {
    guard depth < maximumDepth else {
      throw WorkspaceProblem("folder \"\(root)\" is nested deeper than \(maximumDepth) levels")
    }
    for name in try names(in: folder, of: root) {
      if unlinkat(folder, name, 0) == 0 || errno == ENOENT { continue }
      guard errno == EISDIR || errno == EPERM else { throw problem("delete in", root) }
      try emptyFolder(name, in: folder, of: root, depth: depth)
      guard unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
        throw problem("delete in", root)
      }
    }
  }

  private static func emptyFolder(_ name: [CChar], in folder: Int32, of root: String, depth: Int)
    throws(WorkspaceProblem)
  {
    let inner = openOwned(folder, name)
    guard inner >= 0 else { throw problem("delete in", root) }
    defer { close(inner) }
    try empty(inner, of: root, depth: depth + 1)
  }

  /// Opens a folder that is ours to delete, even if a task has taken the rights to it away.
  private static func openOwned(_ folder: Int32, _ name: [CChar]) -> Int32 {
    let place = openat(folder, name, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard place >= 0 else { return -1 }
    defer { close(place) }
    chmod("/proc/self/fd/\(place)", 0o700)
    return openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }
}
